"""DDPG against a plain one of autograd and torch.optim: its update, its start, its actions."""

from __future__ import annotations

import itertools
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from algorithms.interface import Problem
from tests.learners import PROBLEMS, SMALL, advance, make, simulate

SEEDS = [3, 5, 8]


class Critic(nn.Module):
    """Q(s, a) with two hidden layers; the action enters the first or the second."""

    def __init__(self, inputs: int, actions: int, hidden: tuple[int, int], action_layer: int) -> None:
        super().__init__()
        self.early = action_layer == 1
        self.first = nn.Linear(inputs + actions * self.early, hidden[0])
        self.second = nn.Linear(hidden[0] + actions * (not self.early), hidden[1])
        self.last = nn.Linear(hidden[1], 1)

    def forward(self, observation: Tensor, action: Tensor) -> Tensor:
        below = torch.cat([observation, action], dim=-1) if self.early else observation
        first = torch.relu(self.first(below))
        second = torch.relu(self.second(first if self.early else torch.cat([first, action], dim=-1)))
        return self.last(second)


class Plain:
    """One seed's DDPG by modules, autograd and optimisers of the framework (Lillicrap et al., 2016, Algorithm 1)."""

    def __init__(self, learner: Any, row: int) -> None:
        settings, problem = learner.hyperparameters, learner.problem
        self.settings, outputs = settings, settings.outputs(problem)
        sizes = settings.layer_sizes(problem.observation_size, outputs)
        layers: list[nn.Module] = []
        for inputs, units in itertools.pairwise(sizes):
            layers += [nn.Linear(inputs, units), nn.ReLU()]
        self.actor = nn.Sequential(*layers[:-1], nn.Tanh()).double()
        self.critic = Critic(problem.observation_size, outputs, settings.critic_hidden_sizes, settings.action_layer).double()
        policy = learner.policy()
        for name, module in (("actor", self.actor), ("critic", self.critic)):
            for number, layer in enumerate((part for part in module.modules() if isinstance(part, nn.Linear)), start=1):
                layer.weight.data = torch.from_numpy(policy[f"{name}/weights_{number}"][row].T.copy())
                layer.bias.data = torch.from_numpy(policy[f"{name}/biases_{number}"][row].copy())
        self.actor_target, self.critic_target = deepcopy(self.actor), deepcopy(self.critic)
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), settings.actor_learning_rate)
        self.critic_adam = torch.optim.Adam(
            self.critic.parameters(), settings.critic_learning_rate, weight_decay=settings.critic_l2
        )

    def update(self, minibatch: list[Tensor], discount: float) -> None:
        observation, action, reward, worthless, next_observation = minibatch
        with torch.no_grad():
            future = self.critic_target(next_observation, self.actor_target(next_observation))
            target = reward + discount * (1 - worthless) * future
        self.critic_adam.zero_grad()
        nn.functional.mse_loss(self.critic(observation, action), target).backward()
        self.critic_adam.step()
        self.actor_adam.zero_grad()
        (-self.critic(observation, self.actor(observation)).mean()).backward()
        self.actor_adam.step()
        for network, slow in ((self.actor, self.actor_target), (self.critic, self.critic_target)):
            for parameter, follower in zip(network.parameters(), slow.parameters(), strict=True):
                follower.data = self.settings.tau * parameter.data + (1 - self.settings.tau) * follower.data


def learner(problem: Problem = PROBLEMS["two dimensions"], **settings: Any) -> Any:
    return make("ddpg", problem, {**SMALL["ddpg"], **settings}, SEEDS, "reference")


def minibatch(actor: Any, number: int, count: int = 6) -> list[Tensor]:
    generator = torch.Generator().manual_seed(number)
    widths = (actor.problem.observation_size, actor._outputs, 1, 1, actor.problem.observation_size)
    parts = [torch.randn((len(SEEDS), count, width), generator=generator, dtype=torch.float64) for width in widths]
    parts[3] = (parts[3] > 1).double()
    return parts


def linear(module: nn.Module) -> list[Tensor]:
    layers = (part for part in module.modules() if isinstance(part, nn.Linear))
    return [tensor for layer in layers for tensor in (layer.weight.detach().T, layer.bias.detach()[None])]


