"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.claims.read import read_claims
from reports.kungl2021 import MEASURED_ON, METHODS, NOISE_ONLY, QUIET, STANDARD, TASKS, bandits
from reports.kungl2021.figures import MOUNTAIN_CAR
from reports.runs.load import ReportData
from reports.runs.summarise import QUARTER
from reports.tables.facts import common_facts
from reports.tables.searches import resting_on_searches


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    common = common_facts("kungl2021", data, tables, scale)
    return common | {
        "tasks": MEASURED_ON | common["tasks"],
        "searched": resting_on_searches(read_claims("kungl2021"), tables["searches"]),
        "quarter": QUARTER,
        "headline": _headline(tables["last_quarter"]),
        "mountain_car": _mountain_car(tables["last_quarter"]),
        "bandit": bandits.outcomes(data),
        "diverged": _diverged(tables),
    }


def _headline(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Both methods' mean over the last quarter, for each task that both were run on."""
    rows = []
    for task, title in TASKS.items():
        own = table[(table["task"] == task) & (table["variant"] == STANDARD)].set_index("method")["mean"]
        if set(METHODS) <= set(own.index):
            rows.append({"task": title, "name": task, "traces": float(own[METHODS[0]]), "critic": float(own[METHODS[1]])})
    return rows


def _mountain_car(table: pd.DataFrame) -> dict[str, float]:
    """Mean return over the last quarter on MountainCar: learned with noise, without it in the end, and by noise alone."""
    own = table[(table["task"] == MOUNTAIN_CAR) & (table["method"] == METHODS[1])].set_index("variant")["mean"]
    names = {"learned": STANDARD, "quiet": QUIET, "noise": NOISE_ONLY}
    return {name: float(own[variant]) for name, variant in names.items()} if set(names.values()) <= set(own.index) else {}


def _diverged(tables: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """In how many conditions of each experiment some network diverged."""
    return {name: int((tables[name]["diverged"] > 0).sum()) for name in ("accuracies", "presentations", "bandits")}
