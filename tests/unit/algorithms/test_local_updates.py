"""The reference's local updates against autograd of the paper's own objectives (chung2021, eq. 2, 8, 11, 67)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Normal
from torch.nn.functional import relu, softplus

from algorithms.backprop_traces import BackpropActor
from algorithms.map_propagation import Hyperparameters, MapActor, MapCritic
from algorithms.reinforce import ReinforceActor
from algorithms.reinforce_thomas import ThomasActor
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.traces.critic import BackpropCritic

SEEDS, COPIES = 2, 3
HIDDEN = (7, 5)
VARIANCES = (0.03, 0.1)
OUTPUTS: dict[str, SoftmaxOutput | GaussianOutput] = {"softmax": SoftmaxOutput(0.5), "gaussian": GaussianOutput(0.2)}
both_outputs = pytest.mark.parametrize("kind", OUTPUTS)
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"softplus": softplus, "relu": relu}
both_activations = pytest.mark.parametrize("activation", ACTIVATIONS)


def parameters(outputs: int, seed: int = 0) -> Parameters:
    generator = np.random.default_rng(seed)
    sizes = (4, *HIDDEN, outputs)
    shapes = pairwise(sizes)
    return Parameters([(generator.normal(0, 0.5, (SEEDS, i, o)), generator.normal(0, 0.5, (SEEDS, o))) for i, o in shapes])


def numbers(count: int, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    observation = torch.randn((SEEDS, COPIES, 4), generator=generator, dtype=torch.float64)
    normal = torch.randn((SEEDS, COPIES, sum(HIDDEN) + count), generator=generator, dtype=torch.float64)
    return observation, normal, torch.rand((SEEDS, COPIES, 1), generator=generator, dtype=torch.float64)


def preactivations(tensors: list[Tensor], values: list[Tensor]) -> list[Tensor]:
    return [value @ tensors[2 * i] + tensors[2 * i + 1] for i, value in enumerate(values[:-1])]


def output_log_probability(kind: str, preactivation: Tensor, action: Tensor) -> Tensor:
    """[S, B]."""
    if kind == "softmax":
        return Categorical(logits=0.5 * preactivation).log_prob(action)
    return Normal(preactivation, 0.2**0.5).log_prob(action).sum(-1)


def log_probabilities(kind: str, tensors: list[Tensor], values: list[Tensor]) -> Tensor:
    """log pi_l summed over all layers, [S, B], by torch's own distributions."""
    before = preactivations(tensors, values)
    hidden = [
        Normal(softplus(p), variance**0.5).log_prob(value).sum(-1)
        for p, variance, value in zip(before, VARIANCES, values[1:-1], strict=False)
    ]
    return torch.stack([*hidden, output_log_probability(kind, before[-1], values[-1])]).sum(0)


def gradients(objective: Tensor, tensors: list[Tensor]) -> list[Tensor]:
    return list(torch.autograd.grad(objective, tensors))


def differentiable(tensors: list[Tensor]) -> list[Tensor]:
    return [tensor.clone().requires_grad_() for tensor in tensors]


def assert_all_close(ours: list[Tensor], theirs: list[Tensor], tolerance: float = 1e-10) -> None:
    assert len(ours) == len(theirs)
    for i, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        assert their.abs().max() > 0, f"gradient {i} vanishes, so nothing is tested"
        torch.testing.assert_close(our, their, rtol=tolerance, atol=tolerance * float(their.abs().max()))


def team(cls: Any, kind: str, *extra: Any) -> Any:
    return cls(parameters(3), VARIANCES, OUTPUTS[kind], *extra)


def map_actor(kind: str, steps: int, rate: float, **settings: Any) -> MapActor:
    own = parameters(3)
    return MapActor(own, own, VARIANCES, OUTPUTS[kind], Hyperparameters(ascent_steps=steps, ascent_rate=rate, **settings))


def critic_of(variance: float, steps: int, **settings: Any) -> MapCritic:
    own = parameters(1)
    return MapCritic(
        own, own, VARIANCES, GaussianOutput(variance), Hyperparameters(ascent_steps=steps, ascent_rate=0.2, **settings)
    )


@both_outputs
def test_reinforce_follows_the_score_of_every_layer(kind: str) -> None:
    network = team(ReinforceActor, kind)
    network.sample(*numbers(3))
    weight = torch.tensor([[1.0, -2.0, 0.5], [0.3, 1.0, -1.0]], dtype=torch.float64)
    tensors = differentiable(network.parameters.tensors)
    objective = (weight * log_probabilities(kind, tensors, network.values)).mean(dim=1).sum()
    assert_all_close(network.eligibility(weight), gradients(objective, tensors))