@pytest.mark.parametrize("action_layer", [1, 2])
@pytest.mark.parametrize("problem", ["two dimensions", "single-step continuous"])
def test_updates_are_those_of_plain_networks_and_optimisers(problem: str, action_layer: int) -> None:
    rates: dict[str, Any] = {"actor_learning_rate": 2e-3, "critic_learning_rate": 1e-2, "critic_l2": 0.05, "tau": 0.1}
    actor = learner(PROBLEMS[problem], action_layer=action_layer, last_layer_bound=0.3, **rates)
    plain = [Plain(actor, row) for row in range(len(SEEDS))]
    discount = 0.99 if PROBLEMS[problem].episodic else 0.0
    before = actor._actor.rows.clone()
    for number in range(25):
        parts = minibatch(actor, number)
        # The second seed learns from the tenth update on.
        learning = np.array([True, number >= 10, True])
        assert not actor.update(learning, parts).any()
        for row in map(int, np.flatnonzero(learning)):
            plain[row].update([part[row] for part in parts], discount)
    for row, own in enumerate(plain):
        for network, ours in ((own.actor, actor._actor.parameters), (own.critic, actor._critic.parameters)):
            for our, their in zip(ours.tensors, linear(network), strict=True):
                torch.testing.assert_close(our[row], their, rtol=1e-9, atol=1e-12)
        for network, ours in ((own.actor_target, actor._actor.target), (own.critic_target, actor._critic.target)):
            for our, their in zip(ours.tensors, linear(network), strict=True):
                torch.testing.assert_close(our[row], their, rtol=1e-9, atol=1e-12)
    assert (actor._actor.rows != before).any(dim=1).all()


def test_networks_start_as_lillicrap_et_al_have_them() -> None:
    actor = learner(hidden_sizes=(40, 30), critic_hidden_sizes=(50, 20))
    shapes = {"actor": [(8, 40), (40, 30), (30, 2)], "critic": [(8, 50), (52, 20), (20, 1)]}
    policy = actor.policy()
    for network, layers in shapes.items():
        for number, (inputs, outputs) in enumerate(layers, start=1):
            bound = 3e-3 if number == 3 else inputs**-0.5
            weights, biases = policy[f"{network}/weights_{number}"], policy[f"{network}/biases_{number}"]
            assert weights.shape == (3, inputs, outputs)
            assert biases.shape == (3, outputs)
            assert 0.8 * bound < np.abs(weights).max() <= bound
            assert np.abs(biases).max() <= bound
    assert torch.equal(actor._actor.rows, actor._actor.target_rows)


@pytest.mark.parametrize("tau", [0.0, 0.25, 1.0])
def test_a_target_network_takes_over_a_share_of_the_learned_one(tau: float) -> None:
    network = learner(tau=tau)._actor
    network.rows.add_(1.0)
    wanted = tau * network.rows + (1 - tau) * network.target_rows
    alone = deepcopy(network)
    network.follow(tau, np.array([True, True, True]))
    torch.testing.assert_close(network.target_rows, wanted)
    before = alone.target_rows.clone()
    alone.follow(tau, np.array([False, True, False]))
    assert torch.equal(alone.target_rows[1], network.target_rows[1])
    assert torch.equal(alone.target_rows[::2], before[::2])


def test_actions_lie_within_the_scale_and_discrete_ones_are_the_largest_output() -> None:
    loud: Any = make(
        "ddpg", PROBLEMS["continuous"], {**SMALL["ddpg"], "action_scale": 2.0, "noise_sigma": 5.0}, SEEDS, "reference"
    )
    actions = np.array([loud.act(np.ones((3, 1, 2))) for _ in range(20)])
    assert np.abs(actions).max() == 2.0
    chosen = learner(PROBLEMS["four actions"], noise_sigma=1.0)
    for step in simulate(PROBLEMS["four actions"], SEEDS, 10):
        action = chosen.act(step.observation)
        assert (action == chosen._acted[1].argmax(axis=-1)).all()
    signed = learner(PROBLEMS["discrete"], discrete_output="sign", noise_sigma=1.0)
    assert signed.policy()["actor/weights_3"].shape[-1] == 1
    taken = set()
    for step in simulate(PROBLEMS["discrete"], SEEDS, 30):
        action = advance(signed, step)
        assert (action == (signed._acted[1][..., 0] > 0)).all()
        taken |= set(action.ravel().tolist())
    assert taken == {0, 1}
