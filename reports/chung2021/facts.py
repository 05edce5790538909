"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.across_tasks import compared
from reports.chung2021 import ANCHORS, OWN_VARIANTS, TASKS
from reports.chung2021.figures import COMPARED, SCORES
from reports.chung2021.selection import SUCCESS_RATE, select_runs
from reports.data import ReportData
from reports.facts import common_facts
from reports.variants import own_runs


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    return common_facts("chung2021", data, tables, scale) | {
        "success_rate": SUCCESS_RATE,
        "anchors": ANCHORS,
        "compared": compared(own_runs(data, OWN_VARIANTS), SCORES, COMPARED),
        "headline": _headline(tables["table_1"]),
        "solved": _solved(tables["solved"]),
        "groups_shown": [vars(group) for group in select_runs(data.summary)],
    }


def _headline(table: pd.DataFrame) -> list[dict[str, Any]]:
    """MAP propagation's row of Table 1 for each task that was run."""
    rows = table[(table["method"] == "map_propagation") & (table["n"] > 0)]
    return [
        {"task": TASKS[row["task"]], "ours": float(row["mean"]), "paper": float(row["paper_mean"])} for _, row in rows.iterrows()
    ]


def _solved(table: pd.DataFrame) -> list[dict[str, Any]]:
    """For each task, how many runs of MAP propagation and of backprop solved it."""
    rows = table[table["method"].isin(["map_propagation", "backprop_traces"])]
    return [
        {"task": TASKS[row["task"]], "label": row["label"], "reached": int(row["reached"]), "n": int(row["n"])}
        for _, row in rows.iterrows()
    ]
