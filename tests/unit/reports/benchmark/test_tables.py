"""Tables of a matrix that is made by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from reports.benchmark.cells import compute, ends, outcomes, returns, solving, stability, steps_to_solve, survival, with_failed
from reports.runs.load import Run
from reports.runs.summarise import steps_of_runs
from reports.statistics.times import log_rank
from tests.unit.reports.benchmark.matrix import matrix, solved
from tests.unit.reports.benchmark.test_leaderboard import row


def test_returns_have_their_standard_errors() -> None:
    ours = row(returns(matrix()), task="C", method="ours")
    sem = math.sqrt(5 / 3) / 2
    assert list(ours[["n", "overall", "overall_sem", "final", "final_sem"]]) == pytest.approx([4, 2.5, sem, 3.5, sem])
    alone = returns(matrix({("A", "ours"): [3]})).iloc[0]
    assert alone["overall"] == 3
    assert math.isnan(alone["overall_sem"])


def test_solving_counts_runs_that_did_not() -> None:
    summary = solved(matrix(), "A", "ours", [10, 20, 30, None])
    summary = solved(summary, "A", "backprop_traces", [60, 70, None, None])
    table = solving(summary)
    ours = row(table, task="A", method="ours")
    assert list(ours[["n", "reached", "median", "limit", "restricted"]]) == [4, 3, 20, 100, 40]
    assert row(table, task="A", method="random")["median"] == math.inf
    baseline = [60, 70, 100, 100], [True, True, False, False]
    ours_p = log_rank([10, 20, 30, 100], [True, True, True, False], *baseline)
    random_p = log_rank([100] * 4, [False] * 4, *baseline)
    assert random_p < ours_p, "so that Holm's adjustment doubles the first alone"
    assert row(table, task="A", method="random")["p"] == pytest.approx(2 * random_p)
    assert ours["p"] == pytest.approx(max(ours_p, 2 * random_p)), "where nothing is solved there is no test to count"
    assert "C" not in set(table["task"])


def test_survival_starts_at_one_and_falls_at_each_solution() -> None:
    summary = solved(matrix(), "A", "ours", [10, 20, 20, None])
    table = survival(summary)
    own = table[(table["task"] == "A") & (table["method"] == "ours")]
    assert list(own["x"]) == [0, 10, 20, 100]
    assert list(own["share"]) == pytest.approx([1, 0.75, 0.25, 0.25])


def test_matrix_without_thresholds_has_no_times() -> None:
    summary = matrix({("C", "ours"): [1, 2]})
    assert solving(summary).empty
    assert survival(summary).empty


def test_stability_tells_the_worst_seed() -> None:
    ours = row(stability(matrix()), task="A", method="ours")
    assert list(ours[["n", "sd", "worst", "median", "best", "within"]]) == pytest.approx([4, math.sqrt(2 / 3), 10, 11, 12, 3])


def ended(*rows: tuple[int, str, str]) -> pd.DataFrame:
    """How the seeds of one cell ended: seed, outcome, reason."""
    return pd.DataFrame(rows, columns=["seed", "outcome", "reason"]).assign(task="A", method="ours", variant="v", label="O")


def test_outcomes_are_counted_with_the_first_reason() -> None:
    table = outcomes(ended((2, "failed", "out of memory"), (1, "diverged", "not finite"), (0, "done", ""), (3, "missing", "")))
    counted = table.iloc[0][["n", "done", "diverged", "failed", "missing", "reason"]]
    assert list(counted) == [4, 1, 1, 1, 1, "not finite"]


def test_unknown_outcomes_and_seeds_counted_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="gone"):
        outcomes(ended((0, "gone", "")))
    with pytest.raises(ValueError, match="twice"):
        outcomes(ended((0, "done", ""), (0, "failed", "")))


def episodes(*returns: list[float]) -> Run:
    """A run, a list of returns for each seed, whose episodes are two steps long."""
    logs = [
        pd.DataFrame({"seed": seed, "episode": range(1, len(own) + 1), "return": own, "env_steps": range(2, 2 * len(own) + 1, 2)})
        for seed, own in enumerate(returns)
    ]
    info = {"task": "A", "method": "ours", "variant": "v", "label": "Ours", "seeds": list(range(len(returns)))}
    return Run(info | {"budget": {"episodes": 120}}, pd.concat(logs, ignore_index=True))


def test_steps_to_solve_end_with_the_hundredth_good_episode() -> None:
    run = episodes([0.0] * 10 + [10.0] * 110, [10.0] * 120, [0.0] * 120)
    table = steps_of_runs([run], {"A": 10.0})
    assert list(table["env_steps"]) == [240, 240, 240]
    assert list(table["solved_steps"].fillna(-1)) == [220, 200, -1]
    assert steps_to_solve(table, {"A": 10.0}) == {("A", "ours", "v"): 220}
    assert steps_to_solve(table, {}) == {}


def test_compute_is_per_step_and_until_the_task_is_solved() -> None:
    cost = {"task": "A", "method": "ours", "variant": "v", "label": "Ours", "agent_steps": 2_000_000.0, "cpu_seconds": 60.0}
    other = cost | {"task": "C"}
    table = compute(pd.DataFrame([cost, other]), {("A", "ours", "v"): 10_000})
    assert list(table["us_per_step"]) == pytest.approx([30, 30])
    assert table["seconds_to_solve"][0] == pytest.approx(0.3)
    assert math.isnan(table["seconds_to_solve"][1])
    assert compute(pd.DataFrame([cost]), {("A", "ours", "v"): math.inf})["seconds_to_solve"][0] == math.inf


def test_a_seed_that_diverged_says_when() -> None:
    run = {"task": "A", "method": "ours", "variant": "v", "label": "Ours", "seeds": [4, 5, 6], "diverged": {"5": 17}}
    table = outcomes(ends([run, {**run, "seeds": [7], "diverged": None}]))
    assert list(table.iloc[0][["n", "done", "diverged", "reason"]]) == [4, 3, 1, "diverged in episode or update 17"]


def test_cells_that_failed_are_not_left_out() -> None:
    run = {"task": "B", "method": "ours", "variant": "v", "label": "Ours", "seeds": [0, 1, 2, 3]}
    runs = [run, run | {"seeds": [4], "failed": "no"}, run | {"method": "lost", "label": "Lost", "failed": "no"}]
    table = with_failed(returns(matrix()), outcomes(ends(runs)))
    assert list(row(table, task="B", method="ours")[["n", "failed"]]) == [4, 1]
    lost = row(table, task="B", method="lost")
    assert list(lost[["label", "n", "failed"]]) == ["Lost", 0, 4]
    assert math.isnan(lost["overall"])
    assert list(table["task"]) == sorted(table["task"])
    assert table["failed"].sum() == 5
