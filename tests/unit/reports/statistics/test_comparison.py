"""Two samples of ours: what the means and the ranks say together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from reports.statistics.comparison import Comparison
from reports.statistics.inference import Difference, Sample


def test_both_tests_must_say_so() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(1, 1, 8), rng.normal(0, 1, 10)
    found = Comparison.of(x, y)
    means = stats.ttest_ind(x, y, equal_var=False, alternative="greater").pvalue
    ranks = stats.mannwhitneyu(x, y, alternative="greater", method="exact").pvalue
    assert found.above(0.0) == pytest.approx(max(means, ranks))
    assert found.below(0.0) > 0.5
    shifted = stats.mannwhitneyu(x - 0.7, y, alternative="greater", method="exact").pvalue
    assert found.above(0.7) >= shifted
    assert found.p_beyond(-0.7, 0.7) == pytest.approx(2 * found.above(0.7))


def test_a_mean_that_a_few_runs_make_is_not_enough() -> None:
    """Nine of ten runs are worse, and one is so much better that the mean is: neither rule does better."""
    mixed, steady = np.array([-1.0] * 9 + [2000.0]) + np.linspace(0, 0.1, 10), np.linspace(-0.05, 0.05, 10)
    found = Comparison.of(mixed, steady)
    assert found.difference.estimate > 0
    assert found.above(0.0) > 0.5
    assert found.below(0.0) > 0.5


def test_pairs() -> None:
    rng = np.random.default_rng(4)
    luck = rng.normal(0, 100, 12)
    x, y = luck + rng.normal(1, 0.5, 12), luck
    paired, apart = Comparison.of(x, y, paired=True), Comparison.of(x, y)
    assert paired.difference == Difference.of_pairs(x - y)
    assert apart.difference == Difference.between(Sample.of(x), Sample.of(y))
    ranks = stats.wilcoxon(x - y, alternative="greater", method="exact").pvalue
    assert paired.above(0.0) == pytest.approx(max(stats.ttest_rel(x, y, alternative="greater").pvalue, ranks))
    assert paired.above(0.0) < 0.01 < 0.2 < apart.above(0.0)
    assert paired.at(48).se == pytest.approx(paired.difference.se / 2)
    with pytest.raises(ValueError, match="12 and 11 runs are no pairs"):
        Comparison.of(x, y[:11], paired=True)
