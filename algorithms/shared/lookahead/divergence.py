"""Which seeds have diverged, and when (docs/kungl2021.md#divergence)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.seed_arrays import SeedArrays

LIMIT = 1e6
"""Outputs beyond plus or minus this, or none at all, are those of a network that has diverged."""


class Divergence(SeedArrays):
    """Counts the episodes, or updates of a single-step task, of S seeds, and notes the one in which a seed diverged."""

    def __init__(self, seeds: int) -> None:
        super().__init__()
        self.at = np.zeros(seeds, np.int64)
        """From 1; 0 for a seed that has not diverged."""
        self._finished = np.zeros(seeds, np.int64)
        self.hold("divergence/at", vars(self), "at")
        self.hold("divergence/finished", vars(self), "_finished")

    def note(self, outputs: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
        """Say which seeds have diverged, now or before; `outputs` are every network's, [S, B, n]."""
        sound = np.logical_and.reduce([(np.abs(part) <= LIMIT).all(axis=(1, 2)) for part in outputs])
        self.at[~sound & (self.at == 0)] = self._finished[~sound & (self.at == 0)] + 1
        return self.at > 0

    def count(self, ended: NDArray[np.bool_]) -> None:
        """Count the episodes or updates that end, bool[S]."""
        self._finished += ended
