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
import scipy  # whose parts are imported as they are used
from numpy.typing import ArrayLike, NDArray

Verdict = Literal["AGREES", "DIFFERS", "INCONCLUSIVE"]
Ordering = Literal["HOLDS", "REVERSED", "INCONCLUSIVE"]


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
    half = float(scipy.stats.t.ppf((1 + confidence) / 2, sample.n - 1)) * sample.sem if sample.n > 1 else math.nan
    return Interval(sample.mean, sample.mean - half, sample.mean + half)


def rate_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """A share of n runs with its Wilson score interval."""
    bounds = scipy.stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return Interval(successes / n, float(bounds.low), float(bounds.high))


def median_time(times: ArrayLike, reached: ArrayLike, confidence: float = 0.95) -> Interval:
    """Kaplan–Meier median of a right-censored time: the first at which no more than half are left.

    `times` is the episode at which each run got there, or its last one where `reached` is False. The interval is
    Brookmeyer and Crowley's: where the log–log band around the survival function crosses one half. inf: not within the runs.
    As the bounds are times of runs, what it covers jumps with their number: 93 % at 10 and 95 % at 50, but 97.5 % at 20.
    """
    survival = scipy.stats.ecdf(_censored(times, reached)).sf
    with warnings.catch_warnings():
        # Where all runs or none are left the band is undefined (nan): it does not cross one half there.
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        band = survival.confidence_interval(confidence, method="log-log")
    low, estimate, high = (_first_below_half(curve.quantiles, curve.probabilities) for curve in (band.low, survival, band.high))
    return Interval(estimate, min(low, estimate), high)


