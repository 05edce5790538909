"""What claims are about: levels of performance, and events that runs get to; and their values in a summary of our runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.runs.lookup import event_times
from reports.statistics.comparison import Comparison
from reports.statistics.times import restricted

Level = Literal["mean_return", "final_mean", "first_quarter_mean", "last_quarter_mean", "last_quarter_sd", "measured"]
"""A level of performance: the mean over the budget of episodes or updates, over the last ones that fill the paper's window, over
the first or the last quarter of them; the standard deviation among those of the last quarter, the less the better; or what an
experiment measured of a network."""
STEADINESS: tuple[Level, ...] = ("last_quarter_sd",)
"""Levels of which less is better."""
Event = Literal["first_perfect", "solved"]
"""Something that a run does for the first time in some episode: a perfect score, or a trailing mean that solves the task."""
EVENTS: tuple[Event, ...] = get_args(Event)

GOAL_SHARE = 0.5
"""A run has learned to reach the goal if more than this share of its last 100 episodes ended there."""


@dataclass(frozen=True)
class Times:
    """Episodes to an event, restricted to the least length that every run was watched for."""

    values: NDArray[np.float64]
    censored: int
    """Runs that count with the limit."""
    limit: float
    """inf where all got there."""

    @classmethod
    def of(cls, runs: pd.DataFrame, event: str, limit: float = math.inf) -> Times:
        """The times of these runs, restricted to `limit` or to the last episode of a run that did not get there before."""
        times, reached = event_times(runs, event)
        limit = min([limit, *times[~reached]])
        return cls(restricted(times, limit), int(((times > limit) | ((times == limit) & ~reached)).sum()), float(limit))

    @property
    def note(self) -> str:
        """What is said of a mean over these; empty where all got there."""
        if not self.censored:
            return ""
        return f"restricted to {self.limit:.0f} episodes, as which {self.censored} of {len(self.values)} runs count"


def values_and_censored(runs: pd.DataFrame, quantity: str) -> tuple[NDArray[np.float64], Times | None]:
    """A quantity of each run; with its times, where it is one."""
    if quantity in EVENTS:
        times = Times.of(runs, quantity)
        return times.values, times
    return runs[quantity].to_numpy(float), None


def compared(ours: pd.DataFrame, other: pd.DataFrame, quantity: str) -> tuple[Comparison, tuple[Times, Times] | None]:
    """Two rules' runs, the more the better; with their times, of which less is better, restricted alike.

    They are pairs where both are of one method and have the same seeds: then they share their weights at the start and their
    noise, and differ in a setting alone.
    """
    paired = _paired(ours, other)
    if paired:
        ours, other = ours.sort_values("seed"), other.sort_values("seed")
    if quantity not in EVENTS:
        return Comparison.of(more_is_better(ours, quantity), more_is_better(other, quantity), paired), None
    limit = min(Times.of(runs, quantity).limit for runs in (ours, other))
    times = Times.of(ours, quantity, limit), Times.of(other, quantity, limit)
    return Comparison.of(-times[0].values, -times[1].values, paired), times


def _paired(ours: pd.DataFrame, other: pd.DataFrame) -> bool:
    return (
        "seed" in ours
        and ours["method"].iloc[0] == other["method"].iloc[0]
        and len(ours) == len(other)
        and set(ours["seed"]) == set(other["seed"])
    )


def with_value(runs: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """The runs that have a level: one whose last quarter is a single episode has no deviation. All of them have a time."""
    return runs if quantity in EVENTS else runs[runs[quantity].notna()]


def more_is_better(runs: pd.DataFrame, quantity: str) -> NDArray[np.float64]:
    """A level of each run, with its sign turned where less of it is better."""
    values = runs[quantity].to_numpy(float)
    return -values if quantity in STEADINESS else values


def decimals(runs: pd.DataFrame) -> int:
    """Decimals that a level of these runs is shown with: rewards of single-step tasks, cosines and shares are small."""
    return 2 if (runs["kind"] == "episodic").any() else 3
