"""Theorem 2.2.2 on a plant with an exact Q (guss2016): in which reading it holds, and to how many digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from experiments.guss2016 import theorem
from experiments.guss2016.theorem import Actor, Plant
from tests.unit.experiments.test_documentation import unexplained


def small(hidden: int, seen: int = theorem.STATE, states: int = 12) -> tuple[Plant, Actor, Tensor]:
    first, second, third = ([np.random.default_rng([part, seed]) for seed in range(2)] for part in range(3))
    drawn = torch.tanh(theorem.normal(third, (states, theorem.STATE)))
    return Plant.draw(first), Actor.draw(second, (seen, *[theorem.WIDTH] * hidden, theorem.ACTIONS)), drawn


@pytest.mark.parametrize("regulated", [False, True])
@pytest.mark.parametrize("hidden", theorem.HIDDEN)
def test_gradients_agree_where_everything_downstream_responds(hidden: int, regulated: bool) -> None:
    plant, actor, states = small(hidden)
    plant = replace(plant, regulated=regulated)
    agent = theorem.agent_slopes(plant, actor, states)
    assert len(agent) == hidden + 1
    for layer, wanted in enumerate(agent, start=1):
        assert wanted.abs().max() > 1e-3
        found = theorem.responding_slopes(plant, actor, states, layer)
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6 * float(wanted.abs().max()))


@pytest.mark.parametrize("hidden", theorem.HIDDEN)
def test_hidden_gradients_vanish_where_the_others_are_held(hidden: int) -> None:
    plant, actor, states = small(hidden)
    for layer in range(1, hidden + 1):
        assert not theorem.held_slopes(plant, actor, states, layer).any()
    last = theorem.held_slopes(plant, actor, states, hidden + 1)
    torch.testing.assert_close(last, theorem.agent_slopes(plant, actor, states)[-1], rtol=1e-9, atol=1e-12)


def test_a_neurons_slope_is_that_of_finite_differences() -> None:
    plant, actor, states = small(2)
    unit = actor.voltages(states)[1]
    ends = []
    for step in (1e-5, -1e-5):
        moved = unit.clone()
        moved[..., 3] += step
        ends.append(plant.value(states, actor.act(1, moved), actor)[..., 0])
    wanted = (ends[0] - ends[1]) / 2e-5 * (1 - unit[..., 3] ** 2)
    torch.testing.assert_close(theorem.responding_slopes(plant, actor, states, 1)[..., 3], wanted, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_alike_states_keep_the_mean_alone(layer: int) -> None:
    plant, actor, states = small(2, theorem.SEEN)
    states[..., : theorem.SEEN] = states[:, :: theorem.ALIKE, : theorem.SEEN].repeat_interleave(theorem.ALIKE, dim=1)
    agent = theorem.agent_slopes(plant, actor, states)[layer - 1]
    found = theorem.averaged_slopes(plant, actor, states, layer)
    torch.testing.assert_close(found, theorem.by_group(agent), rtol=1e-9, atol=1e-12)
    assert (found - agent).abs().max() > 1e-2 * agent.abs().max()


def test_fits_find_a_slope_that_is_there() -> None:
    inputs = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 30, 4)))
    wanted = torch.tensor([[1.0, -2, 3, 0.5], [0, 4, 1, -1]], dtype=torch.float64)[..., None]
    torch.testing.assert_close(theorem.least_squares(inputs, torch.bmm(inputs, wanted)), wanted)


def test_comparisons_of_known_gradients() -> None:
    below = torch.ones((2, 4, 3), dtype=torch.float64)
    agent = torch.tensor([[1.0, 2]], dtype=torch.float64).expand(2, 4, 2)
    for own, wanted in (
        (
            2 * agent,
            {"cosine": 1, "distance": 1, "agreement": 0, "norm_ratio": 2, "mean_cosine": 1, "least_cosine": 1, "contradicted": 0},
        ),
        (agent * torch.tensor([1.0, -1]), {"cosine": -0.6, "least_cosine": -1, "greatest_cosine": 1, "contradicted": 0.5}),
        (0 * agent, {"distance": 1, "norm_ratio": 0}),
    ):
        found = {line["quantity"]: line["mean"] for line in theorem.compared([below, agent], 1, own, agent)}
        assert {name: found[name] for name in wanted} == pytest.approx(wanted)
        assert ("cosine" in found) == ("cosine" in wanted)


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theorem, "HIDDEN", (1, 2))
    table = theorem.measure([], "tiny")
    assert unexplained(table, theorem.__doc__ or "") == []
    means = table.set_index(["task", "hidden", "reading", "layer", "quantity"])["mean"].sort_index()
    assert means["plant", 2, "responds"].xs("distance", level="quantity").max() < 1e-6
    assert means["plant", 2, "held"].xs("norm_ratio", level="quantity").round(9).tolist() == [0, 0, 1]
    assert means["plant", 2, "linear", "1", "distance"] > 0.1
