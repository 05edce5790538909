"""How many seeds would lead to a verdict, if means, deviations and shares are what they look like now.

The level of a test is divided by the number of tests of the paper, which is Bonferroni's adjustment: a verdict by Holm's needs no
more seeds than this, and often fewer.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy  # whose parts are imported as they are used

from reports.statistics.inference import Difference, equal_rates, rate_difference, rate_interval, rate_within, within

MOST_SEEDS = 100_000
"""Beyond this many seeds a verdict is called out of reach."""
ALPHA = 0.05
POWER = 0.8
"""Chance of a verdict that is asked for."""
_OUTCOMES = 200
"""Equally likely numbers of successful runs of which a chance is made up."""


def chance_of_verdict(difference: Difference, low: float, high: float, tests: int = 1) -> float:
    """Chance of a verdict on samples that look like this, about a claim that the true difference lies in [low, high].

    The larger of the chances of AGREES and of DIFFERS, by the shifted t approximation. high = inf: being larger is agreement too,
    and only a smaller one can differ. low = high = 0: of two values that are said to be in order; a significant difference of
    either sign is a verdict, and nothing else is.
    """
    if difference.se == 0:
        return float(difference.estimate != 0 or low < high)  # of two values that are always equal none is the larger
    t, shift = scipy.stats.t(difference.df), difference.estimate / difference.se
    reach = float(t.ppf(1 - ALPHA))
    agrees = float(t.cdf(high / difference.se - shift - reach) - t.cdf(low / difference.se - shift + reach))
    one_sided = math.isinf(high)
    critical = float(t.ppf(1 - ALPHA / tests / (1 if one_sided else 2)))
    differs = float(t.cdf(-critical - shift)) + (0.0 if one_sided else float(t.sf(critical - shift)))
    return max(agrees, differs, 0.0)


def seeds_to_settle(at: Callable[[int], Difference], low: float, high: float, tests: int = 1, power: float = POWER) -> float:
    """Fewest seeds n for which the difference `at(n)`, said to lie in [low, high], would give a verdict with chance `power`.

    inf where no number would, because the paper's own runs are too few.
    """

    def enough(n: int) -> bool:
        return chance_of_verdict(at(n), low, high, tests) >= power

    return _fewest(enough)


def seeds_to_settle_rates(
    rate: float, other_successes: int, other_n: int, margin: float, tests: int = 1, power: float = POWER
) -> float:
    """Number of seeds that would give a verdict on a published count of runs with chance `power`, were our true share `rate`."""

    def decided(successes: int, n: int) -> bool:
        ours, other = (successes, n), (other_successes, other_n)
        agrees = within(rate_difference(*ours, *other, confidence=1 - 2 * ALPHA), -margin, margin)
        return agrees or equal_rates(*ours, *other) * tests < ALPHA

    return _runs_to_decide(rate, decided, power)


def seeds_to_settle_share(rate: float, low: float, high: float, tests: int = 1, power: float = POWER) -> float:
    """Number of seeds that would give a verdict on a share in words with chance `power`, were our true share `rate`."""

    def decided(successes: int, n: int) -> bool:
        agrees = within(rate_interval(successes, n, 1 - 2 * ALPHA), low, high)
        return agrees or rate_within(successes, n, low, high) * tests < ALPHA

    return _runs_to_decide(rate, decided, power)


def chance_of_decision(rate: float, n: int, decided: Callable[[int, int], bool]) -> float:
    """Chance that the number of n runs that succeed, each with probability `rate`, is one that decides; right to about .01."""
    quantiles = scipy.stats.binom(n, rate).ppf((np.arange(_OUTCOMES) + 0.5) / _OUTCOMES)
    successes, weight = np.unique(quantiles.astype(int), return_counts=True)
    return int(weight[[decided(int(k), n) for k in successes]].sum()) / _OUTCOMES


def _runs_to_decide(rate: float, decided: Callable[[int, int], bool], power: float) -> float:
    return _fewest(lambda n: chance_of_decision(rate, n, decided) >= power, coarseness=40)


def _fewest(enough: Callable[[int], bool], coarseness: int | None = None) -> float:
    """A number of seeds that is enough where one fewer is not, or one in `coarseness` fewer; inf where `MOST_SEEDS` are not.

    Where a chance rises steadily with the number this is the fewest. With shares of runs, which come in steps, a few runs more
    may have a slightly smaller chance again.
    """
    if not enough(MOST_SEEDS):
        return math.inf
    few, many = 1, 2
    while many < MOST_SEEDS and not enough(many):
        few, many = many, min(2 * many, MOST_SEEDS)
    while many - few > max(1, few // coarseness if coarseness else 1):
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return float(many)
