"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.chung2021 import CHECKPOINTS, METHODS, TASKS, WINDOWS
from reports.chung2021.figures import REGRESSION_CUT
from reports.chung2021.selection import SUCCESS_RATE, select_runs
from reports.data import ReportData
from reports.settings import environment_name

_FRACTIONS = {"ci": "a hundredth", "quick": "a tenth", "paper": "all", "extended": "all"}


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    records = tables["runs"]
    seeds = data.summary.groupby(["task", "method", "variant"])["seed"].nunique()
    return {
        "scale": scale,
        "fraction": _FRACTIONS.get(scale, "a part"),
        "trainings": len(data.summary),
        "groups": len(seeds),
        "seeds": _span(seeds),
        "partial": bool(seeds.nunique() > 1),
        "tasks": TASKS,
        "methods": len(set(METHODS) & set(data.summary["method"])),
        "windows": WINDOWS,
        "checkpoints": list(CHECKPOINTS),
        "regression_cut": REGRESSION_CUT,
        "success_rate": SUCCESS_RATE,
        "environments": _environments(data),
        "budgets": {task: int(steps) for task, steps in data.summary.groupby("task")["steps"].max().items()},
        "n": {
            task: _span(group.groupby(["method", "variant"])["seed"].nunique()) for task, group in data.summary.groupby("task")
        },
        "means": _verdicts(tables["table_1"], ("AGREES", "DIFFERS", "INCONCLUSIVE")),
        "orderings": _verdicts(tables["orderings"], ("HOLDS", "REVERSED", "INCONCLUSIVE")),
        "readings": _verdicts(tables["single_step"].rename(columns={"meets": "verdict"}), ("yes", "no")),
        "headline": _headline(tables["table_1"]),
        "solved": _solved(tables["solved"]),
        "groups_shown": [vars(group) for group in select_runs(data.summary)],
        "agent_steps": float(records["agent_steps"].sum()),
        "cpu_hours": float(records["cpu_seconds"].sum()) / 3600,
        "lunar_lander_v3": any(
            run["task"].startswith("LunarLander") and environment_name(run) != run["task"] for run in data.runs
        ),
    }


def _span(counts: pd.Series) -> str:
    """`10`, or `2–10` where not all groups have equally many."""
    return str(counts.min()) if counts.nunique() == 1 else f"{counts.min()}\u2013{counts.max()}"


def _environments(data: ReportData) -> list[dict[str, Any]]:
    """For each task that was run: title, environment, length of a run and its unit, runs a rule, threshold or null."""
    rows = []
    for task, title in TASKS.items():
        runs = data.summary[data.summary["task"] == task]
        if len(runs):
            run = next(run for run in data.runs if run["task"] == task)
            first = runs.iloc[0]
            rows.append(
                {
                    "title": title,
                    "environment": environment_name(run),
                    "length": int(first["steps"]),
                    "unit": "episodes" if first["kind"] == "episodic" else "updates",
                    "n": _span(runs.groupby(["method", "variant"])["seed"].nunique()),
                    "threshold": float(first["solved_threshold"]),
                }
            )
    return rows


def _verdicts(table: pd.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    """How often each verdict was given, how many were, and how many claims there are."""
    given = table["verdict"].value_counts()
    return {name: int(given.get(name, 0)) for name in names} | {"given": int(given.sum()), "claims": len(table)}


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
