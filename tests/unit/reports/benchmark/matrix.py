"""A small matrix, made by hand: its scores and times can be worked out on paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

THRESHOLDS = {"A": 10.0, "B": 100.0}
RETURNS: Mapping[tuple[str, str], Sequence[float]] = {
    ("A", "random"): [0, 0, 0, 0],
    ("A", "backprop_traces"): [4, 5, 5, 6],
    ("A", "ours"): [9, 10, 10, 11],
    ("B", "random"): [-100, -100, -100, -100],
    ("B", "backprop_traces"): [100, 90, 110, 100],
    ("B", "ours"): [20, 21, 19, 20],
    ("B", "elsewhere"): [50, 50, 50, 50],
    ("C", "ours"): [1, 2, 3, 4],
}
"""By task and method; task C has no threshold, and the method `elsewhere` did not run on A."""


def matrix(returns: Mapping[tuple[str, str], Sequence[float]] = RETURNS) -> pd.DataFrame:
    """A summary of these mean returns; final means are one higher, and nothing is solved."""
    rows = [
        {
            "task": task,
            "method": method,
            "variant": "v",
            "label": method.capitalize(),
            "seed": seed,
            "kind": "episodic",
            "steps": 100,
            "mean_return": float(value),
            "final_mean": value + 1.0,
            "last_quarter_sd": 2.0 * seed,
            "solved": pd.NA,
            "solved_threshold": THRESHOLDS.get(task, math.nan),
        }
        for (task, method), values in returns.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows).astype({"solved": "Int64"})


def solved(matrix: pd.DataFrame, task: str, method: str, episodes: Sequence[int | None]) -> pd.DataFrame:
    """The matrix, where the runs of a cell solved their task at these episodes; None: not within the run."""
    at = (matrix["task"] == task) & (matrix["method"] == method)
    changed = matrix.copy()
    changed.loc[at, "solved"] = pd.array(episodes, dtype="Int64")
    return changed
