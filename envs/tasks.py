"""The one table of tasks: what each is, and where its episodes end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem


@dataclass(frozen=True)
class ActionMap:
    """An affine map from a continuous policy's sample to the environment's action."""

    scale: float
    shift: float


IDENTITY = ActionMap(scale=1.0, shift=0.0)


@dataclass(frozen=True)
class Task:
    """One row of the table."""

    name: str
    """The papers' name, used in settings, results and reports."""
    title: str
    """The name shown in figures and tables."""
    gymnasium_id: str
    """Argument of `gymnasium.make`; differs from `name` where gymnasium offers only a later version."""
    kind: Literal["episodic", "single_step"]
    """Many steps an episode, or one step whose reward is the return."""
    module: str
    """The module of this package that holds the task."""
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
    has_target: bool = False
    """Whether the batched form gives the right answer to learn from, besides the reward."""
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


_TABLE = (
    Task(
        name="CartPole-v0",
        title="CartPole (200 steps)",
        gymnasium_id="CartPole-v0",
        kind="episodic",
        module="vector",
        observation_size=4,
        action_size=2,
        discrete=True,
        time_limit=200,
    ),
    Task(
        name="CartPole-v1",
        title="CartPole",
        gymnasium_id="CartPole-v1",
        kind="episodic",
        module="vector",
        observation_size=4,
        action_size=2,
        discrete=True,
        time_limit=500,
    ),
    Task(
        name="Acrobot-v1",
        title="Acrobot",
        gymnasium_id="Acrobot-v1",
        kind="episodic",
        module="vector",
        observation_size=6,
        action_size=3,
        discrete=True,
        time_limit=500,
    ),
    Task(
        name="LunarLander-v2",
        title="LunarLander",
        gymnasium_id="LunarLander-v3",
        kind="episodic",
        module="vector",
        observation_size=8,
        action_size=4,
        discrete=True,
        time_limit=1000,
    ),
    Task(
        name="LunarLanderContinuous-v2",
        title="LunarLander (continuous)",
        gymnasium_id="LunarLanderContinuous-v3",
        kind="episodic",
        module="vector",
        observation_size=8,
        action_size=2,
        discrete=False,
        action_low=-1.0,
        action_high=1.0,
        time_limit=1000,
    ),
    Task(
        name="MountainCarContinuous-v0",
        title="MountainCar",
        gymnasium_id="MountainCarContinuous-v0",
        kind="episodic",
        module="vector",
        observation_size=2,
        action_size=1,
        discrete=False,
        action_low=-1.0,
        action_high=1.0,
        time_limit=999,
        action_maps={
            "identity": IDENTITY,
            # As released: a (high - low) - low, which made the published numbers (docs/chung2021.md#mountaincars-force).
            "sign_slip": ActionMap(scale=2.0, shift=1.0),
            # Without the slip of the sign: a (high - low) + low.
            "rescaled": ActionMap(scale=2.0, shift=-1.0),
        },
    ),
    Task(
        name="Pendulum-v1",
        title="Pendulum",
        gymnasium_id="Pendulum-v1",
        kind="episodic",
        module="vector",
        observation_size=3,
        action_size=1,
        discrete=False,
        action_low=-2.0,
        action_high=2.0,
        time_limit=200,
    ),
    Task(
        name="Multiplexer-v0",
        title="Multiplexer",
        gymnasium_id="Multiplexer-v0",
        kind="single_step",
        module="multiplexer",
        observation_size=37,
        action_size=2,
        discrete=True,
        options={"address_bits": 5},
    ),
    Task(
        name="ScalarRegression-v0",
        title="Scalar regression",
        gymnasium_id="ScalarRegression-v0",
        kind="single_step",
        module="scalar_regression",
        observation_size=8,
        action_size=1,
        discrete=False,
        options={"target_seed": 1},
        has_target=True,
    ),
)

TASKS: dict[str, Task] = {row.name: row for row in _TABLE}
"""Every task, by name."""


def task(name: str) -> Task:
    """The task of that name. Raises KeyError for an unknown one."""
    return TASKS[name]


def task_sources(name: str) -> list[str]:
    """The source files, relative to the repository, that the task depends on. Raises KeyError for an unknown task."""
    modules = ["__init__", "tasks", TASKS[name].module]
    if TASKS[name].kind == "single_step":
        modules += ["contextual_bandit", "single_step"]
    return [f"envs/{module}.py" for module in sorted(modules)]
