"""How many runs got to an event, and when: the part of a row that any table of such times has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reports.statistics.rates import rate_interval
from reports.statistics.times import median_time

EVENT = ("n", "reached", "rate", "rate_low", "rate_high", "median", "median_low", "median_high")
"""Its columns."""


def event_row(times: ArrayLike, reached: ArrayLike) -> dict[str, Any]:
    """n, reached, rate, rate_low, rate_high (Wilson, 95 %); median, median_low, median_high (Kaplan–Meier, 95 %).

    Arguments are as `reports.runs.lookup.event_times` gives them. A median of inf lies beyond the runs.
    """
    there = np.asarray(reached, dtype=bool)
    n, successes = there.size, int(there.sum())
    rate, median = rate_interval(successes, n), median_time(times, there)
    values = (n, successes, rate.estimate, rate.low, rate.high, median.estimate, median.low, median.high)
    return dict(zip(EVENT, values, strict=True))
