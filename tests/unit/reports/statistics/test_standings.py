"""Ranks with their intervals and means over tasks, against values known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reports.statistics.aggregates import mean_curve
from reports.statistics.inference import Difference, Interval, Sample
from reports.statistics.standings import over_tasks, p_higher, p_higher_over_tasks, rank_intervals

CLEAR = [[0.0, 1.0, 2.0, 1.5, 0.5, 1.2], [20.0, 21.0, 22.0, 21.5, 20.5, 21.2], [10.0, 11.0, 12.0, 11.5, 10.5, 11.2]]


def test_ranks_that_are_clear_are_points() -> None:
    means = [float(np.mean(sample)) for sample in CLEAR]
    assert rank_intervals(means, p_higher(CLEAR)) == [Interval(3, 3, 3), Interval(1, 1, 1), Interval(2, 2, 2)]


def test_alike_runs_may_have_any_rank_and_share_the_better_one() -> None:
    alike = [[1.0, 2.0, 3.0]] * 3
    assert rank_intervals([2.0] * 3, p_higher(alike)) == [Interval(1, 1, 3)] * 3


def test_single_runs_leave_ranks_open() -> None:
    p = p_higher([[1.0], [2.0]])
    assert [(interval.low, interval.high) for interval in rank_intervals([1.0, 2.0], p)] == [(1, 2), (1, 2)]


def test_one_rule_alone_is_first() -> None:
    assert rank_intervals([5.0], p_higher([[5.0, 5.0]])) == [Interval(1, 1, 1)]


def test_holm_counts_both_sides_of_a_rules_comparisons() -> None:
    """Four one-sided tests each: .0125 is the least p that the smallest of them may have, so .0126 is no evidence."""
    p = np.full((3, 3), 1.0)
    np.fill_diagonal(p, math.nan)
    p[0, 1] = 0.0125
    assert rank_intervals([3, 2, 1], p)[0] == Interval(1, 1, 2)
    p[0, 1] = 0.0126
    assert rank_intervals([3, 2, 1], p)[0] == Interval(1, 1, 3)


def test_mean_over_tasks_is_that_of_the_curves() -> None:
    tasks = [np.array([0.0, 1.0, 4.0]), np.array([5.0, 5.5, 7.0, 9.0])]
    interval = over_tasks([Difference.of_pairs(task) for task in tasks]).interval(0.95)
    curve = mean_curve([task[:, None] for task in tasks], [0.0]).iloc[0]
    assert (interval.estimate, interval.low, interval.high) == pytest.approx((curve["estimate"], curve["low"], curve["high"]))


def test_mean_over_one_task_is_its_own() -> None:
    difference = Difference.between(Sample(1.0, 2.0, 5), Sample(0.0, 1.0, 5))
    mean = over_tasks([difference])
    assert (mean.estimate, mean.se, mean.df) == pytest.approx((difference.estimate, difference.se, difference.df))
    with pytest.raises(ValueError, match="no task"):
        over_tasks([])


def test_a_loss_on_one_task_weighs_against_a_gain_on_another() -> None:
    ours, other = [[1.0, 1.1, 0.9], [0.0, 0.1, -0.1]], [[0.0, 0.1, -0.1], [1.0, 1.1, 0.9]]
    assert p_higher_over_tasks([ours, other])[0, 1] == pytest.approx(0.5)


def test_ranks_hold_their_level_among_equals() -> None:
    """Of five equal rules, whose true rank may be any, the first one's interval leaves some out in no more than 5 % of cases."""
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(200):
        samples = list(rng.normal(0, 1, (5, 8)))
        interval = rank_intervals([sample.mean() for sample in samples], p_higher(samples))[0]
        wrong += (interval.low, interval.high) != (1, 5)
    assert wrong <= 18  # of 200: more has a chance of 1 % where the true rate is 5 %
