"""Sentences say what the tables say, and nothing where these are empty."""

from __future__ import annotations

import pandas as pd

from reports.benchmark.cells import ends, outcomes, solving
from reports.benchmark.leaderboard import improvement, overall
from reports.benchmark.scores import anchors
from reports.benchmark.sentences import sentences
from tests.unit.reports.benchmark.matrix import THRESHOLDS, matrix, solved


def said(summary: pd.DataFrame) -> list[str]:
    """The sentences about a matrix."""
    return sentences(overall(summary, anchors(summary, THRESHOLDS)), improvement(summary), solving(summary), outcomes(ends([])))


def test_what_failed_is_named() -> None:
    run = {"task": "A", "method": "ours", "variant": "v", "label": "Ours", "seeds": [0, 1]}
    table = outcomes(ends([run, run | {"task": "B", "failed": "ValueError: no"}]))
    nothing = matrix().iloc[:0]
    boards = overall(nothing, {}), improvement(nothing), solving(nothing)
    assert sentences(*boards, table) == ["2 of 4 runs ended with an error, and have no numbers: Ours on B."]


def test_sentences_of_a_matrix_made_by_hand() -> None:
    ahead, rivals, baseline, times = said(solved(matrix(), "A", "ours", [10, 20, 30, None]))
    assert ahead.startswith("Over 2 tasks, Ours has the highest mean score, 0.80 (95 % interval 0.7")
    assert rivals == "1 of the other 2 rules may be as good, as far as 8 runs of it can tell."
    assert baseline.startswith(
        "Task by task, the other rules are better than the baseline in 0 and worse in 0 of 5 cells, at 5 %"
    )
    assert times == "3 of 28 runs solved their task; nobody solved B."


def test_clear_results_are_named() -> None:
    clear = {("A", "random"): [0.0, 0.1, 0.2, 0.3] * 3, ("A", "ours"): [9.0, 9.1, 9.2, 9.3] * 3}
    summary = matrix({**clear, ("A", "backprop_traces"): [5.0, 5.1, 5.2, 5.3] * 3})
    _, rivals, baseline, _ = said(summary)
    assert rivals == "It is ahead of all others, as far as 12 runs of it can tell."
    assert baseline == (
        "Task by task, the other rules are better than the baseline in 1 and worse in 1 of 2 cells, at 5 % after Holm's "
        "adjustment: Ours on A is better."
    )


def test_an_empty_matrix_says_nothing() -> None:
    assert said(matrix({("C", "ours"): [1, 2]})) == []
