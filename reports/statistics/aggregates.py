"""Aggregates over many runs and several tasks: interquartile means, performance profiles, sample-efficiency curves.

Scores of several tasks are comparable only once normalised by a declared pair of anchors a task. Where several tasks are taken
together they weigh alike, however many runs each of them has. A bootstrap resamples runs within tasks, never tasks, and only
where `enough_for_bootstrap`: with ten runs in all, its nominal 95 % cover 91 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # whose parts are imported as they are used
from numpy.typing import ArrayLike, NDArray

from reports.statistics.inference import Interval
from reports.statistics.rates import rate_interval

FEWEST_FOR_BOOTSTRAP = 20
"""Runs a task, on average."""
FEWEST_OF_A_TASK = 10
"""Runs of every single task of a bootstrap."""
RESAMPLES = 2000

BAND = "95 % CI"
"""What the shaded region around a curve shows."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Anchors:
    """Two returns of a task between which its scores are measured."""

    low: float
    """Is scored 0, as a random policy may be."""
    high: float
    """Is scored 1, as the threshold of solving the task may be."""

    def normalised(self, returns: ArrayLike) -> Floats:
        """Scores of returns, of the same shape; beyond 0 and 1 for returns beyond the anchors."""
        return (np.asarray(returns, dtype=float) - self.low) / (self.high - self.low)


def enough_for_bootstrap(runs: Sequence[int]) -> bool:
    """Whether tasks with so many runs each may be bootstrapped together."""
    return min(runs) >= FEWEST_OF_A_TASK and sum(runs) >= FEWEST_FOR_BOOTSTRAP * len(runs)


