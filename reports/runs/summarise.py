"""From the logs of the runs to one row per seed, to learning curves and to recorded trajectories."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.runs.load import KEYS, Run
from reports.statistics.inference import standard_deviation

CURVE_POINTS = 500
"""A curve is stored at no more than this many places of the least length of its runs: more than a printed figure can show."""
QUARTER = 0.25
"""Share of a run's episodes or updates that its beginning and its end are measured on."""
PLATEAU = 100
"""Consecutive episodes that `best_median` is over."""


def summarise(
    runs: Sequence[Run], thresholds: Mapping[str, float], windows: Mapping[str, int], checkpoints: Sequence[int]
) -> pd.DataFrame:
    """One row per task, method, variant and seed, with the columns

    * label, kind ("episodic" or "single_step"), steps (number of episodes or updates), mean_return (over the run's budget of
      them, which all runs have in common, though some go on until they solve the task), final_mean (over the last
      `windows[kind]`), first_quarter_mean and last_quarter_mean (over the first and last `QUARTER`), last_quarter_sd (how much
      those vary among themselves: their standard deviation, ddof = 1; missing where it is one);
    * episodic: first_perfect and solved, the first episode whose return, or trailing mean over 100 episodes, reaches the
      task's threshold (missing: not within the budget, so censored at `steps`); the thresholds themselves; goals (episodes
      that ended by themselves rather than at the time limit), first_goal (the first of these, missing where there is none) and
      goal_rate (their share of the last 100); best_median, the highest that the median of `PLATEAU` consecutive returns ever was;
    * single-step: reward_at_<checkpoint> and reward_at_last, running means (missing: beyond the budget);
    * where some budget is in steps: env_steps, which all episodes took, and solved_steps, at the end of the episode `solved`.

    A run whose budget is in steps has its own number of episodes, and its means are over all of them.
    """
    rows = [
        {**dict(zip(KEYS, run.key, strict=True)), "label": run.info["label"], "seed": seed}
        | (_episodic(log, _budget(run), thresholds.get(run.info["task"]), windows["episodic"]) if run.episodic else {})
        | (_single_step(log, _budget(run), windows["single_step"], checkpoints) if not run.episodic else {})
        for run in runs
        for seed, log in run.by_seed()
    ]
    table = pd.DataFrame(rows).sort_values([*KEYS, "seed"], ignore_index=True)
    for column in ("first_perfect", "solved", "goals", "first_goal"):
        table[column] = table[column].astype("Int64") if column in table else pd.array([pd.NA] * len(table), dtype="Int64")
    floats = ["perfect_threshold", "solved_threshold", "goal_rate", "best_median"]
    floats += [f"reward_at_{c}" for c in (*checkpoints, "last")]
    for column in floats:
        table[column] = table[column].astype(float) if column in table else np.nan
    if any(map(in_steps, runs)):
        steps = steps_of_runs(runs, thresholds)
        table = table.merge(steps, how="left", on=[*KEYS, "seed"], validate="one_to_one")
    return table


def in_steps(run: Run) -> bool:
    """Whether a run's budget is in steps: its seeds then have differently many episodes."""
    return "env_steps" in run.info["budget"]


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


def curves(runs: Sequence[Run], windows: Mapping[str, int]) -> pd.DataFrame:
    """Learning curves: task, method, variant, label, kind, seed, x (episode or update), value (the trailing mean).

    The mean is over the last `windows[kind]` episodes or updates, and over fewer before there are that many. All seeds have the
    same places, those of longer runs going on in the same steps. Where a run's budget is in steps, x is a step of the
    environment, and the mean is over the episodes that had ended by then; a seed has no places before its first end.
    """
    parts = []
    for run in runs:
        kind = "episodic" if run.episodic else "single_step"
        for seed, log in run.by_seed():
            mean = trailing_mean(log[run.value].to_numpy(float), windows[kind])
            fewest = _budget(run)
            if fewest is None:
                x, places = _step_places(run.info["budget"]["env_steps"], log["env_steps"].to_numpy())
            else:
                x = places = _places(fewest, len(log))
            frame = pd.DataFrame({"seed": seed, "x": x, "value": mean[places - 1]})
            parts.append(frame.assign(**dict(zip(KEYS, run.key, strict=True)), label=run.info["label"], kind=kind))
    return pd.concat(parts).sort_values([*KEYS, "seed", "x"], ignore_index=True)


def _budget(run: Run) -> int | None:
    """Episodes or updates that every seed of a run has; None where their number is each seed's own."""
    return None if in_steps(run) else int(run.info["budget"][f"{run.index}s"])


