"""The updates that are compared, and Theorems 2 and 3 where they must hold exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical

from algorithms.map_propagation import MapCritic, MapTeam
from algorithms.reinforce import ReinforceActor
from algorithms.shared.activation import softplus
from experiments.chung2021.alignment import UNRESOLVED, Similarity, compare, energy_gradient
from experiments.shared.networks import Networks, draw
from experiments.shared.updates import (
    Update,
    backprop_update,
    log_probability,
    noise_of,
    output_in_variances,
    score_update,
)
from tests.unit.experiments.networks import observations, small


def _acted(networks: Networks, name: str = "actor", copies: int = 7, steps: int = 0) -> MapTeam:
    team = networks.actor(steps=steps) if name == "actor" else networks.critic(steps=steps)
    draw(team, observations(networks, copies), np.random.default_rng(3))
    return team


def _joined(gradients: list[Tensor]) -> list[Tensor]:
    return [torch.cat([weights, biases], dim=1) for weights, biases in zip(gradients[::2], gradients[1::2], strict=True)]


def test_the_score_is_what_training_follows() -> None:
    networks = small()
    team, weight = _acted(networks), torch.linspace(-1, 2, 7, dtype=torch.float64).expand(3, -1)
    reinforce = ReinforceActor(team.parameters, team.hidden_variances, team.output)
    reinforce.values = list(team.values)
    for ours, theirs in zip(score_update(team, weight).means(), _joined(reinforce.eligibility(weight)), strict=True):
        torch.testing.assert_close(ours, theirs)
    critic = _acted(networks, "critic")
    assert isinstance(critic, MapCritic)
    factor = 1 / (critic.values[-1] - critic.output_mean())[..., 0]
    for ours, theirs in zip(score_update(critic, factor).means(), _joined(critic.eligibility()), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_backpropagation_is_the_gradient_with_respect_to_the_parameters() -> None:
    team = _acted(small())
    noise = noise_of(team)
    ours = backprop_update(team, noise, log_probability(team)).means()
    leaves = [tensor.clone().requires_grad_() for tensor in team.parameters.tensors]
    value = team.values[0]
    for layer, (variance, numbers) in enumerate(zip(team.hidden_variances, noise, strict=True)):
        value = softplus(value @ leaves[2 * layer] + leaves[2 * layer + 1]) + variance**0.5 * numbers
        torch.testing.assert_close(value, team.values[layer + 1])  # this noise makes these values
    logits = (value @ leaves[-2] + leaves[-1]) / 2.0  # the default temperature
    objective = Categorical(logits=logits).log_prob(team.values[-1]).mean(dim=1).sum()
    for gradient, theirs in zip(ours, _joined(list(torch.autograd.grad(objective, leaves))), strict=True):
        torch.testing.assert_close(gradient, theirs)


def test_inner_products_are_those_of_the_whole_gradients() -> None:
    networks = small(seeds=1)
    team = _acted(networks, copies=1)
    score, backprop = score_update(team), backprop_update(team, noise_of(team), log_probability(team))
    wanted = [(a * b).sum() for a, b in zip(score.means(), backprop.means(), strict=True)]
    torch.testing.assert_close(score.inner(backprop).flatten(), torch.stack(wanted))


@pytest.mark.parametrize("name", ["actor", "critic"])
def test_the_theorems_hold_at_a_stationary_point_and_not_before(name: str) -> None:
    team = _acted(small(), name, steps=1)
    table = pd.DataFrame(compare(team, critic=name == "critic", steps=(0, 5, 500)))
    assert float(energy_gradient(team).max()) < 1e-12
    exact = table[(table["reference"] == "stationary") & (table["steps"] == 500)].set_index(["quantity", "layer"])["mean"]
    for quantity in ("cosine", "pooled_cosine", "norm_ratio", "pooled_norm_ratio"):
        assert set(exact[quantity].index) == {"1", "2", "3", "all"}
        np.testing.assert_allclose(exact[quantity], 1, atol=1e-6)
    by_steps = table[(table["reference"] == "stationary") & (table["layer"] == "1")].set_index(["quantity", "steps"])["mean"]
    assert by_steps["cosine", 0] + 0.1 < by_steps["cosine", 5] < 1 - 1e-4
    assert by_steps["norm_ratio", 0] > 2
    # The score of the output layer is one and the same thing as its gradient: at the sampled values the updates agree there.
    sampled = table[(table["reference"] == "sampled") & (table["steps"] == 0) & (table["layer"] == "3")]
    np.testing.assert_allclose(sampled.loc[sampled["quantity"] == "norm_ratio", "mean"], 1, atol=1e-9)


def test_the_critics_update_is_proportional_to_the_gradient_of_the_squared_error() -> None:
    """Theorem 3 as it is printed, with a target: the ratio is 2 sigma_L^2."""
    team = _acted(small(), "critic", steps=500)
    team.ascend()
    target = torch.linspace(-1, 1, 7, dtype=torch.float64).expand(3, -1)
    mean = team.output_mean()[..., 0]
    ours = score_update(team, (target - mean) / (team.values[-1][..., 0] - mean))
    error = backprop_update(team, noise_of(team), lambda preactivation: -((target - preactivation[..., 0]) ** 2))
    for a, b in zip(ours.errors, error.errors, strict=True):
        torch.testing.assert_close(2 * 1.0 * a, b)


def test_angle_and_norms_of_known_vectors() -> None:
    def update(*errors: list[float]) -> Update:
        tensor = torch.tensor([list(errors)], dtype=torch.float64)
        return Update([torch.ones(1, len(errors), 1, dtype=torch.float64)], [tensor])

    similarity = Similarity.between(update([3.0, 0.0], [0.0, 2.0], [1.0, 1.0]), update([1.0, 0.0], [1.0, 1.0], [0.0, 0.0]))
    torch.testing.assert_close(similarity.cosine[0, 0, :2], torch.tensor([1.0, 0.5**0.5], dtype=torch.float64))
    torch.testing.assert_close(similarity.norm_ratio[0, 0, :2], torch.tensor([3.0, 2.0**0.5], dtype=torch.float64))
    assert similarity.cosine[:, 0, 2].isnan().all(), "a sample that teaches nothing has no angle"
    assert float(similarity.pooled_cosine[0, 0]) == pytest.approx((3 + 2) / ((9 + 4 + 2) * 3) ** 0.5)
    assert float(similarity.pooled_norm_ratio[0, 0]) == pytest.approx(5**0.5)
    assert not Similarity.between(update([1.0]), update([2 * UNRESOLVED])).cosine.isnan().any()


def test_only_fitting_outputs_are_backpropagated() -> None:
    networks = small()
    with pytest.raises(TypeError, match="few actions"):
        log_probability(_acted(networks, "critic"))
    with pytest.raises(TypeError, match="real number"):
        output_in_variances(_acted(networks))
