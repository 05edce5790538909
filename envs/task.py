"""What a task is: one row, which a module of `envs/tasks` declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem
from envs.contextual_bandit import ContextualBandit


@dataclass(frozen=True)
class ActionMap:
    """An affine map from a continuous policy's sample to the environment's action."""

    scale: float
    shift: float


IDENTITY = ActionMap(scale=1.0, shift=0.0)


@dataclass(frozen=True)
class Task:
    """One row of the table, `envs.tasks.TASKS`."""

    name: str
    """The papers' name, used in settings, results and reports."""
    title: str
    """The name shown in figures and tables."""
    gymnasium_id: str
    """Argument of `gymnasium.make`; differs from `name` where gymnasium offers only a later version."""
    kind: Literal["episodic", "single_step"]
    """Many steps an episode, or one step whose reward is the return."""
    observation_size: int
    """Length of one observation, with the default options."""
    action_size: int
    """Number of discrete actions, or of dimensions of a continuous one."""
    discrete: bool
    """Whether the action is one of `action_size`, or a real vector."""
    action_low: float | None = None
    """Smallest value the environment takes in each action dimension; None if discrete or unbounded."""
    action_high: float | None = None
    """Largest value the environment takes in each action dimension; None if discrete or unbounded."""
    time_limit: int | None = None
    """Steps after which an episode is truncated; None for a single-step task."""
    bandit: Callable[..., ContextualBandit] | None = None
    """Makes a single-step task's definition, given `options`; None for an episodic task."""
    has_target: bool = False
    """Whether the batched form gives the right answer to learn from, besides the reward."""
    only_in_envpool: bool = False
    """Whether gymnasium lacks it."""
    action_maps: Mapping[str, ActionMap] = field(default_factory=lambda: {"identity": IDENTITY})
    """By name; "identity" is always there."""
    options: Mapping[str, int] = field(default_factory=dict)
    """Settings of the task with their defaults."""

    def problem(self, batch_size: int, observation_size: int | None = None, episodes: int | None = None) -> Problem:
        """Describe the task to a learner; `observation_size` overrides the table's where options of the task change it."""
        return Problem(
            observation_size=self.observation_size if observation_size is None else observation_size,
            action_size=self.action_size,
            discrete=self.discrete,
            episodic=self.kind == "episodic",
            batch_size=batch_size,
            episodes=episodes,
        )

    def to_environment(self, sample: NDArray[Any], action_map: str = "identity") -> NDArray[Any]:
        """Turn a policy's `sample` into the environment's action: map it, then clip it to the bounds.

        Shape and dtype stay as they are; a discrete action stays itself. Raises KeyError for an unknown map.
        """
        mapping = self.action_maps[action_map]
        if self.discrete:
            return sample
        action = sample if mapping == IDENTITY else mapping.scale * sample + mapping.shift
        if self.action_low is None and self.action_high is None:
            return action
        return np.clip(action, self.action_low, self.action_high)
