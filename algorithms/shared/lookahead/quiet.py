"""Whose outputs have noise: all seeds' until a share of their episodes, so that the rest shows what they do without it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem
from algorithms.shared.lookahead.settings import LookaheadHyperparameters
from algorithms.shared.seed_arrays import SeedArrays


class Quiet(SeedArrays):
    """Episodes that S seeds have finished, and which of them have become quiet."""

    def __init__(self, problem: Problem, settings: LookaheadHyperparameters, seeds: int) -> None:
        super().__init__()
        self._after = None
        if settings.quiet_from is not None and problem.episodes is not None:
            self._after = round(settings.quiet_from * problem.episodes)
        self._finished = np.zeros(seeds, np.int64)
        self.hold("quiet/finished", vars(self), "_finished")

    def silence(self, normal: NDArray[Any], fluctuation: Any) -> None:
        """Set noise that is about to be used, `normal` [S, ...] and `fluctuation` [S or more, ...], to zero for quiet seeds."""
        if self._after is not None:
            for row in np.flatnonzero(self._finished >= self._after):
                normal[row] = 0
                fluctuation[row] = 0

    def count(self, terminated: NDArray[np.bool_], truncated: NDArray[np.bool_]) -> None:
        """Count the episodes that end; flags are [S, 1]."""
        if self._after is not None:
            self._finished += (terminated | truncated)[:, 0]
