"""The draft's one-dimensional world: a walk along a line towards a far goal (docs/guss2016.md#the-one-dimensional-world)."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import register
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from envs.task import Task

GOAL = 100
"""The place that pays and ends the episode; the start is 0."""
GOAL_REWARD = 100.0
STEP_LEFT = -1.0
"""Reward of a step to the left; one to the right pays nothing."""
TIME_LIMIT = 200
"""Steps after which an episode is truncated, twice what the straight way takes."""


class OneDimensionalWorld(gymnasium.Env[NDArray[np.float32], np.int64]):
    """Action 0 is a step to the left and 1 one to the right; what is seen is the place in units of the goal's, float32[1]."""

    def __init__(self) -> None:
        self.observation_space = Box(-TIME_LIMIT / GOAL, 1.0, (1,), np.float32)
        self.action_space = Discrete(2)
        self._place = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Return to the start; nothing is drawn."""
        super().reset(seed=seed)
        self._place = 0
        return self._seen(), {}

    def step(self, action: np.int64) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Take a step."""
        self._place += 1 if action else -1
        there = self._place == GOAL
        reward = GOAL_REWARD if there else 0.0 if action else STEP_LEFT
        return self._seen(), reward, there, False, {}

    def _seen(self) -> NDArray[np.float32]:
        return np.array([self._place / GOAL], np.float32)


register(id="OneDimensionalWorld-v0", entry_point=f"{__name__}:OneDimensionalWorld")

TASKS = (
    Task(
        name="OneDimensionalWorld-v0",
        title="1-D world",
        gymnasium_id="OneDimensionalWorld-v0",
        kind="episodic",
        observation_size=1,
        action_size=2,
        discrete=True,
        time_limit=TIME_LIMIT,
    ),
)
