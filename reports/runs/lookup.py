"""Looking things up in the summary that `reports.runs.summarise` makes, one row a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def runs_of(summary: pd.DataFrame, task: str, method: str, variant: str) -> pd.DataFrame:
    """The rows, one a seed, of one task × method × variant; none where it was not run."""
    return summary[(summary["task"] == task) & (summary["method"] == method) & (summary["variant"] == variant)]


def event_times(runs: pd.DataFrame, event: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Episode at which each run got to `event`, or its last one; and whether it got there."""
    reached = runs[event].notna().to_numpy(bool)
    return runs[event].fillna(runs["steps"]).to_numpy(float), reached


def ordered(table: pd.DataFrame, order: Sequence[str]) -> list[tuple[str, str]]:
    """(method, variant) pairs of a table, methods in the given order and others after them, variants by name."""
    rank = {method: place for place, method in enumerate(order)}
    return sorted(variants_of(table), key=lambda key: (rank.get(key[0], len(rank)), key))


def variants_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Distinct (method, variant) pairs of a table."""
    return [(str(m), str(v)) for m, v in table[["method", "variant"]].drop_duplicates().itertuples(index=False)]
