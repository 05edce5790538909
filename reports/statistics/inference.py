"""Means over independent runs, and differences of two: what every statistic of the reports stands on.

Beside it stand `rates`, `times`, `ranks`, `comparison` (of two of our samples), `multiplicity`, `decisions` and `power`; scipy
does what it has. docs/verdicts.md says how they make verdicts, and calibration.csv how often these are wrong.

Conventions: standard deviations of our runs have ddof = 1 unless they stand beside a number published with another;
intervals are 95 % unless said otherwise; a run that did not get there is censored at its last episode, never dropped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # whose parts are imported as they are used
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Interval:
    """A point estimate with its interval; infinite where there is no bound, nan where there is no estimate."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Sample:
    """Mean, standard deviation (ddof = 1) and size of a sample."""

    mean: float
    sd: float
    n: int

    @classmethod
    def of(cls, values: ArrayLike) -> Sample:
        """The sample `values`; its sd is nan where n < 2."""
        array = np.asarray(values, dtype=float)
        return cls(float(array.mean()), standard_deviation(array), array.size)

    @classmethod
    def published(cls, mean: float, sd: float, n: int, ddof: int) -> Sample:
        """A sample known only by its printed mean and its printed sd of the given ddof."""
        return cls(mean, sd * math.sqrt((n - ddof) / (n - 1)), n)

    @property
    def sem(self) -> float:
        """Standard error of the mean."""
        return self.sd / math.sqrt(self.n)


def standard_deviation(values: ArrayLike, ddof: int = 1) -> float:
    """Standard deviation with the given ddof; nan where there are not more than `ddof` values."""
    array = np.asarray(values, dtype=float)
    return float(array.std(ddof=ddof)) if array.size > ddof else math.nan


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """The mean with its t-interval, whose coverage is right at the few runs of a paper; nan bounds where n < 2."""
    sample = Sample.of(values)
    half = float(scipy.special.stdtrit(sample.n - 1, (1 + confidence) / 2)) * sample.sem if sample.n > 1 else math.nan
    return Interval(sample.mean, sample.mean - half, sample.mean + half)


@dataclass(frozen=True)
class Difference:
    """A difference of two means with its standard error and degrees of freedom: all that a t test and its interval need."""

    estimate: float
    se: float
    df: float

    @classmethod
    def between(cls, ours: Sample, other: Sample) -> Difference:
        """Welch's difference ours − other, for unequal variances; without a standard error if a sample has one value."""
        a, b = ours.sd**2 / ours.n, other.sd**2 / other.n
        if min(ours.n, other.n) < 2:
            return cls(ours.mean - other.mean, math.nan, math.nan)
        spread = a**2 / (ours.n - 1) + b**2 / (other.n - 1)
        return cls(ours.mean - other.mean, math.sqrt(a + b), (a + b) ** 2 / spread if spread > 0 else math.inf)

    @classmethod
    def of_pairs(cls, differences: ArrayLike) -> Difference:
        """Mean of the differences of pairs of runs, such as share their seeds; without a standard error if there is one pair."""
        sample = Sample.of(differences)
        return cls(sample.mean, sample.sem, sample.n - 1.0)

    @classmethod
    def from_published(cls, ours: Sample, published: Sample) -> Difference:
        """Difference ours − a mean that was printed with its deviation, which counts as ours where ours is larger.

        A few runs may be alike by luck, most of all where one run in ten fails; then a small printed deviation would make any
        mean of ours differ. The degrees of freedom are those of our deviation where that counts, and Welch's else.
        """
        if ours.n > 1 and ours.sd > published.sd:
            return cls.from_further_mean(ours, published.mean, published.n)
        return cls.between(ours, published)

    @classmethod
    def from_further_mean(cls, ours: Sample, mean: float, m: int, sd: float = 0.0) -> Difference:
        """Difference ours − the mean of m further runs of the same kind. The deviation of all is ours, or `sd` if that is more.

        So neither is taken to be steadier than the other. The degrees of freedom are those of our deviation alone: no more than
        Welch's would be, were `sd` known.
        """
        return cls(ours.mean - mean, max(ours.sd, sd) * math.sqrt(1 / ours.n + 1 / m), ours.n - 1)

    def interval(self, confidence: float) -> Interval:
        """Confidence interval of the difference; nan bounds without a standard error."""
        half = float(scipy.special.stdtrit(self.df, (1 + confidence) / 2)) * self.se if self.se > 0 else self.se
        return Interval(self.estimate, self.estimate - half, self.estimate + half)

    def above(self, value: float) -> float:
        """One-sided p of the true difference being no more than `value`; nan without a standard error."""
        return self._tail(self.estimate - value)

    def below(self, value: float) -> float:
        """One-sided p of the true difference being no less than `value`; nan without a standard error."""
        return self._tail(value - self.estimate)

    def p_within(self, low: float, high: float) -> float:
        """p of the true difference lying outside [low, high]: two one-sided tests.

        It is below .05 where the 90 % interval lies within these bounds.
        """
        return max(self.above(low), self.below(high))

    def p_beyond(self, low: float, high: float) -> float:
        """p of the true difference lying in [low, high], where either side counts twice.

        It is below .05 where the 95 % interval lies wholly outside these bounds.
        """
        return min(1.0, 2 * min(self.above(high), self.below(low)))

    def p_value(self) -> float:
        """Two-sided p of equal means."""
        return self.p_beyond(0.0, 0.0)

    def _tail(self, ahead: float) -> float:
        if self.se == 0:  # every value of both samples is the same
            return 0.0 if ahead > 0 else 1.0
        return float(scipy.special.stdtr(self.df, -ahead / self.se))


def prediction_interval(values: ArrayLike, m: int, confidence: float = 0.95) -> Interval:
    """The mean of `values` with the interval in which the mean of m further runs of the same kind lies."""
    sample = Sample.of(values)
    bounds = Difference.from_further_mean(sample, 0.0, m).interval(confidence)
    return Interval(sample.mean, bounds.low, bounds.high)