def interquartile_mean(scores: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Mean of the middle half of the scores along the last axis; half by number, or by weight, where each place of it has one.

    A score of which a part lies beyond a quartile counts with the other part.
    """
    array = np.asarray(scores, dtype=float)
    share = np.ones(array.shape[-1]) if weights is None else np.asarray(weights, dtype=float)
    order = np.argsort(array, axis=-1)
    upto = np.cumsum((share / share.sum())[order], axis=-1)
    inside = np.diff(np.clip(upto, 0.25, 0.75), axis=-1, prepend=0.25)
    return np.asarray((inside * np.take_along_axis(array, order, axis=-1)).sum(axis=-1) / 0.5)


def interquartile_mean_interval(tasks: Sequence[ArrayLike], seed: int = 0, confidence: float = 0.95) -> Interval:
    """Interquartile mean over the runs of all tasks, with its bootstrap interval; `tasks` holds [n] scores for each."""
    columns = [np.asarray(scores, dtype=float)[:, None] for scores in tasks]
    curve = _bootstrapped(columns, seed, confidence)
    return Interval(*(float(values[0]) for values in curve))


def performance_profile(tasks: Sequence[ArrayLike], thresholds: ArrayLike, confidence: float = 0.95) -> pd.DataFrame:
    """Mean over the tasks of the share of runs with a score above each threshold: threshold, share, low, high, n (all runs).

    The band is made of the Wilson intervals of the tasks' shares, as Newcombe's is for a difference of two (Zou and Donner 2008,
    Statistics in Medicine 27:1693); it holds for each threshold by itself.
    """
    scores = [np.asarray(task, dtype=float) for task in tasks]
    runs = sum(task.size for task in scores)
    rows = []
    for threshold in np.asarray(thresholds, dtype=float):
        shares = [rate_interval(int((task > threshold).sum()), task.size, confidence) for task in scores]
        mean = float(np.mean([share.estimate for share in shares]))
        below = math.hypot(*(share.estimate - share.low for share in shares)) / len(shares)
        above = math.hypot(*(share.high - share.estimate for share in shares)) / len(shares)
        rows.append((threshold, mean, mean - below, mean + above, runs))
    return pd.DataFrame(rows, columns=["threshold", "share", "low", "high", "n"])


def on_grid(curves: pd.DataFrame, x: ArrayLike) -> Floats:
    """The curves of one task × method × variant (`reports.runs.summarise.curves`) at the places `x`: [n, len(x)], a row a seed.

    Straight lines join the recorded places; a run that ended early, having solved its task, keeps its last value.
    """
    places = np.asarray(x, dtype=float)
    return np.stack([np.interp(places, curve["x"], curve["value"]) for _, curve in curves.groupby("seed")])


def mean_curve(tasks: Sequence[Floats], x: ArrayLike, confidence: float = 0.95) -> pd.DataFrame:
    """Sample efficiency: mean over the tasks of their runs' means at each place: x, estimate, low, high, n (all runs), band.

    `tasks` holds [n, len(x)] normalised scores for each task, whose places `x` are then shares of its length. The interval is
    Welch's of a sum of independent means, for one task Student's, whose coverage is right at few runs; a task with one run leaves
    no band (nan).
    """
    means, runs = np.mean([values.mean(axis=0) for values in tasks], axis=0), sum(len(values) for values in tasks)
    low = high = np.full(means.shape, np.nan)
    if min(len(values) for values in tasks) > 1:
        freedom = np.array([len(values) - 1 for values in tasks])[:, None]
        variances = np.array([values.var(axis=0, ddof=1) / len(values) for values in tasks]) / len(tasks) ** 2
        total, spread = variances.sum(axis=0), (variances**2 / freedom).sum(axis=0)
        degrees = np.divide(total**2, spread, out=np.full(total.shape, np.inf), where=spread > 0)
        half = scipy.stats.t.ppf((1 + confidence) / 2, degrees) * np.sqrt(total)
        low, high = means - half, means + half
    return pd.DataFrame({"x": x, "estimate": means, "low": low, "high": high, "n": runs, "band": BAND})


def interquartile_mean_curve(tasks: Sequence[Floats], x: ArrayLike, seed: int = 0, confidence: float = 0.95) -> pd.DataFrame:
    """Sample efficiency over several tasks: interquartile mean over all runs at each place; arguments and columns as in
    `mean_curve`.
    """
    estimate, low, high = _bootstrapped(tasks, seed, confidence)
    n = sum(len(values) for values in tasks)
    return pd.DataFrame({"x": x, "estimate": estimate, "low": low, "high": high, "n": n, "band": BAND})


def _bootstrapped(tasks: Sequence[Floats], seed: int, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Interquartile means over the runs of all tasks and the bounds of their percentile bootstrap, each [X].

    `tasks` holds [n, X] scores each. Resampled are whole runs, stratified by task, n - 1 of n: with n of them, a task of few runs
    would seem to vary by a factor (n - 1) / n less than it does (Rao and Wu 1988, JASA 83:231). Equal seeds give equal bounds.
    Raises ValueError where there are too few runs.
    """
    runs = [len(values) for values in tasks]
    if not enough_for_bootstrap(runs):
        least = f"{FEWEST_FOR_BOOTSTRAP} runs a task, and none of fewer than {FEWEST_OF_A_TASK}"
        raise ValueError(f"a bootstrap needs {least}, not {' and '.join(map(str, runs))}")
    rng = np.random.default_rng(seed)
    chosen = [rng.integers(n, size=(RESAMPLES, n - 1)) for n in runs]
    weights = np.concatenate([np.full(n - 1, 1 / (n - 1)) for n in runs])
    own_weights = np.concatenate([np.full(n, 1 / n) for n in runs])
    estimate = interquartile_mean(np.concatenate(tasks).T, own_weights)
    bounds = np.empty((2, estimate.size))
    tail = (1 - confidence) / 2
    for place in range(estimate.size):  # one at a time: all together would not fit into memory
        resampled = np.concatenate([values[rows, place] for values, rows in zip(tasks, chosen, strict=True)], axis=1)
        bounds[:, place] = np.quantile(interquartile_mean(resampled, weights), [tail, 1 - tail])
    return estimate, bounds[0], bounds[1]