@both_outputs
def test_the_ascent_follows_the_gradient_of_the_joint_probability(kind: str) -> None:
    rate = 0.5
    network = map_actor(kind, 1, rate)
    network.sample(*numbers(3))
    before = [value.clone() for value in network.values]
    hidden = [value.clone().requires_grad_() for value in before[1:-1]]
    joint = log_probabilities(kind, network.parameters.tensors, [before[0], *hidden, before[-1]]).sum()
    slopes = gradients(joint, hidden)
    network.ascend()
    expected = [value + rate * variance * slope for value, variance, slope in zip(hidden, VARIANCES, slopes, strict=True)]
    assert_all_close(network.values[1:-1], [value.detach() for value in expected])
    assert torch.equal(network.values[0], before[0])
    assert torch.equal(network.values[-1], before[-1])


@both_outputs
def test_a_sequential_ascent_moves_each_layer_from_the_newest_values(kind: str) -> None:
    rate = 0.5
    network = map_actor(kind, 1, rate, ascent_order="sequential")
    network.sample(*numbers(3))
    values = [value.clone() for value in network.values]
    for layer, variance in enumerate(VARIANCES, start=1):
        moving = values[layer].clone().requires_grad_()
        present = [*values[:layer], moving, *values[layer + 1 :]]
        slope = gradients(log_probabilities(kind, network.parameters.tensors, present).sum(), [moving])[0]
        values[layer] = values[layer] + rate * variance * slope
    network.ascend()
    assert_all_close(network.values[1:-1], values[1:-1])


def test_random_feedback_replaces_the_transposed_weights_and_nothing_else() -> None:
    own, other = parameters(3), parameters(3, seed=9)
    settings = Hyperparameters(ascent_steps=1, ascent_rate=0.5, feedback="random")
    network = MapActor(own, other, VARIANCES, OUTPUTS["softmax"], settings)
    network.sample(*numbers(3))
    for layer in (1, 2):
        error = network.preactivation_score(layer + 1)
        torch.testing.assert_close(network.feedback(layer), error @ other.tensors[2 * layer].mT)


def noise_behind(tensors: list[Tensor], values: list[Tensor]) -> list[Tensor]:
    """z such that these hidden values are f(W H + b) + sigma z: the inverse of the re-parametrisation."""
    before = preactivations(tensors, values)
    return [(v - softplus(p)) / s**0.5 for v, p, s in zip(values[1:-1], before, VARIANCES, strict=False)]


def reparametrised_output(
    tensors: list[Tensor], observation: Tensor, noise: list[Tensor], activation: Any = "softplus"
) -> Tensor:
    """The output's pre-activation as a function of all parameters, with the hidden units' noise held."""
    value = observation
    for i, (variance, z) in enumerate(zip(VARIANCES, noise, strict=True)):
        value = ACTIVATIONS[activation](value @ tensors[2 * i] + tensors[2 * i + 1]) + variance**0.5 * z
    return value @ tensors[-2] + tensors[-1]


@both_outputs
def test_theorem_2_at_a_stationary_point_map_propagation_is_backprop(kind: str) -> None:
    network = map_actor(kind, 3000, 0.2)
    network.sample(*numbers(3))
    updates = network.eligibility()
    tensors = differentiable(network.parameters.tensors)
    noise = noise_behind(network.parameters.tensors, network.values)
    output = reparametrised_output(tensors, network.values[0], noise)
    objective = output_log_probability(kind, output, network.values[-1]).mean(dim=1).sum()
    assert_all_close(updates, gradients(objective, tensors), 1e-7)


@both_outputs
def test_away_from_a_stationary_point_they_differ(kind: str) -> None:
    network = map_actor(kind, 1, 0.2)
    network.sample(*numbers(3))
    updates = network.eligibility()
    tensors = differentiable(network.parameters.tensors)
    noise = noise_behind(network.parameters.tensors, network.values)
    output = reparametrised_output(tensors, network.values[0], noise)
    objective = output_log_probability(kind, output, network.values[-1]).mean(dim=1).sum()
    assert (updates[0] - gradients(objective, tensors)[0]).abs().max() > 1e-3


