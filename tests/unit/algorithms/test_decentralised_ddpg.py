"""The decentralised rule against autograd of each neuron's own objectives, neuron by neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from algorithms.decentralised_ddpg import NETWORKS
from algorithms.interface import Problem
from tests.learners import PROBLEMS, SMALL, make

SEEDS = [3, 5, 8]
COUNT = 7
TWO_DIMENSIONS = PROBLEMS["two dimensions"]
FORMS: list[dict[str, Any]] = [
    {"slope": slope, "activation": activation, "biases": biases, "hidden_sizes": hidden}
    for slope in ("constant", "state")
    for activation, biases, hidden in (("tanh", "learned", (6, 5)), ("relu", "none", (6, 5)), ("tanh", "learned", ()))
]


def learner(problem: Problem = TWO_DIMENSIONS, **settings: Any) -> Any:
    return make("decentralised_ddpg", problem, {**SMALL["decentralised_ddpg"], **settings}, SEEDS, "reference")


def minibatch(actor: Any) -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    parts = [torch.randn((len(SEEDS), COUNT, width), generator=generator, dtype=torch.float64) for width in actor._parts]
    parts[3] = (parts[3] > 0.5).double()
    return parts


class Neuron:
    """One neuron of one seed with its critic, and targets of both, as leaves of autograd."""

    def __init__(self, actor: Any, row: int, layer: int, column: int) -> None:
        self.settings = actor.hyperparameters
        self.last = layer == len(actor._sizes) - 1
        for kind in ("parameters", "target"):
            for name in NETWORKS:
                weights, bias = getattr(actor._networks[name], kind).tensors[2 * layer - 2 : 2 * layer]
                own = torch.cat([weights[row, :, column], bias[row, :, column]]).clone()
                setattr(self, f"{name}_{kind}", own.requires_grad_(kind == "parameters"))

    def mean(self, inputs: Tensor, kind: str = "parameters") -> Tensor:
        total = self._linear(inputs, f"actor_{kind}")
        return torch.relu(total) if self.settings.activation == "relu" and not self.last else torch.tanh(total)

    def value(self, inputs: Tensor, own: Tensor, mean: Tensor, kind: str = "parameters") -> Tensor:
        """Q(v, a) as the module's docstring has it."""
        base = self._linear(inputs, f"values_{kind}")
        if self.settings.slope == "constant":
            return base + getattr(self, f"slopes_{kind}")[-1] * own
        return base + self._linear(inputs, f"slopes_{kind}") * (own - mean)

    def _linear(self, inputs: Tensor, name: str) -> Tensor:
        parameters = getattr(self, name)
        return inputs @ parameters[:-1] + parameters[-1]


