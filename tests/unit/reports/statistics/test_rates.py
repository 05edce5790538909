"""Shares of runs against known values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from reports.statistics.rates import (
    difference_beyond,
    difference_within,
    rate_difference,
    rate_interval,
    share_beyond,
    share_within,
    wilson,
)


def test_wilson_interval_against_its_closed_form() -> None:
    n, z = 10, 1.959964
    centre = (0.3 + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(0.3 * 0.7 / n + z**2 / (4 * n**2))
    rate = rate_interval(3, n)
    assert (rate.estimate, rate.low, rate.high) == pytest.approx((0.3, centre - half, centre + half), abs=1e-6)
    assert rate_interval(0, 10).low == 0
    assert rate_interval(10, 10).high == 1


def test_newcombe_against_the_published_example() -> None:
    """56 of 70 against 48 of 80: Newcombe (1998), example (a), method 10."""
    rates = rate_difference(56, 70, 48, 80)
    assert (rates.estimate, rates.low, rates.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    nothing = rate_difference(0, 10, 0, 10)
    assert (nothing.estimate, nothing.low, nothing.high) == pytest.approx((0, -0.2775, 0.2775), abs=1e-4)


def test_wilson_interval_against_scipy() -> None:
    for n, confidence in ((7, 0.9), (50, 0.95)):
        low, high = wilson(np.arange(n + 1), n, confidence)
        theirs = [stats.binomtest(k, n).proportion_ci(confidence, method="wilson") for k in range(n + 1)]
        assert_allclose(low, [bounds.low for bounds in theirs], atol=1e-12)
        assert_allclose(high, [bounds.high for bounds in theirs], atol=1e-12)


def test_shares_by_exact_tests() -> None:
    assert share_beyond(5, 10, 0.4, 0.6) == 1
    assert share_beyond(10, 10, 0.0, 0.5) == pytest.approx(2 * 0.5**10)
    assert share_within(0, 10, 0.0, 0.5) == pytest.approx(0.5**10)
    assert share_within(4, 8, 0.125, 0.875) == pytest.approx(stats.binom.sf(3, 8, 0.125))
    assert share_within(3, 8, 0.0, 1.0) == 0
    k = np.arange(11)
    wide = [stats.binomtest(int(x), 10).proportion_ci(0.95, method="exact") for x in k]
    outside = np.array([bounds.low > 0.5 or bounds.high < 0.25 for bounds in wide])
    assert ((share_beyond(k, 10, 0.25, 0.5) < 0.05) == outside).all()


@pytest.mark.parametrize("other", [(10, 10), (5, 10), (0, 8)])
def test_differences_of_shares_are_tested_as_their_intervals_lie(other: tuple[int, int]) -> None:
    for successes in range(13):
        narrow, wide = (rate_difference(successes, 12, *other, confidence) for confidence in (0.9, 0.95))
        within = difference_within(successes, 12, *other, 0.25) < 0.05
        assert within == (narrow.low > -0.25 and narrow.high < 0.25)
        assert (difference_beyond(successes, 12, *other, 0.25) < 0.05) == (wide.low > 0.25 or wide.high < -0.25)
    assert not math.isnan(difference_within(0, 12, *other, 0.25))
