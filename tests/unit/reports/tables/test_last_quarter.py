"""How a run begins and how it ends: means over a quarter of it, and how steady its last quarter is."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from reports.runs.load import Run
from reports.runs.summarise import quarter, summarise


def summary_of(*returns: list[float]) -> pd.DataFrame:
    """The summary of runs, one a seed, with these returns."""
    logs = [
        pd.DataFrame({"seed": seed, "episode": range(1, len(own) + 1), "return": own, "ended": "terminated"})
        for seed, own in enumerate(returns)
    ]
    info = {"task": "T", "method": "m", "variant": "v", "label": "M", "seeds": list(range(len(returns))), "environment": {}}
    run = Run({**info, "budget": {"episodes": len(returns[0])}}, pd.concat(logs, ignore_index=True))
    return summarise([run], {}, {"episodic": 3, "single_step": 1}, ())


def test_quarters_of_two_runs_by_hand() -> None:
    table = summary_of([1, 3, 0, 0, 0, 100, 7, 10], [2, 2, 9, 9, 9, 9, -4, 4])
    assert list(table["first_quarter_mean"]) == [2.0, 2.0]
    assert list(table["last_quarter_mean"]) == [8.5, 0.0]
    # Two values a and b have the standard deviation |a - b| / sqrt(2) with ddof = 1, and |a - b| / 2 with ddof = 0.
    assert list(table["last_quarter_sd"]) == pytest.approx([3 / math.sqrt(2), 8 / math.sqrt(2)])


@pytest.mark.parametrize(("length", "count"), [(1, 1), (3, 1), (4, 1), (5, 2), (8, 2), (10, 3), (1000, 250), (1500, 375)])
def test_a_quarter_begins_and_ends_where_it_should(length: int, count: int) -> None:
    values = np.arange(1.0, length + 1)
    last, first = quarter(values, "last"), quarter(values, "first")
    assert (last[0], last[-1], len(last)) == (length - count + 1, length, count)
    assert (first[0], first[-1], len(first)) == (1, count, count)


def test_a_step_at_the_beginning_of_the_last_quarter_is_all_within_it() -> None:
    """One episode too many would let the old level in; one too few would leave the mean but lose the first value."""
    after = [5.0, *[1.0] * 249]
    table = summary_of([-1000.0] * 750 + after)
    assert table["last_quarter_mean"][0] == pytest.approx(np.mean(after))
    assert table["last_quarter_sd"][0] == pytest.approx(np.std(after, ddof=1))


def test_other_shares() -> None:
    assert len(quarter(np.zeros(30), "last", share=0.1)) == 3
    assert len(quarter(np.zeros(1500), "last", share=0.5)) == 750


def test_a_single_episode_has_no_steadiness() -> None:
    table = summary_of([4.0])
    assert table["last_quarter_mean"][0] == 4.0
    assert math.isnan(table["last_quarter_sd"][0])


def test_the_best_plateau_is_a_median_of_a_hundred_in_a_row() -> None:
    reached = [0.0] * 50 + [200.0] * 51 + [199.0] * 49 + [0.0] * 100
    missed = [0.0] * 50 + [200.0] * 50 + [190.0] * 100
    lucky = ([200.0] + [150.0] * 2) * 70
    assert list(summary_of(reached, missed, lucky)["best_median"]) == [200.0, 195.0, 150.0]
    assert summary_of([1.0, 5.0, 3.0])["best_median"][0] == 3.0  # all there are, where they are fewer


def test_the_mean_of_a_learning_curve_is_over_the_length_that_all_runs_have() -> None:
    """A run that goes on until it solves the task is no worse and no better for the episodes that others lack."""
    table = summary_of([1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 500.0, 500.0])
    assert list(table["mean_return"]) == [2.0, 2.0]
    assert list(table["steps"]) == [3, 5]
    assert list(table["final_mean"]) == [2.0, pytest.approx(1003 / 3)]
