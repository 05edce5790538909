"""Result folders of everything that kubo2022 has run, with invented numbers: settings are those of its runs.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from envs.tasks import TASKS
from tests.unit.reports.synthetic_papers import SCALES, write_planned
from tests.unit.reports.synthetic_results import hash_of
from workflow.plan.plan import Run

PAPER = "kubo2022"
# Task: worst and best return, and the spread from episode to episode.
_RANGES = {"CartPole-v0": (20.0, 204.0, 12.0), "Acrobot-v1": (-500.0, -85.0, 18.0), "LunarLander-v2": (-260.0, 210.0, 60.0)}
# Method or variant: how much of the range it learns, in how many tenths of a run, and how much it varies in the end.
_SKILL = {
    "equilibrium_propagation": (1.0, 2.0, 0.4),
    "kubo2022-2017": (0.97, 1.2, 0.7),
    "kubo2022-other-rates": (0.99, 2.4, 0.5),
    "kubo2022-ep-only": (0.98, 3.0, 1.0),
    "kubo2022-ep-only-long": (1.0, 2.0, 0.8),
    "backprop_replay": (0.86, 1.0, 1.3),
    "kubo2022-honest": (0.95, 1.3, 0.9),
    "backprop_through_time": (0.98, 5.0, 1.0),
}
_STUCK = {"kubo2022-ep-only", "backprop_through_time"}
"""Every third of their runs gets nowhere."""


def write_kubo2022(root: Path, budget: str, seeds: Sequence[int], *, long: bool = False) -> list[Path]:
    """All run folders of the paper under `root`; returns them. `long`: also what only the extended scale has."""
    return write_planned(root, "extended" if long else SCALES[budget], PAPER, seeds, _log)


def _log(run: Run, seed: int) -> pd.DataFrame:
    worst, best, spread = _RANGES[run.task]
    share, tenths, varies = _SKILL.get(run.variant, _SKILL[run.method])
    rng = np.random.default_rng(hash_of("/".join(run.key)) + seed)
    if run.variant.startswith("kubo2022-rates-"):
        share, tenths = share - 0.03 * int(run.variant.rpartition("-")[2]) + 0.05, 2.0
    if seed % 3 == 2 and {run.variant, run.method} & _STUCK and run.variant != "kubo2022-2017":
        share = 0.3
    time = np.arange(1, run.length + 1) / (run.length / 10) / (tenths * rng.uniform(0.7, 1.3))
    learned = share * (1 - np.exp(-(time**1.5)))
    since = run.hyperparameters.get("low_temperature_from")
    if since is not None:
        cool = np.arange(run.length) >= since * run.length
        learned = np.where(cool, learned + 0.6 * (0.95 - learned), learned)
    returns = worst + (best - worst) * learned + rng.normal(0, spread * varies, run.length) * (1 + np.exp(-time))
    if run.task != "LunarLander-v2":
        returns = np.clip(np.round(returns), -500, 200)
    length = np.clip(np.abs(np.round(returns)), 1, TASKS[run.task].time_limit).astype("int32")
    return pd.DataFrame(
        {
            "seed": np.int32(seed),
            "episode": np.arange(1, run.length + 1, dtype="int32"),
            "env_steps": np.cumsum(length, dtype="int64"),
            "length": length,
            "return": returns,
            "ended": "terminated",
        }
    )