def survival_curve(times: ArrayLike, reached: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Kaplan–Meier estimate as the corners of a step function from (0, 1): times, share of runs not yet there."""
    survival = scipy.stats.ecdf(_censored(times, reached)).sf
    return np.concatenate([[0.0], survival.quantiles]), np.concatenate([[1.0], survival.probabilities])


def log_rank(
    times_a: ArrayLike,
    reached_a: ArrayLike,
    times_b: ArrayLike,
    reached_b: ArrayLike,
    alternative: Literal["two-sided", "earlier", "later"] = "two-sided",
) -> float:
    """p of the log-rank test that two groups take equally long; nan where no run of either got there.

    `earlier` tests against a getting there before b, `later` against the opposite.
    """
    if not (np.any(reached_a) or np.any(reached_b)):
        return math.nan
    # scipy names the alternative after the rate at which x, here a, gets there.
    side = {"two-sided": "two-sided", "earlier": "greater", "later": "less"}[alternative]
    return float(scipy.stats.logrank(_censored(times_a, reached_a), _censored(times_b, reached_b), alternative=side).pvalue)


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
    def from_further_mean(cls, ours: Sample, mean: float, m: int, sd: float = 0.0) -> Difference:
        """Difference ours − the mean of m further runs. Their deviation is unknown, and taken as ours, or `sd` if that is more.

        The degrees of freedom are those of our deviation alone: no more than Welch's would be, were `sd` known.
        """
        return cls(ours.mean - mean, math.hypot(ours.sd * ours.n**-0.5, max(ours.sd, sd) * m**-0.5), ours.n - 1)

    def shrunk(self, by: float) -> Difference:
        """Move the difference towards 0 by at most `by`: the least that a reading error of that size leaves."""
        return Difference(math.copysign(max(abs(self.estimate) - by, 0.0), self.estimate), self.se, self.df)

    def interval(self, confidence: float) -> Interval:
        """Confidence interval of the difference; nan bounds without a standard error."""
        half = float(scipy.stats.t.ppf((1 + confidence) / 2, self.df)) * self.se if self.se > 0 else self.se
        return Interval(self.estimate, self.estimate - half, self.estimate + half)

    def p_value(self, alternative: Literal["two-sided", "greater", "less"] = "two-sided") -> float:
        """p-value of equal means (`greater`: of ours not being larger; `less`: of ours not being smaller)."""
        signed = {"two-sided": abs(self.estimate), "greater": self.estimate, "less": -self.estimate}[alternative]
        if self.se == 0:  # every value of both samples is the same
            return 0.0 if signed > 0 else 1.0
        return float((2 if alternative == "two-sided" else 1) * scipy.stats.t.sf(signed / self.se, self.df))


def prediction_interval(values: ArrayLike, m: int, confidence: float = 0.95) -> Interval:
    """The mean of `values` with the interval in which the mean of m further runs of the same kind lies."""
    sample = Sample.of(values)
    bounds = Difference.from_further_mean(sample, 0.0, m).interval(confidence)
    return Interval(sample.mean, bounds.low, bounds.high)


def rate_difference(successes: int, n: int, other_successes: int, other_n: int, confidence: float = 0.95) -> Interval:
    """Difference of two shares of runs with Newcombe's interval, made of the Wilson intervals of both.

    Method 10 of Newcombe (1998, Statistics in Medicine 17:873).
    """
    ours, other = rate_interval(successes, n, confidence), rate_interval(other_successes, other_n, confidence)
    estimate = ours.estimate - other.estimate
    low = estimate - math.hypot(ours.estimate - ours.low, other.high - other.estimate)
    return Interval(estimate, low, estimate + math.hypot(ours.high - ours.estimate, other.estimate - other.low))


def equal_rates(successes: int, n: int, other_successes: int, other_n: int) -> float:
    """Two-sided p of Fisher's exact test that two shares of runs are equal."""
    return float(scipy.stats.fisher_exact([[successes, n - successes], [other_successes, other_n - other_successes]]).pvalue)


def rate_within(successes: int, n: int, low: float, high: float) -> float:
    """Exact one-sided binomial p of the hypothesis that a share of runs lies within [low, high]."""
    if low <= successes / n <= high:
        return 1.0
    alternative, bound = ("greater", high) if successes / n > high else ("less", low)
    return float(scipy.stats.binomtest(successes, n, bound, alternative).pvalue)


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


def verdict(agrees: bool, adjusted_p: float, alpha: float = 0.05) -> Verdict:
    """AGREES where agreement was shown; DIFFERS where not, and the test of equality has an adjusted p < alpha."""
    return "AGREES" if agrees else "DIFFERS" if adjusted_p < alpha else "INCONCLUSIVE"


def within(bounds: Interval, low: float, high: float) -> bool:
    """Whether a whole interval lies in [low, high]; never so where it has no bounds."""
    return low <= bounds.low and bounds.high <= high


def equivalent(difference: Difference, margin: float, alpha: float = 0.05) -> bool:
    """Two one-sided tests at alpha: whether the difference lies within ± margin."""
    return within(difference.interval(1 - 2 * alpha), -margin, margin)


def ordering(as_claimed: bool, adjusted_p: float, alpha: float = 0.05) -> Ordering:
    """Whether a claimed `better > worse` is borne out, from the direction that is seen and the adjusted two-sided p.

    Either direction is thus tested at alpha / 2.
    """
    if adjusted_p < alpha:
        return "HOLDS" if as_claimed else "REVERSED"
    return "INCONCLUSIVE"


def probability_of_improvement(better: ArrayLike, worse: ArrayLike, confidence: float = 0.95) -> Interval:
    """P(X > Y) + P(X = Y)/2 for a run X of `better` and Y of `worse`, with Newcombe's score-type interval.

    Method 5 of Newcombe (2006, Statistics in Medicine 25:559): it keeps its coverage at few runs and at an estimate of 0 or
    1, where a bootstrap interval has no width at all.
    """
    x, y = np.asarray(better, dtype=float), np.asarray(worse, dtype=float)
    return _improvement(float(scipy.stats.mannwhitneyu(x, y).statistic), x.size, y.size, confidence)


def probability_of_earlier(
    times_a: ArrayLike, reached_a: ArrayLike, times_b: ArrayLike, reached_b: ArrayLike, confidence: float = 0.95
) -> Interval:
    """P(a run of a gets there before one of b), with the interval of `probability_of_improvement`.

    A pair of runs whose order censoring hides counts as one half, as in Gehan's test.
    """
    a, b = np.asarray(times_a, dtype=float)[:, None], np.asarray(times_b, dtype=float)[None, :]
    a_reached, b_reached = np.asarray(reached_a, dtype=bool)[:, None], np.asarray(reached_b, dtype=bool)[None, :]
    # A run that was censored at the very episode at which the other got there, gets there later.
    first = a_reached & ((a < b) | ((a == b) & ~b_reached))
    second = b_reached & ((b < a) | ((a == b) & ~a_reached))
    wins = first.sum() + (~first & ~second).sum() / 2
    return _improvement(float(wins), a.size, b.size, confidence)


def _improvement(wins: float, n_better: int, n_worse: int, confidence: float) -> Interval:
    pairs = n_better * n_worse
    estimate = wins / pairs
    z, half_total = float(scipy.stats.norm.ppf((1 + confidence) / 2)), (n_better + n_worse) / 2 - 1

    def distance(theta: float) -> float:
        variance = theta * (1 - theta) / pairs * (1 + half_total * ((1 - theta) / (2 - theta) + theta / (1 + theta)))
        return float((theta - estimate) ** 2 - z**2 * variance)

    tiny = 1e-9  # the variance vanishes at 0 and 1, which are therefore never the bound that is looked for
    low = 0.0 if estimate == 0 else float(scipy.optimize.brentq(distance, 0, min(estimate, 1 - tiny)))
    high = 1.0 if estimate == 1 else float(scipy.optimize.brentq(distance, max(estimate, tiny), 1))
    return Interval(estimate, low, high)


def _censored(times: ArrayLike, reached: ArrayLike) -> scipy.stats.CensoredData:
    return scipy.stats.CensoredData.right_censored(np.asarray(times, dtype=float), ~np.asarray(reached, dtype=bool))


def _first_below_half(times: NDArray[np.float64], survival: NDArray[np.float64]) -> float:
    below = np.flatnonzero(survival <= 0.5 + 1e-12)
    return float(times[below[0]]) if below.size else math.inf
