"""Several tests together: Holm's adjustment and the false discovery rate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy  # whose parts are imported as they are used


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment; nan stays nan and does not count as a test."""
    p = np.asarray(p_values, dtype=float)
    order = [int(i) for i in np.argsort(p, kind="stable") if not math.isnan(p[i])]
    adjusted = np.full(p.size, math.nan)
    worst = 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, float(p[i]) * (len(order) - rank)))
        adjusted[i] = worst
    return [float(value) for value in adjusted]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's q: the share of false ones to expect among all tests that are no less clear; nan stays nan."""
    p = np.asarray(p_values, dtype=float)
    tested, q = ~np.isnan(p), np.full(p.size, math.nan)
    if tested.any():
        q[tested] = scipy.stats.false_discovery_control(p[tested])
    return [float(value) for value in q]
