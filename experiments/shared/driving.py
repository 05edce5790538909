"""Learners that act and learn in their task, outside a training job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Learner
from envs.seeding import environment_seed
from envs.tasks import TASKS
from envs.vector import Backend, make_vector


@dataclass(frozen=True)
class Moved:
    """What one step of S seeds has led to; the learner has learned from it."""

    observation: NDArray[Any]
    """[S, d], what the learner acted on."""
    reward: NDArray[Any]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    next_observation: NDArray[Any]
    lived: NDArray[np.bool_]
    """[S], False where the step only reset the environment."""


def drive(learner: Learner, task: str, seeds: Sequence[int], steps: int, backend: Backend = "envpool") -> Iterator[Moved]:
    """Let the learner, one row a seed, act and learn for so many steps of an episodic task, resets included."""
    row = TASKS[task]
    environment = make_vector(row, [environment_seed(0, task, seed) for seed in seeds], backend)
    try:
        observation = environment.reset().copy()
        ended = np.zeros(len(seeds), np.bool_)
        for _ in range(steps):
            sample = learner.act(observation[:, None])
            following, reward, terminated, truncated = environment.step(row.to_environment(sample[:, 0]))
            following = following.copy()
            learner.learn(reward[:, None], terminated[:, None], truncated[:, None], following[:, None])
            yield Moved(observation, reward, terminated, truncated, following, ~ended)
            observation, ended = following, terminated | truncated
    finally:
        environment.close()
