"""Tables of the matrix, one row a cell: returns, episodes and steps to solving a task, stability, outcomes and compute."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from reports.benchmark import BASELINE
from reports.benchmark.scores import FINAL, OVERALL, cells, cells_of
from reports.runs.load import KEYS
from reports.runs.lookup import event_times
from reports.statistics.inference import Sample, mean_interval
from reports.statistics.multiplicity import holm
from reports.statistics.times import log_rank, median_time, restricted, survival_curve
from reports.tables.events import EVENT, event_row

OUTCOMES = ("done", "diverged", "failed")
"""How a seed may end: with results, with numbers that broke down, or with any other error."""


def returns(summary: pd.DataFrame) -> pd.DataFrame:
    """Mean ± SEM over the seeds (ddof = 1; no error with one seed), one row a cell, with the columns

    task, method, variant, label, n; overall, overall_sem (over whole runs); final, final_sem (over their last episodes or
    updates).
    """
    rows = []
    for cell in cells(summary):
        whole, end = Sample.of(cell.values(OVERALL)), Sample.of(cell.values(FINAL))
        row = {**cell.names, "n": whole.n, "overall": whole.mean, "overall_sem": whole.sem}
        rows.append(row | {"final": end.mean, "final_sem": end.sem})
    return pd.DataFrame(rows, columns=[*KEYS, "label", "n", "overall", "overall_sem", "final", "final_sem"])


def solving(summary: pd.DataFrame, baseline: str = BASELINE) -> pd.DataFrame:
    """Episodes until a task is solved, one row for each cell of a task with a threshold, with the columns

    * task, method, variant, label, threshold; n, reached, rate, rate_low, rate_high, median, median_low and median_high as
      `reports.tables.events.event_row` gives them;
    * limit, restricted, restricted_low, restricted_high: mean of the episodes up to the limit (95 % t-interval), which is the
      length of the shortest run on the task that did not solve it, or the latest solution where all did;
    * p: two-sided log-rank against the baseline, Holm-adjusted over the table.
    """
    table = summary[summary["solved_threshold"].notna()]
    found = list(cells(table))
    times = {(cell.task, cell.key): event_times(cell.runs, "solved") for cell in found}
    limits = {task: _limit(runs) for task, runs in table.groupby("task")}
    base = cells_of(found, baseline)
    rows: list[dict[str, Any]] = []
    for cell in found:
        episodes, reached = times[cell.task, cell.key]
        mean = mean_interval(restricted(episodes, limits[cell.task]))
        row = {**cell.names, "threshold": cell.runs["solved_threshold"].iloc[0], **event_row(episodes, reached)}
        row |= {"limit": limits[cell.task], "restricted": mean.estimate}
        row |= {"restricted_low": mean.low, "restricted_high": mean.high}
        other = base.get(cell.task)
        p = log_rank(episodes, reached, *times[cell.task, other.key]) if other and other is not cell else math.nan
        rows.append(row | {"p": p})
    columns = [*KEYS, "label", "threshold", *EVENT, "limit", "restricted", "restricted_low", "restricted_high", "p"]
    result = pd.DataFrame(rows, columns=columns)
    return result.assign(p=holm(list(result["p"])))


def survival(summary: pd.DataFrame) -> pd.DataFrame:
    """Share of a cell's runs that have not solved their task after so many episodes, by Kaplan and Meier, with the columns

    task, method, variant, label; x (episode), share: the corners of a step function from (0, 1), that ends where the runs do.
    """
    parts = []
    for cell in cells(summary[summary["solved_threshold"].notna()]):
        episodes, share = survival_curve(*event_times(cell.runs, "solved"))
        parts.append(pd.DataFrame({**cell.names, "x": episodes, "share": share}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*KEYS, "label", "x", "share"])


def stability(summary: pd.DataFrame) -> pd.DataFrame:
    """How much a cell's seeds differ, and its last episodes among themselves, one row a cell, with the columns

    task, method, variant, label, n; sd (of the runs' final means, ddof = 1), worst, median, best (of these); within: mean over
    the seeds of the standard deviation in the last quarter of a run.
    """
    rows = []
    for cell in cells(summary):
        final = cell.values(FINAL)
        row = {**cell.names, "n": len(final), "sd": Sample.of(final).sd, "worst": final.min(), "median": float(np.median(final))}
        rows.append(row | {"best": final.max(), "within": cell.values("last_quarter_sd").mean()})
    return pd.DataFrame(rows, columns=[*KEYS, "label", "n", "sd", "worst", "median", "best", "within"])


def steps_to_solve(summary: pd.DataFrame, thresholds: Mapping[str, float]) -> dict[tuple[str, str, str], float]:
    """Kaplan–Meier median of the steps until a cell's runs solve its task; inf: beyond the runs. Tasks without thresholds lack.

    `summary` has env_steps and solved_steps, as where budgets are in steps; the keys are (task, method, variant).
    """
    medians: dict[tuple[str, str, str], float] = {}
    if "solved_steps" not in summary:
        return medians
    for (task, method, variant), own in summary.groupby(KEYS):
        if task in thresholds:
            times = own["solved_steps"].fillna(own["env_steps"])
            medians[str(task), str(method), str(variant)] = median_time(times, own["solved_steps"].notna()).estimate
    return medians


def ends(runs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """How the seeds of runs ended, as `outcomes` takes it: a seed that diverged says when, one that failed with which error.

    `runs` are run.json's.
    """
    rows = []
    for run in runs:
        diverged = run.get("diverged") or {}
        for seed in run["seeds"]:
            when = diverged.get(str(seed))
            outcome, why = "done", ""
            if run.get("failed"):
                outcome, why = "failed", run["failed"]
            elif when is not None:
                outcome, why = "diverged", f"diverged in episode or update {when}"
            row = {**{name: run[name] for name in (*KEYS, "label")}, "seed": seed}
            rows.append(row | {"outcome": outcome, "reason": why})
    return pd.DataFrame(rows, columns=[*KEYS, "label", "seed", "outcome", "reason"])


def origins(runs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Where the settings of each cell are from, one row a cell, with the columns

    task, method, variant, label; whose (the paper's name, or the method's defaults); search (what a search made of them; empty
    where that paper runs the method on the task). `runs` are run.json's with their `origin`; one without it has no row.
    """
    rows = {
        tuple(run[name] for name in KEYS): {**{name: run[name] for name in (*KEYS, "label")}, **run["origin"]}
        for run in runs
        if run.get("origin")
    }
    table = pd.DataFrame(rows.values(), columns=[*KEYS, "label", "whose", "search"])
    return table.sort_values(KEYS, ignore_index=True)


def outcomes(ends: pd.DataFrame) -> pd.DataFrame:
    """How the seeds of each cell ended, one row a cell, with the columns

    task, method, variant, label; n (seeds that were asked for), done, diverged, failed, missing; reason (of the first seed that
    is not done and has one, else empty).

    `ends` has a row for each seed that was asked for: task, method, variant, label, seed, outcome (of `OUTCOMES`, or "missing"),
    reason. Raises ValueError for another outcome and for a seed that is there twice.
    """
    if unknown := set(ends["outcome"]) - {*OUTCOMES, "missing"}:
        raise ValueError(f"no outcomes: {', '.join(sorted(map(str, unknown)))}")
    if ends.duplicated([*KEYS, "seed"]).any():
        raise ValueError("a seed is there twice")
    rows = []
    for key, own in ends.sort_values("seed").groupby(KEYS):
        counts = own["outcome"].value_counts()
        reasons = own.loc[(own["outcome"] != "done") & (own["reason"].fillna("") != ""), "reason"]
        row = {**dict(zip(KEYS, key, strict=True)), "label": own["label"].iloc[0], "n": len(own)}
        row |= {name: int(counts.get(name, 0)) for name in (*OUTCOMES, "missing")}
        rows.append(row | {"reason": str(reasons.iloc[0]) if len(reasons) else ""})
    return pd.DataFrame(rows, columns=[*KEYS, "label", "n", *OUTCOMES, "missing", "reason"])


def with_failed(table: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """A table of cells with a column `failed`, the seeds that failed, after `n`, and with a row for each cell of which all did.

    Such a row has n = 0 and no numbers, and stands last of its task. `outcomes` is as the function of that name makes it.
    """
    names = [*KEYS, "label"]
    counts = {tuple(row[name] for name in KEYS): row["failed"] for row in outcomes.to_dict("records")}
    known = set(table[KEYS].itertuples(index=False, name=None))
    lost = [row for row in outcomes[outcomes["failed"] > 0].to_dict("records") if tuple(row[name] for name in KEYS) not in known]
    added = pd.DataFrame([{**{name: row[name] for name in names}, "n": 0} for row in lost])
    whole = pd.concat([table, added], ignore_index=True) if lost else table.copy()
    failed = [counts.get(key, 0) for key in whole[KEYS].itertuples(index=False, name=None)]
    whole.insert(list(whole.columns).index("n") + 1, "failed", failed)
    return whole.sort_values("task", kind="stable", ignore_index=True)


def compute(costs: pd.DataFrame, steps_to_solve: Mapping[tuple[str, str, str], float]) -> pd.DataFrame:
    """What a cell costs, one row a cell, with the columns

    task, method, variant, label; agent_steps (over all seeds), cpu_seconds; us_per_step (µs of CPU time a step and seed);
    seconds_to_solve (of CPU time, for a run that needs `steps_to_solve`; inf: beyond the runs; missing: the task is not solved).

    `costs` is as `reports.tables.settings.costs` makes it. A step's cost is the mean over all runs of the cell.
    """
    rows = []
    for cost in costs.to_dict("records"):
        key = (str(cost["task"]), str(cost["method"]), str(cost["variant"]))
        each = cost["cpu_seconds"] / cost["agent_steps"] if cost["agent_steps"] else math.nan
        row = {**dict(zip(KEYS, key, strict=True)), "label": cost["label"], "agent_steps": cost["agent_steps"]}
        row |= {"cpu_seconds": cost["cpu_seconds"], "us_per_step": 1e6 * each}
        rows.append(row | {"seconds_to_solve": each * steps_to_solve.get(key, math.nan)})
    columns = [*KEYS, "label", "agent_steps", "cpu_seconds", "us_per_step", "seconds_to_solve"]
    return pd.DataFrame(rows, columns=columns)


def _limit(runs: pd.DataFrame) -> float:
    """Up to where every run was watched that had not solved its task: no time below it is censored."""
    episodes, reached = event_times(runs, "solved")
    return float(episodes[~reached].min() if not reached.all() else episodes.max())
