"""The states that acting networks visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.seeding import environment_seed
from envs.tasks import TASKS
from envs.vector import make_vector
from experiments.shared.runs import Setting

STEPS_A_STATE = 5
"""Environment steps among which one state is chosen."""


def visited(
    setting: Setting, act: Callable[[NDArray[np.float64]], NDArray[Any]], count: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Draw `count` observations [S, count, d] of an episodic task, without replacement, from five times as many steps a seed.

    `act` maps observations [S, d] to actions [S] or [S, A]. An episode's last observation, on which nobody acts, is never drawn.
    """
    seeds = [environment_seed(setting.root_seed, setting.task, seed) for seed in setting.seeds]
    environment = make_vector(TASKS[setting.task], seeds)
    try:
        seen, acted = _steps(environment, act, STEPS_A_STATE * count)
    finally:
        environment.close()
    chosen = [generator.choice(seen[acted[:, row], row], count, replace=False) for row in range(len(seeds))]
    return np.stack(chosen)


def _steps(
    environment: Any, act: Callable[[NDArray[np.float64]], NDArray[Any]], count: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return observations [count, S, d], and whether the action on each had an effect [count, S]; none has after an end."""
    observation = environment.reset()
    ended = np.zeros(len(observation), np.bool_)
    seen, acted = [], []
    for _ in range(count):
        seen.append(observation.astype(np.float64))
        acted.append(~ended)
        observation, _, terminated, truncated = environment.step(act(seen[-1]))
        observation, ended = observation.copy(), terminated | truncated
    return np.stack(seen), np.stack(acted)
