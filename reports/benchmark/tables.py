"""The tables of the benchmark's report; those that all reports have are in reports/tables/common.py."""

from __future__ import annotations

import pandas as pd

from reports.benchmark import GOALS, cells
from reports.benchmark import leaderboard as boards
from reports.benchmark.scores import anchors
from reports.report import Report


def leaderboard(report: Report) -> pd.DataFrame:
    """All tasks together (columns: `reports.benchmark.leaderboard.overall`)."""
    summary = report.own.summary
    return boards.overall(summary, anchors(summary, GOALS))


def leaderboards(report: Report) -> pd.DataFrame:
    """Each task by itself (columns: `reports.benchmark.leaderboard.per_task`, with `cells.with_failed`)."""
    summary = report.own.summary
    return cells.with_failed(boards.per_task(summary, anchors(summary, GOALS)), outcomes(report))


def chances(report: Report) -> pd.DataFrame:
    """How often a run beats one of the baseline (columns: `reports.benchmark.leaderboard.improvement`)."""
    return boards.improvement(report.own.summary)


def returns(report: Report) -> pd.DataFrame:
    """Means and their standard errors (columns: `reports.benchmark.cells.returns`, with `cells.with_failed`)."""
    return cells.with_failed(cells.returns(report.own.summary), outcomes(report))


def solving(report: Report) -> pd.DataFrame:
    """Episodes and steps until a task is solved (columns: `reports.benchmark.cells.solving`, and median_steps)."""
    summary = report.own.summary
    table = cells.solving(summary)
    medians = cells.steps_to_solve(summary, report.of.THRESHOLDS)
    keys = table[["task", "method", "variant"]].itertuples(index=False, name=None)
    return table.assign(median_steps=[medians.get(key, float("nan")) for key in keys])


def stability(report: Report) -> pd.DataFrame:
    """How much seeds differ (columns: `reports.benchmark.cells.stability`)."""
    return cells.stability(report.own.summary)


def origins(report: Report) -> pd.DataFrame:
    """Where settings are from (columns: `reports.benchmark.cells.origins`)."""
    return cells.origins(report.own.runs)


def outcomes(report: Report) -> pd.DataFrame:
    """How the seeds ended (columns: `reports.benchmark.cells.outcomes`)."""
    return cells.outcomes(cells.ends(report.own.runs))
