"""The single numbers, and the sentences, that the report of the benchmark contains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.benchmark import GOALS, TASKS
from reports.benchmark.scores import anchors
from reports.benchmark.sentences import sentences
from reports.runs.load import ReportData
from reports.tables.facts import common_facts


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    summary = data.summary
    return common_facts("benchmark", data, tables, scale) | {
        "rules": len(summary[["method", "variant"]].drop_duplicates()),
        "methods": int(summary["method"].nunique()),
        "said": sentences(tables["leaderboard"], tables["chances"], tables["solving"], tables["outcomes"]),
        "anchors": [
            {"task": TASKS[task], "random": anchor.low, "goal": anchor.high} for task, anchor in anchors(summary, GOALS).items()
        ],
        "budgets": [
            {"task": title, "amount": int(amount), "unit": unit}
            for task, title in TASKS.items()
            for unit, amount in _budget(data, task).items()
        ],
        "incomplete": [str(row["label"]) for row in tables["leaderboard"].to_dict("records") if pd.isna(row["rank"])],
        "settings": {
            "papers": int((tables["origins"]["search"] == "").sum()),
            "searched": int(tables["origins"]["search"].str.startswith("searched").sum()),
            "not_searched": int(tables["origins"]["search"].str.startswith("not searched").sum()),
        },
        "searched": {"runs": [], "labels": [], "claims": []},
    }


def _budget(data: ReportData, task: str) -> dict[str, float]:
    """What every seed has of a task: steps or updates; nothing without runs."""
    units = {"env_steps": "steps", "updates": "updates"}
    run = next((run for run in data.runs if run["task"] == task), None)
    return {units[name]: amount for name, amount in run["budget"].items() if name in units} if run else {}
