"""The tables that guss2016 has of its own; those that every paper has are in reports/tables/common.py."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import reports.guss2016.critics
import reports.guss2016.small_networks
import reports.guss2016.theorem
from reports.guss2016 import (
    METHODS,
    NOISE_ONLY,
    PLAIN,
    RELATIVES,
    REPAIRED,
    SIZES,
    STANDARD,
    TASKS,
    UNTRAINED,
)
from reports.report import Report
from reports.runs.lookup import runs_of
from reports.tables.last_quarter import endings_table

VARIANTS = (
    *(STANDARD, REPAIRED, PLAIN, *(f"{first}-{size}" for first in (STANDARD, REPAIRED) for size in SIZES if size)),
    *(UNTRAINED, NOISE_ONLY),
)
"""Everything that is run, in the order of tables."""
SCORES = ("low_average", "low_best", "pixel_average", "pixel_best", "control_average", "control_best")
"""Columns of the table in section 5: DDPG from low-dimensional observations and from pixels, and the original controller."""


def gradients(report: Report) -> pd.DataFrame:
    """The neurons' gradients by reading (columns: `reports.guss2016.theorem.gradients`)."""
    return reports.guss2016.theorem.gradients(report.data)


def slopes(report: Report) -> pd.DataFrame:
    """Slopes at CartPole that the fits contradict (columns: `reports.guss2016.theorem.slopes`)."""
    return reports.guss2016.theorem.slopes(report.data)


def correlations(report: Report) -> pd.DataFrame:
    """Sub-critics beside the agent's critic (columns: `reports.guss2016.critics.correlations`)."""
    return reports.guss2016.critics.correlations(report.data)


def worlds(report: Report) -> pd.DataFrame:
    """Policies in the one-dimensional world (columns: `reports.guss2016.small_networks.worlds`)."""
    return reports.guss2016.small_networks.worlds(report.data)


def divergences(report: Report) -> pd.DataFrame:
    """Where local critics diverge (columns: `reports.guss2016.critics.divergences`)."""
    return reports.guss2016.critics.divergences(report.data)


def ddpg_table(report: Report) -> pd.DataFrame:
    """The table in section 5 beside our DDPG on the relatives of its tasks: the columns

    row (a task's name there), `SCORES`, task (ours; missing: none); n, mean, sd, best: returns over the last quarter of our runs.
    """
    printed = pd.read_csv(Path(__file__).with_name("ddpg_table.csv"))
    rows = []
    for name in printed["row"]:
        task = RELATIVES.get(name)
        ends = runs_of(report.data.summary, task, METHODS[0], STANDARD)["last_quarter_mean"] if task else pd.Series(dtype=float)
        rows.append({"task": task, "n": len(ends), "mean": ends.mean(), "sd": ends.std(), "best": ends.max()})
    return printed.join(pd.DataFrame(rows))


def last_quarter(report: Report) -> pd.DataFrame:
    """The last quarter of everything that is run (columns: `reports.tables.last_quarter.endings_table`)."""
    keys = [(method, variant) for method in METHODS for variant in VARIANTS]
    return endings_table(report.data, tuple(TASKS), keys)
