"""Backpropagation with a replay memory: the honest gradient by autograd, and how the released one differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from algorithms.interface import Problem
from tests.learners import PROBLEMS, advance, make, simulate

SEEDS = [3, 5]
INPUTS, BATCH = 4, 7
SHAPES = [("softmax", 2, (9,)), ("softmax", 4, (8, 6)), ("linear", 2, (8, 6))]
shapes = pytest.mark.parametrize(("output", "actions", "hidden"), SHAPES)


def learner(output: str, actions: int, hidden: tuple[int, ...], **settings: Any) -> Any:
    problem = Problem(INPUTS, actions, discrete=output == "softmax", episodes=40)
    rates = (1e-3,) * (len(hidden) + 1)
    return make(
        "backprop_replay", problem, {"hidden_sizes": hidden, "actor_learning_rates": rates, **settings}, SEEDS, "reference"
    )


def numbers(output: str, actions: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shape = (len(SEEDS), BATCH)
    observation = 2 * torch.randn((*shape, INPUTS), generator=generator, dtype=torch.float64)
    action = torch.randn((*shape, actions), generator=generator, dtype=torch.float64)
    if output == "softmax":
        action = torch.nn.functional.one_hot(action.argmax(dim=-1), actions).double()
    return observation, action, torch.randn(shape, generator=generator, dtype=torch.float64)


def layers(tensors: list[Tensor], observation: Tensor) -> list[Tensor]:
    """Units of every layer, the last one's before the softmax."""
    units = [observation]
    for i in range(0, len(tensors), 2):
        total = units[-1] @ tensors[i] + tensors[i + 1]
        units.append(total.clamp(0, 1) if i < len(tensors) - 2 else total)
    return units


def honest(tensors: list[Tensor], output: str, observation: Tensor, action: Tensor, advantage: Tensor) -> list[Tensor]:
    """Of the mean of A log pi(a), by autograd; for a Gaussian up to its variance."""
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    last = layers(leaves, observation)[-1]
    log_probability = (last.log_softmax(dim=-1) * action).sum(dim=-1)
    score = log_probability if output == "softmax" else -(action - last).square().sum(dim=-1) / 2
    return list(torch.autograd.grad((advantage * score).mean(dim=1).sum(), leaves))


def moved(actor: Any) -> None:
    """The actor some learning later."""
    for i, tensor in enumerate(actor.actor.tensors):
        tensor += 0.3 * torch.randn(tensor.shape, generator=torch.Generator().manual_seed(i), dtype=torch.float64)


@shapes
def test_recomputed_activations_make_it_the_gradient(output: str, actions: int, hidden: tuple[int, ...]) -> None:
    actor = learner(output, actions, hidden, activations="recomputed", actor_biases="learned")
    observation, action, advantage = numbers(output, actions)
    _, stored = actor.actor_response(observation)
    assert stored.shape == (len(SEEDS), BATCH, 0)
    moved(actor)
    ours = actor.actor_gradients(observation, action, advantage, stored)
    theirs = honest(actor.actor.tensors, output, observation, action, advantage)
    for our, their in zip(ours, theirs, strict=True):
        assert float(their.abs().max()) > 1e-3
        torch.testing.assert_close(our, their, rtol=1e-10, atol=1e-12)
    hidden_units = layers(actor.actor.tensors, observation)[1]
    assert 0.1 < float(((hidden_units == 0) | (hidden_units == 1)).double().mean()) < 0.95


@shapes
def test_fixed_biases_have_no_gradient_and_the_weights_keep_theirs(output: str, actions: int, hidden: tuple[int, ...]) -> None:
    given = (*numbers(output, actions), torch.zeros(len(SEEDS), BATCH, 0, dtype=torch.float64))
    fixed = learner(output, actions, hidden, activations="recomputed", actor_biases="fixed").actor_gradients(*given)
    learned = learner(output, actions, hidden, activations="recomputed", actor_biases="learned").actor_gradients(*given)
    assert all(not gradient.any() for gradient in fixed[1::2])
    assert all(gradient.any() for gradient in learned[1::2])
    assert all(torch.equal(a, b) for a, b in zip(fixed[::2], learned[::2], strict=True))


