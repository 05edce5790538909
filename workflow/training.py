"""The training loop: a block of seeds of one method on one task, in lockstep, with little between learner and task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Learner
from envs.single_step import SingleStepBatch
from envs.tasks import Task
from envs.vector import VectorEnvironment
from workflow.errors import TrainingError

Report = Callable[[int, int, int], None]
"""Told now and then of (seeds still training, episodes or updates done over all seeds, agent steps done over all seeds)."""

_STEPS_BETWEEN_CHECKS = 1000


@dataclass(frozen=True)
class StoppingRule:
    """A run that goes on beyond its episodes until it solves its task (chung2020, section 5.3)."""

    mean: float
    """It stops once the mean return of its last 100 episodes is at least this."""
    most_episodes: int
    """It stops here in any case."""

    WINDOW: ClassVar[int] = 100

    def met(self, returns: NDArray[np.float64]) -> bool:
        """Whether the returns so far, the last of them last, let a run stop."""
        if len(returns) >= self.most_episodes:
            return True
        # Rounding must not keep a mean of exactly 500 from counting as 500.
        return len(returns) >= self.WINDOW and returns[-self.WINDOW :].mean() >= self.mean - 1e-9


@dataclass
class Clocks:
    """Wall seconds of one training, by what they were spent on."""

    learner: float = 0.0
    environment: float = 0.0
    loop: float = 0.0
    """Everything else: bookkeeping, action maps, checks, progress."""


@dataclass
class Training:
    """What a training leaves behind."""

    log: dict[str, Any]
    """Columns of episodes.parquet: arrays of equal length, ordered by seed and then by episode or update; the column
    `trajectory`, where there is one, is a list of float32 arrays and None."""
    policy: dict[str, NDArray[Any]]
    """Final parameters by name, each with a leading dimension that runs over the seeds."""
    agent_steps: int
    """Over all seeds, steps that only reset an environment included."""
    clocks: Clocks = field(default_factory=Clocks)


def train_episodes(
    learner: Learner,
    environment: VectorEnvironment,
    task: Task,
    action_map: str,
    seeds: Sequence[int],
    episodes: int,
    record: Sequence[int] = (),
    report: Report | None = None,
    stop: StoppingRule | None = None,
) -> Training:
    """Train until each of the seeds has had `episodes` episodes, or more until `stop` is met; a seed that has drops out.

    `learner` and `environment` have one row a seed. Of the episodes (from 1) in `record` every observation is kept. Raises
    TrainingError when a return or a parameter is no longer finite.
    """
    log = _EpisodeLog(seeds, episodes, record, stop)
    policies: dict[int, dict[str, NDArray[Any]]] = {}
    rows = np.arange(len(seeds))  # which seed each row of learner and environment still is
    total, length, ended = _counters(len(rows))
    clocks = Clocks()
    agent_steps = lockstep = 0
    start = perf_counter()
    observation = environment.reset()
    log.start(observation)
    while True:
        before = perf_counter()
        sample = learner.act(observation[:, None])
        acted = perf_counter()
        action = task.to_environment(sample[:, 0], action_map)
        mapped = perf_counter()
        observation, reward, terminated, truncated = environment.step(action)
        stepped = perf_counter()
        learner.learn(reward[:, None], terminated[:, None], truncated[:, None], observation[:, None])
        after = perf_counter()
        clocks.learner += (acted - before) + (after - stepped)
        clocks.environment += stepped - mapped

        total += reward
        length += 1
        agent_steps += len(rows)
        lockstep += 1
        if log.recording:
            log.record(rows, observation)
        if lockstep % _STEPS_BETWEEN_CHECKS == 0:
            _check_parameters(learner.policy(), [(seeds[row], f"episode {log.finished[row] + 1}") for row in map(int, rows)])
            if report is not None:
                report(len(rows), int(log.finished.sum()), agent_steps)
        np.logical_or(terminated, truncated, out=ended)
        if not ended.any():
            continue
        places = ended.nonzero()[0]
        log.end(rows[places], total[places], length[places], truncated[places])
        total[places] = 0.0
        length[places] = -1  # the next step only resets the environment
        done = log.done(rows)
        if done.any():
            parameters = learner.policy()
            _check_parameters(parameters, [(seeds[row], f"episode {log.finished[row]}") for row in map(int, rows)])
            for place in np.flatnonzero(done):
                policies[int(rows[place])] = {name: array[place].copy() for name, array in parameters.items()}
            kept = np.flatnonzero(~done)
            if not len(kept):
                break
            learner.keep(kept)
            environment.keep(kept)
            observation, rows = observation[kept], rows[kept]
            total, length, ended = total[kept], length[kept], ended[kept]
    clocks.loop = perf_counter() - start - clocks.learner - clocks.environment
    stacked = {name: np.stack([policies[row][name] for row in range(len(seeds))]) for name in policies[0]}
    return Training(log.columns(), stacked, agent_steps, clocks)


def train_single_step(
    learner: Learner, batch: SingleStepBatch, seeds: Sequence[int], updates: int, report: Report | None = None
) -> Training:
    """Train each of the seeds for `updates` updates on a single-step task.

    Raises TrainingError when a reward or a parameter is no longer finite.
    """
    rewards = np.empty((len(seeds), updates))
    clocks = Clocks()
    start = perf_counter()
    for update in range(updates):
        before = perf_counter()
        observation = batch.observe()
        observed = perf_counter()
        action = learner.act(observation)
        acted = perf_counter()
        reward = batch.reward(action)
        target = batch.target()
        rewarded = perf_counter()
        learner.learn(reward, target=target)
        after = perf_counter()
        clocks.environment += (observed - before) + (rewarded - acted)
        clocks.learner += (acted - observed) + (after - rewarded)

        reward.mean(axis=1, out=rewards[:, update])
        if (update + 1) % _STEPS_BETWEEN_CHECKS == 0 or update + 1 == updates:
            _check_rewards(rewards[:, : update + 1], seeds)
            _check_parameters(learner.policy(), [(seed, f"update {update + 1}") for seed in seeds])
            if report is not None:
                report(len(seeds), (update + 1) * len(seeds), (update + 1) * len(seeds))
    clocks.loop = perf_counter() - start - clocks.learner - clocks.environment
    log = {
        "seed": np.repeat(np.asarray(seeds, np.int32), updates),
        "update": np.tile(np.arange(1, updates + 1, dtype=np.int32), len(seeds)),
        "mean_reward": rewards.reshape(-1),
    }
    return Training(log, learner.policy(), updates * len(seeds), clocks)


class _EpisodeLog:
    """One line per finished episode of every seed, and the observations of some episodes."""

    def __init__(self, seeds: Sequence[int], episodes: int, record: Sequence[int], stop: StoppingRule | None = None) -> None:
        self.finished = np.zeros(len(seeds), np.int64)
        """Episodes finished, by seed."""
        self.recording: dict[int, list[NDArray[np.float32]]] = {}
        """Observations of the present episode, by seed, of those seeds whose present episode is recorded."""
        self._seeds, self._episodes, self._record, self._stop = seeds, episodes, frozenset(record), stop
        shape = (len(seeds), episodes if stop is None else max(episodes, stop.most_episodes))
        self._returns, self._lengths, self._truncated = np.zeros(shape), np.zeros(shape, np.int32), np.zeros(shape, np.bool_)
        self._trajectories: dict[tuple[int, int], NDArray[np.float32]] = {}

    def start(self, observation: NDArray[np.float32]) -> None:
        """Begin every seed's first episode with its first observation [S, d]."""
        if 1 in self._record:
            self.recording = {row: [observation[row].copy()] for row in range(len(self._seeds))}

    def record(self, rows: NDArray[np.intp], observation: NDArray[np.float32]) -> None:
        """Keep the observations [S', d] of those rows whose episode is recorded."""
        for place, row in enumerate(rows):
            if row in self.recording:
                self.recording[row].append(observation[place].copy())

    def end(self, rows: NDArray[np.intp], total: NDArray[Any], length: NDArray[Any], truncated: NDArray[np.bool_]) -> None:
        """Note the end of an episode of each of these rows. Raises TrainingError for a return that is not finite."""
        for row, value in zip(rows, total, strict=True):
            if not np.isfinite(value):
                raise TrainingError(f"seed {self._seeds[row]}, episode {self.finished[row] + 1}: the return is {value}")
        episode = self.finished[rows]
        self._returns[rows, episode] = total
        self._lengths[rows, episode] = length
        self._truncated[rows, episode] = truncated
        self.finished[rows] += 1
        if self._record:
            for row in map(int, rows):
                self._end_recording(row)

    def done(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether each of these rows has had all its episodes."""
        enough = self.finished[rows] >= self._episodes
        if self._stop is not None:
            for place in np.flatnonzero(enough):
                row = rows[place]
                enough[place] = self._stop.met(self._returns[row, : self.finished[row]])
        return enough

    def columns(self) -> dict[str, Any]:
        """As `Training.log`."""
        row, episode = np.nonzero(np.arange(self._returns.shape[1]) < self.finished[:, None])
        columns: dict[str, Any] = {
            "seed": np.asarray(self._seeds, np.int32)[row],
            "episode": (episode + 1).astype(np.int32),
            "env_steps": self._lengths.cumsum(axis=1, dtype=np.int64)[row, episode],
            "length": self._lengths[row, episode],
            "return": self._returns[row, episode],
            "ended": np.where(self._truncated[row, episode], "truncated", "terminated"),
        }
        if self._record:
            columns["trajectory"] = [
                self._trajectories.get(place) for place in zip(row.tolist(), (episode + 1).tolist(), strict=True)
            ]
        return columns

    def _end_recording(self, row: int) -> None:
        episode = int(self.finished[row])
        if row in self.recording:
            self._trajectories[row, episode] = np.concatenate(self.recording.pop(row))
        if episode + 1 in self._record and not self.done(np.array([row]))[0]:
            self.recording[row] = []  # the step that resets brings its first observation


def _counters(rows: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return so far, steps so far and whether it has ended, of each row's present episode."""
    return np.zeros(rows), np.zeros(rows, np.int64), np.zeros(rows, np.bool_)


def _check_parameters(parameters: dict[str, NDArray[Any]], present: Sequence[tuple[int, str]]) -> None:
    """Raise TrainingError for parameters that are not finite; `present` says which seed each row is, and where it stands."""
    for name, array in parameters.items():
        finite = np.isfinite(array).reshape(len(present), -1).all(axis=1)
        if not finite.all():
            seed, when = present[int(finite.argmin())]
            raise TrainingError(f"seed {seed}, {when}: {name} is no longer finite; lower learning rates may help")


def _check_rewards(rewards: NDArray[np.float64], seeds: Sequence[int]) -> None:
    finite = np.isfinite(rewards)
    if not finite.all():
        row, update = (int(index[0]) for index in np.nonzero(~finite))
        raise TrainingError(f"seed {seeds[row]}, update {update + 1}: the mean reward is {rewards[row, update]}")
