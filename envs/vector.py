"""Step one episodic task for many isolated seeds in one call.

Two backends share one protocol: EnvPool (C++, the default) and gymnasium (slower; tests judge EnvPool's dynamics by it).
A seed's first states differ between them, because they draw from different generators.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Literal, Protocol, cast

import gymnasium
import numpy as np
from gymnasium.wrappers import Autoreset
from numpy.typing import NDArray

from envs.task import Task

Backend = Literal["envpool", "gymnasium"]
Step = tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]

SEED_LIMIT = 2**31 - 1
"""Environment seeds lie from 0 to below this; EnvPool takes no others."""


class VectorEnvironment(Protocol):
    """S copies of one task, row k drawing all its randomness from seed k.

    The step after an episode's end resets it: that step ignores its action and returns the first observation of the next episode,
    reward 0 and no flags. At most one flag is set. An episode that reaches a terminal state exactly at its time limit counts as
    truncated, because EnvPool reports no more.
    """

    def reset(self) -> NDArray[np.float32]:
        """Start every row's next episode; its first observations, float32[S, d]."""

    def step(self, action: NDArray[Any]) -> Step:
        """Observation float32[S, d], reward float64[S], terminated bool[S], truncated bool[S].

        `action` is integer[S] if discrete, else float[S, A] within the task's bounds. Raises ValueError for another shape.
        """

    def keep(self, rows: Sequence[int] | NDArray[np.integer]) -> None:
        """Keep only these rows, indices into the present S; they continue bit for bit."""

    def close(self) -> None:
        """Free what the environments hold."""


