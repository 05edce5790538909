"""The interface of a learner. A file in this folder is a method."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

Engine = Literal["reference", "fused"]
Dtype = Literal["float32", "float64"]

# Unknown names and values of the wrong type or range are refused, and the docstring under a field is its description.
HYPERPARAMETER_CONFIG = ConfigDict(extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Problem:
    """All that a learner knows of a task."""

    observation_size: int
    """d, the length of one observation vector."""
    action_size: int
    """Number of discrete actions, or of dimensions of a continuous one."""
    discrete: bool
    """True: one of `action_size` actions, by softmax. False: a real vector, by a Gaussian."""
    episodic: bool = True
    """True: many steps an episode, learned with a critic. False: one step, its reward is the return."""
    batch_size: int = 1
    """B, parallel copies of the task that share one seed's parameters."""
    episodes: int | None = None
    """Episodes that one seed is trained for, for what changes at a share of them; None: not known, or a single-step task."""


class Learner(ABC):
    """S independent seeds in lockstep, each with B parallel copies of one task.

    No seed may depend on which other seeds are present. Drive a learner of an episodic task as follows::

        action = learner.act(observation)
        next_observation, reward, terminated, truncated = environment.step(action)
        learner.learn(reward, terminated, truncated, next_observation)

    The environment resets on the step *after* an end and ignores that step's action. So the learner sees the terminal observation
    once, and its `act` on it is discarded. Then comes a reset step, with reward 0, from which it must not learn.
    For a single-step task `learn` takes the reward, and the target where the task has one.
    """

    problem: Problem
    seeds: int
    """S, the number of seeds still training."""

    @property
    def diverged(self) -> NDArray[np.int64] | None:
        """Episode, or update of a single-step task, from 1, in which each seed diverged, int64[S]; 0: it has not.

        None: this method does not say. Where the numbers of a seed break down, training then ends with an error.
        """
        return None

    @abstractmethod
    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        """Action for each copy: int32[S, B] if discrete, else float[S, B, action_size]; `observation` is [S, B, d]."""

    @abstractmethod
    def learn(
        self,
        reward: NDArray[Any],
        terminated: NDArray[np.bool_] | None = None,
        truncated: NDArray[np.bool_] | None = None,
        next_observation: NDArray[Any] | None = None,
        target: NDArray[Any] | None = None,
    ) -> None:
        """Learn from the last action's result: reward, terminated, truncated, target [S, B]; next_observation [S, B, d]."""

    @abstractmethod
    def keep(self, rows: NDArray[np.intp]) -> None:
        """Keep only these seeds (indices into the present S, ascending); the others have finished."""

    @abstractmethod
    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that the next step depends on, as named arrays; a learner that loads it continues bit for bit."""

    @abstractmethod
    def load(self, state: dict[str, NDArray[Any]]) -> None:
        """Take over a `state()` of a learner of the same configuration. Raises ValueError on another shape or name."""

    @abstractmethod
    def policy(self) -> dict[str, NDArray[Any]]:
        """The parameters, by name, each with the leading seed dimension."""


def methods() -> tuple[str, ...]:
    """Names of all methods: the modules directly in this folder, except this one."""
    folder = Path(__file__).parent
    return tuple(sorted(p.stem for p in folder.glob("*.py") if p.stem not in {"__init__", "interface"}))


def engines(method: str) -> tuple[Engine, ...]:
    """The engines that a method has: its reference, and its compiled twin where there is one in `fused`."""
    twin = Path(__file__).parent / "fused" / f"{method}.py"
    return ("fused", "reference") if twin.is_file() else ("reference",)


def hyperparameters_of(method: str) -> type[Any]:
    """The frozen, self-validating `Hyperparameters` dataclass of a method. Raises KeyError for an unknown one."""
    if method not in methods():
        raise KeyError(method)
    return importlib.import_module(f"algorithms.{method}").Hyperparameters


def describe(hyperparameters: Any) -> dict[str, str]:
    """The docstring under each field of a `Hyperparameters` dataclass (or instance), by field name."""
    kind = hyperparameters if isinstance(hyperparameters, type) else type(hyperparameters)
    # pydantic reads docstrings in the class that declares the field, and forgets them in its heirs.
    described: dict[str, str] = {}
    for ancestor in reversed(kind.__mro__):
        for name, field in getattr(ancestor, "__pydantic_fields__", {}).items():
            described[name] = " ".join((field.description or described.get(name, "")).split())
    return {field.name: described[field.name] for field in fields(kind)}


def create(
    method: str,
    problem: Problem,
    hyperparameters: Any,
    seed_sequences: Sequence[np.random.SeedSequence],
    engine: Engine = "fused",
    dtype: Dtype = "float32",
) -> Learner:
    """Create a learner of S = len(seed_sequences) seeds; each sequence alone decides what its seed draws.

    Raises KeyError for an unknown method, ValueError for settings that do not fit the problem.
    """
    if method not in methods():
        raise KeyError(method)
    if engine == "fused":
        return importlib.import_module(f"algorithms.fused.{method}").Fused(problem, hyperparameters, seed_sequences, dtype)
    return importlib.import_module(f"algorithms.{method}").Reference(problem, hyperparameters, seed_sequences, dtype)
