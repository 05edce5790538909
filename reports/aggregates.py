"""Aggregates over many runs and several tasks: interquartile means, performance profiles, sample-efficiency curves.

Scores of several tasks are comparable only once normalised by a declared pair of anchors a task. A bootstrap resamples seeds
within tasks, never tasks, and only from `FEWEST_FOR_BOOTSTRAP` seeds on: with ten, its nominal 95 % cover 91 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from reports.statistics import Interval, rate_interval

FEWEST_FOR_BOOTSTRAP = 20
"""Seeds a task."""
RESAMPLES = 2000

Band = Literal["95 % CI", "SEM", "SD"]
"""What a shaded region around a curve shows, as its legend has to say."""
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


def interquartile_mean(scores: ArrayLike, axis: int = -1) -> Floats:
    """Mean of the middle half of the scores along an axis."""
    return np.asarray(stats.trim_mean(scores, 0.25, axis=axis))


def interquartile_mean_interval(tasks: Sequence[ArrayLike], seed: int = 0, confidence: float = 0.95) -> Interval:
    """Interquartile mean of all runs of all tasks, with its bootstrap interval; `tasks` holds [n] scores for each."""
    columns = [np.asarray(scores, dtype=float)[:, None] for scores in tasks]
    curve = _bootstrapped(columns, seed, confidence)
    return Interval(*(float(values[0]) for values in curve))


def performance_profile(tasks: Sequence[ArrayLike], thresholds: ArrayLike, confidence: float = 0.95) -> pd.DataFrame:
    """Share of all runs of all tasks whose score is above each threshold, with the columns threshold, share, low, high, n.

    The band is the Wilson interval of each share by itself; over several tasks it is wider than need be, never narrower, as
    runs within a task are more alike than all runs are.
    """
    scores = np.concatenate([np.asarray(task, dtype=float) for task in tasks])
    rows = []
    for threshold in np.asarray(thresholds, dtype=float):
        share = rate_interval(int((scores > threshold).sum()), scores.size, confidence)
        rows.append((threshold, share.estimate, share.low, share.high, scores.size))
    return pd.DataFrame(rows, columns=["threshold", "share", "low", "high", "n"])


def on_grid(curves: pd.DataFrame, x: ArrayLike) -> Floats:
    """The curves of one task × method × variant (`reports.summarise.curves`) at the places `x`: [n, len(x)], a row a seed.

    Straight lines join the recorded places; a run that ended early, having solved its task, keeps its last value.
    """
    places = np.asarray(x, dtype=float)
    return np.stack([np.interp(places, curve["x"], curve["value"]) for _, curve in curves.groupby("seed")])


def mean_curve(values: Floats, x: ArrayLike, band: Band, confidence: float = 0.95) -> pd.DataFrame:
    """Sample efficiency of one task: mean over the runs at each place, with the columns x, estimate, low, high, n, band.

    `values` is [n, len(x)]. The interval is Student's, whose coverage is right at few runs; n = 1 has no band (nan).
    """
    n = len(values)
    mean, sd = values.mean(axis=0), values.std(axis=0, ddof=1) if n > 1 else np.full(values.shape[1], np.nan)
    half = {"SD": 1.0, "SEM": n**-0.5, "95 % CI": float(stats.t.ppf((1 + confidence) / 2, n - 1)) * n**-0.5}[band] * sd
    return pd.DataFrame({"x": x, "estimate": mean, "low": mean - half, "high": mean + half, "n": n, "band": band})


def interquartile_mean_curve(tasks: Sequence[Floats], x: ArrayLike, seed: int = 0, confidence: float = 0.95) -> pd.DataFrame:
    """Sample efficiency over several tasks: interquartile mean of all runs at each place; columns as in `mean_curve`.

    `tasks` holds [n, len(x)] normalised scores for each task, whose places `x` are then shares of its length.
    """
    estimate, low, high = _bootstrapped(tasks, seed, confidence)
    n = sum(len(values) for values in tasks)
    return pd.DataFrame({"x": x, "estimate": estimate, "low": low, "high": high, "n": n, "band": "95 % CI"})


def _bootstrapped(tasks: Sequence[Floats], seed: int, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Interquartile means over the runs of all tasks and the bounds of their percentile bootstrap, each [X].

    `tasks` holds [n, X] scores each. Resampled are whole runs, stratified by task; equal seeds give equal bounds.
    Raises ValueError where a task has fewer than `FEWEST_FOR_BOOTSTRAP` runs.
    """
    fewest = min(len(values) for values in tasks)
    if fewest < FEWEST_FOR_BOOTSTRAP:
        raise ValueError(f"a bootstrap needs {FEWEST_FOR_BOOTSTRAP} runs a task, not {fewest}")
    rng = np.random.default_rng(seed)
    chosen = [rng.integers(len(values), size=(RESAMPLES, len(values))) for values in tasks]
    estimate = interquartile_mean(np.concatenate(tasks), axis=0)
    bounds = np.empty((2, estimate.size))
    tail = (1 - confidence) / 2
    for place in range(estimate.size):  # one at a time: all together would not fit into memory
        resampled = np.concatenate([values[rows, place] for values, rows in zip(tasks, chosen, strict=True)], axis=1)
        bounds[:, place] = np.quantile(interquartile_mean(resampled), [tail, 1 - tail])
    return estimate, bounds[0], bounds[1]
