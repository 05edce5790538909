"""Censored times against known values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from reports.statistics.times import log_rank, median_time, probability_of_earlier, restricted, survival_curve


def test_kaplan_meier_by_hand() -> None:
    # Freireich's 6-MP arm: the median remission is 23 weeks, S(10) = 0.7529 (Kalbfleisch and Prentice).
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    times, left = survival_curve(weeks, relapse)
    assert left[list(times).index(10)] == pytest.approx(0.7529, abs=1e-4)
    assert times[0] == 0
    assert left[0] == 1
    median = median_time(weeks, relapse)
    assert (median.estimate, median.low, median.high) == (23, 13, math.inf)


def test_median_of_censored_runs_is_not_that_of_the_successful_ones() -> None:
    times, reached = [10, 20, 500, 500, 500], [True, True, False, False, False]
    assert median_time(times, reached).estimate == math.inf
    assert median_time([10, 20, 30, 500, 500], [1, 1, 1, 0, 0]).estimate == 30
    nobody = median_time([500, 500], [False, False])
    assert (nobody.estimate, nobody.low, nobody.high) == (math.inf, math.inf, math.inf)


def test_log_rank_on_freireich() -> None:
    treated = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    p = log_rank(treated, relapse, placebo, [1] * 21)
    assert p == pytest.approx(stats.chi2.sf(16.79, 1), rel=0.02)  # the published statistic
    later, earlier = (log_rank(treated, relapse, placebo, [1] * 21, side) for side in ("later", "earlier"))
    assert (later, earlier) == pytest.approx((p / 2, 1 - p / 2))
    assert math.isnan(log_rank([5, 5], [0, 0], [5], [0]))


def test_probability_of_getting_there_earlier() -> None:
    def earlier(a: list[int], a_reached: list[int], b: list[int], b_reached: list[int]) -> float:
        return probability_of_earlier(a, a_reached, b, b_reached).estimate

    assert earlier([1, 2], [1, 1], [3, 4], [1, 1]) == 1
    assert earlier([1, 9], [1, 0], [3, 9], [1, 0]) == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert earlier([5], [0], [9], [1]) == 0.5  # censored before the other got there: nobody knows
    assert earlier([9], [1], [9], [0]) == 1  # censored at that episode: certainly later
    assert earlier([9], [0], [9], [0]) == 0.5


def test_a_restricted_mean_is_the_area_under_the_survival_curve() -> None:
    rng = np.random.default_rng(4)
    times, limit = rng.exponential(100, 60), 150.0
    watched, reached = np.minimum(times, limit), times <= limit
    places, left = survival_curve(watched, reached)
    area = float(np.sum(np.diff([*places, limit]) * left))
    assert restricted(watched, limit).mean() == pytest.approx(area)
    assert restricted(watched, 50.0).max() == 50
