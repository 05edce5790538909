"""The statistics of the reports against known values; test_statistics_calibration.py holds them against simulations."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
from scipy import stats

from reports.statistics.inference import (
    Difference,
    Sample,
    equal_rates,
    equivalent,
    holm,
    log_rank,
    mean_interval,
    median_time,
    ordering,
    prediction_interval,
    probability_of_earlier,
    probability_of_improvement,
    rate_difference,
    rate_interval,
    rate_within,
    standard_deviation,
    survival_curve,
    verdict,
    within,
)
from reports.statistics.power import (
    chance_of_decision,
    chance_of_verdict,
    seeds_to_settle,
    seeds_to_settle_rates,
    seeds_to_settle_share,
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


def test_mean_interval_is_the_t_interval() -> None:
    values = [4.1, 5.0, 5.2, 6.3]
    ours = mean_interval(values)
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
    assert math.isnan(mean_interval([1.0]).low)


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


def test_log_rank_on_freireich() -> None:
    treated = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    p = log_rank(treated, relapse, placebo, [1] * 21)
    assert p == pytest.approx(stats.chi2.sf(16.79, 1), rel=0.02)  # the published statistic
    later, earlier = (log_rank(treated, relapse, placebo, [1] * 21, side) for side in ("later", "earlier"))
    assert (later, earlier) == pytest.approx((p / 2, 1 - p / 2))
    assert math.isnan(log_rank([5, 5], [0, 0], [5], [0]))


def test_welch_against_scipy() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(1, 1, 8), rng.normal(0, 3, 13)
    ours, theirs = Difference.between(Sample.of(a), Sample.of(b)), stats.ttest_ind(a, b, equal_var=False)
    interval, expected = ours.interval(0.9), theirs.confidence_interval(0.9)
    assert (ours.df, ours.p_value()) == pytest.approx((theirs.df, theirs.pvalue))
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    greater = stats.ttest_ind(a, b, equal_var=False, alternative="greater").pvalue
    assert ours.p_value("greater") == pytest.approx(greater)


def test_welch_at_the_edges() -> None:
    one = Difference.between(Sample.of([1.0]), Sample.of([1.0, 2.0]))
    assert math.isnan(one.interval(0.9).low)
    constant = Difference.between(Sample.of([2.0, 2.0]), Sample.of([1.0, 1.0]))
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

    def decide(mean: float, sd: float, n: int) -> str:
        difference = Difference.between(Sample(mean, sd, n), published)
        return verdict(equivalent(difference, 10.0), difference.p_value())

    assert decide(100, 10, 50) == "AGREES"
    assert decide(150, 10, 10) == "DIFFERS"
    assert decide(100, 30, 5) == "INCONCLUSIVE"  # not significantly different, and yet no agreement
    assert decide(106, 1, 50) == "INCONCLUSIVE"
    assert verdict(False, adjusted_p=0.2) == "INCONCLUSIVE"
    assert not equivalent(Difference.between(Sample.of([100.0]), published), 10.0)  # one run shows nothing


def test_prediction_of_a_further_mean() -> None:
    values = [4.0, 6.0, 5.0, 9.0]
    predicted = prediction_interval(values, 10)
    half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) * math.sqrt(1 / 4 + 1 / 10)
    assert (predicted.low, predicted.estimate, predicted.high) == pytest.approx((6 - half, 6, 6 + half))
    assert math.isnan(prediction_interval([1.0], 10).low)
    alike = Difference.from_further_mean(Sample(6.0, 0.1, 4), 5.0, 10, sd=2.0)
    assert (alike.se, alike.df) == pytest.approx((math.sqrt(0.1**2 / 4 + 2.0**2 / 10), 3))
    assert Difference.from_further_mean(Sample(6.0, 3.0, 4), 5.0, 10, sd=2.0).se == pytest.approx(3 * math.sqrt(1 / 4 + 1 / 10))
    nearly_all = prediction_interval(values, 10**9)  # the mean of endlessly many runs is the true one
    assert (nearly_all.low, nearly_all.high) == pytest.approx((mean_interval(values).low, mean_interval(values).high))


def test_a_reading_error_brings_a_difference_nearer_to_zero() -> None:
    difference = Difference(-0.5, 0.1, 9.0)
    assert difference.shrunk(0.2).estimate == pytest.approx(-0.3)
    assert difference.shrunk(0.7).estimate == 0
    assert difference.shrunk(0.7).p_value() == 1
    assert difference.p_value("less") == pytest.approx(difference.p_value() / 2)


def test_newcombe_against_the_published_example() -> None:
    """56 of 70 against 48 of 80: Newcombe (1998), example (a), method 10."""
    rates = rate_difference(56, 70, 48, 80)
    assert (rates.estimate, rates.low, rates.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    nothing = rate_difference(0, 10, 0, 10)
    assert (nothing.estimate, nothing.low, nothing.high) == pytest.approx((0, -0.2775, 0.2775), abs=1e-4)


def test_rates_by_exact_tests() -> None:
    assert equal_rates(0, 10, 10, 10) == pytest.approx(2 / math.comb(20, 10))
    assert equal_rates(10, 10, 10, 10) == 1
    assert rate_within(5, 10, 0.4, 0.6) == 1
    assert rate_within(10, 10, 0.0, 0.5) == pytest.approx(0.5**10)
    assert rate_within(0, 10, 0.5, 1.0) == pytest.approx(0.5**10)


@pytest.mark.parametrize(("n", "expected"), [(10, 0.39), (50, 0.72)])
def test_chance_of_a_verdict_is_the_simulated_one(n: int, expected: float) -> None:
    equal = Difference.between(Sample(0.0, 1.0, n), Sample(0.0, 1.0, 10))
    assert chance_of_verdict(equal, -1.0, 1.0) == pytest.approx(expected, abs=0.035)
    assert chance_of_verdict(Difference(1.0, 0.0, 3.0), -0.5, 0.5) == 1  # without any spread nothing is left to chance


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-1.0, math.inf), (0.0, 0.0)])
@pytest.mark.parametrize("true", [-2.5, -0.2, 0.4, 2.5])
def test_chance_of_a_verdict_has_a_sign(true: float, low: float, high: float) -> None:
    """By simulation; where being larger is agreement too, only a smaller value can differ."""
    rng, tests, n = np.random.default_rng(12), 5, 12
    ours, other = rng.normal(true, 1.0, (3000, n)), rng.normal(0.0, 1.0, (3000, n))
    differences = [Difference.between(Sample.of(a), Sample.of(b)) for a, b in zip(ours, other, strict=True)]
    agrees = [within(difference.interval(0.9), low, high) for difference in differences]
    side: Literal["less", "two-sided"] = "less" if math.isinf(high) else "two-sided"
    differs = [difference.p_value(side) * tests < 0.05 for difference in differences]
    expected = max(np.mean(agrees), np.mean(differs))
    spread = Difference(true, math.sqrt(2 / n), 2.0 * (n - 1))
    assert chance_of_verdict(spread, low, high, tests) == pytest.approx(expected, abs=0.05)


def test_seeds_to_settle_is_the_first_number_with_that_power() -> None:
    def seeds(mean: float, published: Sample, margin: float) -> float:
        return seeds_to_settle(lambda n: Difference.between(Sample(mean, 1.0, n), published), -margin, margin)

    published = Sample(0.1, 1.0, 200)
    needed = int(seeds(0.0, published, 0.6))
    chances = [chance_of_verdict(Difference.between(Sample(0.0, 1.0, n), published), -0.6, 0.6) for n in (needed - 1, needed)]
    assert chances[0] < 0.8 <= chances[1]
    assert seeds(0.0, Sample(0.0, 1.0, 10), 0.5) == math.inf  # the paper's ten will not do
    assert seeds(3.0, Sample(0.0, 1.0, 10), 0.5) < 10  # soon found to differ


def test_seeds_to_settle_rates() -> None:
    assert seeds_to_settle_rates(1.0, 10, 10, 0.25) <= 10
    assert seeds_to_settle_rates(0.5, 5, 10, 0.1) == math.inf  # the ten of the paper are too few
    assert seeds_to_settle_share(0.9, 0.0, 0.5) < 20
    assert 100 < seeds_to_settle_share(0.4, 0.0, 0.5) < 200


@pytest.mark.parametrize(("share", "low", "high"), [(0.6, 0.0, 0.5), (0.6, 0.3, 0.7)])
def test_seeds_to_settle_a_share_give_a_verdict_four_times_in_five(share: float, low: float, high: float) -> None:
    needed = int(seeds_to_settle_share(share, low, high))

    def decided(successes: int, n: int) -> bool:
        return within(rate_interval(successes, n, 0.9), low, high) or rate_within(successes, n, low, high) < 0.05

    for n, expected in ((needed, 0.8), (needed // 2, 0.7)):
        successes = np.arange(n + 1)
        chance = stats.binom.pmf(successes, n, share) @ np.array([decided(int(k), n) for k in successes])
        assert chance_of_decision(share, n, decided) == pytest.approx(chance, abs=0.01)
        assert chance >= expected - 0.01 if n == needed else chance < expected


def test_orderings() -> None:
    assert ordering(True, 0.01) == "HOLDS"
    assert ordering(False, 0.01) == "REVERSED"
    assert ordering(True, 0.06) == ordering(False, 0.06) == "INCONCLUSIVE"


def test_probability_of_improvement() -> None:
    assert probability_of_improvement([2, 3], [1, 3]).estimate == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    surely = probability_of_improvement(range(10, 20), range(10))
    assert surely.estimate == surely.high == 1
    assert 0.7 < surely.low < 0.9  # no interval of width 0 at ten runs
    never = probability_of_improvement(range(10), range(10, 20))
    assert (never.low, never.high) == pytest.approx((0, 1 - surely.low))


def test_probability_of_getting_there_earlier() -> None:
    def earlier(a: list[int], a_reached: list[int], b: list[int], b_reached: list[int]) -> float:
        return probability_of_earlier(a, a_reached, b, b_reached).estimate

    assert earlier([1, 2], [1, 1], [3, 4], [1, 1]) == 1
    assert earlier([1, 9], [1, 0], [3, 9], [1, 0]) == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert earlier([5], [0], [9], [1]) == 0.5  # censored before the other got there: nobody knows
    assert earlier([9], [1], [9], [0]) == 1  # censored at that episode: certainly later
    assert earlier([9], [0], [9], [0]) == 0.5
