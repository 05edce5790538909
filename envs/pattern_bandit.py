"""Single-step tasks in which each of a few patterns has its own right action."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from envs.contextual_bandit import ContextualBandit


class PatternBandit(ContextualBandit):
    """One of K patterns is shown, all equally often; action k is right for pattern k. The reward is +1, or -1 if it is wrong."""

    def __init__(self, patterns: NDArray[np.float32]) -> None:
        """Show these patterns, float32[K, d], all different."""
        self.patterns = patterns
        self.observation_size = patterns.shape[1]
        self.observation_space = Box(float(patterns.min()), float(patterns.max()), (self.observation_size,), np.float32)
        self.action_space = Discrete(len(patterns))

    def observe(self, generator: np.random.Generator, batch_size: int) -> NDArray[np.float32]:
        """Patterns drawn evenly, float32[batch_size, d]."""
        return self.patterns[generator.integers(0, len(self.patterns), batch_size)]

    def answer(self, observation: NDArray[np.float32]) -> NDArray[np.int64]:
        """The number of the nearest pattern: [..., d] -> [...]."""
        return np.abs(observation[..., None, :] - self.patterns).sum(axis=-1).argmin(axis=-1)

    def reward(self, action: NDArray[Any], answer: NDArray[Any]) -> NDArray[np.float64]:
        """+1 where action and answer agree, else -1: [...], [...] -> [...]."""
        return np.where(action == answer, 1.0, -1.0)
