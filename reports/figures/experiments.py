"""What the papers' sections on theory share: rows of the tables of `experiments`; each experiment describes its columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from reports.runs.load import ReportData

STAGES = ("untrained", "trained")
LAYERS_TOGETHER = "all"
FEW = 4
"""The interval of a mean of fewer values is so wide that a band would hide the panel."""
_COMMON = ["task", "stage", "layer", "quantity", "mean", "low", "high", "n"]


def measured(data: ReportData, experiment: str, *columns: str) -> pd.DataFrame:
    """The table of an experiment; one without rows, and with these columns beside every table's, where it was not made."""
    return data.theory.get(experiment, pd.DataFrame(columns=[*_COMMON, *columns]))


def chosen(table: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """The rows with these values."""
    for column, value in values.items():
        table = table[table[column] == value]
    return table


def mean_of(table: pd.DataFrame, **values: Any) -> float:
    """The mean in the one row with these values; nan where there is none."""
    found = chosen(table, **values)["mean"]
    return float(found.iloc[0]) if len(found) else float("nan")


def banded(panel: Axes, x: ArrayLike, table: pd.DataFrame, **style: Any) -> None:
    """A line through the means of rows in the order of `x`, and as a band their intervals where these are over `FEW` values."""
    places = np.asarray(x, float)
    panel.plot(places, table["mean"].to_numpy(float), **{"linewidth": 1.1, **style})
    low, high = (table[bound].to_numpy(float) for bound in ("low", "high"))
    enough = table["n"].to_numpy(int) >= FEW
    panel.fill_between(places, low, high, where=enough, color=style["color"], alpha=0.15, linewidth=0)