def _places(fewest: int, length: int) -> NDArray[np.int64]:
    """Where a curve of `length` episodes or updates is stored: `CURVE_POINTS` in the first `fewest`, and on in the same steps."""
    first = np.unique(np.linspace(1, fewest, min(fewest, CURVE_POINTS)).round().astype(np.int64))
    step = max(1, fewest // CURVE_POINTS)
    return np.concatenate([first, np.arange(fewest + step, length + 1, step, dtype=np.int64)])


def _step_places(budget: float, ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """At most `CURVE_POINTS` steps up to a budget, and which episode (from 1) had last ended by each; `ends`: after which steps
    episodes did.
    """
    count = int(min(budget, CURVE_POINTS))
    steps = np.linspace(budget / count, budget, count).round().astype(np.int64)
    ended = np.searchsorted(ends, steps, side="right")
    # The last episode goes on beyond the budget, and counts as ended with it.
    ended[-1] = len(ends)
    return steps[ended > 0], ended[ended > 0]


def trajectories(runs: Sequence[Run]) -> pd.DataFrame:
    """Recorded episodes: task, method, variant, label, seed, episode, length, trajectory (observations [length+1, d], flat)."""
    columns = ["seed", "episode", "length", "trajectory"]
    parts = [pd.DataFrame({name: [] for name in [*KEYS, "label", *columns]})]
    for run in runs:
        if "trajectory" in run.log:
            recorded = run.log.loc[run.log["trajectory"].notna(), columns]
            parts.append(recorded.assign(**dict(zip(KEYS, run.key, strict=True)), label=run.info["label"]))
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled).sort_values([*KEYS, "seed", "episode"], ignore_index=True)


def across_seeds(curve: pd.DataFrame) -> pd.DataFrame:
    """Mean, sd and sem (ddof = 1; missing at n = 1) and n over the seeds, for each x of one task × method × variant."""
    table = curve.groupby("x")["value"].agg(["mean", "std", "count"]).rename(columns={"std": "sd", "count": "n"})
    return table.assign(sem=table["sd"] / np.sqrt(table["n"])).reset_index()


def trailing_mean(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Mean of each value and the up to `window` − 1 before it; same length as `values`."""
    return pd.Series(values).rolling(window, min_periods=1).mean().to_numpy()


def quarter(values: NDArray[np.float64], place: Literal["first", "last"], share: float = QUARTER) -> NDArray[np.float64]:
    """The first or the last `share` of the values, of which there is one at least: a part of a value counts as a whole one."""
    count = math.ceil(share * len(values) - 1e-9)  # a share of .1 of 30 values is 3 of them, whatever the product's last digit
    return values[:count] if place == "first" else values[len(values) - count :]


def first_at_least(values: NDArray[np.float64], threshold: float | None, start: int = 0) -> int | None:
    """1-based place of the first value ≥ threshold from index `start` on; None where there is none (or no threshold)."""
    if threshold is None:
        return None
    # Rolling sums leave rounding errors of about 1e-13: a mean of exactly 500 must count as 500.
    reached = np.flatnonzero(values[start:] >= threshold - 1e-9)
    return int(reached[0]) + start + 1 if reached.size else None


def _episodic(log: pd.DataFrame, budget: int | None, threshold: float | None, window: int) -> dict[str, Any]:
    returns = log["return"].to_numpy(float)
    goal = (log["ended"] == "terminated").to_numpy()
    return {
        "kind": "episodic",
        **_levels(returns, budget, window),
        "perfect_threshold": threshold,
        "solved_threshold": threshold,
        "first_perfect": first_at_least(returns, threshold),
        # A trailing mean over fewer than 100 episodes does not solve a task.
        "solved": first_at_least(trailing_mean(returns, 100), threshold, start=99),
        "goals": int(goal.sum()),
        "first_goal": first_at_least(goal.astype(float), 1.0),
        "goal_rate": goal[-100:].mean(),
        "best_median": pd.Series(returns).rolling(min(PLATEAU, len(returns))).median().max(),
    }


def _levels(values: NDArray[np.float64], budget: int | None, window: int) -> dict[str, float]:
    """How high a run's returns or rewards are, over its budget, at its beginning and at its end, and how steady in the end."""
    end = quarter(values, "last")
    return {
        "steps": len(values),
        "mean_return": values[:budget].mean(),
        "final_mean": values[-window:].mean(),
        "first_quarter_mean": quarter(values, "first").mean(),
        "last_quarter_mean": end.mean(),
        "last_quarter_sd": standard_deviation(end),
    }


def _single_step(log: pd.DataFrame, budget: int | None, window: int, checkpoints: Sequence[int]) -> dict[str, Any]:
    reward = log["mean_reward"].to_numpy(float)
    running = trailing_mean(reward, window)
    at = {f"reward_at_{update}": running[update - 1] for update in checkpoints if update <= len(running)}
    return {
        "kind": "single_step",
        **_levels(reward, budget, window),
        "reward_at_last": running[-1],
        **at,
    }
