"""Episodes to an event: right-censored times, of runs that did not get there within their last episode."""

from __future__ import annotations

import math
import warnings
from typing import Literal

import numpy as np
import scipy  # whose parts are imported as they are used
from numpy.typing import ArrayLike, NDArray

from reports.statistics.inference import Interval
from reports.statistics.ranks import improvement_interval


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


def restricted(times: ArrayLike, limit: float) -> NDArray[np.float64]:
    """Times no longer than `limit`: their mean is the mean restricted to it, the area under the survival curve up to there.

    Where every run was watched up to the limit, no time below it is censored, and so the mean, its standard deviation and the
    tests of samples apply as they stand.
    """
    return np.minimum(np.asarray(times, dtype=float), limit)


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
    return improvement_interval(float(wins), a.size, b.size, confidence)


def _censored(times: ArrayLike, reached: ArrayLike) -> scipy.stats.CensoredData:
    return scipy.stats.CensoredData.right_censored(np.asarray(times, dtype=float), ~np.asarray(reached, dtype=bool))


def _first_below_half(times: NDArray[np.float64], survival: NDArray[np.float64]) -> float:
    below = np.flatnonzero(survival <= 0.5 + 1e-12)
    return float(times[below[0]]) if below.size else math.inf
