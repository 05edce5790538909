"""Tables that several papers share: ours beside what was published, one row a claim or a task × method, DataFrames out.

A table says nothing of agreement unless `verdicts`: at a fraction of the paper's budget there is nothing to agree with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from reports.claims import Claims, Event
from reports.data import KEYS, ReportData
from reports.panels import event_times, ordered
from reports.statistics import (
    Sample,
    Welch,
    agreement,
    holm,
    log_rank,
    mean_interval,
    median_time,
    ordering,
    probability_of_improvement,
    rate_interval,
    seeds_to_settle,
    standard_deviation,
)


def runs_of(summary: pd.DataFrame, task: str, method: str, variant: str) -> pd.DataFrame:
    """The rows, one a seed, of one task × method × variant; none where it was not run."""
    return summary[(summary["task"] == task) & (summary["method"] == method) & (summary["variant"] == variant)]


def published_means(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """One row per published mean, with the columns

    * task, method, variant, label; n, mean, sd: ours, sd with the ddof of the paper's;
    * paper_mean, paper_sd, paper_n, margin;
    * difference, low, high (90 % Welch interval of ours − paper), p (Welch, Holm-adjusted over the table), verdict, and
      seeds: where INCONCLUSIVE, how many of ours would give a verdict with probability .8 (inf: none, the paper's are too few).
    """
    values = [runs_of(data.summary, *claim.key)["mean_return"].to_numpy(float) for claim in claims.means]
    published = [Sample.published(claim.mean, claim.sd, claim.n, claim.ddof) for claim in claims.means]
    tested = [verdicts and len(value) > 1 for value in values]
    welch = [
        Welch.between(Sample.of(value), paper) if test else None
        for value, paper, test in zip(values, published, tested, strict=True)
    ]
    adjusted = holm([test.p_value() if test else math.nan for test in welch])
    labels = data.labels()
    rows = []
    for claim, value, paper, test, p in zip(claims.means, values, published, welch, adjusted, strict=True):
        row: dict[str, Any] = {
            **dict(zip(KEYS, claim.key, strict=True)),
            "label": labels.get(claim.key, claims.label(claim.method, claim.variant)),
            "n": len(value),
            "mean": value.mean() if len(value) else math.nan,
            "sd": standard_deviation(value, claim.ddof) if len(value) > 1 else math.nan,
            "paper_mean": claim.mean,
            "paper_sd": claim.sd,
            "paper_n": claim.n,
            "margin": claim.tolerance,
        }
        if test:
            bounds = test.interval(0.9)
            verdict = agreement(test, claim.tolerance, p)
            open_ = verdict == "INCONCLUSIVE"
            seeds = seeds_to_settle(Sample.of(value), paper, claim.tolerance, sum(tested)) if open_ else math.nan
            row |= {
                "difference": bounds.estimate,
                "low": bounds.low,
                "high": bounds.high,
                "p": p,
                "verdict": verdict,
                "seeds": seeds,
            }
        rows.append(row)
    columns = [*KEYS, "label", "n", "mean", "sd", "paper_mean", "paper_sd", "paper_n", "margin"]
    return pd.DataFrame(rows, columns=[*columns, "difference", "low", "high", "p", "verdict", "seeds"])


def published_orderings(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """One row per claim that one method beats another, with the columns

    * task, quantity, source; better, worse (labels); n_better, mean_better, n_worse, mean_worse;
    * probability, low, high: that a run of the better beats one of the worse, with its 95 % interval;
    * p (one-sided Welch, Holm-adjusted over the table) and verdict: HOLDS, REVERSED or INCONCLUSIVE.
    """
    labels = data.labels()
    rows: list[dict[str, Any]] = []
    tests: list[Welch | None] = []
    for claim in claims.orderings:
        better, worse = (
            runs_of(data.summary, claim.task, *key)[claim.quantity].to_numpy(float) for key in (claim.better, claim.worse)
        )
        row: dict[str, Any] = {"task": claim.task, "quantity": claim.quantity, "source": claim.source}
        for side, key, value in (("better", claim.better, better), ("worse", claim.worse, worse)):
            row[side] = labels.get((claim.task, *key), claims.label(*key))
            row |= {f"n_{side}": len(value), f"mean_{side}": value.mean() if len(value) else math.nan}
        if len(better) and len(worse):
            improvement = probability_of_improvement(better, worse)
            row |= {"probability": improvement.estimate, "low": improvement.low, "high": improvement.high}
        enough = verdicts and min(len(better), len(worse)) > 1
        tests.append(Welch.between(Sample.of(better), Sample.of(worse)) if enough else None)
        rows.append(row)
    greater = holm([test.p_value("greater") if test else math.nan for test in tests])
    smaller = holm([1 - test.p_value("greater") if test else math.nan for test in tests])
    for row, test, up, down in zip(rows, tests, greater, smaller, strict=True):
        row |= {"p": up, "verdict": ordering(up, down)} if test else {}
    columns = ["task", "quantity", "source", "better", "n_better", "mean_better", "worse", "n_worse", "mean_worse"]
    return pd.DataFrame(rows, columns=[*columns, "probability", "low", "high", "p", "verdict"])


def times_to(
    data: ReportData, claims: Claims, event: str, tasks: Sequence[str], methods: Sequence[str], reference: str
) -> pd.DataFrame:
    """How long runs took to `event` ("first_perfect" or "solved"), one row per task × method, with the columns

    * task, method, variant, label, threshold; n, reached, rate, rate_low, rate_high (Wilson, 95 %);
    * median, median_low, median_high (Kaplan–Meier, 95 %; inf: beyond the runs), mean_reached (over the runs that got there);
    * p: log-rank against the method `reference` on the same task, Holm-adjusted over the table;
    * paper_reached, paper_n, paper_mean: published, mean over the runs that got there.
    """
    published = {claim.key: claim for claim in claims.events if claim.event == event}
    threshold = {"first_perfect": "perfect_threshold", "solved": "solved_threshold"}[event]
    rows: list[dict[str, Any]] = []
    for task in tasks:
        summary = data.summary[(data.summary["task"] == task) & data.summary[threshold].notna()]
        times = {key: event_times(runs_of(summary, task, *key), event) for key in ordered(summary, methods)}
        standard = next((time for (method, _), time in times.items() if method == reference), None)
        for (method, variant), (episodes, reached) in times.items():
            runs = runs_of(summary, task, method, variant)
            rate, median = rate_interval(int(reached.sum()), len(reached)), median_time(episodes, reached)
            row = {
                "task": task,
                "method": method,
                "variant": variant,
                "label": runs["label"].iloc[0],
                "threshold": runs[threshold].iloc[0],
                "n": len(reached),
                "reached": int(reached.sum()),
                "rate": rate.estimate,
                "rate_low": rate.low,
                "rate_high": rate.high,
                "median": median.estimate,
                "median_low": median.low,
                "median_high": median.high,
                "mean_reached": episodes[reached].mean() if reached.any() else math.nan,
                "p": log_rank(episodes, reached, *standard) if standard and method != reference else math.nan,
            }
            rows.append(row | _published_event(published.get((task, method, variant))))
    columns = [*KEYS, "label", "threshold", "n", "reached", "rate", "rate_low", "rate_high"]
    columns += ["median", "median_low", "median_high", "mean_reached", "p", "paper_reached", "paper_n", "paper_mean"]
    table = pd.DataFrame(rows, columns=columns)
    counts = ["n", "reached", "paper_reached", "paper_n"]
    return table.assign(p=holm(list(table["p"]))).astype(dict.fromkeys(counts, "Int64"))


def checkpoint_rewards(
    data: ReportData, claims: Claims, tasks: Sequence[str], methods: Sequence[str], checkpoints: Sequence[int], verdicts: bool
) -> pd.DataFrame:
    """Single-step rewards at the checkpoints and at the last update, one row each, with the columns

    * task, method, variant, label, update, last (whether it is the last);
    * n, mean, sd (ddof = 1), low, high, half (95 % t-interval and half its width);
    * paper, error: the published curve's reading; meets: whether our interval meets paper ± error.

    Updates beyond the runs are left out.
    """
    published = {(*claim.key, str(claim.update)): claim for claim in claims.readings}
    rows: list[dict[str, Any]] = []
    for task in tasks:
        summary = data.summary[data.summary["task"] == task]
        for method, variant in ordered(summary, methods):
            runs = runs_of(summary, task, method, variant)
            for update in (*map(str, checkpoints), "last"):
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
                    row |= {"paper": claim.value, "error": claim.error}
                    if verdicts and len(values) > 1:
                        meets = interval.low <= claim.value + claim.error and claim.value - claim.error <= interval.high
                        row["meets"] = "yes" if meets else "no"
                rows.append(row)
    columns = [*KEYS, "label", "update", "last", "n", "mean", "sd", "low", "high", "half", "paper", "error", "meets"]
    return pd.DataFrame(rows, columns=columns)


def _published_event(claim: Event | None) -> dict[str, Any]:
    if claim is None:
        return {}
    return {"paper_reached": claim.reached, "paper_n": claim.n, "paper_mean": claim.mean}