@shapes
def test_stored_activations_are_the_gradient_until_the_weights_move(output: str, actions: int, hidden: tuple[int, ...]) -> None:
    actor = learner(output, actions, hidden, activations="stored", actor_biases="learned")
    observation, action, advantage = numbers(output, actions)
    _, stored = actor.actor_response(observation)
    assert stored.shape[-1] == sum(hidden) + actions == actor.stored_size
    for our, their in zip(
        actor.actor_gradients(observation, action, advantage, stored),
        honest(actor.actor.tensors, output, observation, action, advantage),
        strict=True,
    ):
        torch.testing.assert_close(our, their, rtol=1e-10, atol=1e-12)

    then = layers(actor.actor.tensors, observation)
    before = then[-1].softmax(dim=-1) if output == "softmax" else then[-1]
    moved(actor)
    ours = actor.actor_gradients(observation, action, advantage, stored)
    # As released: units, slopes and output of then, but the errors go down through the weights of today.
    error = advantage[..., None] * (action - before)
    for layer in range(len(hidden) + 1, 0, -1):
        torch.testing.assert_close(ours[2 * layer - 2], then[layer - 1].mT @ error / BATCH)
        torch.testing.assert_close(ours[2 * layer - 1], error.mean(dim=1, keepdim=True))
        slope = ((then[layer - 1] > 0) & (then[layer - 1] < 1)).double()
        error = (error @ actor.actor.tensors[2 * layer - 2].mT) * slope
    theirs = honest(actor.actor.tensors, output, observation, action, advantage)
    assert all(float((our - their).norm() / their.norm()) > 0.05 for our, their in zip(ours, theirs, strict=True))


def test_what_is_stored_is_what_the_actor_was_when_it_acted() -> None:
    task = PROBLEMS["discrete"]
    settings = {"hidden_sizes": (9,), "replay_size": 400, "minibatch_size": 5, "actor_learning_rates": (0.5, 0.5)}
    actor: Any = make("backprop_replay", task, settings, SEEDS, "reference")
    happened: list[np.ndarray[Any, Any]] = []
    episode: list[np.ndarray[Any, Any]] = []
    ended = False
    for step in simulate(task, SEEDS, 150):
        units = layers(actor.actor.tensors, torch.from_numpy(step.observation))
        stored = torch.cat([units[1], units[2].softmax(dim=-1)], dim=-1)[0, 0].numpy()
        advance(actor, step)
        if not ended:
            episode.append(stored)
        ended = bool(step.terminated[0, 0] or step.truncated[0, 0])
        if ended:
            happened, episode = happened + episode, []
    size = int(actor._memory.sizes[0])
    assert size > 20
    np.testing.assert_allclose(actor._memory.rows[0, :size, -11:], np.array(happened), rtol=1e-12)


@pytest.mark.parametrize("activations", ["stored", "recomputed"])
def test_the_temperature_drops_after_its_share_of_the_episodes(activations: str) -> None:
    settings = {"low_temperature": 0.05, "low_temperature_from": 0.75, "activations": activations}
    actor = learner("softmax", 3, (9,), **settings)
    observation, _, _ = numbers("softmax", 3)
    logits = layers(actor.actor.tensors, observation)[-1]
    state = actor.state()
    # Of 40 episodes the first seed has finished 29, the second 30: it is in the last quarter.
    actor.load({**state, "episodes": np.array([29, 30])})
    output, stored = actor.actor_response(observation)
    torch.testing.assert_close(output[0], logits[0].softmax(dim=-1))
    torch.testing.assert_close(output[1], (logits[1] / 0.05).softmax(dim=-1))
    if activations == "stored":
        assert torch.equal(stored[..., -3:], output)


def test_without_a_schedule_or_a_length_the_temperature_stays_one() -> None:
    observation, _, _ = numbers("softmax", 3)
    for problem_episodes, share in ((40, None), (None, 0.5)):
        problem = Problem(INPUTS, 3, discrete=True, episodes=problem_episodes)
        settings = {"hidden_sizes": (9,), "low_temperature_from": share}
        actor: Any = make("backprop_replay", problem, settings, SEEDS, "reference")
        actor.load({**actor.state(), "episodes": np.array([1000, 1000])})
        wanted = layers(actor.actor.tensors, observation)[-1].softmax(dim=-1)
        torch.testing.assert_close(actor.actor_response(observation)[0], wanted)
