"""The tables that every paper has, by name: functions of a report. A paper's tables.py may define one of these names anew."""

from __future__ import annotations

import pandas as pd

import reports.claims.differences
import reports.claims.verdicts
import reports.figures.ablations
import reports.tables.searches
from reports.report import Report
from reports.runs.variants import experiments
from reports.tables import settings
from reports.tables.published import first_perfect, orderings, single_step, solved

__all__ = [
    "ablations",
    "differences",
    "first_perfect",
    "hyperparameters",
    "orderings",
    "runs",
    "searches",
    "single_step",
    "solved",
    "verdict_summary",
    "verdicts",
]


def verdicts(report: Report) -> pd.DataFrame:
    """Every claim of the paper beside ours (columns: `reports.claims.verdicts.verdicts`)."""
    return report.decided


def verdict_summary(report: Report) -> pd.DataFrame:
    """How the claims of each kind came out (columns: `reports.claims.verdicts.verdict_summary`)."""
    return reports.claims.verdicts.verdict_summary(report.decided)


def differences(report: Report) -> pd.DataFrame:
    """What was tried where a claim differs (columns: `reports.claims.differences.differences`)."""
    explained = reports.claims.differences.read_differences(report.paper, report.claims)
    return reports.claims.differences.differences(report.data, report.claims, report.decided, explained)


def ablations(report: Report) -> pd.DataFrame:
    """Each variant beside the paper's own setting (columns: `reports.figures.ablations.ablations`)."""
    found = experiments(report.data, report.of.OWN_VARIANTS, report.of.EXPERIMENTS)
    return reports.figures.ablations.ablations(report.data, found)


def searches(report: Report) -> pd.DataFrame:
    """The searches for settings that are recorded nowhere (columns: `reports.tables.searches.searches`)."""
    return reports.tables.searches.searches(report.paper, report.own)


def hyperparameters(report: Report) -> pd.DataFrame:
    """The settings of the paper's own runs (columns: `reports.tables.settings.hyperparameters`)."""
    return settings.hyperparameters(report.own, report.of.TASKS, report.of.METHODS)


def runs(report: Report) -> pd.DataFrame:
    """What was run, variants included (columns: `reports.tables.settings.run_records`)."""
    return settings.run_records(report.data, tuple(report.of.TASKS), report.of.METHODS)
