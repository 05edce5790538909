"""Tables that several papers share: ours beside what was published, one row a claim or a task × method, DataFrames out.

They take what `reports.claims.verdicts` decided.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pandas as pd

from reports.claims.claim import Key
from reports.claims.kinds.mean import Mean
from reports.claims.kinds.ordering import Ordering
from reports.claims.kinds.value import Value
from reports.claims.quantities import EVENTS, Event
from reports.claims.read import Claims
from reports.claims.verdicts import DECIDED
from reports.report import Report
from reports.runs.load import KEYS
from reports.runs.lookup import event_times, ordered, runs_of
from reports.statistics.inference import mean_interval, standard_deviation
from reports.statistics.multiplicity import holm
from reports.statistics.times import log_rank
from reports.tables.events import EVENT, event_row


def published_means(report: Report) -> pd.DataFrame:
    """One row per mean return that was published with a deviation, with the columns

    * id, task, method, variant, label; n, mean, sd: ours, sd with the ddof of the paper's;
    * paper_mean, paper_sd, paper_n, margin;
    * difference, low, high (90 % Welch interval of ours − paper); p_unadjusted, p, verdict and seeds as in the table of
      verdicts; all of these are missing where it gives no verdict.
    """
    by_claim, look_up = report.decided.set_index("id"), report.claims.found(report.data)
    rows = []
    for claim in report.claims.of(Mean):
        if claim.quantity in EVENTS:
            continue
        values = look_up(claim.keys[0])[claim.quantity].to_numpy(float)
        found = by_claim.loc[claim.id]
        row: dict[str, Any] = {
            "id": claim.id,
            **dict(zip(KEYS, claim.keys[0], strict=True)),
            "label": report.claims.labels[claim.keys[0]],
            "n": len(values),
            "mean": values.mean() if len(values) else math.nan,
            "sd": standard_deviation(values, claim.ddof) if len(values) > 1 else math.nan,
            "paper_mean": claim.mean,
            "paper_sd": claim.sd,
            "paper_n": claim.n,
            "margin": claim.tolerance,
        }
        if pd.notna(found["verdict"]):
            row |= {"difference": found["effect"], "low": found["low_90"], "high": found["high_90"]}
            row |= {name: found[name] for name in (*DECIDED, "seeds")}
        rows.append(row)
    columns = ["id", *KEYS, "label", "n", "mean", "sd", "paper_mean", "paper_sd", "paper_n", "margin"]
    return pd.DataFrame(rows, columns=[*columns, "difference", "low", "high", *DECIDED, "seeds"])


def orderings(report: Report) -> pd.DataFrame:
    """One row per claim that one method does better than another in a level of performance, with the columns

    * id, task, quantity, artefact; better, worse (labels); n_better, mean_better, n_worse, mean_worse;
    * probability, low, high: that a run of the better beats one of the worse, with its 95 % interval;
    * p_unadjusted, p and verdict as in the table of verdicts.
    """
    by_claim, look_up = report.decided.set_index("id"), report.claims.found(report.data)
    rows: list[dict[str, Any]] = []
    for claim in report.claims.of(Ordering):
        if claim.quantity in EVENTS:
            continue
        better, worse = (look_up(key)[claim.quantity].to_numpy(float) for key in claim.keys)
        found = by_claim.loc[claim.id]
        row: dict[str, Any] = {name: getattr(claim, name) for name in ("id", "task", "quantity", "artefact")}
        for side, key, value in zip(("better", "worse"), claim.keys, (better, worse), strict=True):
            row |= {
                side: report.claims.labels[key],
                f"n_{side}": len(value),
                f"mean_{side}": value.mean() if len(value) else math.nan,
            }
        row |= {"probability": found["wins"], "low": found["wins_low"], "high": found["wins_high"]}
        row |= {name: found[name] for name in DECIDED}
        rows.append(row)
    columns = ["id", "task", "quantity", "artefact", "better", "n_better", "mean_better", "worse", "n_worse", "mean_worse"]
    return pd.DataFrame(rows, columns=[*columns, "probability", "low", "high", *DECIDED])


def first_perfect(report: Report) -> pd.DataFrame:
    """Episodes to the first perfect score (columns: `times_to`)."""
    return times_to(report, "first_perfect")


def solved(report: Report) -> pd.DataFrame:
    """Episodes to solving the task (columns: `times_to`)."""
    return times_to(report, "solved")


def times_to(report: Report, event: Event) -> pd.DataFrame:
    """How long runs took to `event`, one row per task × method, with the columns

    * task, method, variant, label, threshold; n, reached, rate, rate_low, rate_high (Wilson, 95 %);
    * median, median_low, median_high (Kaplan–Meier, 95 %; inf: beyond the runs), mean_reached (over the runs that got there);
    * p: log-rank against the first of the paper's methods on the same task, Holm-adjusted over the table;
    * paper_reached, paper_n, paper_mean: published, mean over the runs that got there.
    """
    published, methods = _published_events(report.claims, event), report.of.METHODS
    threshold = {"first_perfect": "perfect_threshold", "solved": "solved_threshold"}[event]
    rows: list[dict[str, Any]] = []
    for task in report.of.EPISODIC:
        summary = report.own.summary
        summary = summary[(summary["task"] == task) & summary[threshold].notna()]
        times = {key: event_times(runs_of(summary, task, *key), event) for key in ordered(summary, methods)}
        standard = next((time for (method, _), time in times.items() if method == methods[0]), None)
        for (method, variant), (episodes, reached) in times.items():
            runs = runs_of(summary, task, method, variant)
            row = {
                "task": task,
                "method": method,
                "variant": variant,
                "label": runs["label"].iloc[0],
                "threshold": runs[threshold].iloc[0],
                **event_row(episodes, reached),
                "mean_reached": episodes[reached].mean() if reached.any() else math.nan,
                "p": log_rank(episodes, reached, *standard) if standard and method != methods[0] else math.nan,
            }
            rows.append(row | published.get((task, method, variant), {}))
    columns = [*KEYS, "label", "threshold", *EVENT, "mean_reached", "p", "paper_reached", "paper_n", "paper_mean"]
    table = pd.DataFrame(rows, columns=columns)
    counts = ["n", "reached", "paper_reached", "paper_n"]
    return table.assign(p=holm(list(table["p"]))).astype(dict.fromkeys(counts, "Int64"))


def single_step(report: Report) -> pd.DataFrame:
    """Single-step rewards at the checkpoints and at the last update, one row each, with the columns

    * task, method, variant, label, update, last (whether it is the last);
    * n, mean, sd (ddof = 1), low, high, half (95 % t-interval and half its width);
    * paper, error: the published curve's reading; verdict as in the table of verdicts.

    Updates beyond the runs are left out.
    """
    published = {(*claim.keys[0], str(claim.update)): claim for claim in report.claims.of(Value) if claim.update is not None}
    by_claim = report.decided.set_index("id")["verdict"]
    rows: list[dict[str, Any]] = []
    for task in report.of.SINGLE_STEP:
        summary = report.own.summary[report.own.summary["task"] == task]
        for method, variant in ordered(summary, report.of.METHODS):
            runs = runs_of(summary, task, method, variant)
            for update in (*map(str, report.of.CHECKPOINTS), "last"):
                values = runs[f"reward_at_{update}"].dropna().to_numpy(float)
                if not len(values):
                    continue
                interval = mean_interval(values)
                row: dict[str, Any] = {
                    "task": task,
                    "method": method,
                    "variant": variant,
                    "label": runs["label"].iloc[0],
                    "update": int(runs["steps"].max()) if update == "last" else int(update),
                    "last": update == "last",
                    "n": len(values),
                    "mean": interval.estimate,
                    "sd": standard_deviation(values),
                    "low": interval.low,
                    "high": interval.high,
                    "half": interval.high - interval.estimate,
                }
                claim = published.get((task, method, variant, update))
                if claim:
                    row |= {"paper": claim.value, "error": claim.error, "verdict": by_claim[claim.id]}
                rows.append(row)
    columns = [*KEYS, "label", "update", "last", "n", "mean", "sd", "low", "high", "half", "paper", "error", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def _published_events(claims: Claims, event: Event) -> dict[Key, dict[str, Any]]:
    """What was published of an event: how many of how many runs got there, and the mean over those."""
    published: dict[Key, dict[str, Any]] = defaultdict(dict)
    for claim in claims.all:
        published[claim.keys[0]] |= claim.published(event)
    return published
