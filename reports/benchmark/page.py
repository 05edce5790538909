"""What the page of the benchmark shows beside curves: its tables, and what the runs cost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reports.benchmark import THRESHOLDS
from reports.benchmark.cells import compute, steps_to_solve
from reports.runs.load import ReportData

TITLE = "Every method on every task"
_TITLES = {
    "leaderboard": "All tasks together",
    "leaderboards": "Leaderboard",
    "returns": "Returns: mean ± SEM over the runs",
    "solving": "Until the task is solved",
    "chances": "Chance to be better than backprop with traces",
    "stability": "How much the runs differ",
    "outcomes": "How the runs ended",
    "origins": "Whose settings",
    "searches": "Searches for learning rates",
}


def tables(data: ReportData, made: Mapping[str, pd.DataFrame], costs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables of the page by title; `made` are the report's, `costs` is as `reports.tables.settings.costs` makes it."""
    spent = compute(costs, steps_to_solve(data.summary, THRESHOLDS))
    shown = {title: made[name] for name, title in _TITLES.items() if name != "searches" or len(made[name])}
    return shown | {"What it costs": spent}
