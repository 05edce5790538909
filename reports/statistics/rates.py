"""Shares of runs that get somewhere, and how sure one can be of them from a few runs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy  # whose parts are imported as they are used
from numpy.typing import ArrayLike, NDArray

from reports.statistics.inference import Interval

Floats = NDArray[np.float64]


def rate_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """A share of n runs with its Wilson score interval."""
    low, high = wilson(successes, n, confidence)
    return Interval(successes / n, float(low), float(high))


def rate_difference(successes: int, n: int, other_successes: int, other_n: int, confidence: float = 0.95) -> Interval:
    """Difference of two shares of runs with Newcombe's interval, made of the Wilson intervals of both.

    Method 10 of Newcombe (1998, Statistics in Medicine 17:873).
    """
    low, high = newcombe(successes, n, other_successes, other_n, confidence)
    return Interval(successes / n - other_successes / other_n, float(low), float(high))


def wilson(successes: ArrayLike, n: int, confidence: float) -> tuple[Floats, Floats]:
    """Bounds of the Wilson score interval of each number of successes among n runs."""
    share, z = np.asarray(successes, dtype=float) / n, float(scipy.stats.norm.ppf((1 + confidence) / 2))
    centre, half = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return np.clip((centre - half) / scale, 0.0, share), np.clip((centre + half) / scale, share, 1.0)


def newcombe(successes: ArrayLike, n: int, other_successes: int, other_n: int, confidence: float) -> tuple[Floats, Floats]:
    """Bounds of Newcombe's interval of the difference to another share, for each number of successes among n runs."""
    share, other = np.asarray(successes, dtype=float) / n, other_successes / other_n
    low, high = wilson(successes, n, confidence)
    other_low, other_high = wilson(other_successes, other_n, confidence)
    below, above = np.hypot(share - low, other_high - other), np.hypot(high - share, other - other_low)
    return share - other - below, share - other + above


def share_within(successes: ArrayLike, n: int, low: float, high: float) -> Floats:
    """Exact p of the true share lying outside [low, high]: two one-sided binomial tests (none at 0 or 1)."""
    k = np.asarray(successes)
    above = scipy.stats.binom.sf(k - 1, n, low) if low > 0 else np.zeros(k.shape)
    below = scipy.stats.binom.cdf(k, n, high) if high < 1 else np.zeros(k.shape)
    return np.maximum(above, below)


def share_beyond(successes: ArrayLike, n: int, low: float, high: float) -> Floats:
    """Exact p of the true share lying in [low, high], where either side counts twice."""
    k = np.asarray(successes)
    above, below = scipy.stats.binom.sf(k - 1, n, high), scipy.stats.binom.cdf(k, n, low)
    return np.minimum(1.0, 2 * np.minimum(above, below))


def difference_within(successes: int, n: int, other_successes: int, other_n: int, margin: float) -> float:
    """p of two true shares being further apart than `margin`: below .05 where Newcombe's 90 % interval lies within ± margin."""

    def room(level: float) -> float:
        low, high = newcombe(successes, n, other_successes, other_n, 1 - 2 * level)
        return float(min(low + margin, margin - high))

    return _least_level(room, 0.5)


def difference_beyond(successes: int, n: int, other_successes: int, other_n: int, margin: float) -> float:
    """p of two true shares being within `margin`: below .05 where Newcombe's 95 % interval lies wholly outside ± margin."""

    def room(level: float) -> float:
        low, high = newcombe(successes, n, other_successes, other_n, 1 - level)
        return float(max(low - margin, -margin - high))

    return _least_level(room, 1.0)


def _least_level(room: Callable[[float], float], most: float) -> float:
    """The level at which an interval, which is the narrower the higher it is, begins to have room; 1 where it never has."""
    least = 1e-12
    if room(most - least) <= 0:
        return 1.0
    if room(least) > 0:
        return least
    return math.exp(scipy.optimize.brentq(lambda log: room(math.exp(log)), math.log(least), math.log(most - least)))
