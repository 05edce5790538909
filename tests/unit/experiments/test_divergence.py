"""Divergence of local critics (guss2016): a run that diverges is counted with its place, and one that does not is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.guss2016 import divergence
from experiments.guss2016.divergence import Setting
from tests.unit.experiments.test_documentation import unexplained

SMALL = Setting("CartPole-v0", "constant", 1, "relu", "gradient", 1.0, 0.0)


def test_steps_that_are_too_large_diverge_and_small_ones_do_not() -> None:
    episodes, steps = divergence.tried(replace(SMALL, critic_rate=100.0), [0, 1], 150)
    assert (episodes >= 1).all()
    # Nothing is learned before the memory holds a minibatch, and each episode takes more than one step.
    assert (steps >= 32).all()
    assert (steps > episodes).all()
    assert not divergence.tried(replace(SMALL, critic_rate=0.0), [0, 1], 150)[0].any()


def test_shares_and_places_are_those_of_the_runs_that_diverged() -> None:
    lines = {line["quantity"]: line for line in divergence.described(np.array([0, 3, 5, 0]), np.array([0, 10, 1000, 0]))}
    assert (lines["diverged"]["mean"], lines["diverged"]["n"]) == (0.5, 4)
    assert (lines["diverged_at"]["mean"], lines["diverged_at"]["n"]) == (4, 2)
    assert lines["diverged_at_step"]["mean"] == pytest.approx(100)
    assert [line["quantity"] for line in divergence.described(np.zeros(2, int), np.zeros(2, int))] == ["diverged"]


def test_every_combination_is_tried() -> None:
    full = list(divergence.settings_of("full"))
    assert len(full) == len(set(full)) == 2 * 2 * 3 * 2 * 2 * 5 * 2


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(divergence, "settings_of", lambda _: [replace(SMALL, critic_rate=100.0), SMALL])
    table = divergence.measure([], "tiny")
    assert unexplained(table, divergence.__doc__ or "") == []
    assert {"diverged", "diverged_at", "diverged_at_step"} == set(table["quantity"])
