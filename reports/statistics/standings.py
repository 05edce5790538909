"""Ranks of several rules, with what is known of them from few runs, and means over several tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy  # whose parts are imported as they are used
from numpy.typing import ArrayLike, NDArray

from reports.statistics.comparison import Comparison
from reports.statistics.inference import Difference, Interval
from reports.statistics.multiplicity import holm


def over_tasks(differences: Sequence[Difference]) -> Difference:
    """Mean of independent differences, one a task, with Satterthwaite's degrees of freedom.

    Has no standard error where one of them has none. Raises ValueError for none at all.
    """
    if not differences:
        raise ValueError("a mean over no task")
    count = len(differences)
    variances = np.array([difference.se for difference in differences]) ** 2 / count**2
    freedom = np.array([difference.df for difference in differences])
    total, spread = float(variances.sum()), float((variances**2 / freedom).sum())
    mean = float(np.mean([difference.estimate for difference in differences]))
    return Difference(mean, math.sqrt(total), math.inf if spread == 0 else total**2 / spread)


def p_higher(samples: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """One-sided p of sample i not lying higher than sample j, [m, m], by `Comparison`; nan for i = j."""
    return _pairwise([[sample] for sample in samples], by_ranks=True)


def p_higher_over_tasks(samples: Sequence[Sequence[ArrayLike]]) -> NDArray[np.float64]:
    """One-sided p of rule i not having the higher mean over tasks than rule j, [m, m]; nan for i = j.

    `samples` holds, for each rule, a sample for each task, in one order.
    """
    return _pairwise(samples, by_ranks=False)


def rank_intervals(means: ArrayLike, p: ArrayLike, confidence: float = 0.95) -> list[Interval]:
    """Rank of each rule by its mean, the highest being first, with the ranks that its true mean may have.

    `p` is as `p_higher` gives it. A rule's rank lies below those of all that are significantly higher than it, and above those of
    all that it is significantly higher than. Holm's adjustment over both sides of its own comparisons makes each interval hold at
    `confidence` by itself (Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic Studies 91:476). Equal means share the
    better rank.
    """
    values, higher = np.asarray(means, dtype=float), np.asarray(p, dtype=float)
    count, alpha = len(values), 1 - confidence
    found = []
    for own, rank in enumerate(scipy.stats.rankdata(-values, method="min")):
        others = [other for other in range(count) if other != own]
        adjusted = np.array(holm([*higher[others, own], *higher[own, others]]))
        ahead, behind = int((adjusted[: count - 1] <= alpha).sum()), int((adjusted[count - 1 :] <= alpha).sum())
        found.append(Interval(float(rank), 1.0 + ahead, float(count - behind)))
    return found


def _pairwise(samples: Sequence[Sequence[ArrayLike]], by_ranks: bool) -> NDArray[np.float64]:
    p = np.full((len(samples), len(samples)), math.nan)
    for i, ours in enumerate(samples):
        for j, other in enumerate(samples):
            if i != j:
                pairs = [Comparison.of(x, y) for x, y in zip(ours, other, strict=True)]
                if by_ranks:
                    p[i, j] = pairs[0].above(0.0)
                else:
                    p[i, j] = over_tasks([pair.difference for pair in pairs]).above(0.0)
    return p
