"""Cells of the matrix, and returns as scores that are comparable between tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.benchmark import RANDOM
from reports.runs.load import KEYS
from reports.statistics.aggregates import Anchors

OVERALL, FINAL = "mean_return", "final_mean"
"""The columns of the summary that are compared: the mean over a whole run, and over its last episodes or updates."""

Key = tuple[str, str]
"""Method and variant."""


@dataclass(frozen=True)
class Cell:
    """One method's runs on one task."""

    task: str
    key: Key
    runs: pd.DataFrame
    """Rows of the summary, one a seed."""

    @property
    def names(self) -> dict[str, Any]:
        """What a row of any table begins with: task, method, variant and label."""
        return {**dict(zip(KEYS, (self.task, *self.key), strict=True)), "label": self.runs["label"].iloc[0]}

    def values(self, quantity: str) -> NDArray[np.float64]:
        """A column of the summary, [n]."""
        return self.runs[quantity].to_numpy(float)


def cells(summary: pd.DataFrame) -> Iterator[Cell]:
    """Every task × method × variant that has runs, by name."""
    for (task, method, variant), runs in summary.groupby(KEYS):
        yield Cell(str(task), (str(method), str(variant)), runs.sort_values("seed"))


def cells_of(found: Iterable[Cell], method: str) -> dict[str, Cell]:
    """By task, the first of these cells that is the method's."""
    first: dict[str, Cell] = {}
    for cell in found:
        if cell.key[0] == method:
            first.setdefault(cell.task, cell)
    return first


def anchors(summary: pd.DataFrame, thresholds: Mapping[str, float], quantity: str = OVERALL) -> dict[str, Anchors]:
    """By task: the mean of the random policy, its first variant, scored 0, and the threshold of solving the task, scored 1.

    A task without a threshold, without random runs, or with a threshold that random runs reach, has no scores.
    """
    random = {task: float(cell.values(quantity).mean()) for task, cell in cells_of(cells(summary), RANDOM).items()}
    return {task: Anchors(low, thresholds[task]) for task, low in random.items() if task in thresholds and low < thresholds[task]}


def scores(
    summary: pd.DataFrame, scale: Mapping[str, Anchors], quantity: str = OVERALL
) -> dict[Key, dict[str, NDArray[np.float64]]]:
    """Normalised scores, [n], by (method, variant) and by task, on the tasks that have anchors."""
    found: dict[Key, dict[str, NDArray[np.float64]]] = {}
    for cell in cells(summary):
        if cell.task in scale:
            found.setdefault(cell.key, {})[cell.task] = scale[cell.task].normalised(cell.values(quantity))
    return found
