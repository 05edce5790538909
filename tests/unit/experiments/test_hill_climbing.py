"""Whether updates after rewards lead uphill, and the exact gradient that says so (kungl2021)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from experiments.kungl2021 import hill_climbing
from experiments.kungl2021.trials.policy_gradient import choice_probabilities, gradients
from tests.unit.experiments.test_documentation import unexplained

NETWORKS = hill_climbing.taken((8,), "symmetric", [5000, 5001], 0)


def compared(form: str, nudge: str, count: int) -> Any:
    settings = hill_climbing.settings_of(nudge, form=form, feedback="symmetric")
    table = pd.DataFrame(hill_climbing.compared(NETWORKS, settings, nudge, count))
    return table.set_index(["quantity", "layer"])["mean"]


def test_the_probability_of_a_choice_is_how_often_it_is_made() -> None:
    output = torch.tensor([[0.3, 0.0, 0.1], [1.0, -2.0, 0.9]], dtype=torch.float64)
    found = choice_probabilities(output, 0.3)
    np.testing.assert_allclose(found.sum(dim=1), 1, atol=1e-10)
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 100_000, 3)))
    made = torch.nn.functional.one_hot((output[:, None] + 0.3 * noise).argmax(dim=-1), 3).double().mean(dim=1)
    np.testing.assert_allclose(found, made, atol=0.006)


def test_the_gradient_is_that_of_the_expected_reward() -> None:
    rewards, uphill = gradients(NETWORKS.layers, 0.3, hill_climbing.PATTERNS, 0.3)
    layers = [(weights.copy(), biases) for weights, biases in NETWORKS.layers]
    layers[0][0][1, 34, 5] += 1e-6
    moved, _ = gradients(layers, 0.3, hill_climbing.PATTERNS, 0.3)
    np.testing.assert_allclose((moved - rewards)[:, 1] / 1e-6, [part[0][1, 34, 5] for part in uphill], atol=1e-6)
    np.testing.assert_array_equal(moved[:, 0], rewards[:, 0])


def test_noise_alone_climbs_on_average_and_the_winner_alone_at_every_step() -> None:
    noise, winner = (compared("settled", nudge, count) for nudge, count in (("noise", 1000), ("winner", 20)))
    assert noise["mean_cosine", "all"] > 0.9
    assert noise["uphill", "all"] < 1
    assert winner["uphill", "2"] == 1


def test_in_continuous_time_updates_are_much_as_settled() -> None:
    streamed, settled = compared("exact", "both", 20), compared("settled", "both", 20)
    assert streamed["cosine", "2"] > 0.5
    assert streamed["norm_share", "1"] == pytest.approx(settled["norm_share", "1"], abs=0.2)


def test_a_reward_of_the_other_sign_turns_the_update_but_not_homeostasis() -> None:
    found = compared("settled", "both", 1)
    assert found["flip_cosine", "all"] == pytest.approx(-1, abs=1e-9)
    assert found["flip_cosine_homeostasis", "all"] > -1 + 1e-6


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hill_climbing, "WIDTH", 6)
    table = hill_climbing.measure([], "tiny")
    assert unexplained(table, hill_climbing.__doc__ or "") == []
    assert not table.duplicated(["stage", "form", "nudge", "hidden", "feedback", "layer", "quantity"]).any()
    assert table["mean"].notna().all()
