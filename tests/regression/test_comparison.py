"""What counts as a move, and what is said of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.regression.artefacts import Artefacts, as_text
from tests.regression.comparison import moves, relative_move

NAME = "chung2021/summary/runs"


def made(**columns: list[object]) -> Artefacts:
    return {NAME: as_text(pd.DataFrame(columns, dtype=object))}


BEFORE = made(method=["reinforce", "map_propagation"], mean=[0.1, 200.0], n=[2, 2])


def test_equal_artefacts_have_not_moved() -> None:
    assert moves(BEFORE, made(method=["reinforce", "map_propagation"], mean=[0.1, 200.0], n=[2, 2]), exact=True) == []


def test_the_last_bit_of_a_number_is_a_move() -> None:
    (move,) = moves(BEFORE, made(method=["reinforce", "map_propagation"], mean=[np.nextafter(0.1, 1), 200.0], n=[2, 2]), True)
    assert (move.artefact, move.change, move.extent) == (NAME, "moved", "1 of 6 cells")
    assert move.largest == "mean of reinforce 2: 0.1 → 0.10000000000000002 (1.4e-16)"


def test_the_largest_of_several_moves_is_told() -> None:
    (move,) = moves(BEFORE, made(method=["reinforce", "map_propagation"], mean=[0.11, 100.0], n=[2, 3]), True)
    assert move.extent == "3 of 6 cells"
    assert move.largest == "mean of map_propagation 2: 200.0 → 100.0 (5.0e-01)"


def test_texts_move_as_well() -> None:
    (move,) = moves(BEFORE, made(method=["reinforce", "backprop"], mean=[0.1, 200.0], n=[2, 2]), True)
    assert move.largest == "method of 200.0 2: map_propagation → backprop"


@pytest.mark.parametrize("exact", [True, False])
def test_what_appears_disappears_or_has_another_shape_is_a_move_on_every_platform(exact: bool) -> None:
    other = {"chung2021/summary/curves": BEFORE[NAME]}
    assert [(move.artefact, move.change) for move in moves(BEFORE, other, exact)] == [
        ("chung2021/summary/curves", "appeared"),
        (NAME, "disappeared"),
    ]
    (longer,) = moves(BEFORE, {NAME: pd.concat([BEFORE[NAME]] * 2, ignore_index=True)}, exact)
    assert longer.extent == "rows 2 → 4"
    (renamed,) = moves(BEFORE, {NAME: BEFORE[NAME].rename(columns={"mean": "median"})}, exact)
    assert renamed.extent == "columns method, mean, n → method, median, n"


def test_relative_moves() -> None:
    assert relative_move("2.0", "1.0") == 0.5
    assert relative_move("0.0", "0.0") == 0.0
    assert relative_move("1 2 4", "1 3 4") == pytest.approx(1 / 3)
    assert relative_move("9f3a b", "77c0 b") == 0.0, "a hash is no number"
