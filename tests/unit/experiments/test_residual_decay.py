"""How far a network in continuous time is from where it settles, while its input changes (kungl2021)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from algorithms.shared.lookahead.streamed_settings import StreamedSettings
from experiments.kungl2021 import residual_decay
from tests.unit.experiments.test_documentation import unexplained


def excess(monkeypatch: pytest.MonkeyPatch, form: str, stimulus: str, step: float) -> float:
    monkeypatch.setattr(residual_decay, "HIDDEN", (6, 5))
    monkeypatch.setattr(residual_decay, "LENGTH", 3.2)
    samples = list(residual_decay.watched([5000, 5001], form, stimulus, step, 0.1))
    table = pd.DataFrame(residual_decay.described(samples, traced=False))
    return float(table.loc[table["quantity"] == "largest_excess", "mean"].item())


@pytest.mark.parametrize("stimulus", ["still", "moving", "trials"])
def test_with_look_ahead_the_mismatch_decays_whatever_is_shown(monkeypatch: pytest.MonkeyPatch, stimulus: str) -> None:
    coarse, fine = (excess(monkeypatch, "exact", stimulus, step) for step in (0.1, 0.0125))
    assert fine < 1.5
    assert fine - 1 <= max((coarse - 1) / 2, 0.05)


def test_without_look_ahead_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert excess(monkeypatch, "without_look_ahead", "moving", 0.0125) > 1.5


def test_the_stimuli_begin_and_end_as_described() -> None:
    settings = StreamedSettings(step=0.1)
    found: dict[str, Any] = {
        kind: residual_decay._stimulus(kind, 600, settings, [np.random.default_rng(0)]) for kind in residual_decay.STIMULI
    }
    assert (found["still"].shares == [1, 0, 0]).all()
    assert not found["still"].noise.any()
    assert (found["far"].shares == found["still"].shares).all()
    np.testing.assert_allclose(found["moving"].shares.sum(axis=1), 1)
    assert found["trials"].shares[[0, 150, 300, 450, 600]].tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residual_decay, "HIDDEN", (6, 5))
    table = residual_decay.measure([], "tiny")
    assert unexplained(table, residual_decay.__doc__ or "") == []
    assert not table.duplicated(["form", "stimulus", "step", "time", "neuron", "layer", "quantity"]).any()
