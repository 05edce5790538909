"""What another platform may change, and what it may not."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.regression.artefacts import Artefacts, as_text
from tests.regression.comparison import moves


def training(first: float = 21.0, later: float = 30.0, norm: float = 5.0) -> pd.DataFrame:
    rows = [(0, "episode 1", first, ""), (0, "episode 2", later, ""), (0, "log/return", later, later), (0, "actor/w", 0.1, norm)]
    frame = pd.DataFrame(rows, columns=["seed", "what", "value", "norm"], dtype=object)
    return as_text(frame.assign(sha256=f"{first} {later} {norm}"))


def trainings(*norms: float) -> Artefacts:
    return {f"chung2021/training/Task-v{i}/reinforce/chung2021": training(norm=norm) for i, norm in enumerate(norms)}


def table(**changed: list[object]) -> Artefacts:
    columns: dict[str, list[object]] = {
        "label": ["A", "B", "C", "D", "E"],
        "mean": [1.0, 2.0, 3.0, 4.0, 5.0],
        "ours": ["1.0 ± 0.1", "2.0 ± 0.1", "3.0 ± 0.1", "4.0 ± 0.1", "5.0 ± 0.1"],
        "verdict": ["AGREES", "AGREES", "DIFFERS", "", ""],
    }
    return {"chung2021/judged/table_1": as_text(pd.DataFrame(columns | changed, dtype=object))}


def figure(y: list[str], ticks: str = "0 | 5", look: str = "#0072b2ff") -> Artefacts:
    rows = [("0", "x axis", ticks, "linear", "0 1", "0 9"), *(("0", "band", "", look, "0 1 2", values) for values in y)]
    frame = pd.DataFrame(rows, columns=["panel", "artist", "label", "look", "x", "y"])
    return {"chung2021/figure/figure_2": frame.assign(sha256=" ".join(y))}


def test_a_training_may_end_elsewhere_but_not_begin_so() -> None:
    name = "chung2021/training/CartPole-v1/reinforce/chung2021"
    assert not moves({name: training()}, {name: training(first=21.00001, later=99.0)}, exact=False)
    (move,) = moves({name: training()}, {name: training(first=25.0)}, exact=False)
    assert move.largest == "value of 0 episode 1: 21.0 → 25.0 (1.6e-01)"


def test_most_trainings_may_go_astray_but_not_all_of_a_method() -> None:
    assert not moves(trainings(5, 5, 5), trainings(5, 9, 9), exact=False)
    (move,) = moves(trainings(5, 5, 5), trainings(5.1, 5.1, 5.2), exact=False)
    assert move.artefact == "chung2021/training/*/reinforce"
    assert move.largest == "norms of parameters, by 2.0e-02 and more"


def test_a_verdict_may_follow_what_is_judged_and_a_number_may_come_or_go() -> None:
    verdicts: list[object] = ["AGREES", "AGREES", "INCONCLUSIVE", "", ""]
    assert not moves(table(), table(mean=[1.0, 2.0, 3.5, 4.0, None], verdict=verdicts), exact=False)
    (move,) = moves(table(), table(mean=[1.0, 2.0, 3.0, 4.0, None], verdict=verdicts), exact=False)
    assert move.largest == "verdict of C 3.0 3.0 ± 0.1: DIFFERS → INCONCLUSIVE"


@pytest.mark.parametrize("rows", [4, 6])
def test_the_table_of_what_differs_has_as_many_rows_as_claims_do(rows: int) -> None:
    (before,) = table().values()
    after = pd.concat([before, before], ignore_index=True).head(rows)
    name = "chung2021/judged/differences"
    assert not moves({name: before}, {name: after}, exact=False)
    assert moves({name: before}, {name: after}, exact=True)
    assert moves(table(), dict.fromkeys(table(), after), exact=False)


@pytest.mark.parametrize(
    "changed",
    [
        {"mean": [1.0000001, 2.0, 3.0, 4.0, 9.0]},
        {"ours": ["1.0 ± 0.1", "2.0 ± 0.1", "3.0 ± 0.1", "4.0 ± 0.1", "−7.1 ± 0.1"]},
    ],
)
def test_some_numbers_may_follow_a_training_that_went_astray(changed: dict[str, list[object]]) -> None:
    assert moves(table(), table(**changed), exact=True)
    assert not moves(table(), table(**changed), exact=False)


@pytest.mark.parametrize(
    "changed",
    [
        {"mean": [1.01, 2.02, 3.03, 4.04, 5.05]},
        {"ours": ["1.0 ± 0.2", "2.0 ± 0.2", "3.0 ± 0.2", "4.0 ± 0.2", "5.0 ± 0.2"]},
        {"verdict": ["AGREES", "AGREES", "INCONCLUSIVE", "", ""]},
        {"label": ["A", "B", "C", "D", "F"]},
    ],
)
def test_a_column_may_not_move_as_a_whole_nor_a_verdict_or_a_text_at_all(changed: dict[str, list[object]]) -> None:
    assert moves(table(), table(**changed), exact=False)


def test_bands_may_not_move_together_but_ticks_may_follow_the_data() -> None:
    before = figure(["1 2 3", "4 5 6", "7 8 9", "2 2 2"])
    assert not moves(before, figure(["1 2 3", "4 5 6", "7 8 9", "2 2 7"], ticks="0 | 2 | 4"), exact=False)
    assert moves(before, figure(["1 2 4", "4 5 7", "7 8 10", "2 2 3"]), exact=False)
    assert moves(before, figure(["1 2 3", "4 5 6", "7 8 9", "2 2 2"], look="#000000ff"), exact=False)
