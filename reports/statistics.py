"""The statistics of the reports, over independent runs; scipy does what it has, the rest is here.

Conventions: standard deviations of our runs have ddof = 1 unless they stand beside a number published with another;
intervals are 95 % unless said otherwise; a run that did not get there is censored at its last episode, never dropped.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

Verdict = Literal["AGREES", "DIFFERS", "INCONCLUSIVE"]
Ordering = Literal["HOLDS", "REVERSED", "INCONCLUSIVE"]

MOST_SEEDS = 100_000
"""Beyond this many seeds a verdict is called out of reach."""


@dataclass(frozen=True)
class Interval:
    """A point estimate with its interval; infinite where there is no bound, nan where there is no estimate."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Sample:
    """Mean, standard deviation (ddof = 1) and size of a sample, all that a Welch test needs."""

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
    half = float(stats.t.ppf((1 + confidence) / 2, sample.n - 1)) * sample.sem if sample.n > 1 else math.nan
    return Interval(sample.mean, sample.mean - half, sample.mean + half)


def rate_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """A share of n runs with its Wilson score interval."""
    bounds = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return Interval(successes / n, float(bounds.low), float(bounds.high))


def median_time(times: ArrayLike, reached: ArrayLike, confidence: float = 0.95) -> Interval:
    """Kaplan–Meier median of a right-censored time: the first at which no more than half are left.

    `times` is the episode at which each run got there, or its last one where `reached` is False. The interval is
    Brookmeyer and Crowley's: where the log–log band around the survival function crosses one half. inf: not within the runs.
    """
    survival = stats.ecdf(_censored(times, reached)).sf
    with warnings.catch_warnings():
        # Where all runs or none are left the band is undefined (nan): it does not cross one half there.
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        band = survival.confidence_interval(confidence, method="log-log")
    low, estimate, high = (_first_below_half(curve.quantiles, curve.probabilities) for curve in (band.low, survival, band.high))
    return Interval(estimate, min(low, estimate), high)


def survival_curve(times: ArrayLike, reached: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Kaplan–Meier estimate as the corners of a step function from (0, 1): times, share of runs not yet there."""
    survival = stats.ecdf(_censored(times, reached)).sf
    return np.concatenate([[0.0], survival.quantiles]), np.concatenate([[1.0], survival.probabilities])


def log_rank(times_a: ArrayLike, reached_a: ArrayLike, times_b: ArrayLike, reached_b: ArrayLike) -> float:
    """Two-sided p of the log-rank test that two groups take equally long; nan where no run of either got there."""
    if not (np.any(reached_a) or np.any(reached_b)):
        return math.nan
    return float(stats.logrank(_censored(times_a, reached_a), _censored(times_b, reached_b)).pvalue)


@dataclass(frozen=True)
class Welch:
    """Comparison of two means without assuming equal variances: difference, its standard error and degrees of freedom."""

    difference: float
    se: float
    df: float

    @classmethod
    def between(cls, ours: Sample, other: Sample) -> Welch:
        """Of ours − other. All nan but for the difference where a sample has fewer than two values."""
        a, b = ours.sd**2 / ours.n, other.sd**2 / other.n
        if min(ours.n, other.n) < 2:
            return cls(ours.mean - other.mean, math.nan, math.nan)
        spread = a**2 / (ours.n - 1) + b**2 / (other.n - 1)
        return cls(ours.mean - other.mean, math.sqrt(a + b), (a + b) ** 2 / spread if spread > 0 else math.inf)

    def interval(self, confidence: float) -> Interval:
        """Of the difference."""
        half = float(stats.t.ppf((1 + confidence) / 2, self.df)) * self.se if self.se > 0 else self.se
        return Interval(self.difference, self.difference - half, self.difference + half)

    def p_value(self, alternative: Literal["two-sided", "greater"] = "two-sided") -> float:
        """Of the hypothesis that the means are equal (`greater`: that ours is not larger)."""
        if self.se == 0:  # every value of both samples is the same
            certain = self.difference > 0 if alternative == "greater" else self.difference != 0
            return 0.0 if certain else 1.0
        t = self.difference / self.se
        return float(stats.t.sf(t, self.df) if alternative == "greater" else 2 * stats.t.sf(abs(t), self.df))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment; nan stays nan and does not count as a test."""
    p = np.asarray(p_values, dtype=float)
    order = [int(i) for i in np.argsort(p, kind="stable") if not math.isnan(p[i])]
    adjusted = np.full(p.size, math.nan)
    worst = 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, float(p[i]) * (len(order) - rank)))
        adjusted[i] = worst
    return [float(value) for value in adjusted]