def test_theorem_3_at_a_stationary_point_the_critic_descends_the_squared_error() -> None:
    variance = 0.2
    critic = critic_of(variance, steps=3000)
    critic.sample(*numbers(1))
    target = torch.tensor([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]], dtype=torch.float64)
    updates = critic.eligibility_towards(target)
    tensors = differentiable(critic.parameters.tensors)
    noise = noise_behind(critic.parameters.tensors, critic.values)
    mean = reparametrised_output(tensors, critic.values[0], noise)[..., 0]
    descent = gradients(-((target - mean) ** 2).mean(dim=1).sum(), tensors)
    assert_all_close(updates, [gradient / (2 * variance) for gradient in descent], 1e-6)


def test_the_critics_trace_is_the_gradient_of_its_value_at_a_stationary_point() -> None:
    variance = 0.2
    critic = critic_of(variance, steps=3000)
    critic.sample(*numbers(1))
    updates = critic.eligibility()
    tensors = differentiable(critic.parameters.tensors)
    noise = noise_behind(critic.parameters.tensors, critic.values)
    value = reparametrised_output(tensors, critic.values[0], noise).mean(dim=1).sum()
    assert_all_close(updates, [gradient / variance for gradient in gradients(value, tensors)], 1e-6)


def test_the_product_rule_weighs_the_score_by_the_sampled_deviation() -> None:
    """chung2020, eq. 12 and 13: (A* - mu)(A - mu) with mu before the ascent, and A - mu in the critic's trace."""
    plain = MapActor(own := parameters(1), own, VARIANCES, GaussianOutput(0.2), Hyperparameters(ascent_steps=5, ascent_rate=0.2))
    target = torch.tensor([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]], dtype=torch.float64)
    trace, towards = (critic_of(0.2, steps=5, critic_rule="product") for _ in range(2))
    for network in (plain, trace, towards):
        network.sample(*numbers(1))
    mean = plain.output_mean()[..., 0]
    deviation = plain.values[-1][..., 0] - mean
    plain.ascend()
    assert_all_close(trace.eligibility(), plain.score(deviation))
    assert_all_close(towards.eligibility_towards(target), plain.score((target - mean) * deviation))


def test_a_residual_of_zero_leaves_the_critics_trace_finite() -> None:
    critic = critic_of(0.2, steps=0)
    observation, normal, uniform = numbers(1)
    normal[..., -1] = 0.0
    critic.sample(observation, normal, uniform)
    assert torch.equal(critic.values[-1], critic.output_mean())
    assert all(torch.isfinite(gradient).all() for gradient in critic.eligibility())


@both_activations
@both_outputs
def test_backprop_follows_the_actions_log_probability(kind: str, activation: Any) -> None:
    network = BackpropActor(parameters(3), OUTPUTS[kind], activation=activation)
    network.sample(*numbers(3))
    tensors = differentiable(network.parameters.tensors)
    output = reparametrised_output(tensors, network.values[0], [torch.zeros(1, dtype=torch.float64)] * 2, activation)
    objective = output_log_probability(kind, output, network.values[-1]).mean(dim=1).sum()
    assert_all_close(network.eligibility(), gradients(objective, tensors))


def test_the_released_continuous_actor_leaves_out_the_variance() -> None:
    scaled, unscaled = (BackpropActor(parameters(3), GaussianOutput(0.2, v)) for v in (0.2, 1.0))
    for network in (scaled, unscaled):
        network.sample(*numbers(3))
    assert_all_close([0.2 * g for g in scaled.eligibility()], unscaled.eligibility())


@both_activations
def test_the_backprop_critic_follows_its_value(activation: Any) -> None:
    critic = BackpropCritic(parameters(1), activation)
    critic.sample(*numbers(1))
    tensors = differentiable(critic.parameters.tensors)
    value = reparametrised_output(tensors, critic.values[0], [torch.zeros(1, dtype=torch.float64)] * 2, activation)
    torch.testing.assert_close(critic.output_mean(), value.detach())
    assert_all_close(critic.eligibility(), gradients(value.mean(dim=1).sum(), tensors))


def test_backprop_towards_a_target_descends_the_squared_error() -> None:
    network = BackpropActor(parameters(1), GaussianOutput(0.2))
    network.sample(*numbers(1))
    target = torch.tensor([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]], dtype=torch.float64)
    tensors = differentiable(network.parameters.tensors)
    # The output drawn moves with its mean, its noise is held.
    noise = (network.values[-1] - network.output_mean())[..., 0]
    drawn = reparametrised_output(tensors, network.values[0], [torch.zeros(1, dtype=torch.float64)] * 2)[..., 0] + noise
    assert_all_close(network.eligibility_towards(target), gradients(-0.5 * ((target - drawn) ** 2).mean(dim=1).sum(), tensors))


