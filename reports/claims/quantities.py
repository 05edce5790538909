"""What claims are about: levels of performance, and events that runs get to; and their values in a summary of our runs."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.runs.lookup import event_times

Level = Literal["mean_return", "final_mean", "first_quarter_mean", "last_quarter_mean", "last_quarter_sd"]
"""A level of performance: the mean over the budget of episodes or updates, over the last ones that fill the paper's window, over
the first or the last quarter of them; or the standard deviation among those of the last quarter, the less the better."""
STEADINESS: tuple[Level, ...] = ("last_quarter_sd",)
"""Levels of which less is better."""
Event = Literal["first_perfect", "solved"]
"""Something that a run does for the first time in some episode: a perfect score, or a trailing mean that solves the task."""
EVENTS: tuple[Event, ...] = get_args(Event)


def values_and_censored(runs: pd.DataFrame, quantity: str) -> tuple[NDArray[np.float64], int]:
    """A quantity of each run, and how many of them are censored."""
    if quantity in EVENTS:
        times, reached = event_times(runs, quantity)
        return times, int((~reached).sum())
    return runs[quantity].to_numpy(float), 0


def with_value(runs: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """The runs that have a level: one whose last quarter is a single episode has no deviation. All of them have a time."""
    return runs if quantity in EVENTS else runs[runs[quantity].notna()]


def more_is_better(runs: pd.DataFrame, quantity: str) -> NDArray[np.float64]:
    """A level of each run, with its sign turned where less of it is better."""
    values = runs[quantity].to_numpy(float)
    return -values if quantity in STEADINESS else values


def decimals(runs: pd.DataFrame) -> int:
    """Decimals that a level of these runs is shown with: rewards of single-step tasks are small."""
    return 3 if (runs["kind"] == "single_step").all() else 2
