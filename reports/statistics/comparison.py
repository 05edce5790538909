"""Two samples of our own runs: does one do better, and by how much?

Two tests stand side by side. That of the means (Welch's, or Student's of pairs) is right where the mean of a few runs is nearly
normal, and wrong where a few runs fail; the exact rank test (Mann–Whitney's, or Wilcoxon's of pairs) is right at any number of
runs, but asks who is ahead more often. A rule does better where both say so: each p is the larger of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reports.statistics.inference import Difference, Sample
from reports.statistics.ranks import rank_sum, signed_rank


@dataclass(frozen=True)
class Comparison:
    """Values of two rules, a run each, and whether they are pairs."""

    ours: NDArray[np.float64]
    other: NDArray[np.float64]
    paired: bool = False
    """Whether the values at one place are of runs that share their seed and their start."""

    @classmethod
    def of(cls, ours: ArrayLike, other: ArrayLike, paired: bool = False) -> Comparison:
        """Compare two samples. Raises ValueError where pairs are not equally many."""
        x, y = np.asarray(ours, dtype=float), np.asarray(other, dtype=float)
        if paired and x.shape != y.shape:
            raise ValueError(f"{x.size} and {y.size} runs are no pairs")
        return cls(x, y, paired)

    @property
    def difference(self) -> Difference:
        """The difference of the means, ours − other."""
        return self.at(min(self.ours.size, self.other.size)) if self.paired else _welch(self.ours, self.other)

    def at(self, n: int) -> Difference:
        """What the difference would be with n runs of either, were their means and deviations as they are."""
        if self.paired:
            sample = Sample.of(self.ours - self.other)
            return Difference(sample.mean, sample.sd / n**0.5, n - 1.0)
        x, y = Sample.of(self.ours), Sample.of(self.other)
        return Difference.between(Sample(x.mean, x.sd, n), Sample(y.mean, y.sd, n))

    def above(self, value: float) -> float:
        """One-sided p of ours not being higher than other + value: the larger of that of the means and that of the ranks."""
        return max(self.difference.above(value), self._ranks(value)[0])

    def below(self, value: float) -> float:
        """One-sided p of ours not being lower than other + value: the larger of that of the means and that of the ranks."""
        return max(self.difference.below(value), self._ranks(value)[1])

    def p_beyond(self, low: float, high: float) -> float:
        """p of the difference lying in [low, high], where either side counts twice, by both tests."""
        above = self.above(high) if np.isfinite(high) else 1.0
        below = self.below(low) if np.isfinite(low) else 1.0
        return min(1.0, 2 * min(above, below))

    def _ranks(self, value: float) -> tuple[float, float]:
        if self.paired:
            return signed_rank(self.ours - self.other - value)
        return rank_sum(self.ours - value, self.other)


def _welch(ours: NDArray[np.float64], other: NDArray[np.float64]) -> Difference:
    return Difference.between(Sample.of(ours), Sample.of(other))
