"""Steps of the environment instead of episodes, from the logs: methods with equally many steps have differently many episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from reports.runs.load import KEYS, Run
from reports.runs.summarise import first_at_least, trailing_mean
from reports.statistics.times import median_time


def steps_of_runs(runs: Sequence[Run], thresholds: Mapping[str, float]) -> pd.DataFrame:
    """One row per task, method, variant and seed of the episodic tasks, with the columns

    task, method, variant, seed; env_steps (of the whole run); solved_steps (at the end of the first episode whose trailing mean
    over 100 reaches the threshold; missing: not within the run, or no threshold).
    """
    rows = []
    for run in runs:
        if not run.episodic:
            continue
        for seed, log in run.by_seed():
            values, steps = log["return"].to_numpy(float), log["env_steps"].to_numpy(float)
            solved = first_at_least(trailing_mean(values, 100), thresholds.get(run.info["task"]), start=99)
            at = np.nan if solved is None else steps[solved - 1]
            rows.append({**dict(zip(KEYS, run.key, strict=True)), "seed": seed, "env_steps": steps[-1], "solved_steps": at})
    return pd.DataFrame(rows, columns=[*KEYS, "seed", "env_steps", "solved_steps"])


def steps_to_solve(steps: pd.DataFrame, thresholds: Mapping[str, float]) -> dict[tuple[str, str, str], float]:
    """Kaplan–Meier median of the steps until a cell's runs solve its task; inf: beyond the runs. Tasks without thresholds lack.

    `steps` is as `steps_of_runs` makes it; the keys are (task, method, variant).
    """
    medians = {}
    for (task, method, variant), own in steps.groupby(KEYS):
        if task in thresholds:
            times = own["solved_steps"].fillna(own["env_steps"])
            medians[str(task), str(method), str(variant)] = median_time(times, own["solved_steps"].notna()).estimate
    return medians
