"""The leaderboards of a matrix that is made by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from reports.benchmark.curves import SHARES, efficiency, profiles
from reports.benchmark.leaderboard import improvement, overall, per_task
from reports.benchmark.scores import FINAL, anchors, scores
from reports.statistics.aggregates import Anchors
from tests.unit.reports.benchmark.matrix import RETURNS, THRESHOLDS, matrix


def row(table: pd.DataFrame, **names: str) -> pd.Series:
    """The one row with these names."""
    (found,) = (own for _, own in table.iterrows() if all(own[name] == value for name, value in names.items()))
    return found


def test_scores_lie_between_the_random_policy_and_the_threshold() -> None:
    summary = matrix()
    scale = anchors(summary, THRESHOLDS)
    assert scale == {"A": Anchors(0.0, 10.0), "B": Anchors(-100.0, 100.0)}
    assert anchors(summary, THRESHOLDS, FINAL) == {"A": Anchors(1.0, 10.0), "B": Anchors(-99.0, 100.0)}
    assert scores(summary, scale)["ours", "v"]["A"] == pytest.approx([0.9, 1.0, 1.0, 1.1])


def test_a_threshold_that_random_runs_reach_gives_no_scores() -> None:
    assert anchors(matrix(), {"A": 0.0, "C": 5.0}) == {}


def test_each_task_has_its_own_ranks() -> None:
    summary = matrix()
    table = per_task(summary, anchors(summary, THRESHOLDS))
    assert list(table.loc[table["task"] == "A", "method"]) == ["ours", "backprop_traces", "random"]
    assert list(table.loc[table["task"] == "B", "method"]) == ["backprop_traces", "elsewhere", "ours", "random"]
    ours = row(table, task="A", method="ours")
    assert (ours["n"], ours["mean"], ours["score"], ours["iqm"], ours["rank"]) == (
        4,
        10.0,
        pytest.approx(1.0),
        pytest.approx(1.0),
        1,
    )
    half = 3.182446 * math.sqrt(2 / 3) / 2 / 10  # t of 3 degrees of freedom, SD of 9, 10, 10, 11
    assert (ours["score_low"], ours["score_high"]) == (pytest.approx(1 - half, abs=1e-6), pytest.approx(1 + half, abs=1e-6))
    assert math.isnan(ours["iqm_low"]), "four runs are too few for a bootstrap"
    unscored = row(table, task="C", method="ours")
    assert math.isnan(unscored["score"])
    assert unscored["rank"] == 1


def test_only_rules_that_ran_on_all_tasks_have_a_rank_over_all() -> None:
    summary = matrix()
    table = overall(summary, anchors(summary, THRESHOLDS))
    assert list(table["method"]) == ["ours", "backprop_traces", "random", "elsewhere"]
    assert list(table["score"]) == pytest.approx([(1 + 0.6) / 2, (0.5 + 1) / 2, 0.0, 0.75])
    assert list(table["rank"])[:3] == [1, 2, 3]
    assert math.isnan(table["rank"][3])
    assert list(table["tasks"]) == [2, 2, 2, 1]


def test_enough_runs_have_a_bootstrap_interval() -> None:
    rng = np.random.default_rng(0)
    summary = matrix({key: list(np.mean(values) + rng.normal(0, 1, 20)) for key, values in RETURNS.items()})
    best = overall(summary, anchors(summary, THRESHOLDS)).iloc[0]
    assert best["iqm_low"] < best["iqm"] < best["iqm_high"]


def test_no_task_with_anchors_leaves_no_board() -> None:
    assert overall(matrix(), {}).empty
    assert set(per_task(matrix(), {})["task"]) == {"A", "B", "C"}


def test_improvement_over_the_baseline() -> None:
    table = improvement(matrix())
    assert row(table, task="A", method="ours")["probability"] == 1.0
    assert row(table, task="B", method="ours")["probability"] == 0.0
    mean = row(table, task="all", method="ours")
    assert mean["probability"] == 0.5
    assert mean["low"] == pytest.approx(0.5 - (1 - row(table, task="A", method="ours")["low"]) / 2)
    assert not (table["method"] == "backprop_traces").any()
    assert "C" not in set(table["task"]), "the baseline did not run there"
    equal = matrix({("A", "ours"): [1, 2, 3], ("A", "backprop_traces"): [1, 2, 3]})
    tie = improvement(equal).iloc[0]
    assert (tie["probability"], tie["p"]) == (0.5, 1.0)


def test_a_matrix_without_baseline_has_no_improvement() -> None:
    assert improvement(matrix({("A", "ours"): [1, 2]})).empty


def curve(task: str, method: str, values: list[float]) -> pd.DataFrame:
    """Two seeds that learn alike, at episodes 1, 2, …"""
    frame = pd.DataFrame({"x": range(1, len(values) + 1), "value": values, "env_steps": [10 * 2**n for n in range(len(values))]})
    both = pd.concat([frame.assign(seed=seed) for seed in (0, 1)])
    return both.assign(task=task, method=method, variant="v")


def test_sample_efficiency_is_in_scores_by_the_share_of_a_run() -> None:
    curves = pd.concat([curve("A", "ours", [0, 10, 10]), curve("B", "ours", [-100, 0, 100]), curve("B", "elsewhere", [0, 0])])
    scale = anchors(matrix(), THRESHOLDS)
    table = efficiency(curves, scale)
    mean = table[(table["task"] == "all") & (table["method"] == "ours")].set_index("x")["estimate"]
    assert (mean[0.0], mean[0.5], mean[1.0]) == pytest.approx((0.0, 0.75, 1.0))
    assert set(table.loc[table["method"] == "elsewhere", "task"]) == {"B"}
    assert set(table["statistic"]) == {"mean"}
    assert len(table) == 4 * len(SHARES)


def test_sample_efficiency_by_steps() -> None:
    table = efficiency(curve("A", "ours", [0, 10, 10]), {"A": Anchors(0.0, 10.0)}, place="env_steps")
    own = table[table["task"] == "A"].set_index("x")["estimate"]
    assert own[0.16] == pytest.approx(0.48), "4.8 of the first 10 steps, along which the score rises from 0 to 1"


def test_profiles_show_rules_that_ran_everywhere() -> None:
    summary = matrix()
    table = profiles(summary, anchors(summary, THRESHOLDS))
    assert set(table["method"]) == {"ours", "backprop_traces", "random"}
    at = table[(table["method"] == "ours") & np.isclose(table["threshold"], 0.75)]["share"]
    assert list(at) == [0.5]
