"""Chances of verdicts and numbers of seeds against simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from reports.statistics.inference import Difference, Sample
from reports.statistics.power import (
    chance_above,
    chance_beyond,
    chance_of_verdict,
    chance_within,
    of_difference,
    of_ordering,
    of_rates,
    of_share,
    outcomes,
    seeds_to_settle,
)
from reports.statistics.rates import share_beyond, share_within


@pytest.mark.parametrize(("n", "expected"), [(10, 0.39), (50, 0.72)])
def test_chance_of_agreement_is_the_simulated_one(n: int, expected: float) -> None:
    equal = Difference.between(Sample(0.0, 1.0, n), Sample(0.0, 1.0, 10))
    assert chance_within(equal, -1.0, 1.0, 0.05) == pytest.approx(expected, abs=0.035)
    assert chance_within(Difference(0.4, 0.0, 3.0), -0.5, 0.5, 0.05) == 1  # without any spread nothing is left to chance
    assert chance_beyond(Difference(1.0, 0.0, 3.0), -0.5, 0.5, 0.05) == 1


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-1.0, math.inf)])
@pytest.mark.parametrize("true", [-2.5, -0.2, 0.4, 2.5])
def test_chances_by_simulation(true: float, low: float, high: float) -> None:
    rng, n = np.random.default_rng(12), 12
    ours, other = rng.normal(true, 1.0, (3000, n)), rng.normal(0.0, 1.0, (3000, n))
    differences = [Difference.between(Sample.of(a), Sample.of(b)) for a, b in zip(ours, other, strict=True)]
    spread = Difference(true, math.sqrt(2 / n), 2.0 * (n - 1))
    agrees = np.mean([difference.p_within(low, high) < 0.05 for difference in differences])
    differs = np.mean([difference.p_beyond(low, high) < 0.01 for difference in differences])
    above = np.mean([difference.above(0.5) < 0.025 for difference in differences])
    assert chance_within(spread, low, high, 0.05) == pytest.approx(agrees, abs=0.05)
    assert chance_beyond(spread, low, high, 0.01) == pytest.approx(differs, abs=0.05)
    assert chance_above(spread, 0.5, 0.025) == pytest.approx(above, abs=0.05)


@pytest.mark.parametrize("mean", [0.0, 0.4, 2.6])
def test_what_the_paper_found_stays_as_it_is(mean: float) -> None:
    """Our runs alone are drawn anew: the chance of a verdict is that given the paper's mean."""
    rng, published, n = np.random.default_rng(13), Sample(0.0, 1.0, 10), 30
    found = [Difference.between(Sample.of(ours), published) for ours in rng.normal(mean, 1.0, (3000, n))]
    at = of_difference(lambda n: Difference.between(Sample(mean, 1.0, n), published), -1.0, 1.0, 1.0)(n, 0.05, 0.05)
    assert at.agrees == pytest.approx(np.mean([difference.p_within(-1, 1) < 0.05 for difference in found]), abs=0.06)
    assert at.differs == pytest.approx(np.mean([difference.p_beyond(-1, 1) < 0.05 for difference in found]), abs=0.06)


def seeds(mean: float, published: Sample, margin: float) -> float:
    return seeds_to_settle([of_difference(lambda n: Difference.between(Sample(mean, 1.0, n), published), -margin, margin, 1.0)])


def test_seeds_to_settle_is_the_first_number_with_that_power() -> None:
    published = Sample(0.1, 1.0, 200)
    needed = int(seeds(0.0, published, 0.6))
    part = of_difference(lambda n: Difference.between(Sample(0.0, 1.0, n), published), -0.6, 0.6, 1.0)
    assert chance_of_verdict([part], needed - 1) < 0.8 <= chance_of_verdict([part], needed)
    assert seeds(0.0, Sample(0.0, 1.0, 10), 0.5) == math.inf  # the paper's ten will not do
    assert seeds(3.0, Sample(0.0, 1.0, 10), 0.5) < 10  # soon found to differ


def test_a_sentence_needs_more_seeds_than_each_of_its_parts() -> None:
    def part(true: float) -> object:
        return of_ordering(lambda n: Difference(true, math.sqrt(2 / n), 2.0 * (n - 1)), None)

    alone = seeds_to_settle([part(1.0)])  # type: ignore[list-item]
    assert seeds_to_settle([part(1.0)] * 3) > alone  # type: ignore[list-item]
    assert seeds_to_settle([part(1.0), part(-1.0)]) > alone  # type: ignore[list-item]
    little = of_ordering(lambda n: Difference(0.0, math.sqrt(2 / n), 2.0 * (n - 1)), 0.5)
    assert 50 < seeds_to_settle([little]) < 90  # found to make no difference that matters
    assert seeds_to_settle([part(0.0)]) == math.inf  # type: ignore[list-item]


def test_seeds_to_settle_rates() -> None:
    assert seeds_to_settle([of_rates(1.0, 10, 10, 0.25)]) <= 10
    assert seeds_to_settle([of_rates(0.5, 5, 10, 0.1)]) == math.inf  # the ten of the paper are too few
    assert seeds_to_settle([of_share(0.9, 0.0, 0.5)]) < 20
    assert 100 < seeds_to_settle([of_share(0.4, 0.0, 0.5)]) < 200


@pytest.mark.parametrize(("share", "low", "high"), [(0.62, 0.0, 0.5), (0.6, 0.3, 0.75)])
def test_seeds_to_settle_a_share_give_a_verdict_four_times_in_five(share: float, low: float, high: float) -> None:
    needed = int(seeds_to_settle([of_share(share, low, high)]))
    for n, expected in ((needed, 0.8), (needed // 2, 0.7)):
        successes = np.arange(n + 1)
        chances = stats.binom.pmf(successes, n, share)
        agrees, differs = share_within(successes, n, low, high) < 0.05, share_beyond(successes, n, low, high) < 0.05
        found = of_share(share, low, high)(n, 0.05, 0.05)
        assert (found.agrees, found.differs) == pytest.approx((chances @ agrees, chances @ differs), abs=0.01)
        chance = max(chances @ agrees, chances @ differs)
        assert chance >= expected - 0.01 if n == needed else chance < expected
    places, weights = outcomes(share, 50)
    assert weights @ places == pytest.approx(50 * share, abs=0.5)
