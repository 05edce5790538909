"""Means and their differences against known values; test_calibration.py holds them against simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from reports.statistics.inference import Difference, Sample, mean_interval, prediction_interval, standard_deviation


def test_standard_deviation_takes_the_convention_it_is_told() -> None:
    values = [1.0, 3.0]
    assert standard_deviation(values, ddof=0) == 1.0
    assert standard_deviation(values) == pytest.approx(math.sqrt(2))
    assert math.isnan(standard_deviation([1.0]))


def test_published_deviation_is_converted_to_ddof_1() -> None:
    values = np.array([3.0, 5.0, 10.0, 11.0])
    published = Sample.published(float(values.mean()), float(values.std(ddof=0)), 4, ddof=0)
    assert published.sd == pytest.approx(Sample.of(values).sd)
    assert Sample.published(0.0, 2.0, 10, ddof=1).sd == 2.0


def test_mean_interval_is_the_t_interval() -> None:
    values = [4.1, 5.0, 5.2, 6.3]
    ours = mean_interval(values)
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
    assert math.isnan(mean_interval([1.0]).low)


def test_welch_against_scipy() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(1, 1, 8), rng.normal(0, 3, 13)
    ours, theirs = Difference.between(Sample.of(a), Sample.of(b)), stats.ttest_ind(a, b, equal_var=False)
    interval, expected = ours.interval(0.9), theirs.confidence_interval(0.9)
    assert (ours.df, ours.p_value()) == pytest.approx((theirs.df, theirs.pvalue))
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    greater = stats.ttest_ind(a, b, equal_var=False, alternative="greater").pvalue
    assert ours.above(0) == pytest.approx(greater)


def test_welch_at_the_edges() -> None:
    one = Difference.between(Sample.of([1.0]), Sample.of([1.0, 2.0]))
    assert math.isnan(one.interval(0.9).low)
    constant = Difference.between(Sample.of([2.0, 2.0]), Sample.of([1.0, 1.0]))
    assert (constant.p_value(), constant.above(0), constant.interval(0.9).low) == (0, 0, 1)


def test_prediction_of_a_further_mean() -> None:
    values = [4.0, 6.0, 5.0, 9.0]
    predicted = prediction_interval(values, 10)
    half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) * math.sqrt(1 / 4 + 1 / 10)
    assert (predicted.low, predicted.estimate, predicted.high) == pytest.approx((6 - half, 6, 6 + half))
    assert math.isnan(prediction_interval([1.0], 10).low)
    alike = Difference.from_further_mean(Sample(6.0, 0.1, 4), 5.0, 10, sd=2.0)
    assert (alike.se, alike.df) == pytest.approx((2 * math.sqrt(1 / 4 + 1 / 10), 3))
    assert Difference.from_further_mean(Sample(6.0, 3.0, 4), 5.0, 10, sd=2.0).se == pytest.approx(3 * math.sqrt(1 / 4 + 1 / 10))
    nearly_all = prediction_interval(values, 10**9)  # the mean of endlessly many runs is the true one
    assert (nearly_all.low, nearly_all.high) == pytest.approx((mean_interval(values).low, mean_interval(values).high))


def test_a_printed_deviation_is_no_smaller_than_ours() -> None:
    ours, alike, scattered = Sample(5.0, 3.0, 20), Sample(4.0, 0.1, 10), Sample(4.0, 6.0, 10)
    floored = Difference.from_published(ours, alike)
    assert (floored.se, floored.df) == pytest.approx((3 * math.sqrt(1 / 20 + 1 / 10), 19))
    assert Difference.from_published(ours, scattered) == Difference.between(ours, scattered)


def test_pairs_are_student_s() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(1, 1, 9), rng.normal(0, 1, 9)
    ours, theirs = Difference.of_pairs(a - b), stats.ttest_rel(a, b)
    interval = theirs.confidence_interval(0.95)
    assert ours.p_value() == pytest.approx(theirs.pvalue)
    assert (ours.interval(0.95).low, ours.interval(0.95).high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("estimate", [-3.0, -1.5, 0.0, 0.4, 1.2, 1.8, 4.0])
def test_p_values_say_where_the_intervals_lie(estimate: float) -> None:
    difference = Difference(estimate, 0.3, 9.0)
    narrow, wide = difference.interval(0.9), difference.interval(0.95)
    assert (difference.p_within(-1, 1) < 0.05) == (narrow.low > -1 and narrow.high < 1)
    assert (difference.p_beyond(-1, 1) < 0.05) == (wide.low > 1 or wide.high < -1)
    assert (difference.p_within(-1, math.inf) < 0.05) == (narrow.low > -1)
    assert (difference.p_beyond(-1, math.inf) < 0.05) == (wide.high < -1)
