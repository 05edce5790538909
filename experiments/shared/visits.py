"""States that networks visit when they act."""

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
    """`count` observations [S, count, d] of an episodic task, drawn without replacement from five times as many steps of each
    seed; `act` says for observations [S, d] what to do, [S] or [S, A]. None is an episode's last, on which nobody acts.
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
    """Observations [count, S, d], and whether the action taken on each had an effect [count, S]: it has none after an end."""
    observation = environment.reset()
    ended = np.zeros(len(observation), np.bool_)
    seen, acted = [], []
    for _ in range(count):
        seen.append(observation.astype(np.float64))
        acted.append(~ended)
        observation, _, terminated, truncated = environment.step(act(seen[-1]))
        observation, ended = observation.copy(), terminated | truncated
    return np.stack(seen), np.stack(acted)
