"""The numbers of the report of chung2021 on synthetic results are those that numpy and scipy give."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.chung2021 import THRESHOLDS
from reports.chung2021.selection import select_runs
from reports.runs.load import load, read_report_data
from reports.runs.summarise import across_seeds, curves, first_at_least, summarise, trailing_mean
from tests.unit.reports.made_reports import PAPER, expected, log_of, row_of
from tests.unit.reports.synthetic_results import write_results


@pytest.mark.parametrize(("task", "method"), [("CartPole-v1", "map_propagation"), ("LunarLander-v2", "reinforce_thomas")])
def test_table_1_is_what_numpy_says(full: SimpleNamespace, task: str, method: str) -> None:
    row = row_of(full, "table_1", task=task, method=method)
    log = log_of(full, task, method)
    means = np.array([log.loc[log["seed"] == seed, "return"].mean() for seed in range(10)])
    # A printed deviation is no smaller than ours.
    paper_sd = max(row["paper_sd"] * np.sqrt(10 / 9), means.std(ddof=1))
    se, difference = np.hypot(means.std(ddof=1), paper_sd) / np.sqrt(10), means.mean() - row["paper_mean"]
    assert (row["n"], row["mean"], row["sd"]) == pytest.approx((10, means.mean(), means.std(ddof=0)), rel=1e-5)
    assert row["difference"] == pytest.approx(difference, rel=1e-4)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(
        stats.t.ppf(0.95, 9 if paper_sd <= means.std(ddof=1) else 12) * se, rel=0.05
    )
    inside = -row["margin"] <= row["low"] and row["high"] <= row["margin"]
    assert (row["verdict"] == "AGREES") == inside
    assert (row["verdict"] in ("AGREES", "DIFFERS")) == (row["p"] < 0.05)
    assert (row["verdict"] == "INCONCLUSIVE") == (not np.isnan(row["seeds"]))


def test_episodes_are_counted_as_by_hand(full: SimpleNamespace) -> None:
    log = log_of(full, "LunarLander-v2", "backprop_traces")
    first, solved = [], []
    for _, run in log.groupby("seed"):
        returns = run.sort_values("episode")["return"].to_numpy()
        first.append(next(i + 1 for i, value in enumerate(returns) if value >= 200))
        solved.append(next(i for i in range(100, len(returns) + 1) if returns[i - 100 : i].mean() >= 200))
    key = {"task": "LunarLander-v2", "method": "backprop_traces"}
    assert row_of(full, "first_perfect", **key)["mean_reached"] == pytest.approx(np.mean(first))
    row = row_of(full, "solved", **key)
    assert row["mean_reached"] == pytest.approx(np.mean(solved))
    assert row["median"] == sorted(solved)[4]
    assert (row["reached"], row["n"], row["paper_reached"], row["paper_mean"]) == (10, 10, 4, 1311)


def test_unsolved_runs_are_censored_not_dropped(full: SimpleNamespace) -> None:
    row = row_of(full, "solved", task="MountainCarContinuous-v0", method="backprop_traces")
    assert 0 < row["reached"] < row["n"] / 2
    assert row["median"] == np.inf
    assert row["mean_reached"] < np.inf
    facts = full.facts["groups_shown"]
    assert [group["size"] for group in facts] == [10, row_of(full, "goal", method="backprop_traces")["often"], facts[2]["size"]]
    assert facts[1]["size"] + facts[2]["size"] == 10


def test_checkpoints_are_running_means_over_ten_updates(full: SimpleNamespace) -> None:
    log = log_of(full, "Multiplexer-v0", "map_propagation")
    at = [run.sort_values("update")["mean_reward"].to_numpy()[4990:5000].mean() for _, run in log.groupby("seed")]
    row = row_of(full, "single_step", task="Multiplexer-v0", method="map_propagation", update=5000)
    interval = stats.ttest_1samp(at, 0).confidence_interval(0.95)
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((np.mean(at), interval.low, interval.high), rel=1e-4)
    claim = row_of(full, "verdicts", id="curve-multiplexer-map-5000")
    assert (row["paper"], row["verdict"]) == (0.9, claim["verdict"])
    last = row_of(full, "single_step", task="ScalarRegression-v0", method="backprop_traces", last=True)
    assert last["update"] == 7812


def test_orderings_use_the_quantity_they_name(full: SimpleNamespace) -> None:
    row = row_of(full, "orderings", task="ScalarRegression-v0", quantity="final_mean")
    log = log_of(full, "ScalarRegression-v0", "backprop_traces")
    final = np.mean([run.sort_values("update")["mean_reward"].to_numpy()[-10:].mean() for _, run in log.groupby("seed")])
    assert (row["better"], row["worse"]) == ("Backprop", "MAP propagation (SL)")
    assert row["mean_better"] == pytest.approx(final, rel=1e-4)
    assert (row["probability"], row["verdict"]) == (1, "AGREES")


def test_bands_are_over_seeds_with_ddof_1(full: SimpleNamespace) -> None:
    table = read_report_data(full.data).curves
    runs = table[(table["task"] == "Acrobot-v1") & (table["method"] == "map_propagation")]
    band = across_seeds(runs).set_index("x")
    log = log_of(full, "Acrobot-v1", "map_propagation")
    at = [run.sort_values("episode")["return"].to_numpy()[100:200].mean() for _, run in log.groupby("seed")]
    assert band.loc[200, "mean"] == pytest.approx(np.mean(at))
    assert band.loc[200, "sem"] == pytest.approx(np.std(at, ddof=1) / np.sqrt(10))
    assert band.loc[200, "n"] == 10


def test_selected_runs_are_medians_of_their_groups() -> None:
    rows = [("map_propagation", seed, float(seed), 1.0) for seed in range(4)]
    rows += [("backprop_traces", seed, 10.0 - seed, rate) for seed, rate in enumerate([0.9, 0.2, 0.5, 0.8, 0.0])]
    summary = pd.DataFrame(rows, columns=["method", "seed", "mean_return", "goal_rate"])
    groups = select_runs(summary.assign(task="MountainCarContinuous-v0", variant=PAPER))
    assert [(group.seed, group.size, group.total) for group in groups] == [(1, 4, 4), (3, 2, 5), (2, 3, 5)]


def test_trailing_mean_and_thresholds() -> None:
    assert trailing_mean(np.array([1.0, 3.0, 5.0, 7.0]), 2).tolist() == [1, 2, 4, 6]
    exactly = trailing_mean(np.array([0.1] * 7 + [500.0] * 300), 100)
    assert first_at_least(exactly, 500.0, start=99) == 107
    assert first_at_least(np.array([9.0, 9.0, 1.0]), 5.0, start=2) is None
    assert first_at_least(np.array([9.0]), None) is None


def test_the_thresholds_are_those_that_the_paper_states() -> None:
    assert THRESHOLDS == {"CartPole-v1": 500, "LunarLander-v2": 200, "Acrobot-v1": -120, "MountainCarContinuous-v0": 90}


@pytest.mark.parametrize(("budget", "solved"), [("tiny", None), ("tenth", 100)])
def test_no_task_is_solved_in_fewer_than_a_hundred_episodes(budget: str, solved: int | None, tmp_path: Path) -> None:
    (folder,) = write_results(tmp_path, budget, [0], [("CartPole-v1", "reinforce")])
    log = pd.read_parquet(folder / "episodes.parquet")
    log.assign(**{"return": 500.0}).to_parquet(folder / "episodes.parquet", index=False)
    runs = load([folder], expected([folder], [0]))
    row = summarise(runs, {"CartPole-v1": 500}, {"episodic": 100, "single_step": 10}, (5,)).iloc[0]
    assert row["first_perfect"] == 1
    assert (None if pd.isna(row["solved"]) else row["solved"]) == solved


def test_curves_end_at_the_last_update(full: SimpleNamespace) -> None:
    table = read_report_data(full.data).curves
    ends = table.groupby("task")["x"].agg(["min", "max"])
    assert list(ends.loc["Multiplexer-v0"]) == [1, 31_250]
    assert list(ends.loc["LunarLander-v2"]) == [1, 2_500]


def test_curves_of_short_runs_keep_every_point(tmp_path: Path) -> None:
    folders = write_results(tmp_path, "tiny", range(2), [("LunarLander-v2", "reinforce")])
    table = curves(load(folders, expected(folders, range(2))), {"episodic": 100, "single_step": 10})
    for _, curve in table.groupby("seed"):
        assert list(curve["x"]) == list(range(1, 26))
