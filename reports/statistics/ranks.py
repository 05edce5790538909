"""Who does better more often: tests and intervals that rest on the order of the runs alone."""

from __future__ import annotations

import math

import numpy as np
import scipy  # whose parts are imported as they are used
from numpy.typing import ArrayLike, NDArray

from reports.statistics.inference import Interval

MOST_EXACT = 80
"""Runs of both sides together up to which a rank-sum test counts all outcomes; beyond it, the normal approximation is used."""


def rank_sum(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Exact Mann–Whitney test of equal distributions: one-sided p of x not lying higher than y, and of x not lying lower.

    Ties have their mean rank, and all ways to deal the ranks out are counted (scipy's exact form takes no ties, which runs that
    fail alike are). Right at any number of runs, whatever the distribution is.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if a.size + b.size > MOST_EXACT:
        sides = (scipy.stats.mannwhitneyu(a, b, alternative=side, method="asymptotic") for side in ("greater", "less"))
        higher, lower = (1.0 if math.isnan(test.pvalue) else float(test.pvalue) for test in sides)
        return higher, lower
    doubled = np.rint(2 * scipy.stats.rankdata(np.concatenate([a, b]))).astype(int)
    return _tails(_subset_sums(doubled, a.size), int(doubled[: a.size].sum()))


def signed_rank(differences: ArrayLike) -> tuple[float, float]:
    """Exact Wilcoxon test of pairs: one-sided p of the differences not lying above 0, and of their not lying below.

    Pairs without a difference say nothing and are left out; ties have their mean rank.
    """
    d = np.asarray(differences, dtype=float)
    d = d[d != 0]
    if not d.size:
        return 1.0, 1.0
    doubled = np.rint(2 * scipy.stats.rankdata(np.abs(d))).astype(int)
    chances = np.zeros(int(doubled.sum()) + 1)
    chances[0] = 1.0
    for rank in doubled:  # each sign is as likely as the other
        chances[rank:] = (chances[rank:] + chances[: chances.size - rank]) / 2
        chances[:rank] /= 2
    return _tails(chances, int(doubled[d > 0].sum()))


def probability_of_improvement(better: ArrayLike, worse: ArrayLike, confidence: float = 0.95) -> Interval:
    """P(X > Y) + P(X = Y)/2 for a run X of `better` and Y of `worse`, with Newcombe's score-type interval.

    Method 5 of Newcombe (2006, Statistics in Medicine 25:559): it keeps its coverage at few runs and at an estimate of 0 or
    1, where a bootstrap interval has no width at all.
    """
    x, y = np.asarray(better, dtype=float), np.asarray(worse, dtype=float)
    return improvement_interval(float(scipy.stats.mannwhitneyu(x, y).statistic), x.size, y.size, confidence)


def improvement_interval(wins: float, n_better: int, n_worse: int, confidence: float) -> Interval:
    """Newcombe's interval of a share of pairs that is `wins` of all; n_better and n_worse are the runs that make them up."""
    pairs = n_better * n_worse
    estimate = wins / pairs
    z, half_total = float(scipy.stats.norm.ppf((1 + confidence) / 2)), (n_better + n_worse) / 2 - 1

    def distance(theta: float) -> float:
        variance = theta * (1 - theta) / pairs * (1 + half_total * ((1 - theta) / (2 - theta) + theta / (1 + theta)))
        return float((theta - estimate) ** 2 - z**2 * variance)

    tiny = 1e-9  # the variance vanishes at 0 and 1, which are therefore never the bound that is looked for
    low = 0.0 if estimate == 0 else float(scipy.optimize.brentq(distance, 0, min(estimate, 1 - tiny)))
    high = 1.0 if estimate == 1 else float(scipy.optimize.brentq(distance, max(estimate, tiny), 1))
    return Interval(estimate, low, high)


def _tails(chances: NDArray[np.float64], seen: int) -> tuple[float, float]:
    """Chance of a sum no less than the one that was seen, and of one no more."""
    return min(1.0, float(chances[seen:].sum())), min(1.0, float(chances[: seen + 1].sum()))


def _subset_sums(ranks: NDArray[np.int_], size: int) -> NDArray[np.float64]:
    """Chance of each sum of `size` ranks, drawn without replacement."""
    chances = np.zeros((size + 1, int(np.sort(ranks)[-size:].sum()) + 1))
    chances[0, 0] = 1.0
    for seen, rank in enumerate(ranks):
        # Of `seen` ranks before this one, k are drawn; then this one is with chance (size − k) / (those that are left).
        drawn = np.clip((size - np.arange(size + 1)) / (ranks.size - seen), 0.0, 1.0)[:, None]
        moved = chances * drawn
        chances -= moved
        chances[1:, rank:] += moved[:-1, : chances.shape[1] - rank]
    return np.asarray(chances[size])
