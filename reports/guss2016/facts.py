"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.claims.read import read_claims
from reports.guss2016 import (
    CARTPOLE,
    CORRELATION,
    LEARNED_PENDULUM,
    MEASURED_ON,
    METHODS,
    MOUNTAIN_CAR,
    NOISE_ONLY,
    PENDULUM,
    REPAIRED,
    SOLVED_CAR,
    STANDARD,
    SUITE,
    UNTRAINED,
    critics,
    small_networks,
    theorem,
)
from reports.runs.load import ReportData
from reports.runs.lookup import runs_of
from reports.runs.summarise import QUARTER
from reports.tables.facts import common_facts
from reports.tables.searches import COLUMNS, resting_on_searches

DDPG, RULE, TD = METHODS
COMPARED = {"ddpg": (DDPG, STANDARD), "drafted": (RULE, STANDARD), "repaired": (RULE, REPAIRED), "td": (TD, STANDARD)}


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    common = common_facts("guss2016", data, tables, scale)
    return common | {
        "tasks": MEASURED_ON | common["tasks"],
        "searched": resting_on_searches(read_claims("guss2016"), pd.DataFrame(columns=COLUMNS)),
        "quarter": QUARTER,
        "correlation": CORRELATION,
        "levels": {"mountain_car": SOLVED_CAR, "pendulum": LEARNED_PENDULUM},
        "headline": [{"task": title, **ends} for task, title in SUITE.items() if (ends := _ends(tables, task))],
        "cartpole": _ends(tables, CARTPOLE, {**COMPARED, "untrained": (RULE, UNTRAINED)}),
        "pendulum": _reached(data, PENDULUM, COMPARED, "final_mean", LEARNED_PENDULUM),
        "mountain_car": _reached(data, MOUNTAIN_CAR, {**COMPARED, "noise": (DDPG, NOISE_ONLY)}, "last_quarter_mean", SOLVED_CAR),
        "theorem": theorem.outcomes(data),
        "divergence": critics.outcomes(data),
        "small": small_networks.outcomes(data),
    }


def _ends(tables: Mapping[str, pd.DataFrame], task: str, keys: Mapping[str, tuple[str, str]] = COMPARED) -> dict[str, float]:
    """Mean over the last quarter by the names in `keys`, where all of these were run on the task; else nothing."""
    table = tables["last_quarter"]
    means = table[table["task"] == task].set_index(["method", "variant"])["mean"].to_dict()
    return {name: float(means[key]) for name, key in keys.items()} if set(keys.values()) <= set(means) else {}


def _reached(
    data: ReportData, task: str, keys: Mapping[str, tuple[str, str]], quantity: str, level: float
) -> dict[str, dict[str, int]]:
    """How many runs of a task got to the level, and of how many, by the names in `keys`; only those that were run."""
    found = {name: runs_of(data.summary, task, *key)[quantity] for name, key in keys.items()}
    return {name: {"reached": int((ends >= level).sum()), "n": len(ends)} for name, ends in found.items() if len(ends)}
