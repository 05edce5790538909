"""The tables of chung2021; every one takes the results, the published numbers and whether verdicts may be given."""

from __future__ import annotations

import pandas as pd

from reports.chung2021 import CHECKPOINTS, METHODS, TASKS
from reports.chung2021.selection import SUCCESS_RATE, TASK
from reports.claims import Claims
from reports.comparison import checkpoint_rewards, published_means, published_orderings, runs_of, times_to
from reports.data import ReportData
from reports.panels import ordered
from reports.settings import hyperparameters as hyperparameter_table
from reports.settings import run_records
from reports.statistics import rate_interval


def table_1(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """Average return over all episodes, ours beside the paper's (columns: `reports.comparison.published_means`)."""
    return published_means(data, claims, verdicts)


def orderings(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """Who does better than whom (columns: `reports.comparison.published_orderings`)."""
    return published_orderings(data, claims, verdicts)


def first_perfect(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """Episodes to the first perfect score (columns: `reports.comparison.times_to`)."""
    return times_to(data, claims, "first_perfect", tuple(TASKS), METHODS, "map_propagation")


def solved(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """Episodes to solving the task (columns: `reports.comparison.times_to`)."""
    return times_to(data, claims, "solved", tuple(TASKS), METHODS, "map_propagation")


def goal(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """MountainCar: runs that reached the goal at all (ever) and in most of their last 100 episodes (often), with intervals."""
    summary = data.summary[data.summary["task"] == TASK]
    rows = []
    for method, variant in ordered(summary, METHODS):
        runs = runs_of(summary, TASK, method, variant)
        row = {"method": method, "variant": variant, "label": runs["label"].iloc[0], "n": len(runs)}
        for name, reached in (("ever", runs["goals"] > 0), ("often", runs["goal_rate"] > SUCCESS_RATE)):
            rate = rate_interval(int(reached.sum()), len(runs))
            row |= {name: int(reached.sum()), f"{name}_low": rate.low, f"{name}_high": rate.high}
        rows.append(row)
    columns = ["method", "variant", "label", "n", "ever", "ever_low", "ever_high", "often", "often_low", "often_high"]
    return pd.DataFrame(rows, columns=columns)


def single_step(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """Rewards of the single-step tasks (columns: `reports.comparison.checkpoint_rewards`)."""
    return checkpoint_rewards(data, claims, ("Multiplexer-v0", "ScalarRegression-v0"), METHODS, CHECKPOINTS, verdicts)


def hyperparameters(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """The settings of every run (columns: `reports.settings.hyperparameters`)."""
    return hyperparameter_table(data, TASKS, METHODS)


def runs(data: ReportData, claims: Claims, verdicts: bool) -> pd.DataFrame:
    """What was run, and what it cost (columns: `reports.settings.run_records`)."""
    return run_records(data, tuple(TASKS), METHODS)
