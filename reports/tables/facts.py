"""The single numbers that the sentences and captions of every report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from records.scales import SCALES
from reports.claims.frozen import YES
from reports.claims.kinds import KINDS
from reports.figures.panels import REGRESSION_CUT
from reports.paper import declared
from reports.runs.load import ReportData
from reports.runs.variants import own_runs
from reports.statistics.decisions import ALPHA, VERDICTS
from reports.tables.settings import environment_name


def common_facts(paper: str, data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count. Runs beside the paper's own count in `agent_steps`.

    `tables` must have `verdicts` and `runs`.
    """
    of, records = declared(paper), tables["runs"]
    of_paper = own_runs(data, of.OWN_VARIANTS)
    seeds = of_paper.summary.groupby(["task", "method", "variant"])["seed"].nunique()
    return {
        "scale": scale,
        "fraction": SCALES[scale].fraction,
        "trainings": len(of_paper.summary),
        "other_trainings": len(data.summary) - len(of_paper.summary),
        "seeds": span(seeds),
        "uneven": bool(seeds.nunique() > 1),
        "tasks": dict(of.TASKS),
        "single_step": list(of.SINGLE_STEP),
        "methods": len(set(of.METHODS) & set(of_paper.summary["method"])),
        "windows": dict(of.WINDOWS),
        "checkpoints": list(of.CHECKPOINTS),
        "regression_cut": REGRESSION_CUT,
        "environments": _environments(of_paper, of.TASKS),
        "claim_kinds": {name: kind.WORDS for name, kind in KINDS.items()},
        "verdicts": _verdicts(tables["verdicts"]),
        "diverged_runs": [
            {"task": run["task"], "label": run["label"], "runs": len(run["diverged"]), "of": len(run["seeds"])}
            for run in data.runs
            if run.get("diverged")
        ],
        "agent_steps": float(records["agent_steps"].sum()),
        "lunar_lander_v3": any(
            run["task"].startswith("LunarLander") and environment_name(run) != run["task"] for run in of_paper.runs
        ),
    }


def span(counts: pd.Series) -> str:
    """`10`, or `2–10` where they are not all equal."""
    if counts.empty:
        return "0"
    return str(counts.min()) if counts.nunique() == 1 else f"{counts.min()}\u2013{counts.max()}"


def _verdicts(table: pd.DataFrame) -> dict[str, Any]:
    """How often each verdict was given to a sentence; how many were, `fewer` of them from fewer runs than the paper's; how many
    claims; how many false verdicts to expect at most; how many claims are post hoc.
    """
    table = table[table["part_of"].isna()]
    given = table["verdict"].value_counts()
    fewer = table["verdict"].notna() & (table["n"] < table["paper_n"])
    counts: dict[str, Any] = {name: int(given.get(name, 0)) for name in VERDICTS}
    counts |= {"given": int(given.sum()), "claims": len(table), "fewer": int(fewer.sum())}
    return counts | {"expected_false": ALPHA * int(given.sum()), "post_hoc": int((table["post_hoc"] == YES).sum())}


def _environments(data: ReportData, tasks: Mapping[str, str]) -> list[dict[str, Any]]:
    """For each task that was run: title, environment, length of a run and its unit, runs a rule, threshold or null."""
    rows = []
    for task, title in tasks.items():
        runs = data.summary[data.summary["task"] == task]
        if len(runs):
            run = next(run for run in data.runs if run["task"] == task)
            first = runs.iloc[0]
            rows.append(
                {
                    "title": title,
                    "environment": environment_name(run),
                    "shortest": int(runs["steps"].min()),
                    "longest": int(runs["steps"].max()),
                    "unit": "episodes" if first["kind"] == "episodic" else "updates",
                    "n": span(runs.groupby(["method", "variant"])["seed"].nunique()),
                    "threshold": float(first["solved_threshold"]),
                }
            )
    return rows