def split(actor: Any, parts: list[Tensor]) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Inputs, outputs and next inputs of every layer."""
    outputs = torch.split(parts[1], list(actor._sizes[1:]), dim=2)
    return [parts[0], *outputs[:-1]], list(outputs), list(torch.split(parts[4], list(actor._sizes[:-1]), dim=2))


@pytest.mark.parametrize("form", FORMS)
def test_every_neuron_descends_its_own_loss_and_ascends_its_own_critic(form: dict[str, Any]) -> None:
    actor = learner(**form, optimiser="gradient", actor_learning_rate=0.3, critic_learning_rate=0.2, critic_l2=0.1, tau=0.4)
    for network in actor._networks.values():  # away from the start, where targets equal what is learned
        network.target_rows.mul_(0.7)
    parts = minibatch(actor)
    inputs, outputs, following = split(actor, parts)
    before = {name: [tensor.clone() for tensor in network.parameters.tensors] for name, network in actor._networks.items()}
    neurons = {
        (row, layer, column): Neuron(actor, row, layer, column)
        for row in range(len(SEEDS))
        for layer in range(1, len(actor._sizes))
        for column in range(actor._sizes[layer])
    }
    assert not actor.update(np.ones(len(SEEDS), bool), parts).any()
    learned_bias = form["biases"] == "learned"
    for (row, layer, column), neuron in neurons.items():
        v, a, later = inputs[layer - 1][row], outputs[layer - 1][row, :, column], following[layer - 1][row]
        with torch.no_grad():
            mean = neuron.mean(later, "target")
            future = neuron.value(later, mean, mean, "target")
            y = parts[2][row, :, 0] + 0.9 * (1 - parts[3][row, :, 0]) * future
        loss = (y - neuron.value(v, a, neuron.mean(v).detach())).square().mean() / 2
        critic = [neuron.values_parameters, neuron.slopes_parameters]  # type: ignore[attr-defined]
        for own, gradient, is_slope in zip(critic, torch.autograd.grad(loss, critic), (False, True), strict=True):
            step = 0.2 * (gradient + 0.1 * own.detach())
            if not is_slope and not learned_bias:
                step[-1] = 0
            own.data -= step
        # The sample policy gradient: dQ/da at a = mu(v), times the gradient of mu(v).
        output = neuron.mean(v)
        free = output.detach().requires_grad_()
        (slope,) = torch.autograd.grad(neuron.value(v, free, output.detach()).sum(), free)
        weights = neuron.actor_parameters  # type: ignore[attr-defined]
        (ascent,) = torch.autograd.grad((slope * output).mean(), weights)
        if not learned_bias:
            ascent[-1] = 0
        weights.data += 0.3 * ascent
        for name in NETWORKS:
            network = actor._networks[name]
            for kind in ("parameters", "target"):
                tensors = getattr(network, kind).tensors[2 * layer - 2 : 2 * layer]
                ours = torch.cat([tensors[0][row, :, column], tensors[1][row, :, column]])
                wanted = getattr(neuron, f"{name}_parameters").detach()
                if kind == "target":
                    wanted = 0.4 * wanted + 0.6 * getattr(neuron, f"{name}_target")
                torch.testing.assert_close(ours, wanted, rtol=1e-9, atol=1e-12)
    for name, tensors in before.items():
        moved = [not torch.equal(a, b) for a, b in zip(tensors, actor._networks[name].parameters.tensors, strict=True)]
        assert all(moved[::2]) or (name == "slopes" and form["slope"] == "constant" and not any(moved[::2]))
        assert all(moved[1::2]) == (learned_bias or name == "slopes")


def test_adam_takes_the_place_of_plain_steps() -> None:
    plain, adam = learner(optimiser="gradient", slope="state"), learner(optimiser="adam", slope="state")
    start = {name: network.rows.clone() for name, network in adam._networks.items()}
    for actor in (plain, adam):
        actor.update(np.ones(len(SEEDS), bool), minibatch(actor))
    for name, network in adam._networks.items():
        rate = 1e-4 if name == "actor" else 1e-2
        # Adam's first step is its rate, against the sign of the gradient.
        change = network.rows - start[name]
        direction = torch.sign(plain._networks[name].rows - start[name])
        if name == "actor":  # which follows another critic after its first step
            change, direction = change.abs(), direction.abs()
        torch.testing.assert_close(change, rate * direction, rtol=1e-3, atol=rate * 1e-3)


def test_nothing_goes_back_from_one_layer_to_another() -> None:
    """What the upper layer holds has no part in the step of the lower one, beyond what its neurons' outputs were."""
    one, other = learner(slope="state"), learner(slope="state")
    parts = minibatch(one)
    for network in other._networks.values():
        for tensor in network.parameters.tensors[2:]:
            tensor.mul_(-3.0)
    for actor in (one, other):
        actor.update(np.ones(len(SEEDS), bool), parts)
    for name, network in one._networks.items():
        lower, theirs = network.parameters.tensors, other._networks[name].parameters.tensors
        assert all(torch.equal(a, b) for a, b in zip(lower[:2], theirs[:2], strict=True))
        assert not torch.equal(lower[2], theirs[2])


