"""Rank tests against enumeration and scipy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from reports.statistics.ranks import MOST_EXACT, probability_of_improvement, rank_sum, signed_rank


def test_probability_of_improvement() -> None:
    assert probability_of_improvement([2, 3], [1, 3]).estimate == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    surely = probability_of_improvement(range(10, 20), range(10))
    assert surely.estimate == surely.high == 1
    assert 0.7 < surely.low < 0.9  # no interval of width 0 at ten runs
    never = probability_of_improvement(range(10), range(10, 20))
    assert (never.low, never.high) == pytest.approx((0, 1 - surely.low))


def test_rank_sum_against_scipy() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.normal(0.5, 1, 6), rng.normal(0, 1, 9)
    theirs = [stats.mannwhitneyu(x, y, alternative=side, method="exact").pvalue for side in ("greater", "less")]
    assert rank_sum(x, y) == pytest.approx(theirs)


def test_rank_sum_with_ties_counts_all_outcomes() -> None:
    x, y = np.array([1.0, 1, 1, 2, 5]), np.array([1.0, 1, 0, 0, 2, 2])
    ranks = stats.rankdata(np.concatenate([x, y]))
    sums = np.array([ranks[list(chosen)].sum() for chosen in itertools.combinations(range(11), 5)])
    seen = ranks[:5].sum()
    assert rank_sum(x, y) == pytest.approx(((sums >= seen - 1e-9).mean(), (sums <= seen + 1e-9).mean()))
    assert rank_sum([3.0] * 5, [3.0] * 4) == (1.0, 1.0)


def test_beyond_the_most_that_is_counted_the_approximation_joins_on() -> None:
    rng = np.random.default_rng(7)
    x, y = np.round(rng.normal(0.6, 1, MOST_EXACT // 2), 1), np.round(rng.normal(0, 1, MOST_EXACT // 2), 1)
    higher, lower = rank_sum(x, y)
    assert higher == pytest.approx(stats.mannwhitneyu(x, y, alternative="greater", method="asymptotic").pvalue, rel=0.03)
    assert rank_sum(np.append(x, x), np.append(y, y))[0] < higher < 0.5 < lower
    assert rank_sum([3.0] * 50, [3.0] * 50) == (1.0, 1.0)


def test_signed_rank_against_scipy_and_enumeration() -> None:
    d = np.random.default_rng(8).normal(0.4, 1, 9)
    theirs = [stats.wilcoxon(d, alternative=side, method="exact").pvalue for side in ("greater", "less")]
    assert signed_rank(d) == pytest.approx(theirs)
    tied = np.array([1.0, 1, -1, 2, 0, 3])
    ranks = stats.rankdata(np.abs(tied[tied != 0]))
    sums = np.array([ranks[np.array(signs)].sum() for signs in itertools.product([True, False], repeat=5)])
    seen = ranks[tied[tied != 0] > 0].sum()
    assert signed_rank(tied) == pytest.approx(((sums >= seen).mean(), (sums <= seen).mean()))
    assert signed_rank([0.0, 0.0]) == (1.0, 1.0)
