"""A replay memory that transitions enter as they happen, and that takes no more room than they need."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.seed_arrays import SeedArrays

_FIRST_ROOM = 1024


class GrowingMemory(SeedArrays):
    """For each of S seeds the last `capacity` transitions; a transition is a row of `width` numbers.

    Room is doubled as it fills, and a state holds filled rows only, so that a memory for 1e6 transitions costs what it holds.

    Attributes:
        rows: [S, room, width]; a ring once the room is the capacity, where a new transition takes the place of the oldest.
        sizes: int64[S], how many of the rows are filled.
    """

    def __init__(self, seeds: int, capacity: int, width: int, dtype: str) -> None:
        super().__init__()
        self.capacity = capacity
        self.rows = np.zeros((seeds, min(capacity, _FIRST_ROOM), width), dtype)
        self.sizes = np.zeros(seeds, np.int64)
        self._written = np.zeros(seeds, np.int64)  # transitions that ever entered, by seed
        for name in ("sizes", "_written"):
            self.hold(f"memory/{name.lstrip('_')}", vars(self), name)

    def add(self, transitions: NDArray[Any], seeds: NDArray[np.intp]) -> None:
        """Take in the transitions [n, width] of these n seeds."""
        if len(seeds) and self.sizes[seeds].max() == self.rows.shape[1] < self.capacity:
            self._make_room(min(2 * self.rows.shape[1], self.capacity))
        self.rows[seeds, self._written[seeds] % self.capacity] = transitions
        self._written[seeds] += 1
        self.sizes[seeds] = np.minimum(self._written[seeds], self.capacity)

    def draw(self, uniform: NDArray[Any], learning: NDArray[np.bool_]) -> NDArray[Any]:
        """Draw K transitions for each seed that is learning, [S, K, width], by uniform numbers [S, K]; zeros for the others."""
        drawn = np.zeros((*uniform.shape, self.rows.shape[2]), self.rows.dtype)
        seeds = np.flatnonzero(learning)
        drawn[seeds] = self.rows[seeds[:, None], draw_all(uniform[seeds], self.sizes[seeds])]
        return drawn

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self.rows = np.ascontiguousarray(self.rows[rows])

    def state(self) -> dict[str, NDArray[Any]]:
        return {**super().state(), "memory/rows": self.rows[:, : self._filled].copy()}

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        seeds, _, width = self.rows.shape
        saved = state.get("memory/rows", np.zeros((0, 0, 0)))
        if saved.ndim != 3 or (saved.shape[0], saved.shape[2]) != (seeds, width) or saved.shape[1] > self.capacity:
            raise ValueError(f"the checkpoint's memory/rows has shape {saved.shape}, not ({seeds}, …, {width})")
        super().load(state)
        self.rows = np.zeros((seeds, min(self.capacity, max(saved.shape[1], _FIRST_ROOM)), width), self.rows.dtype)
        self.rows[:, : saved.shape[1]] = saved

    @property
    def _filled(self) -> int:
        return int(self.sizes.max(initial=0))

    def _make_room(self, room: int) -> None:
        rows = np.zeros((self.rows.shape[0], room, self.rows.shape[2]), self.rows.dtype)
        rows[:, : self.rows.shape[1]] = self.rows
        self.rows = rows


def draw_all(uniform: NDArray[Any], populations: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every seed what `memory.draw_without_replacement` draws from its population: [S, K] for uniform numbers [S, K].

    Floyd's algorithm for many seeds at once: where all candidates differ, as they mostly do in a large population, they are what
    it draws. Raises ValueError for more numbers than a population has.
    """
    count = uniform.shape[1]
    if (populations < count).any():
        raise ValueError(f"{count} different numbers cannot be drawn from {populations.min()}")
    last = populations[:, None] - count + np.arange(count)
    # In the precision of the uniform numbers; the product may round up to last + 1.
    drawn = np.minimum((uniform * (last + 1).astype(uniform.dtype)).astype(np.int64), last)
    ordered = np.sort(drawn, axis=1)
    for seed in np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1)):
        chosen: dict[int, None] = {}  # in the order of being drawn
        for candidate, largest in zip(drawn[seed].tolist(), last[seed].tolist(), strict=True):
            chosen[largest if candidate in chosen else candidate] = None
        drawn[seed] = list(chosen)
    return drawn
