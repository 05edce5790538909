"""The tables of chung2021; every one takes the results, the published numbers and whether verdicts may be given."""

from __future__ import annotations

import pandas as pd

from reports import comparison, settings
from reports.ablations import ablations as ablation_table
from reports.chung2021 import CHECKPOINTS, EXPERIMENTS, METHODS, OWN_VARIANTS, SINGLE_STEP, TASKS
from reports.chung2021.selection import SUCCESS_RATE, TASK
from reports.claims import Claims
from reports.data import ReportData
from reports.differences import differences as difference_table
from reports.differences import read_differences
from reports.panels import ordered
from reports.searches import searches
from reports.statistics import rate_interval
from reports.variants import experiments, own_runs

_PAPER = "chung2021"


def verdicts(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """Every claim of the paper beside ours (columns: `reports.comparison.verdicts`)."""
    return comparison.verdicts(data, claims, enabled)


def differences(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """What was tried where a claim differs (columns: `reports.differences.differences`)."""
    return difference_table(data, claims, enabled, read_differences(_PAPER, claims))


def table_1(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """Average return over all episodes, ours beside the paper's (columns: `reports.comparison.published_means`)."""
    return comparison.published_means(data, claims, enabled)


def orderings(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """Who does better than whom (columns: `reports.comparison.published_orderings`)."""
    return comparison.published_orderings(data, claims, enabled)


def first_perfect(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """Episodes to the first perfect score (columns: `reports.comparison.times_to`)."""
    own = own_runs(data, OWN_VARIANTS)
    return comparison.times_to(own, claims, "first_perfect", tuple(TASKS), METHODS, "map_propagation")


def solved(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """Episodes to solving the task (columns: `reports.comparison.times_to`)."""
    own = own_runs(data, OWN_VARIANTS)
    return comparison.times_to(own, claims, "solved", tuple(TASKS), METHODS, "map_propagation")


def goal(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
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


def single_step(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """Rewards of the single-step tasks (columns: `reports.comparison.checkpoint_rewards`)."""
    own = own_runs(data, OWN_VARIANTS)
    return comparison.checkpoint_rewards(own, claims, tuple(SINGLE_STEP), METHODS, CHECKPOINTS, enabled)


def ablations(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """Each variant beside the paper's own setting (columns: `reports.ablations.ablations`)."""
    return ablation_table(data, experiments(data, OWN_VARIANTS, EXPERIMENTS))


def sweep(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """The searches for settings that are recorded nowhere (columns: `reports.searches.searches`)."""
    return searches(_PAPER, own_runs(data, OWN_VARIANTS))


def hyperparameters(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """The settings of the paper's own runs (columns: `reports.settings.hyperparameters`)."""
    return settings.hyperparameters(own_runs(data, OWN_VARIANTS), TASKS, METHODS)


def runs(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """What was run, and what it cost (columns: `reports.settings.run_records`)."""
    return settings.run_records(data, tuple(TASKS), METHODS)