def agreement(welch: Welch, margin: float, adjusted_p: float, alpha: float = 0.05) -> Verdict:
    """AGREES: two one-sided tests place the difference within ± margin; DIFFERS: else, and Welch's adjusted p < alpha."""
    bounds = welch.interval(1 - 2 * alpha)
    if -margin <= bounds.low and bounds.high <= margin:
        return "AGREES"
    return "DIFFERS" if adjusted_p < alpha else "INCONCLUSIVE"


def verdict_power(ours: Sample, published: Sample, margin: float, n: int, tests: int = 1, alpha: float = 0.05) -> float:
    """Chance of a verdict with n seeds of ours, if means and deviations are what they look like now.

    The larger of the chances of AGREES and of DIFFERS (at alpha / tests), by the shifted t approximation.
    """
    welch = Welch.between(Sample(ours.mean, ours.sd, n), published)
    shift, room = abs(welch.difference) / welch.se, margin / welch.se
    t = stats.t(welch.df)
    t_agree = float(t.ppf(1 - alpha))
    agrees = float(t.cdf(room - shift - t_agree) + t.cdf(room + shift - t_agree)) - 1
    differs = float(t.cdf(shift - float(t.ppf(1 - alpha / tests / 2))))
    return max(agrees, differs, 0.0)


def seeds_to_settle(ours: Sample, published: Sample, margin: float, tests: int = 1, power: float = 0.8) -> float:
    """Fewest seeds of ours that would give a verdict with probability `power`; inf where the paper's own n is too small."""

    def enough(n: int) -> bool:
        return verdict_power(ours, published, margin, n, tests) >= power

    if not enough(MOST_SEEDS):
        return math.inf
    low, high = 1, MOST_SEEDS
    while high - low > 1:  # the chance grows with n
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def ordering(p_greater: float, p_smaller: float, alpha: float = 0.05) -> Ordering:
    """Whether a claimed `better > worse` is borne out, from the adjusted one-sided p of either direction."""
    return "HOLDS" if p_greater < alpha else "REVERSED" if p_smaller < alpha else "INCONCLUSIVE"


def probability_of_improvement(better: ArrayLike, worse: ArrayLike, confidence: float = 0.95) -> Interval:
    """P(X > Y) + P(X = Y)/2 for a run X of `better` and Y of `worse`, with Newcombe's score-type interval.

    Method 5 of Newcombe (2006, Statistics in Medicine 25:559): it keeps its coverage at few runs and at an estimate of 0 or
    1, where a bootstrap interval has no width at all.
    """
    x, y = np.asarray(better, dtype=float), np.asarray(worse, dtype=float)
    pairs = x.size * y.size
    estimate = float(stats.mannwhitneyu(x, y).statistic) / pairs
    z, half_total = float(stats.norm.ppf((1 + confidence) / 2)), (x.size + y.size) / 2 - 1

    def distance(theta: float) -> float:
        variance = theta * (1 - theta) / pairs * (1 + half_total * ((1 - theta) / (2 - theta) + theta / (1 + theta)))
        return float((theta - estimate) ** 2 - z**2 * variance)

    tiny = 1e-9  # the variance vanishes at 0 and 1, which are therefore never the bound that is looked for
    low = 0.0 if estimate == 0 else float(optimize.brentq(distance, 0, min(estimate, 1 - tiny)))
    high = 1.0 if estimate == 1 else float(optimize.brentq(distance, max(estimate, tiny), 1))
    return Interval(estimate, low, high)


def _censored(times: ArrayLike, reached: ArrayLike) -> stats.CensoredData:
    return stats.CensoredData.right_censored(np.asarray(times, dtype=float), ~np.asarray(reached, dtype=bool))


def _first_below_half(times: NDArray[np.float64], survival: NDArray[np.float64]) -> float:
    below = np.flatnonzero(survival <= 0.5 + 1e-12)
    return float(times[below[0]]) if below.size else math.inf