@pytest.mark.parametrize(("noise_on", "columns"), [("preactivations", 11), ("action", 2), ("both", 13)])
def test_noise_is_where_it_is_said_to_be(noise_on: str, columns: int) -> None:
    actor = learner(noise_on=noise_on)
    seen = np.random.default_rng(1).standard_normal((3, 1, 8))
    quiet = [unit.numpy() for unit in actor.voltages(torch.from_numpy(seen))]
    actor.act(seen)
    hidden, output = np.split(actor._acted[1], [9], axis=-1)
    assert int((actor._exploration[0, 0] != 0).sum()) == columns
    assert np.array_equal(hidden, quiet[0]) == (noise_on == "action")
    shaken = [unit.numpy() for unit in actor.voltages(torch.from_numpy(seen), torch.from_numpy(actor._exploration))]
    np.testing.assert_allclose(hidden, shaken[0])
    np.testing.assert_allclose(output, np.clip(shaken[1] + actor._exploration[..., -2:], -1, 1))


def test_the_next_state_is_what_the_neurons_would_see_there_without_noise() -> None:
    actor = learner()
    following = np.random.default_rng(2).standard_normal((3, 8))
    stored = actor.successor(following)
    hidden = actor.voltages(torch.from_numpy(following[:, None]))[0][:, 0].numpy()
    np.testing.assert_array_equal(stored, np.concatenate([following, hidden], axis=1))


def test_constant_slopes_have_no_weights_in_the_policy() -> None:
    names = {"actor/weights_1", "values/weights_1", "slopes/biases_1"}
    assert names <= learner().policy().keys()
    assert "slopes/weights_1" not in learner().policy()
    assert "slopes/weights_1" in learner(slope="state").policy()


def test_the_td_variant_learns_the_error_of_a_global_critic() -> None:
    settings = {**SMALL["decentralised_td"], "tau": 0.3, "global_learning_rate": 0.02, "critic_l2": 0.0}
    actor: Any = make("decentralised_td", TWO_DIMENSIONS, settings, SEEDS, "reference")
    for network in (*actor._networks.values(), actor._critic):
        network.target_rows.mul_(0.7)
    parts = minibatch(actor)
    _, outputs, following = split(actor, parts)
    wanted = actor.targets(parts)
    old = [tensor.clone() for tensor in actor._critic.parameters.tensors]
    weights, bias = (tensor.clone() for tensor in actor._networks["actor"].target.tensors[-2:])
    slow = [tensor.clone() for tensor in actor._critic.target.tensors]
    actor.update(np.ones(len(SEEDS), bool), parts)
    for row in range(len(SEEDS)):
        action = torch.tanh(following[-1][row] @ weights[row] + bias[row])
        future = q([tensor[row] for tensor in slow], torch.cat([parts[4][row, :, :8], action], dim=-1))
        leaves = [tensor[row].clone().requires_grad_() for tensor in old]
        value = q(leaves, torch.cat([parts[0][row], outputs[-1][row]], dim=-1))
        y = parts[2][row] + 0.99 * (1 - parts[3][row]) * future
        for target in wanted:
            torch.testing.assert_close(target[row], (y - value).detach().expand_as(target[row]))
        adam = torch.optim.Adam(leaves, 0.02)
        (value - y).square().mean().backward()
        adam.step()
        for tensor, leaf in zip(actor._critic.parameters.tensors, leaves, strict=True):
            torch.testing.assert_close(tensor[row], leaf.detach(), rtol=1e-9, atol=1e-12)


def q(tensors: list[Tensor], value: Tensor) -> Tensor:
    """A rectified network with a linear last layer."""
    for i in range(0, len(tensors), 2):
        value = value @ tensors[i] + tensors[i + 1]
        value = torch.relu(value) if i < len(tensors) - 2 else value
    return value
