"""Which MountainCar runs Figures 4 and 5 show: the paper picked its own by eye, we by a rule that is stated in the caption."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.claims.quantities import GOAL_SHARE

TASK = "MountainCarContinuous-v0"
SUCCESS_RATE = GOAL_SHARE
"""A run is successful if more than this share of its last 100 episodes reached the goal."""


@dataclass(frozen=True)
class Group:
    """Runs of one method that belong together, and the one that stands for them."""

    name: str
    method: str
    seed: int | None
    """The median run by mean return over all episodes (the lower of two); None: no run belongs to the group."""
    size: int
    total: int
    """Runs of the method, of which `size` belong to the group."""


def select_runs(summary: pd.DataFrame) -> list[Group]:
    """MAP propagation, and backprop's successful and failed runs."""
    runs = summary[(summary["task"] == TASK) & (summary["variant"] == "chung2021")]
    teams = runs[runs["method"] == "map_propagation"]
    backprop = runs[runs["method"] == "backprop_traces"]
    successful = backprop["goal_rate"] > SUCCESS_RATE
    return [
        _group("MAP propagation", "map_propagation", teams, len(teams)),
        _group("Backprop, successful", "backprop_traces", backprop[successful], len(backprop)),
        _group("Backprop, failed", "backprop_traces", backprop[~successful], len(backprop)),
    ]


def _group(name: str, method: str, runs: pd.DataFrame, total: int) -> Group:
    by_return = runs.sort_values(["mean_return", "seed"])
    seed = int(by_return["seed"].iloc[(len(runs) - 1) // 2]) if len(runs) else None
    return Group(name, method, seed, len(runs), total)
