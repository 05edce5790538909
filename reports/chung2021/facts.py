"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.chung2021 import ABLATIONS, ANCHORS, EXPERIMENTS, FOLLOW_UPS, OWN_VARIANTS, STEPS, TASKS
from reports.chung2021.figures import COMPARED, REINFORCE, SCORES
from reports.chung2021.outcomes import main_claim, theory_outcomes
from reports.chung2021.selection import SUCCESS_RATE, select_runs
from reports.claims.read import read_claims
from reports.figures.across_tasks import compared
from reports.runs.load import ReportData
from reports.runs.variants import OTHER, experiments, own_runs
from reports.tables.facts import common_facts
from reports.tables.searches import resting_on_searches


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    claims = read_claims("chung2021")
    return common_facts("chung2021", data, tables, scale) | {
        "searched": resting_on_searches(claims, tables["searches"]),
        "main_claim": main_claim(tables, claims),
        "theory": theory_outcomes(data, tables),
        "pictured": _pictured(data),
        "ablations": list(ABLATIONS),
        "regression": _regression(tables["single_step"]),
        "success_rate": SUCCESS_RATE,
        "anchors": ANCHORS,
        "compared": compared(own_runs(data, OWN_VARIANTS), SCORES, COMPARED),
        "headline": _headline(tables["table_1"]),
        "solved": _solved(tables["solved"]),
        "groups_shown": [vars(group) for group in select_runs(data.summary)],
    }


def _pictured(data: ReportData) -> dict[str, bool]:
    """Which of the figures of experiments have anything to show."""
    all_found = experiments(data, OWN_VARIANTS, EXPERIMENTS)
    groups = {found.group for found in all_found}
    tried = {found.method for found in all_found if found.group in {*FOLLOW_UPS, OTHER}}
    return {
        "ablation_steps": STEPS in groups,
        "ablation_curves": bool(groups & (set(ABLATIONS) - {STEPS})),
        "follow_ups": bool(tried - set(REINFORCE)),
        "follow_ups_reinforce": bool(tried & set(REINFORCE)),
    }


def _regression(table: pd.DataFrame) -> dict[str, Any]:
    """The regression's last rewards of MAP propagation, from the reward (rl) and from the target (sl), and the paper's readings.

    swapped: whether ours lie the other way round than the readings; false where one of them is missing.
    """
    ends = table[(table["task"] == "ScalarRegression-v0") & (table["method"] == "map_propagation") & table["last"].astype(bool)]
    found: dict[str, Any] = {}
    for name, variant in zip(("rl", "sl"), OWN_VARIANTS, strict=True):
        own = ends[ends["variant"] == variant]
        found[name] = float(own["mean"].iloc[0]) if len(own) else math.nan
        found[f"{name}_paper"] = float(own["paper"].iloc[0]) if len(own) else math.nan
    return found | {"swapped": found["rl"] > found["sl"] and found["rl_paper"] < found["sl_paper"]}


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
