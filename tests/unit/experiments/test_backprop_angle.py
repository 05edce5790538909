"""The angle between the changes of weights in continuous time and backpropagation's (kungl2021)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.kungl2021 import backprop_angle
from experiments.kungl2021.trials.digits import Digits
from experiments.kungl2021.trials.supervised import Picture, cosines, descent
from tests.unit.experiments.test_documentation import unexplained

MADE = np.random.default_rng(0).random((20, 8))
LABELS = np.arange(20) % 10
DIGITS = Digits("made", MADE, LABELS, MADE, LABELS)


def measured(**keys: object) -> pd.DataFrame:
    settings = {"hidden": 2, "beta": 0.01, "presentation": 0.0, "feedback": "symmetric", **keys}
    return pd.DataFrame(backprop_angle.lines(DIGITS, [5000, 5001], 3, **settings))


def worst(table: pd.DataFrame) -> float:
    return float(table.loc[table["quantity"] == "worst_cosine", "mean"].item())


def test_the_descent_is_the_delta_rule_in_a_single_layer() -> None:
    layers = [(np.full((2, 3, 4), 0.1), np.zeros((2, 4)))]
    inputs, target = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]), np.eye(4)[[1, 2]]
    (found,) = descent(layers, 0.3, Picture(inputs, target))
    error = target - np.einsum("si,sio->so", inputs, layers[0][0])
    np.testing.assert_allclose(found.numpy(), inputs[:, :, None] * error[:, None])
    np.testing.assert_allclose(cosines([found.numpy() * 3], [found]), 1)


def test_the_fixed_point_follows_backpropagation_and_time_without_look_ahead_does_not() -> None:
    settled = worst(measured(form="settled"))
    assert settled > 0.999
    streamed = {form: worst(measured(form=form, presentation=3.0, beta=0.1)) for form in ("exact", "without_look_ahead")}
    assert streamed["exact"] > 0.9
    assert streamed["without_look_ahead"] < streamed["exact"] - 0.2


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backprop_angle, "load", lambda: DIGITS)
    monkeypatch.setattr(backprop_angle, "DEPTHS", {"tiny": (1,)})
    table = backprop_angle.measure([], "tiny")
    assert unexplained(table, backprop_angle.__doc__ or "") == []
    assert not table.duplicated(["form", "hidden", "beta", "presentation", "feedback", "layer", "quantity"]).any()
