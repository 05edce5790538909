"""The tables that kungl2021 has of its own; those that every paper has are in reports/tables/common.py."""

from __future__ import annotations

import pandas as pd

import reports.kungl2021.bandits
from reports.kungl2021 import EXPERIMENTS, METHODS, OWN_VARIANTS, STANDARD, TASKS, dynamics, supervised
from reports.report import Report
from reports.tables.last_quarter import endings_table

VARIANTS = (*OWN_VARIANTS, *(f"{STANDARD}-{name}" for names in EXPERIMENTS.values() for name in names))
"""Everything that is run, in the order of tables."""


def accuracies(report: Report) -> pd.DataFrame:
    """Accuracy after the last picture (columns: `reports.kungl2021.supervised.accuracies`)."""
    return supervised.accuracies(report.data)


def cosines(report: Report) -> pd.DataFrame:
    """Angles with backpropagation by depth and nudging (columns: `reports.kungl2021.supervised.cosines`)."""
    return supervised.cosines(report.data)


def presentations(report: Report) -> pd.DataFrame:
    """Angles with backpropagation by presentation time (columns: `reports.kungl2021.supervised.presentations`)."""
    return supervised.presentations(report.data)


def bandits(report: Report) -> pd.DataFrame:
    """The bandits' last blocks (columns: `reports.kungl2021.bandits.bandits`)."""
    return reports.kungl2021.bandits.bandits(report.data)


def climbing(report: Report) -> pd.DataFrame:
    """Updates beside the gradient of the expected reward (columns: `reports.kungl2021.dynamics.climbing`)."""
    return dynamics.climbing(report.data)


def residuals(report: Report) -> pd.DataFrame:
    """How |F| decays (columns: `reports.kungl2021.dynamics.residuals`)."""
    return dynamics.residuals(report.data)


def last_quarter(report: Report) -> pd.DataFrame:
    """The last quarter of everything that is run (columns: `reports.tables.last_quarter.endings_table`)."""
    keys = [(method, variant) for method in METHODS for variant in VARIANTS]
    return endings_table(report.data, tuple(TASKS), keys)
