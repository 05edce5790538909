"""The replay memory of Kubo et al. (2022): transitions enter when their episode ends (docs/kubo2022.md#replay-memory)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.seed_arrays import SeedArrays


class ReplayMemory(SeedArrays):
    """For each of S seeds the last `capacity` transitions of finished episodes, and those of the present one.

    A transition is a row of `width` numbers. An episode longer than the capacity enters with its last transitions only.

    Attributes:
        rows: [S, capacity, width], a ring: a new transition takes the place of the oldest.
        sizes: int64[S], how many of the rows are filled.
    """

    def __init__(self, seeds: int, capacity: int, width: int, dtype: str) -> None:
        super().__init__()
        self.rows = np.zeros((seeds, capacity, width), dtype)
        self.sizes = np.zeros(seeds, np.int64)
        self._written = np.zeros(seeds, np.int64)  # transitions that ever entered, by seed
        self._episode = np.zeros((seeds, capacity, width), dtype)  # the present episode, a ring too
        self._lengths = np.zeros(seeds, np.int64)
        for name in ("rows", "sizes", "_written", "_episode", "_lengths"):
            self.hold(f"memory/{name.lstrip('_')}", vars(self), name)

    @property
    def capacity(self) -> int:
        """Transitions that the memory of one seed holds."""
        return self.rows.shape[1]

    def add(self, transitions: NDArray[Any], seeds: NDArray[np.intp]) -> None:
        """Note the transitions [n, width] of these n seeds' present episodes."""
        self._episode[seeds, self._lengths[seeds] % self.capacity] = transitions
        self._lengths[seeds] += 1

    def end_episode(self, seed: int) -> None:
        """Move the seed's finished episode into the memory, in order, over the oldest transitions."""
        length = int(self._lengths[seed])
        order = np.arange(max(0, length - self.capacity), length)
        target = (self._written[seed] + np.arange(len(order))) % self.capacity
        self.rows[seed, target] = self._episode[seed, order % self.capacity]
        self._written[seed] += len(order)
        self._lengths[seed] = 0
        self.sizes[seed] = min(self._written[seed], self.capacity)


def draw_without_replacement(uniform: NDArray[Any], population: int) -> NDArray[np.int64]:
    """Draw k different numbers below `population` from k uniform numbers; every subset is equally likely.

    Floyd's algorithm (Bentley and Floyd, 1987): one number each, however large the population. Raises ValueError if k is larger.
    """
    count = len(uniform)
    if count > population:
        raise ValueError(f"{count} different numbers cannot be drawn from {population}")
    drawn: list[int] = []
    for number, last in zip(uniform, range(population - count, population), strict=True):
        # The product may round up to last + 1.
        candidate = min(int(number * (last + 1)), last)
        drawn.append(last if candidate in drawn else candidate)
    return np.array(drawn, np.int64)
