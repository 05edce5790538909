"""Scalar regression as a single-step task: predict a random network's output (docs/chung2021.md#regression-target)."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from envs.contextual_bandit import ContextualBandit
from envs.task import Task

_INPUTS = 8
_HIDDEN_UNITS = 8

# The paper's draw of the target network is unknown, and draws differ widely: over the seeds 0 to 100 the variance of y has a
# median of 3.9 and lies between 0.2 and 25 for nine in ten. This seed has the median variance; it was chosen before any training.
MEDIAN_TARGET = 1


class ScalarRegression(ContextualBandit):
    """Inputs x ~ N(0, I) in 8 dimensions, target y = relu(relu(x V) w); the reward of action A is -(A - y)^2.

    V (8 x 8) and w (8 x 1) are N(0, 1), without biases, and the same in every run.
    """

    observation_size = _INPUTS

    def __init__(self, target_seed: int = MEDIAN_TARGET) -> None:
        """`target_seed`, at least 0 (ValueError), draws the target network."""
        if target_seed < 0:
            raise ValueError(f"target_seed must be at least 0, not {target_seed}")
        generator = np.random.default_rng(target_seed)
        self.hidden_weight = generator.standard_normal((_INPUTS, _HIDDEN_UNITS))
        self.output_weight = generator.standard_normal((_HIDDEN_UNITS, 1))
        self.observation_space = Box(-np.inf, np.inf, (_INPUTS,), np.float32)
        self.action_space = Box(-np.inf, np.inf, (1,), np.float32)

    def observe(self, generator: np.random.Generator, batch_size: int) -> NDArray[np.float32]:
        """Standard normal inputs, float32[batch_size, 8]."""
        return generator.standard_normal((batch_size, _INPUTS), dtype=np.float32)

    def answer(self, observation: NDArray[np.float32]) -> NDArray[np.float64]:
        """The target network's output y, in float64: [..., 8] -> [...]."""
        hidden = np.maximum(_product(observation.astype(np.float64), self.hidden_weight), 0.0)
        return np.maximum(_product(hidden, self.output_weight), 0.0)[..., 0]

    def reward(self, action: NDArray[Any], answer: NDArray[Any]) -> NDArray[np.float64]:
        """-(A - y)^2, in float64: [..., 1], [...] -> [...]."""
        return -np.square(action[..., 0].astype(np.float64) - answer)


def _product(rows: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """`rows @ matrix`, summed from the first input to the last: BLAS rounds differently from processor to processor."""
    total = rows[..., :1] * matrix[0]
    for place in range(1, len(matrix)):
        total += rows[..., place : place + 1] * matrix[place]
    return total


TASKS = (
    Task(
        name="ScalarRegression-v0",
        title="Scalar regression",
        gymnasium_id="ScalarRegression-v0",
        kind="single_step",
        bandit=ScalarRegression,
        observation_size=8,
        action_size=1,
        discrete=False,
        options={"target_seed": 1},
        has_target=True,
    ),
)