@both_activations
@both_outputs
def test_stochastic_hidden_units_are_learned_through_at_their_noise(kind: str, activation: Any) -> None:
    network = BackpropActor(parameters(3), OUTPUTS[kind], VARIANCES, activation)
    observation, normal, uniform = numbers(3)
    network.sample(observation, normal, uniform)
    tensors = differentiable(network.parameters.tensors)
    noise = [normal[..., :7], normal[..., 7:12]]
    output = reparametrised_output(tensors, observation, noise, activation)
    assert_all_close(
        network.eligibility(), gradients(output_log_probability(kind, output, network.values[-1]).mean(dim=1).sum(), tensors)
    )


def test_the_entropys_gradient_is_that_of_the_policys_entropy() -> None:
    network = BackpropActor(parameters(3), OUTPUTS["softmax"])
    network.sample(*numbers(3))
    tensors = differentiable(network.parameters.tensors)
    output = reparametrised_output(tensors, network.values[0], [torch.zeros(1, dtype=torch.float64)] * 2)
    entropy = Categorical(logits=0.5 * output).entropy()
    assert_all_close(network.entropy_gradients(), gradients(entropy.mean(dim=1).sum(), tensors))


@both_outputs
def test_thomas_reinforces_only_the_units_that_explore(kind: str) -> None:
    network = team(ThomasActor, kind, 0.4)
    observation, normal, _ = numbers(0 if kind == "softmax" else 3)
    generator = torch.Generator().manual_seed(5)
    decisions = sum(HIDDEN) + (2 if kind == "softmax" else 3)
    uniform = torch.rand((SEEDS, COPIES, decisions), generator=generator, dtype=torch.float64)
    network.sample(observation, normal, uniform)
    tensors = differentiable(network.parameters.tensors)
    before = preactivations(tensors, network.values)
    explores = uniform < 0.4
    start, objective = 0, torch.zeros((), dtype=torch.float64)
    for p, variance, value in zip(before, VARIANCES, network.values[1:-1], strict=False):
        active = explores[..., start : start + p.shape[-1]]
        torch.testing.assert_close(value[~active], softplus(p)[~active].detach(), rtol=1e-14, atol=0)
        assert not torch.isclose(value[active], softplus(p)[active]).any()
        objective = objective + Normal(softplus(p), variance**0.5).log_prob(value)[active].sum() / COPIES
        start += p.shape[-1]
    if kind == "softmax":
        decides = explores[..., start]
        assert torch.equal(network.values[-1][~decides], before[-1].argmax(-1)[~decides])
        objective = objective + output_log_probability(kind, before[-1], network.values[-1])[decides].sum() / COPIES
    else:
        active = explores[..., start:]
        objective = objective + Normal(before[-1], 0.2**0.5).log_prob(network.values[-1])[active].sum() / COPIES
    assert_all_close(network.eligibility(), gradients(objective, tensors))


def test_actions_are_drawn_with_the_softmax_probabilities() -> None:
    output = SoftmaxOutput(0.5)
    preactivation = torch.tensor([0.2, -1.0, 2.0, 0.7], dtype=torch.float64).expand(1, 20_000, 4)
    uniform = ((torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000)[None, :, None]
    counts = torch.bincount(output.sample(preactivation, uniform, uniform)[0], minlength=4)
    expected = torch.softmax(0.5 * preactivation[0, 0], dim=-1)
    torch.testing.assert_close(counts / 20_000, expected.to(torch.float32), atol=1e-4, rtol=0)


def test_large_preactivations_do_not_overflow_in_single_precision() -> None:
    layers = [(np.full((SEEDS, i, o), 30.0, np.float32), np.zeros((SEEDS, o), np.float32)) for i, o in ((4, 7), (7, 5), (5, 1))]
    ones = torch.ones((SEEDS, COPIES, 4))
    for network in (
        ReinforceActor(Parameters(layers), VARIANCES, GaussianOutput(0.2)),
        BackpropActor(Parameters(layers), GaussianOutput(0.2)),
    ):
        network.sample(ones, torch.ones((SEEDS, COPIES, sum(HIDDEN) + 1)), ones[..., :1])
        assert network.values[1].max() > 88
        assert all(torch.isfinite(gradient).all() for gradient in network.eligibility())
