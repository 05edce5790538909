"""Where a block of seeds stands on an episodic task: who still trains, in which episode, and how to come back there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Learner
from envs.task import Task
from envs.vector import VectorEnvironment
from records.errors import TrainingError
from workflow.training.episode_log import EpisodeLog

_FIRST_ROOM = 1 << 14


class ReplayError(Exception):
    """The environment did not answer recorded actions as it did when they were recorded."""


class Actions:
    """What the environments were given so far, in the order of steps and, within one, of the seeds that still trained then.

    Kept as small as they can be replayed exactly: numbers of discrete actions in one byte, others as the float32 that
    environments take.
    """

    def __init__(self, task: Task) -> None:
        dtype, shape = (np.min_scalar_type(task.action_size - 1), ()) if task.discrete else (np.float32, (task.action_size,))
        self._taken: NDArray[Any] = np.empty((_FIRST_ROOM, *shape), dtype)
        self._count = 0

    def append(self, action: NDArray[Any]) -> None:
        """Note one step's actions [S', …]."""
        stop = self._count + len(action)
        while stop > len(self._taken):
            self._taken = np.concatenate([self._taken, np.empty_like(self._taken)])
        self._taken[self._count : stop] = action
        self._count = stop

    def taken(self) -> NDArray[Any]:
        """All of them, [agent steps, …]; valid until the next `append`."""
        return self._taken[: self._count]


class Lockstep:
    """A block of seeds that step together; a seed that has had its episodes drops out, of learner and environment too."""

    def __init__(self, learner: Learner, environment: VectorEnvironment, seeds: Sequence[int], log: EpisodeLog) -> None:
        """Starts every seed's first episode."""
        self.rows = np.arange(len(seeds))
        """Which seed each row of learner and environment still is."""
        self.observation = environment.reset()
        """The newest, [S', d]."""
        self.steps = 0
        """In lockstep, since the start."""
        self.agent_steps = 0
        """Over all seeds."""
        self.log = log
        self._learner, self._environment, self._seeds = learner, environment, seeds
        self._total, self._length = np.zeros(len(seeds)), np.zeros(len(seeds), np.int64)  # of each row's present episode
        self._policies: dict[int, dict[str, NDArray[Any]]] = {}
        self._diverged: dict[int, NDArray[np.int64]] = {}
        log.start(self.observation)

    def take(
        self,
        observation: NDArray[np.float32],
        reward: NDArray[np.float64],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> None:
        """Note what a step of the environments led to. Raises TrainingError as `EpisodeLog.end` and `check` do."""
        self.observation = observation
        self._total += reward
        self._length += 1
        self.agent_steps += len(self.rows)
        self.steps += 1
        if self.log.recording:
            self.log.record(self.rows, observation)
        ended = terminated | truncated
        if ended.any():
            self._end(ended.nonzero()[0], truncated)

    def check(self) -> None:
        """Raise TrainingError for parameters of seeds still training that are not finite."""
        present = [(self._seeds[row], f"episode {self.log.finished[row] + 1}") for row in map(int, self.rows)]
        check_parameters(self._learner.policy(), present)

    def policies(self) -> dict[str, NDArray[Any]]:
        """The parameters with which each seed dropped out, once all have."""
        return {name: np.stack([self._policies[row][name] for row in range(len(self._seeds))]) for name in self._policies[0]}

    def diverged(self) -> dict[int, int] | None:
        """Episode in which each seed that diverged did so, once all have dropped out; None if the learner does not say."""
        episodes = [self._diverged[row] for row in sorted(self._diverged)]
        return diverged_seeds(self._seeds, np.array(episodes) if episodes else None)

    def state(self, actions: Actions) -> dict[str, NDArray[Any]]:
        """All that it takes to go on from here, as `resume` does, and what that must then find."""
        policies = {f"policy/{row}/{name}": array for row, kept in self._policies.items() for name, array in kept.items()}
        learner = {f"learner/{name}": array for name, array in self._learner.state().items()}
        diverged = {f"diverged/{row}": episode for row, episode in self._diverged.items()}
        return {"actions": actions.taken(), **self._found(), **policies, **diverged, **learner}

    def resume(self, state: Mapping[str, NDArray[Any]], actions: Actions) -> None:
        """Go on from a `state` of the same configuration, having only just started.

        Environments cannot save their state: they are given the recorded actions anew, which also writes the log of episodes
        anew. Raises ReplayError where that does not lead to what had been found.
        """
        recorded, position = state["actions"], 0
        while position < len(recorded):
            step = recorded[position : position + len(self.rows)]
            if not 0 < len(step) == len(self.rows):
                raise ReplayError("its episodes end elsewhere")
            actions.append(step)
            self.take(*self._environment.step(step))
            position += len(step)
        for name, array in self._found().items():
            if array.tobytes() != state[name].tobytes():
                raise ReplayError(f"{name} differs")
        self._learner.load(part(state, "learner/"))
        self._policies = {row: part(state, f"policy/{row}/") for row in self._policies}
        self._diverged = {int(row): episode for row, episode in part(state, "diverged/").items()}

    def _found(self) -> dict[str, NDArray[Any]]:
        return {
            "observation": self.observation,
            "return so far": self._total,
            "finished": self.log.finished,
            "returns": self.log.sums(),
        }

    def _end(self, places: NDArray[np.intp], truncated: NDArray[np.bool_]) -> None:
        """The present episodes of the rows at these places have ended."""
        self.log.end(self.rows[places], self._total[places], self._length[places], truncated[places])
        self._total[places] = 0.0
        self._length[places] = -1  # the next step only resets the environment
        done = self.log.done(self.rows)
        if not done.any():
            return
        parameters = self._learner.policy()
        check_parameters(parameters, [(self._seeds[row], f"episode {self.log.finished[row]}") for row in map(int, self.rows)])
        for place in np.flatnonzero(done):
            self._policies[int(self.rows[place])] = {name: array[place].copy() for name, array in parameters.items()}
            if self._learner.diverged is not None:
                self._diverged[int(self.rows[place])] = self._learner.diverged[place].copy()
        kept = np.flatnonzero(~done)
        self.rows, self.observation = self.rows[kept], self.observation[kept]
        self._total, self._length = self._total[kept], self._length[kept]
        if len(kept):
            self._learner.keep(kept)
            self._environment.keep(kept)


def part(state: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin with `prefix`, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}


def check_parameters(parameters: Mapping[str, NDArray[Any]], present: Sequence[tuple[int, str]]) -> None:
    """Raise TrainingError for parameters that are not finite; `present` says which seed each row is, and where it stands."""
    for name, array in parameters.items():
        finite = np.isfinite(array).reshape(len(present), -1).all(axis=1)
        if not finite.all():
            seed, when = present[int(finite.argmin())]
            raise TrainingError(f"seed {seed}, {when}: {name} is no longer finite; lower learning rates may help")


def diverged_seeds(seeds: Sequence[int], episodes: NDArray[np.int64] | None) -> dict[int, int] | None:
    """Episode or update in which each seed that diverged did so; None if the learner does not say."""
    if episodes is None:
        return None
    return {seed: int(episode) for seed, episode in zip(seeds, episodes, strict=True) if episode}
