"""How many seeds would lead to a verdict, if means, deviations and shares are what they look like now."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import stats

from reports.statistics import Difference, equal_rates, rate_difference, rate_interval, rate_within, within

MOST_SEEDS = 100_000
"""Beyond this many seeds a verdict is called out of reach."""


def chance_of_verdict(difference: Difference, margin: float, tests: int = 1, alpha: float = 0.05, sides: int = 2) -> float:
    """Chance of a verdict on samples that look like this.

    The larger of the chances of AGREES (within ± margin; never where the margin is 0) and of DIFFERS (at alpha / tests, one- or
    two-sided), by the shifted t approximation.
    """
    if difference.se == 0:
        return 1.0
    shift, room = abs(difference.estimate) / difference.se, margin / difference.se
    t = stats.t(difference.df)
    t_agree = float(t.ppf(1 - alpha))
    agrees = float(t.cdf(room - shift - t_agree) + t.cdf(room + shift - t_agree)) - 1
    differs = float(t.cdf(shift - float(t.ppf(1 - alpha / tests / sides))))
    return max(agrees, differs, 0.0)


def seeds_to_settle(at: Callable[[int], Difference], margin: float, tests: int = 1, power: float = 0.8, sides: int = 2) -> float:
    """Fewest seeds n for which the difference `at(n)` would give a verdict with chance `power`.

    inf where no number would, because the paper's own runs are too few.
    """
    return _fewest(lambda n: chance_of_verdict(at(n), margin, tests, sides=sides) >= power)


def seeds_to_settle_rates(rate: float, other_successes: int, other_n: int, margin: float, tests: int = 1) -> float:
    """Fewest seeds that would give a verdict on a published count of runs, did our share of runs stay what it is."""

    def enough(n: int) -> bool:
        ours, other = (round(rate * n), n), (other_successes, other_n)
        agrees = within(rate_difference(*ours, *other, confidence=0.9), -margin, margin)
        return agrees or equal_rates(*ours, *other) * tests < 0.05

    return _fewest(enough)


def seeds_to_settle_share(rate: float, low: float, high: float, tests: int = 1) -> float:
    """Fewest seeds that would give a verdict on a share in words, did our share of runs stay what it is."""

    def enough(n: int) -> bool:
        successes = round(rate * n)
        return within(rate_interval(successes, n, 0.9), low, high) or rate_within(successes, n, low, high) * tests < 0.05

    return _fewest(enough)


def _fewest(enough: Callable[[int], bool]) -> float:
    """The first n that is enough, where all beyond it are too; inf where not even `MOST_SEEDS` are."""
    if not enough(MOST_SEEDS):
        return math.inf
    low, high = 1, MOST_SEEDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)
