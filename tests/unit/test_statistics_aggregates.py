"""Aggregates over runs and tasks against known values; their coverage is in test_statistics_calibration.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.aggregates import (
    Anchors,
    interquartile_mean,
    interquartile_mean_curve,
    interquartile_mean_interval,
    mean_curve,
    on_grid,
    performance_profile,
)
from reports.statistics import mean_interval, rate_interval


def test_interquartile_mean_is_that_of_the_middle_half() -> None:
    assert interquartile_mean([100.0, 2, 3, -100]) == 2.5
    assert interquartile_mean(np.arange(8.0).reshape(2, 4), axis=1) == pytest.approx([1.5, 5.5])


def test_anchors_are_scored_nought_and_one() -> None:
    assert Anchors(-500.0, -100.0).normalised([-500, -100, -300, 0]) == pytest.approx([0, 1, 0.5, 1.25])


def test_bootstrap_is_repeatable_and_refuses_few_seeds() -> None:
    scores = list(np.random.default_rng(1).normal(0, 1, (2, 20)))
    assert interquartile_mean_interval(scores, seed=3) == interquartile_mean_interval(scores, seed=3)
    assert interquartile_mean_interval(scores, seed=3) != interquartile_mean_interval(scores, seed=4)
    with pytest.raises(ValueError, match="needs 20 runs a task, not 19"):
        interquartile_mean_interval([scores[0], scores[1][:19]])


def test_bootstrap_resamples_within_tasks() -> None:
    """Two tasks without any spread of their own: whatever is drawn, half of the scores are 0 and half are 1."""
    interval = interquartile_mean_interval([np.zeros(20), np.ones(20)])
    assert (interval.low, interval.estimate, interval.high) == (0.5, 0.5, 0.5)


def test_performance_profile_by_hand() -> None:
    profile = performance_profile([[0.1, 0.5], [0.5, 0.9]], [0.0, 0.5, 1.0])
    assert list(profile["share"]) == [1, 0.25, 0]  # above, not at
    assert set(profile["n"]) == {4}
    middle, expected = profile.iloc[1], rate_interval(1, 4)
    assert (middle["low"], middle["high"]) == (expected.low, expected.high)


def test_curves_on_one_grid() -> None:
    curves = pd.DataFrame({"seed": [0, 0, 1, 1, 1], "x": [1, 3, 1, 2, 5], "value": [0.0, 2.0, 1.0, 1.0, 4.0]})
    grid = on_grid(curves, [1, 2, 5])
    assert grid.tolist() == [[0, 1, 2], [1, 1, 4]]  # the first ended at 3 and keeps its value


@pytest.mark.parametrize("band", ["SD", "SEM", "95 % CI"])
def test_bands_are_what_their_name_says(band: str) -> None:
    values = np.array([[1.0, 2.0], [2.0, 2.0], [6.0, 2.0]])
    curve = mean_curve(values, [10, 20], band)  # type: ignore[arg-type]
    half = {"SD": np.sqrt(7), "SEM": stats.sem(values[:, 0]), "95 % CI": mean_interval(values[:, 0]).high - 3}[band]
    assert (curve["low"][0], curve["estimate"][0], curve["high"][0]) == pytest.approx((3 - half, 3, 3 + half))
    assert (curve["low"][1], curve["high"][1]) == (2, 2)
    assert (set(curve["band"]), set(curve["n"])) == ({band}, {3})
    assert mean_curve(values[:1], [10, 20], band)["low"].isna().all()  # type: ignore[arg-type]


def test_interquartile_mean_curve_is_the_interval_at_each_place() -> None:
    rng = np.random.default_rng(2)
    tasks = [rng.normal(0, 1, (20, 3)), rng.normal(1, 1, (25, 3))]
    curve = interquartile_mean_curve(tasks, [0.0, 0.5, 1.0], seed=5)
    at_the_end = interquartile_mean_interval([task[:, 2] for task in tasks], seed=5)
    last = curve.iloc[2]
    assert (last["low"], last["estimate"], last["high"]) == pytest.approx((at_the_end.low, at_the_end.estimate, at_the_end.high))
    assert (set(curve["band"]), set(curve["n"])) == ({"95 % CI"}, {45})
