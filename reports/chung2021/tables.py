"""The tables that chung2021 has of its own; those that every paper has are in reports/tables/common.py."""

from __future__ import annotations

import pandas as pd

from reports.chung2021 import METHODS, theory
from reports.chung2021.selection import SUCCESS_RATE, TASK
from reports.report import Report
from reports.runs.lookup import ordered, runs_of
from reports.statistics.rates import rate_interval
from reports.tables.published import published_means


def table_1(report: Report) -> pd.DataFrame:
    """Average return over all episodes, ours beside the paper's (columns: `reports.tables.published.published_means`)."""
    return published_means(report)


def goal(report: Report) -> pd.DataFrame:
    """MountainCar: runs that reached the goal at all (ever) and in most of their last 100 episodes (often), with intervals."""
    summary = report.own.summary
    rows = []
    for method, variant in ordered(summary[summary["task"] == TASK], METHODS):
        runs = runs_of(summary, TASK, method, variant)
        row = {"method": method, "variant": variant, "label": runs["label"].iloc[0], "n": len(runs)}
        for name, reached in (("ever", runs["goals"] > 0), ("often", runs["goal_rate"] > SUCCESS_RATE)):
            rate = rate_interval(int(reached.sum()), len(runs))
            row |= {name: int(reached.sum()), f"{name}_low": rate.low, f"{name}_high": rate.high}
        rows.append(row)
    columns = ["method", "variant", "label", "n", "ever", "ever_low", "ever_high", "often", "often_low", "often_high"]
    return pd.DataFrame(rows, columns=columns)


def alignment_by_steps(report: Report) -> pd.DataFrame:
    """Theorems 2 and 3 in numbers (columns: `reports.chung2021.theory.alignment_table`)."""
    return theory.alignment_table(report.data)


def bias_by_rule(report: Report) -> pd.DataFrame:
    """Theorem 1 in numbers (columns: `reports.chung2021.theory.bias_table`)."""
    return theory.bias_table(report.data)


def variance_by_layer(report: Report) -> pd.DataFrame:
    """The variance of updates in numbers (columns: `reports.chung2021.theory.variance_table`)."""
    return theory.variance_table(report.data)
