"""What a training notes of its episodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.errors import TrainingError
from workflow.plan.stopping import StepBudget, StoppingRule

_FIRST_ROOM = 1 << 10


class EpisodeLog:
    """One line per finished episode of every seed, and the observations of some episodes."""

    def __init__(
        self, seeds: Sequence[int], episodes: int, record: Sequence[int] = (), stop: StoppingRule | StepBudget | None = None
    ) -> None:
        """Expect `episodes` of each seed, or more until `stop` is met; keep observations of the episodes (from 1) in `record`."""
        self.seeds = seeds
        self.finished = np.zeros(len(seeds), np.int64)
        """Episodes finished, by seed."""
        self._steps = np.zeros(len(seeds), np.int64)  # of these episodes
        self.recording: dict[int, list[NDArray[np.float32]]] = {}
        """Observations of the present episode, by seed, of those seeds whose present episode is recorded."""
        self._episodes, self._record, self._stop = episodes, frozenset(record), stop
        most = max(episodes, stop.most_episodes) if isinstance(stop, StoppingRule) else episodes
        shape = (len(seeds), _FIRST_ROOM if isinstance(stop, StepBudget) else most)
        self._returns, self._lengths, self._truncated = np.zeros(shape), np.zeros(shape, np.int32), np.zeros(shape, np.bool_)
        self._trajectories: dict[tuple[int, int], NDArray[np.float32]] = {}

    def start(self, observation: NDArray[np.float32]) -> None:
        """Begin every seed's first episode with its first observation [S, d]."""
        if 1 in self._record:
            self.recording = {row: [observation[row].copy()] for row in range(len(self.seeds))}

    def record(self, rows: NDArray[np.intp], observation: NDArray[np.float32]) -> None:
        """Keep the observations [S', d] of those rows whose episode is recorded."""
        for place, row in enumerate(rows):
            if row in self.recording:
                self.recording[row].append(observation[place].copy())

    def end(self, rows: NDArray[np.intp], total: NDArray[Any], length: NDArray[Any], truncated: NDArray[np.bool_]) -> None:
        """Note the end of an episode of each of these rows. Raises TrainingError for a return that is not finite."""
        for row, value in zip(rows, total, strict=True):
            if not np.isfinite(value):
                raise TrainingError(f"seed {self.seeds[row]}, episode {self.finished[row] + 1}: the return is {value}")
        episode = self.finished[rows]
        while episode.max() >= self._returns.shape[1]:
            self._double()
        self._returns[rows, episode] = total
        self._lengths[rows, episode] = length
        self._truncated[rows, episode] = truncated
        self.finished[rows] += 1
        self._steps[rows] += length
        if self._record:
            for row in map(int, rows):
                self._end_recording(row)

    def done(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether each of these rows has had all its episodes, or its steps."""
        if isinstance(self._stop, StepBudget):
            return self._steps[rows] >= self._stop.env_steps
        enough = self.finished[rows] >= self._episodes
        if self._stop is not None:
            for place in np.flatnonzero(enough):
                row = rows[place]
                enough[place] = self._stop.met(self._returns[row, : self.finished[row]])
        return enough

    def done_so_far(self) -> int:
        """Finished episodes over all seeds; of a budget in steps, what these have used of it."""
        if isinstance(self._stop, StepBudget):
            return int(np.minimum(self._steps, self._stop.env_steps).sum())
        return int(self.finished.sum())

    def sums(self) -> NDArray[np.float64]:
        """What all finished episodes of each seed returned together."""
        return self._returns.sum(axis=1)

    def columns(self) -> dict[str, Any]:
        """As `Training.log`."""
        row, episode = np.nonzero(np.arange(self._returns.shape[1]) < self.finished[:, None])
        columns: dict[str, Any] = {
            "seed": np.asarray(self.seeds, np.int32)[row],
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

    def _double(self) -> None:
        """Make room for as many episodes again."""
        self._returns, self._lengths, self._truncated = (
            np.concatenate([array, np.zeros_like(array)], axis=1) for array in (self._returns, self._lengths, self._truncated)
        )

    def _end_recording(self, row: int) -> None:
        episode = int(self.finished[row])
        if row in self.recording:
            self._trajectories[row, episode] = np.concatenate(self.recording.pop(row))
        if episode + 1 in self._record and not self.done(np.array([row]))[0]:
            self.recording[row] = []  # the step that resets brings its first observation
