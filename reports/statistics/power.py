"""How many seeds would lead to a verdict, if means, deviations and shares are what they look like now.

The levels are those of the verdict itself: an agreement of every part, or a difference of one at its share of the sentence's
level (Bonferroni's adjustment, which needs no fewer seeds than Holm's).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import scipy  # whose parts are imported as they are used
from numpy.typing import NDArray

from reports.statistics.decisions import ALPHA, Evidence, Prospect
from reports.statistics.inference import Difference
from reports.statistics.rates import newcombe, share_beyond, share_within

MOST_SEEDS = 100_000
"""Beyond this many seeds a verdict is called out of reach."""
POWER = 0.8
"""Chance of a verdict that is asked for."""
_OUTCOMES = 200
"""Equally likely numbers of successful runs of which a chance is made up."""
_COARSENESS = 40
"""Numbers of seeds are found to one part in so many."""


def of_difference(at: Callable[[int], Difference], low: float, high: float, sd: float | None = None) -> Prospect:
    """Chances of a claim that the true difference lies in [low, high], from what the difference would be `at` n of our runs.

    `sd` is the deviation of our runs, where the other side is a published number: that one stays as it is, though its standard
    error counts. None: both sides are ours, and run anew.
    """

    def prospect(n: int, level: float, differing: float) -> Evidence:
        difference, own = at(n), None if sd is None else sd / math.sqrt(n)
        return Evidence(chance_within(difference, low, high, level, own), chance_beyond(difference, low, high, differing, own))

    return prospect


def of_ordering(at: Callable[[int], Difference], margin: float | None) -> Prospect:
    """Chances of a claim that the difference lies above 0, where one within ± margin does not matter (none: any one does).

    By the test of the means alone: that of the ranks, which must say the same, needs a twentieth more normal ones.
    """
    least = margin or 0.0

    def prospect(n: int, level: float, differing: float) -> Evidence:
        difference = at(n)
        agrees, differs = chance_above(difference, 0.0, level / 2), chance_above(_turned(difference), least, differing / 2)
        return Evidence(agrees, differs, chance_within(difference, -least, least, level) if margin else math.nan)

    return prospect


def of_share(rate: float, low: float, high: float) -> Prospect:
    """Chances of a claim that the share of our runs that get there lies in [low, high], were it `rate`."""

    def prospect(n: int, level: float, differing: float) -> Evidence:
        k, weights = outcomes(rate, n)
        agrees, differs = share_within(k, n, low, high) < level, share_beyond(k, n, low, high) < differing
        return Evidence(float(weights[agrees].sum()), float(weights[differs].sum()))

    return prospect


def of_rates(rate: float, other_successes: int, other_n: int, margin: float) -> Prospect:
    """Chances of a claim that our share of runs is within `margin` of a published count, were ours `rate`."""

    def prospect(n: int, level: float, differing: float) -> Evidence:
        k, weights = outcomes(rate, n)
        low, high = newcombe(k, n, other_successes, other_n, 1 - 2 * level)
        wide_low, wide_high = newcombe(k, n, other_successes, other_n, 1 - differing)
        agrees, differs = (low > -margin) & (high < margin), (wide_low > margin) | (wide_high < -margin)
        return Evidence(float(weights[agrees].sum()), float(weights[differs].sum()))

    return prospect


def chance_within(difference: Difference, low: float, high: float, level: float, own: float | None = None) -> float:
    """Chance that two one-sided tests at `level` put such a difference within [low, high], by the shifted t approximation.

    `own` is how much its estimate will vary: its standard error (none), or a part of it, if the other part is given.
    """
    spread = difference.se if own is None else own
    if difference.se == 0:
        return float(low < difference.estimate < high)
    t = scipy.stats.t(difference.df)
    reach = float(t.ppf(1 - level)) * difference.se
    if spread == 0:
        return float(low + reach < difference.estimate < high - reach)
    upper, lower = ((bound - difference.estimate) / spread for bound in (high - reach, low + reach))
    return max(0.0, float(t.cdf(upper) - t.cdf(lower)))


def chance_beyond(difference: Difference, low: float, high: float, level: float, own: float | None = None) -> float:
    """Chance that the interval of such a difference at 1 − level lies wholly outside [low, high]; `own` as in `chance_within`."""
    above, below = chance_above(difference, high, level / 2, own), chance_above(_turned(difference), -low, level / 2, own)
    return min(1.0, above + below)


def chance_above(difference: Difference, value: float, level: float, own: float | None = None) -> float:
    """Chance that a one-sided test at `level` puts such a difference above `value`; `own` as in `chance_within`."""
    spread = difference.se if own is None else own
    if difference.se == 0:
        return float(difference.estimate > value)
    t = scipy.stats.t(difference.df)
    needed = value + float(t.ppf(1 - level)) * difference.se - difference.estimate
    return float(t.sf(needed / spread)) if spread else float(needed < 0)


def outcomes(rate: float, n: int) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
    """How many of n runs may succeed, each with probability `rate`, and the chance of each number; right to about .01."""
    quantiles = scipy.stats.binom(n, rate).ppf((np.arange(_OUTCOMES) + 0.5) / _OUTCOMES)
    successes, weight = np.unique(quantiles.astype(int), return_counts=True)
    return successes, weight / _OUTCOMES


def chance_of_verdict(parts: Sequence[Prospect], n: int, alpha: float = ALPHA) -> float:
    """Chance of a verdict on a sentence from n of our runs: of the likeliest of the three, its parts taken as independent."""
    chances = [part(n, alpha, alpha / len(parts)) for part in parts]
    agrees = math.prod(chance.agrees for chance in chances)
    differs = max(chance.differs for chance in chances)
    irrelevant = [0.0 if math.isnan(chance.irrelevant) else chance.irrelevant for chance in chances]
    settled = math.prod(max(chance.agrees, other) for chance, other in zip(chances, irrelevant, strict=True))
    return max(agrees, differs, settled if any(irrelevant) else 0.0)


def seeds_to_settle(parts: Sequence[Prospect], alpha: float = ALPHA, power: float = POWER) -> float:
    """Fewest seeds, to one part in 40, that give a verdict on a sentence with chance `power`; inf where `MOST_SEEDS` do not.

    Where a chance rises steadily with the number this is the fewest. With shares of runs, which come in steps, a few runs more
    may have a slightly smaller chance again.
    """

    def enough(n: int) -> bool:
        return chance_of_verdict(parts, n, alpha) >= power

    if not enough(MOST_SEEDS):
        return math.inf
    few, many = 1, 2
    while many < MOST_SEEDS and not enough(many):
        few, many = many, min(2 * many, MOST_SEEDS)
    while many - few > max(1, few // _COARSENESS):
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return float(many)


def _turned(difference: Difference) -> Difference:
    return Difference(-difference.estimate, difference.se, difference.df)
