"""Sub-critics against autograd of the printed loss, and the single neuron against autograd of its own."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor

from algorithms.ddpg import Reference
from experiments.shared.compatible_neuron import CompatibleNeuron, NeuronSettings
from experiments.shared.sub_critics import Moment, SubCritics, SubCriticSettings, ddpg_voltages
from tests.learners import PROBLEMS, SMALL, make

SIZES = (4, 5, 3, 2)
SEEDS, COUNT = 3, 6


def critics(seeds: tuple[int, ...] = (0, 1, 2), **settings: Any) -> SubCritics:
    generators = [np.random.default_rng([5, seed]) for seed in seeds]
    return SubCritics(SIZES, SubCriticSettings(**settings), generators, "float64")


def moment(number: int, seeds: int = SEEDS) -> Moment:
    generator = torch.Generator().manual_seed(number)
    return Moment([torch.randn((seeds, COUNT, size), generator=generator, dtype=torch.float64) for size in SIZES])


def outcome(seeds: int = SEEDS) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(9)
    reward = torch.randn((seeds, COUNT, 1), generator=generator, dtype=torch.float64)
    return reward, (torch.rand((seeds, COUNT, 1), generator=generator) > 0.7).double()


def q(tensors: list[Tensor], inputs: Tensor, outputs: Tensor) -> Tensor:
    value = torch.cat([inputs, outputs], dim=-1)
    for i in range(0, len(tensors), 2):
        value = value @ tensors[i] + tensors[i + 1]
        value = torch.relu(value) if i < len(tensors) - 2 else value
    return value


@pytest.mark.parametrize("per", ["neuron", "layer"])
@pytest.mark.parametrize("hidden", [(), (7, 6)])
def test_every_sub_critic_learns_its_own_loss(per: Literal["neuron", "layer"], hidden: tuple[int, ...]) -> None:
    ours = critics(per=per, hidden_sizes=hidden, tau=0.2, learning_rate=0.01, l2=0.05)
    for critic in ours.critics:
        critic.target_rows.mul_(0.8)
    before, after, (reward, worthless) = moment(1), moment(2), outcome()
    start = deepcopy(ours)
    values, slopes = ours.values(before), ours.slopes(before)
    ours.learn(before, reward, worthless, after)
    for layer, (own, old) in enumerate(zip(ours.critics, start.critics, strict=True), start=1):
        assert values[layer - 1].shape == (SEEDS, COUNT, ours.count(layer))
        assert slopes[layer - 1].shape == (SEEDS, COUNT, SIZES[layer])
        for row in range(SEEDS * ours.count(layer)):
            seed, number = divmod(row, ours.count(layer))
            columns = slice(number, number + 1) if per == "neuron" else slice(None)
            v, a = before.voltages[layer - 1][seed], before.voltages[layer][seed, :, columns].clone().requires_grad_()
            later = (after.voltages[layer - 1][seed], after.voltages[layer][seed, :, columns])
            target = [tensor[row] for tensor in old.target.tensors]
            y = reward[seed] + 0.9 * (1 - worthless[seed]) * q(target, *later)
            leaves = [tensor[row].clone().requires_grad_() for tensor in old.parameters.tensors]
            value = q(leaves, v, a)
            torch.testing.assert_close(values[layer - 1][seed, :, number], value[:, 0])
            (slope,) = torch.autograd.grad(value.sum(), a, retain_graph=True)
            torch.testing.assert_close(slopes[layer - 1][seed, :, columns], slope)
            adam = torch.optim.Adam(leaves, 0.01, weight_decay=0.05)
            (value - y).square().mean().backward()
            adam.step()
            for tensor, follower, leaf, lagged in zip(own.parameters.tensors, own.target.tensors, leaves, target, strict=True):
                torch.testing.assert_close(tensor[row], leaf.detach(), rtol=1e-9, atol=1e-12)
                torch.testing.assert_close(follower[row], 0.2 * leaf.detach() + 0.8 * lagged, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("per", ["neuron", "layer"])
def test_company_does_not_matter(per: Literal["neuron", "layer"]) -> None:
    together, alone = critics(per=per, hidden_sizes=(5,)), critics((1,), per=per, hidden_sizes=(5,))
    before, after, (reward, worthless) = moment(1), moment(2), outcome()
    twice = [1, 1]
    for _ in range(3):
        together.learn(before, reward, worthless, after)
        own = [Moment([unit[twice] for unit in end.voltages]) for end in (before, after)]
        alone.learn(own[0], reward[twice], worthless[twice], own[1])
    for layer, (many, few) in enumerate(zip(together.critics, alone.critics, strict=True), start=1):
        count = together.count(layer)
        assert torch.equal(many.rows[count : 2 * count], few.rows[:count])


def test_only_those_seeds_learn_that_are_said_to() -> None:
    ours = critics()
    start = [critic.rows.clone() for critic in ours.critics]
    ours.learn(moment(1), *outcome(), moment(2), np.array([False, True, False]))
    for layer, (critic, old) in enumerate(zip(ours.critics, start, strict=True), start=1):
        moved = (critic.rows[: len(old)] != old).any(dim=1)
        assert moved.tolist() == [False] * ours.count(layer) + [True] * ours.count(layer) + [False] * ours.count(layer)


def test_voltages_are_those_of_ddpgs_actor() -> None:
    learner = make("ddpg", PROBLEMS["discrete"], SMALL["ddpg"], [0, 1], "reference")
    assert isinstance(learner, Reference)
    observation = torch.randn((2, 3, 4), dtype=torch.float64)
    found = ddpg_voltages(learner._actor.parameters, observation)
    assert [unit.shape[-1] for unit in found.voltages] == [4, 9, 7, 2]
    torch.testing.assert_close(found.voltages[-1], learner.policy_output(observation))
    action = torch.ones((2, 3, 2), dtype=torch.float64)
    assert ddpg_voltages(learner._actor.parameters, observation, action).voltages[-1] is action


def test_the_single_neuron_follows_the_gradients_of_its_critic() -> None:
    settings = NeuronSettings(norm_clip=1e9, tau=0.3)
    neuron = CompatibleNeuron(2, settings, [np.random.default_rng(seed) for seed in range(4)])
    generator = np.random.default_rng(1)
    neuron.advantage, neuron.base = generator.standard_normal((2, 4, 2))
    neuron.target_base = generator.standard_normal((4, 2))
    s, later = generator.standard_normal((2, 4, 2))
    a, r = generator.standard_normal((2, 4))
    ends = np.array([0.0, 1.0, 0.0, 1.0])
    k, w, v, lagged = (torch.from_numpy(x.copy()) for x in (neuron.weights, neuron.advantage, neuron.base, neuron.target_base))
    assert neuron.learn(s, a, r, ends, later).all()
    for row in range(4):
        kk, ww, vv = (x[row].clone().requires_grad_() for x in (k, w, v))
        state = torch.from_numpy(s[row])
        mean = torch.tanh(kk @ state)
        (feature,) = torch.autograd.grad(mean, kk, retain_graph=True)
        value = ww @ feature * (a[row] - mean.detach()) + vv @ state
        y = r[row] + 0.9 * (1 - ends[row]) * (lagged[row] @ torch.from_numpy(later[row]))
        (-(y - value).square() / 2).backward()
        assert ww.grad is not None
        assert vv.grad is not None
        np.testing.assert_allclose(neuron.advantage[row], (w[row] + 10 * ww.grad).numpy())
        np.testing.assert_allclose(neuron.base[row], (v[row] + 10 * vv.grad).numpy())
        slope = ww.detach() @ feature
        np.testing.assert_allclose(neuron.weights[row], (k[row] + 3 * slope * feature).numpy())
        np.testing.assert_allclose(neuron.target_base[row], 0.3 * neuron.base[row] + 0.7 * lagged[row].numpy())


def test_long_gradients_are_shortened_and_lost_seeds_are_told() -> None:
    neuron = CompatibleNeuron(2, NeuronSettings(), [np.random.default_rng(seed) for seed in range(2)])
    start = neuron.base.copy()
    ones = np.ones((2, 2))
    finite = neuron.learn(ones, np.ones(2), np.array([1e6, np.nan]), np.ones(2), ones)
    assert finite.tolist() == [True, False]
    np.testing.assert_allclose(np.linalg.norm(neuron.base - start, axis=1)[0], 10 * 2)
