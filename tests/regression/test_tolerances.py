"""What another platform may change, and what it may not."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.regression.artefacts import Artefacts, as_text
from tests.regression.comparison import moves, moves_on_equal_data


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


def summary(**changed: list[object]) -> Artefacts:
    columns: dict[str, list[object]] = {"label": ["A", "B"], "n": [2, 2], "steps": [10, 10], "first_perfect": [3, None]}
    return {"chung2021/summary/runs": as_text(pd.DataFrame(columns | changed, dtype=object))}


@pytest.mark.parametrize("times", [[7, None], [None, 10], [3, 4]])
def test_a_time_to_an_event_may_come_and_go(times: list[object]) -> None:
    assert not moves(summary(), summary(first_perfect=times), exact=False)


@pytest.mark.parametrize("times", [[11, None], [0, None], [2.5, None]])
def test_but_it_lies_within_the_run(times: list[object]) -> None:
    assert moves(summary(), summary(first_perfect=times), exact=False)


def test_how_many_runs_there_are_is_no_matter_of_rounding() -> None:
    assert moves(summary(), summary(n=[2, 1]), exact=False)


def test_networks_whose_gradient_is_lost_in_rounding_are_not_counted() -> None:
    (before, after) = (as_text(pd.DataFrame({"stage": ["trained"], "n": [n]}, dtype=object)) for n in (2, 1))
    assert not moves({"kubo2022/judged/gradient_by_beta": before}, {"kubo2022/judged/gradient_by_beta": after}, exact=False)


@pytest.mark.parametrize(("steps", "alike"), [(102, True), (95, True), (80, False), (150, False)])
def test_steps_until_a_phase_stands_still(steps: int, alike: bool) -> None:
    (before, after) = (as_text(pd.DataFrame({"task": ["Acrobot-v1"], "still": [n]}, dtype=object)) for n in (104, steps))
    moved = moves({"kubo2022/table/phases_needed": before}, {"kubo2022/table/phases_needed": after}, exact=False)
    assert (not moved) is alike


def lengths(*episodes: tuple[int, str]) -> Artefacts:
    rows: list[tuple[object, ...]] = [
        (0, f"episode {place}", -1.0, length, end, "") for place, (length, end) in enumerate(episodes)
    ]
    rows.append((0, "actor/w", 0.1, "", "", 5.0))
    frame = pd.DataFrame(rows, columns=["seed", "what", "value", "length", "ended", "norm"], dtype=object)
    return {"chung2021/training/Acrobot-v1/reinforce/chung2021": as_text(frame)}


def test_what_a_time_limit_ends_is_as_long_as_that_limit() -> None:
    before = lengths((500, "truncated"), (500, "truncated"), (310, "terminated"))
    assert not moves(before, lengths((500, "truncated"), (77, "terminated"), (500, "truncated")), exact=False)
    (move,) = moves(before, lengths((500, "truncated"), (501, "truncated"), (310, "terminated")), exact=False)
    assert move.largest.startswith("length of 0 episode 1")
    assert not moves(lengths((20, "terminated"), (9, "terminated")), lengths((20, "terminated"), (500, "truncated")), exact=False)


def test_of_equal_data_only_rounding_may_differ() -> None:
    assert not moves_on_equal_data(table(), table(mean=[1.0000001, 2.0, 3.0, 4.0, 5.0]))
    for changed in ({"mean": [1.0, 2.0, 3.0, 4.0, 5.0001]}, {"verdict": ["AGREES", "AGREES", "INCONCLUSIVE", "", ""]}):
        (move,) = moves_on_equal_data(table(), table(**changed))
        assert move.extent == "1 of 20 cells, from the recorded data"
