"""How methods learn: normalised curves over a run, and how their runs are spread."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.benchmark.scores import OVERALL, Key, scores
from reports.runs.load import KEYS
from reports.statistics.aggregates import (
    Anchors,
    enough_for_bootstrap,
    interquartile_mean_curve,
    mean_curve,
    on_grid,
    performance_profile,
)

SHARES = np.linspace(0, 1, 51)
"""Places of a curve over a run: shares of the longest run of its cell."""
LEVELS = np.linspace(-0.25, 1.05, 66)
"""Scores at which a profile is read off."""


def efficiency(curves: pd.DataFrame, scale: Mapping[str, Anchors], place: str = "x") -> pd.DataFrame:
    """Sample efficiency: normalised running means at `SHARES` of a run, for each task and over all of them, with the columns

    task ("all": over those with anchors, for rules that ran on all of them), method, variant; x, estimate, low, high, n, band as
    `mean_curve` gives them, or, over all tasks and with enough runs, `interquartile_mean_curve`; statistic ("mean" or "IQM").

    `place` is the column of the curves that says where in a run a value stands: episodes or updates, or steps where it has them.
    """
    grids: dict[Key, dict[str, NDArray[np.float64]]] = {}
    for key, own in curves.groupby(KEYS):
        task, method, variant = map(str, key)
        if task in scale:
            at = own.assign(x=own[place])
            values = on_grid(at, at["x"].min() + SHARES * (at["x"].max() - at["x"].min()))
            grids.setdefault((method, variant), {})[task] = scale[task].normalised(values)
    parts = []
    for (method, variant), own_grids in grids.items():
        names = {"method": method, "variant": variant}
        parts += [mean_curve([grid], SHARES).assign(task=task, statistic="mean", **names) for task, grid in own_grids.items()]
        if own_grids.keys() == scale.keys():
            iqm = enough_for_bootstrap([len(grid) for grid in own_grids.values()])
            curve = (interquartile_mean_curve if iqm else mean_curve)(list(own_grids.values()), SHARES)
            parts.append(curve.assign(task="all", statistic="IQM" if iqm else "mean", **names))
    columns = [*KEYS, "x", "estimate", "low", "high", "n", "band", "statistic"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def profiles(summary: pd.DataFrame, scale: Mapping[str, Anchors], quantity: str = OVERALL) -> pd.DataFrame:
    """Performance profiles of the rules that ran on all tasks with anchors: method, variant, and the columns of
    `performance_profile`.
    """
    parts = [
        performance_profile(list(own.values()), LEVELS).assign(method=method, variant=variant)
        for (method, variant), own in scores(summary, scale, quantity).items()
        if own.keys() == scale.keys()
    ]
    columns = ["method", "variant", "threshold", "share", "low", "high", "n"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
