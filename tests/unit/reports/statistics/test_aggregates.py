"""Aggregates over runs and tasks against known values; their coverage is in test_statistics_calibration.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.statistics.aggregates import (
    Anchors,
    enough_for_bootstrap,
    interquartile_mean,
    interquartile_mean_curve,
    interquartile_mean_interval,
    mean_curve,
    on_grid,
    performance_profile,
)
from reports.statistics.inference import mean_interval
from reports.statistics.rates import rate_interval


def test_interquartile_mean_is_that_of_the_middle_half() -> None:
    assert interquartile_mean([100.0, 2, 3, -100]) == 2.5
    assert interquartile_mean(np.arange(8.0).reshape(2, 4)) == pytest.approx([1.5, 5.5])
    scores = np.random.default_rng(0).normal(0, 1, (5, 40))
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25, axis=1))
    assert interquartile_mean([0.0, 1.0, 2.0]) == pytest.approx((0.25 * 0 + 1 + 0.25 * 2) / 1.5)


def test_tasks_weigh_alike_however_many_runs_they_have() -> None:
    few, many = np.array([0.0, 1.0, 2.0, 3.0]), np.tile([10.0, 11.0, 12.0, 13.0], 5)
    weights = np.concatenate([np.full(4, 1 / 4), np.full(20, 1 / 20)])
    assert interquartile_mean(np.concatenate([few, many]), weights) == pytest.approx((2 + 3 + 10 + 11) / 4)
    profile = performance_profile([few, many], [5.0])
    assert profile["share"][0] == 0.5
    curve = mean_curve([few[:, None], many[:, None]], [0.0])
    assert (curve["estimate"][0], curve["n"][0]) == (6.5, 24)
    longer = interquartile_mean_interval([np.tile(few, 3), np.tile(many, 3)])
    assert longer.estimate == pytest.approx(6.5)


def test_anchors_are_scored_nought_and_one() -> None:
    assert Anchors(-500.0, -100.0).normalised([-500, -100, -300, 0]) == pytest.approx([0, 1, 0.5, 1.25])


def test_bootstrap_is_repeatable_and_refuses_few_seeds() -> None:
    scores = list(np.random.default_rng(1).normal(0, 1, (2, 20)))
    assert interquartile_mean_interval(scores, seed=3) == interquartile_mean_interval(scores, seed=3)
    assert interquartile_mean_interval(scores, seed=3) != interquartile_mean_interval(scores, seed=4)
    with pytest.raises(ValueError, match="needs 20 runs a task, and none of fewer than 10, not 20 and 19"):
        interquartile_mean_interval([scores[0], scores[1][:19]])
    assert [enough_for_bootstrap(runs) for runs in ([20, 20], [50, 10], [50, 9], [29, 10])] == [True, True, False, False]


def test_bootstrap_resamples_within_tasks() -> None:
    """Two tasks without any spread of their own: whatever is drawn, half of the scores are 0 and half are 1."""
    interval = interquartile_mean_interval([np.zeros(20), np.ones(20)])
    assert (interval.low, interval.estimate, interval.high) == pytest.approx((0.5, 0.5, 0.5))


def test_performance_profile_by_hand() -> None:
    profile = performance_profile([[0.1, 0.5], [0.5, 0.9]], [0.0, 0.5, 1.0])
    assert list(profile["share"]) == [1, 0.25, 0]  # above, not at
    assert set(profile["n"]) == {4}
    middle, none, one = profile.iloc[1], rate_interval(0, 2), rate_interval(1, 2)
    assert middle["high"] - 0.25 == pytest.approx(np.hypot(none.high, one.high - 0.5) / 2)
    assert 0.25 - middle["low"] == pytest.approx((0.5 - one.low) / 2)
    alone = performance_profile([[0.1, 0.5, 0.5, 0.9]], [0.5]).iloc[0]
    assert (alone["low"], alone["high"]) == pytest.approx((rate_interval(1, 4).low, rate_interval(1, 4).high))


def test_curves_on_one_grid() -> None:
    curves = pd.DataFrame({"seed": [0, 0, 1, 1, 1], "x": [1, 3, 1, 2, 5], "value": [0.0, 2.0, 1.0, 1.0, 4.0]})
    grid = on_grid(curves, [1, 2, 5])
    assert grid.tolist() == [[0, 1, 2], [1, 1, 4]]  # the first ended at 3 and keeps its value


def test_the_band_of_a_mean_is_its_t_interval() -> None:
    values = np.array([[1.0, 2.0], [2.0, 2.0], [6.0, 2.0]])
    curve, interval = mean_curve([values], [10, 20]), mean_interval(values[:, 0])
    assert (curve["low"][0], curve["estimate"][0], curve["high"][0]) == pytest.approx((interval.low, 3, interval.high))
    assert (curve["low"][1], curve["high"][1]) == (2, 2)
    assert (set(curve["band"]), set(curve["n"])) == ({"95 % CI"}, {3})
    assert mean_curve([values, values[:1]], [10, 20])["low"].isna().all()


def test_the_band_of_a_mean_over_tasks_is_welch_s() -> None:
    """The mean of two tasks' means is half the difference of one from the negative of the other."""
    a, b = np.array([1.0, 2.0, 6.0]), np.array([4.0, 4.5, 3.0, 9.0, 8.0])
    welch = stats.ttest_ind(a, -b, equal_var=False).confidence_interval(0.95)
    curve = mean_curve([a[:, None], b[:, None]], [0.0])
    assert (curve["low"][0], curve["high"][0]) == pytest.approx((welch.low / 2, welch.high / 2))


def test_interquartile_mean_curve_is_the_interval_at_each_place() -> None:
    rng = np.random.default_rng(2)
    tasks = [rng.normal(0, 1, (20, 3)), rng.normal(1, 1, (25, 3))]
    curve = interquartile_mean_curve(tasks, [0.0, 0.5, 1.0], seed=5)
    at_the_end = interquartile_mean_interval([task[:, 2] for task in tasks], seed=5)
    last = curve.iloc[2]
    assert (last["low"], last["estimate"], last["high"]) == pytest.approx((at_the_end.low, at_the_end.estimate, at_the_end.high))
    assert (set(curve["band"]), set(curve["n"])) == ({"95 % CI"}, {45})
