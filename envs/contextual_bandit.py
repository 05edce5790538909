"""Single-step tasks: their definition, and the `gymnasium.Env` made from it.

An episode is one observation, one action and its reward: a contextual bandit. The environment here and the batched form in
`single_step.py` share the definition, so both pose the same task.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Space
from numpy.typing import NDArray


class ContextualBandit(ABC):
    """Definition of a single-step task; it has no state, so one object serves any number of seeds."""

    observation_size: int
    """d, the length of one observation."""
    observation_space: Space[Any]
    """Space of one observation, float32[d]."""
    action_space: Space[Any]
    """Space of one action."""

    @abstractmethod
    def observe(self, generator: np.random.Generator, batch_size: int) -> NDArray[np.float32]:
        """Independent observations, float32[batch_size, d]."""

    @abstractmethod
    def answer(self, observation: NDArray[np.float32]) -> NDArray[Any]:
        """The action with the highest reward for each observation: [..., d] -> [...]."""

    @abstractmethod
    def reward(self, action: NDArray[Any], answer: NDArray[Any]) -> NDArray[np.float64]:
        """Reward of actions given the right ones; `answer` is [...], `action` is [...] if discrete, else [..., 1]."""


class ContextualBanditEnv(gymnasium.Env[NDArray[np.float32], Any]):
    """A contextual bandit as an environment; each episode terminates with its first step.

    `step` returns the same observation again, as there is no next one, and the right action as info["answer"].
    """

    def __init__(self, bandit: Callable[..., ContextualBandit], **options: Any) -> None:
        """Make the environment of the task `bandit(**options)`."""
        self.bandit = bandit(**options)
        self.observation_space = self.bandit.observation_space
        self.action_space = self.bandit.action_space
        self._observation: NDArray[np.float32] | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """A new observation, float32[d]; `options` are not used."""
        super().reset(seed=seed)
        self._observation = self.bandit.observe(self.np_random, 1)[0]
        return self._observation.copy(), {}

    def step(self, action: Any) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Observation, reward, terminated (always), truncated (never), info; RuntimeError without a reset before it."""
        if self._observation is None:
            raise RuntimeError("reset() must come before each step(): an episode of this task is one step long")
        observation, self._observation = self._observation, None
        answer = self.bandit.answer(observation)
        reward = self.bandit.reward(np.asarray(action), answer)
        return observation, float(reward), True, False, {"answer": answer.item()}
