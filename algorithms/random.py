"""Random actions, and nothing learned: the control that every score is measured from.

A discrete action is any of them alike, a continuous one a standard normal in each dimension, which the task clips to its bounds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Lt
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.noise import NoiseStreams
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters:
    """Settings of random actions."""

    correlation: Annotated[float, Ge(0), Lt(1)] = 0.0
    """rho, how much of a continuous action the next one keeps; its variance stays 1 (no paper states it)."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError for a correlation of actions that have none."""
        if self.correlation and problem.discrete:
            raise ValueError("correlation: discrete actions have none; leave it out")


class Reference(SeedArrayLearner):
    """A policy whose outputs are 0 for every observation."""

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        """Raises ValueError as `Hyperparameters.check` does."""
        hyperparameters.check(problem)
        self.problem, self.seeds = problem, len(seed_sequences)
        copies, actions = problem.batch_size, problem.action_size
        self._noise = NoiseStreams(seed_sequences, *((0, copies) if problem.discrete else (copies * actions, 0)), dtype)
        # Which float32 must hold, or products would be float64.
        rho = hyperparameters.correlation
        self._kept, self._fresh = np.asarray(rho, dtype)[()], np.asarray(math.sqrt(1 - rho**2), dtype)[()]
        self._action = np.zeros((self.seeds, copies, actions), dtype)
        self._weights = np.zeros((self.seeds, problem.observation_size, actions), dtype)
        self._biases = np.zeros((self.seeds, actions), dtype)
        self._arrays = SeedArrays(self._noise)
        self._arrays.hold_attributes(self, "_action", "_weights", "_biases")

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        """Draw int32[S, B] if actions are discrete, else [S, B, A]; the observation does not matter."""
        normal, uniform = self._noise.next()
        if self.problem.discrete:
            # A float32 below 1 times the number of actions may round up to that number.
            drawn = (uniform * self.problem.action_size).astype(np.int32)
            return np.minimum(drawn, np.int32(self.problem.action_size - 1))
        self._action[...] = self._kept * self._action + self._fresh * normal.reshape(self._action.shape)
        return self._action.copy()

    def learn(
        self,
        reward: NDArray[Any],
        terminated: NDArray[np.bool_] | None = None,
        truncated: NDArray[np.bool_] | None = None,
        next_observation: NDArray[Any] | None = None,
        target: NDArray[Any] | None = None,
    ) -> None:
        """Learn nothing."""

    def layers(self) -> dict[str, list[tuple[NDArray[Any], NDArray[Any]]]]:
        """The zeros that give every action the same odds, or the mean 0."""
        return {"actor": [(self._weights, self._biases)]}
