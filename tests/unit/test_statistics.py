"""The statistics of the reports against known values and against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from reports.statistics import (
    Sample,
    Welch,
    agreement,
    holm,
    log_rank,
    mean_interval,
    median_time,
    ordering,
    probability_of_improvement,
    rate_interval,
    seeds_to_settle,
    standard_deviation,
    survival_curve,
    verdict_power,
)


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


def test_mean_interval_is_the_t_interval_and_covers() -> None:
    values = [4.1, 5.0, 5.2, 6.3]
    ours = mean_interval(values)
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
    assert math.isnan(mean_interval([1.0]).low)
    samples = np.random.default_rng(1).normal(3, 2, (2000, 5))
    covered = np.mean([interval.low <= 3 <= interval.high for interval in map(mean_interval, samples)])
    assert covered == pytest.approx(0.95, abs=0.015)


def test_wilson_interval_against_its_closed_form() -> None:
    n, z = 10, 1.959964
    centre = (0.3 + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(0.3 * 0.7 / n + z**2 / (4 * n**2))
    rate = rate_interval(3, n)
    assert (rate.estimate, rate.low, rate.high) == pytest.approx((0.3, centre - half, centre + half), abs=1e-6)
    assert rate_interval(0, 10).low == 0
    assert rate_interval(10, 10).high == 1


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


def test_median_interval_covers() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(400):
        times, censored_at = rng.exponential(100, 20), rng.uniform(50, 400, 20)
        interval = median_time(np.minimum(times, censored_at), times <= censored_at)
        covered += interval.low <= 100 * math.log(2) <= interval.high
    assert covered / 400 == pytest.approx(0.95, abs=0.03)


def test_log_rank_on_freireich() -> None:
    treated = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    p = log_rank(treated, relapse, placebo, [1] * 21)
    assert p == pytest.approx(stats.chi2.sf(16.79, 1), rel=0.02)  # the published statistic
    assert math.isnan(log_rank([5, 5], [0, 0], [5], [0]))


def test_welch_against_scipy() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(1, 1, 8), rng.normal(0, 3, 13)
    ours, theirs = Welch.between(Sample.of(a), Sample.of(b)), stats.ttest_ind(a, b, equal_var=False)
    interval, expected = ours.interval(0.9), theirs.confidence_interval(0.9)
    assert (ours.df, ours.p_value()) == pytest.approx((theirs.df, theirs.pvalue))
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    greater = stats.ttest_ind(a, b, equal_var=False, alternative="greater").pvalue
    assert ours.p_value("greater") == pytest.approx(greater)


def test_welch_at_the_edges() -> None:
    one = Welch.between(Sample.of([1.0]), Sample.of([1.0, 2.0]))
    assert math.isnan(one.interval(0.9).low)
    constant = Welch.between(Sample.of([2.0, 2.0]), Sample.of([1.0, 1.0]))
    assert (constant.p_value(), constant.p_value("greater"), constant.interval(0.9).low) == (0, 0, 1)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    adjusted = holm([0.02, math.nan, 0.03])
    assert adjusted[0] == pytest.approx(0.04)
    assert math.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)


def test_verdicts() -> None:
    published = Sample.published(100.0, 10.0, 10, ddof=0)

    def verdict(mean: float, sd: float, n: int) -> str:
        welch = Welch.between(Sample(mean, sd, n), published)
        return agreement(welch, 10.0, welch.p_value())

    assert verdict(100, 10, 50) == "AGREES"
    assert verdict(150, 10, 10) == "DIFFERS"
    assert verdict(100, 30, 5) == "INCONCLUSIVE"  # not significantly different, and yet no agreement
    assert verdict(106, 1, 50) == "INCONCLUSIVE"
    assert agreement(Welch(150.0, 1.0, 18.0), 10.0, adjusted_p=0.2) == "INCONCLUSIVE"  # not after Holm's adjustment


def test_agreement_is_wrong_in_five_per_cent_at_the_margin() -> None:
    rng = np.random.default_rng(4)
    ours, theirs = rng.normal(1.0, 1, (4000, 30)), rng.normal(0, 1, (4000, 30))
    wrong = np.mean(
        [agreement(Welch.between(Sample.of(a), Sample.of(b)), 1.0, 1.0) == "AGREES" for a, b in zip(ours, theirs, strict=True)]
    )
    assert wrong == pytest.approx(0.05, abs=0.012)


@pytest.mark.parametrize(("n", "expected"), [(10, 0.39), (50, 0.72)])
def test_power_at_one_standard_deviation(n: int, expected: float) -> None:
    """Ten runs of the paper: simulated, and as the shifted t approximation has it."""
    rng = np.random.default_rng(5)
    ours, theirs = rng.normal(0, 1, (2000, n)), rng.normal(0, 1, (2000, 10))
    agreed = np.mean(
        [agreement(Welch.between(Sample.of(a), Sample.of(b)), 1.0, 1.0) == "AGREES" for a, b in zip(ours, theirs, strict=True)]
    )
    assert agreed == pytest.approx(expected, abs=0.035)
    standard = Sample(0.0, 1.0, 10)
    assert verdict_power(standard, standard, 1.0, n) == pytest.approx(expected, abs=0.035)


def test_seeds_to_settle_is_the_first_number_with_that_power() -> None:
    ours, published = Sample(0.0, 1.0, 10), Sample(0.1, 1.0, 200)
    seeds = seeds_to_settle(ours, published, 0.6)
    assert verdict_power(ours, published, 0.6, int(seeds)) >= 0.8
    assert verdict_power(ours, published, 0.6, int(seeds) - 1) < 0.8
    assert seeds_to_settle(Sample(0.0, 1.0, 10), Sample(0.0, 1.0, 10), 0.5) == math.inf  # the paper's ten will not do
    assert seeds_to_settle(Sample(3.0, 1.0, 10), Sample(0.0, 1.0, 10), 0.5) < 10  # soon found to differ


def test_orderings() -> None:
    assert ordering(0.01, 0.99) == "HOLDS"
    assert ordering(0.99, 0.01) == "REVERSED"
    assert ordering(0.3, 0.7) == "INCONCLUSIVE"


def test_probability_of_improvement() -> None:
    assert probability_of_improvement([2, 3], [1, 3]).estimate == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    surely = probability_of_improvement(range(10, 20), range(10))
    assert surely.estimate == surely.high == 1
    assert 0.7 < surely.low < 0.9  # no interval of width 0 at ten runs
    never = probability_of_improvement(range(10), range(10, 20))
    assert (never.low, never.high) == pytest.approx((0, 1 - surely.low))


def test_probability_of_improvement_covers() -> None:
    rng = np.random.default_rng(6)
    true = float(stats.norm.cdf(1 / math.sqrt(2)))
    covered = 0
    for _ in range(600):
        interval = probability_of_improvement(rng.normal(1, 1, 10), rng.normal(0, 1, 10))
        covered += interval.low <= true <= interval.high
    assert covered / 600 == pytest.approx(0.95, abs=0.025)
