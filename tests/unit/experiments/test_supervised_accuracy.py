"""Test accuracy of networks that learn in continuous time, beside backpropagation (kungl2021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.kungl2021 import supervised_accuracy
from experiments.kungl2021.supervised_accuracy import Check, followed
from experiments.kungl2021.trials.digits import Digits
from experiments.kungl2021.trials.supervised import accuracy
from tests.unit.experiments.test_documentation import unexplained

RANDOM = np.random.default_rng(0)
LABELS = np.arange(40) % 10
MADE = np.eye(10)[LABELS] + 0.1 * RANDOM.random((40, 10))
DIGITS = Digits("made", MADE, LABELS, MADE, LABELS)
BACKPROPAGATION: dict[str, Any] = {"form": "backpropagation", "presentation": 0.0, "feedback": "symmetric"}
SETTLED = {**BACKPROPAGATION, "form": "settled"}


def last(keys: dict[str, Any], seeds: Sequence[int] = (5000, 5001), count: int = 6) -> Check:
    return list(followed(DIGITS, seeds, (0, count), **keys))[-1]


def test_accuracy_counts_the_right_largest_outputs() -> None:
    right = np.eye(10)[None]
    wrong = np.roll(right, 1, axis=2)
    layers = [(np.concatenate([right, wrong]), np.zeros((2, 10)))]
    assert accuracy(layers, 0.3, DIGITS).tolist() == [1, 0]


def test_backpropagation_learns() -> None:
    assert last(BACKPROPAGATION, count=600).accuracy.mean() > last(BACKPROPAGATION).accuracy.mean() + 0.2


@pytest.mark.parametrize("keys", [SETTLED, {**SETTLED, "form": "exact", "presentation": 3.0}], ids=["settled", "exact"])
def test_with_look_ahead_weights_go_the_way_of_backpropagation(keys: dict[str, Any]) -> None:
    wanted, found = last(BACKPROPAGATION), last(keys)
    lines = pd.DataFrame(supervised_accuracy.described([found], [wanted]))
    cosines = lines.loc[lines["quantity"] == "path_cosine", "mean"]
    assert len(cosines) == 3
    assert (cosines > 0.8).all()
    sizes = [np.linalg.norm(way) / np.linalg.norm(other) for way, other in zip(found.ways, wanted.ways, strict=True)]
    assert 0.5 < min(sizes) <= max(sizes) < 1.2


def test_a_network_learns_the_same_alone() -> None:
    together, alone = last(SETTLED), last(SETTLED, (5001,))
    for one, other in zip(together.ways, alone.ways, strict=True):
        np.testing.assert_array_equal(one[1:], other)


def test_a_network_that_diverges_is_counted_and_left_out() -> None:
    ways = [np.ones((3, 2, 2))]
    wanted = Check(5, np.array([0.5, 0.5, 0.5]), ways, np.zeros(3, bool))
    found = Check(5, np.array([0.25, 0.75, 0.1]), ways, np.array([False, False, True]))
    lines = {line["quantity"]: (line["mean"], line["n"]) for line in supervised_accuracy.described([found], [wanted])}
    assert lines["diverged"] == (pytest.approx(1 / 3), 3)
    assert lines["accuracy"] == (0.5, 2)
    assert lines["advantage"] == (0, 2)
    assert lines["path_cosine"] == (pytest.approx(1), 2)


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervised_accuracy, "load", lambda: DIGITS)
    table = supervised_accuracy.measure([], "tiny")
    assert unexplained(table, supervised_accuracy.__doc__ or "") == []
    assert not table.duplicated(["form", "presentation", "feedback", "presentations", "layer", "quantity"]).any()
    assert set(table["feedback"]) == {"symmetric", "random", "learned"}
