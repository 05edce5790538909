"""The tables that chung2021 has of its own; those that every paper has are in reports/tables/common.py."""

from __future__ import annotations

import pandas as pd

from reports.chung2021 import METHODS, OWN_VARIANTS, theory
from reports.chung2021.selection import SUCCESS_RATE, TASK
from reports.claims.read import Claims
from reports.figures.panels import ordered
from reports.runs.load import ReportData
from reports.runs.variants import own_runs
from reports.statistics.inference import rate_interval
from reports.tables import published as comparison


def table_1(data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Average return over all episodes, ours beside the paper's (columns: `reports.tables.published.published_means`)."""
    return comparison.published_means(data, claims, decided)


def goal(data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """MountainCar: runs that reached the goal at all (ever) and in most of their last 100 episodes (often), with intervals."""
    summary = own_runs(data, OWN_VARIANTS).summary
    rows = []
    for method, variant in ordered(summary[summary["task"] == TASK], METHODS):
        runs = comparison.runs_of(summary, TASK, method, variant)
        row = {"method": method, "variant": variant, "label": runs["label"].iloc[0], "n": len(runs)}
        for name, reached in (("ever", runs["goals"] > 0), ("often", runs["goal_rate"] > SUCCESS_RATE)):
            rate = rate_interval(int(reached.sum()), len(runs))
            row |= {name: int(reached.sum()), f"{name}_low": rate.low, f"{name}_high": rate.high}
        rows.append(row)
    columns = ["method", "variant", "label", "n", "ever", "ever_low", "ever_high", "often", "often_low", "often_high"]
    return pd.DataFrame(rows, columns=columns)


def alignment_by_steps(data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Theorems 2 and 3 in numbers (columns: `reports.chung2021.theory.alignment_table`)."""
    return theory.alignment_table(data)


def bias_by_rule(data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Theorem 1 in numbers (columns: `reports.chung2021.theory.bias_table`)."""
    return theory.bias_table(data)


def variance_by_layer(data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """The variance of updates in numbers (columns: `reports.chung2021.theory.variance_table`)."""
    return theory.variance_table(data)