class EnvPoolVector:
    """All rows in one C++ call, on one thread."""

    def __init__(self, task: Task, seeds: Sequence[int]) -> None:
        self._pool: Any = _load_envpool(task).make(
            task.name,
            env_type="gymnasium",
            num_envs=len(seeds),
            seed=[int(seed) for seed in seeds],
            num_threads=1,
            max_episode_steps=task.time_limit,
        )
        self._ids = np.arange(len(seeds), dtype=np.int32)
        self._action_dtype = self._pool.spec.action_array_spec["action"].dtype
        self._action_shape = _action_shape(task)
        # One level below the pool's own `step`, whose conversion to nested dicts takes a fifth of the time of a call
        # with ten environments. The columns of what comes back are found by their names.
        columns = self._pool._state_keys
        self._obs = [place for place, name in enumerate(columns) if name.split(":")[0] == "obs"]
        self._reward, self._done, self._trunc = (columns.index(name) for name in ("reward", "done", "trunc"))
        # The control suite's tasks reward the first state of an episode, which no action has brought about.
        self._elapsed = columns.index("elapsed_step") if task.only_in_envpool else None
        if self._pool._action_keys != ["env_id", "players.env_id", "action"]:
            raise RuntimeError(f"this EnvPool takes {self._pool._action_keys}: another version than the pinned one?")

    def reset(self) -> NDArray[np.float32]:
        """See `VectorEnvironment`."""
        self._pool._reset(self._ids)
        return self._observation(self._pool._recv())

    def step(self, action: NDArray[Any]) -> Step:
        """See `VectorEnvironment`."""
        # C++ reads the raw buffer, so its shape and type must be right.
        if action.shape != (len(self._ids), *self._action_shape):
            raise ValueError(f"actions have shape {action.shape}, expected {(len(self._ids), *self._action_shape)}")
        self._pool._send([self._ids, self._ids, np.ascontiguousarray(action, dtype=self._action_dtype)])
        state = self._pool._recv()
        reward, truncated = state[self._reward].astype(np.float64), state[self._trunc]
        if self._elapsed is not None:
            reward[state[self._elapsed] == 0] = 0.0
        return self._observation(state), reward, state[self._done] & ~truncated, truncated

    def keep(self, rows: Sequence[int] | NDArray[np.integer]) -> None:
        """See `VectorEnvironment`."""
        self._ids = self._ids[np.asarray(rows)]

    def close(self) -> None:
        """See `VectorEnvironment`."""
        self._pool.close()

    def _observation(self, state: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """What is observed, its parts one after another."""
        if len(self._obs) == 1:
            return cast(NDArray[np.float32], state[self._obs[0]])
        parts = [state[place].reshape(len(self._ids), -1) for place in self._obs]
        return np.concatenate(parts, axis=1, dtype=np.float32)


class GymnasiumVector:
    """One `gymnasium.Env` for each row, stepped in turn; gymnasium's own vector environments cannot drop rows."""

    def __init__(self, task: Task, seeds: Sequence[int]) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*CartPole-v0 is out of date")
            # Importing Box2D: as an error, this warning crashes the interpreter in the middle of a C extension.
            warnings.filterwarnings("ignore", message="builtin type .* has no __module__ attribute", category=DeprecationWarning)
            self._environments = [
                Autoreset(gymnasium.make(task.gymnasium_id, max_episode_steps=task.time_limit, disable_env_checker=True))
                for _ in seeds
            ]
        self._seeds: list[int | None] = [int(seed) for seed in seeds]
        self._action_dtype = np.int32 if task.discrete else np.float32
        self._action_shape = _action_shape(task)

    def reset(self) -> NDArray[np.float32]:
        """See `VectorEnvironment`; the first call seeds the generators, later calls reuse them."""
        first = [environment.reset(seed=seed)[0] for environment, seed in zip(self._environments, self._seeds, strict=True)]
        self._seeds = [None] * len(self._seeds)
        return np.stack(first).astype(np.float32, copy=False)

    def step(self, action: NDArray[Any]) -> Step:
        """See `VectorEnvironment`."""
        if action.shape != (len(self._environments), *self._action_shape):
            raise ValueError(f"actions have shape {action.shape}, expected {(len(self._environments), *self._action_shape)}")
        steps = [
            environment.step(row) for environment, row in zip(self._environments, action.astype(self._action_dtype), strict=True)
        ]
        observation, reward, terminated, truncated, _ = zip(*steps, strict=True)
        out_of_time = np.array(truncated, dtype=np.bool_)
        return (
            np.stack(observation).astype(np.float32, copy=False),
            np.array(reward, dtype=np.float64),
            np.array(terminated, dtype=np.bool_) & ~out_of_time,
            out_of_time,
        )

    def keep(self, rows: Sequence[int] | NDArray[np.integer]) -> None:
        """See `VectorEnvironment`."""
        kept = [int(row) for row in rows]
        for row in set(range(len(self._environments))) - set(kept):
            self._environments[row].close()
        self._environments = [self._environments[row] for row in kept]
        self._seeds = [self._seeds[row] for row in kept]

    def close(self) -> None:
        """See `VectorEnvironment`."""
        for environment in self._environments:
            environment.close()


def make_vector(task: Task, seeds: Sequence[int], backend: Backend = "envpool") -> VectorEnvironment:
    """Make an episodic task for S = len(seeds) seeds, each in [0, 2^31 - 1), one row each.

    A row's episodes depend only on the task, its seed and its actions. Raises ValueError for a single-step task, an
    unknown backend, one that lacks the task, a seed out of range, or no seeds.
    """
    if task.kind != "episodic":
        raise ValueError(f"{task.name} is not an episodic task")
    if len(seeds) == 0:
        raise ValueError("at least one seed is needed")
    if outside := [seed for seed in seeds if not 0 <= seed < SEED_LIMIT]:
        raise ValueError(f"environment seeds must lie in [0, {SEED_LIMIT}), not {outside}")
    match backend:
        case "envpool":
            return EnvPoolVector(task, seeds)
        case "gymnasium" if task.only_in_envpool:
            raise ValueError(f"gymnasium does not have {task.name}")
        case "gymnasium":
            return GymnasiumVector(task, seeds)
    raise ValueError(f"unknown environment backend {backend!r}: envpool or gymnasium")


def _load_envpool(task: Task) -> Any:
    """Import EnvPool with the one family of environments that holds the task: all of them take a second.

    EnvPool names its families as gymnasium does; what gymnasium lacks is of the DeepMind Control Suite. Where a later version
    names them otherwise, all of them are imported.
    """
    every_family = "envpool.entry"
    if "envpool" not in sys.modules:
        sys.modules[every_family] = ModuleType(every_family)  # empty, in place of the module that imports them
        import envpool  # noqa: F401

        del sys.modules[every_family]
    family = "mujoco.dmc"
    if not task.only_in_envpool:
        family = str(gymnasium.registry[task.gymnasium_id].entry_point).split(".")[2]  # gymnasium.envs.<family>.<module>:<class>
    try:
        importlib.import_module(f"envpool.{family}.registration")
    except ModuleNotFoundError:
        importlib.import_module(every_family)
    return sys.modules["envpool"]


def _action_shape(task: Task) -> tuple[int, ...]:
    """Shape of one row's action."""
    return () if task.discrete else (task.action_size,)
