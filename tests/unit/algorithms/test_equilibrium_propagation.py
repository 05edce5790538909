"""Equilibrium propagation against the gradient through the unrolled relaxation, by autograd of loops written here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from algorithms.equilibrium_propagation import Reference
from algorithms.interface import Problem
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.equilibrium_network import EquilibriumNetwork
from tests.learners import make

SEEDS, BATCH, INPUTS = [3, 5], 6, 4
STEP = 0.5
LONG = 300
SETTLED: dict[str, Any] = {"free_steps": LONG, "nudged_steps": 200, "beta": 1e-4}
"""Long enough for both phases to end at their fixed points in double precision."""
SHAPES = [("softmax", 2, (9,)), ("softmax", 3, (8, 6)), ("softmax", 4, (9,)), ("linear", 1, (9,)), ("linear", 2, (8, 6))]
shapes = pytest.mark.parametrize(("output", "actions", "hidden"), SHAPES)


class Batch(NamedTuple):
    observation: Tensor
    action: Tensor
    advantage: Tensor


def batch(output: str, actions: int) -> Batch:
    generator = torch.Generator().manual_seed(1)
    shape = (len(SEEDS), BATCH)
    # Observations large enough for some hidden units to lie at a bound of the hard sigmoid.
    observation = 1.5 * torch.randn((*shape, INPUTS), generator=generator, dtype=torch.float64)
    advantage = torch.randn(shape, generator=generator, dtype=torch.float64)
    if output == "linear":
        return Batch(observation, torch.randn((*shape, actions), generator=generator, dtype=torch.float64), advantage)
    taken = torch.randint(0, actions, shape, generator=generator)
    return Batch(observation, torch.nn.functional.one_hot(taken, actions).double(), advantage)


def learner(method: str, output: str, actions: int, hidden: tuple[int, ...], **settings: Any) -> Any:
    problem = Problem(INPUTS, actions, discrete=output == "softmax")
    rates = (1e-3,) * (len(hidden) + 1)
    shared: dict[str, Any] = {"hidden_sizes": hidden, "actor_learning_rates": rates, "step_size": STEP}
    made: Any = make(method, problem, {**shared, **settings}, SEEDS, "reference")
    for tensor in made.actor.tensors[2::2]:
        tensor *= 0.7  # few units have large weights at first, and with too much feedback a relaxation takes for ever
    return made


def unrolled(
    forward: Sequence[Tensor], feedback: Sequence[Tensor], observation: Tensor, output: str, steps: int, differentiated: int
) -> list[Tensor]:
    """States of layers 0 to L after so many steps, the last of them differentiated; `feedback` are the weights used backwards."""
    layers = len(forward) // 2
    units = [observation, *(observation.new_zeros((*observation.shape[:2], b.shape[-1])) for b in forward[1::2])]
    for step in range(steps):
        if step == steps - differentiated:
            units = [u.detach() for u in units]
        new = [observation]
        for layer in range(1, layers + 1):
            drive = units[layer - 1] @ forward[2 * layer - 2] + forward[2 * layer - 1]
            if layer < layers:
                drive = (drive + units[layer + 1] @ feedback[2 * layer].mT).clamp(0, 1)
            elif output == "softmax":
                drive = drive.softmax(dim=-1)
            new.append((1 - STEP) * units[layer] + STEP * drive)
        units = new
    return units


def objective(output: str, given: Batch, values: Tensor) -> Tensor:
    """Mean over the batch of A log o_a, or of - A |a - o|^2 / 2; summed over the seeds, which do not meet."""
    if output == "softmax":
        score = (values * given.action).sum(dim=-1).log()
    else:
        score = -(given.action - values).square().sum(dim=-1) / 2
    return (given.advantage * score).mean(dim=1).sum()


def unrolled_gradient(
    tensors: list[Tensor], given: Batch, output: str, *, tied: bool, steps: int = LONG, last: int | None = None
) -> list[Tensor]:
    """For the weights in both directions, or for their forward use alone, while the feedback is a copy held fixed."""
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    feedback = leaves if tied else tensors
    states = unrolled(leaves, feedback, given.observation, output, steps, steps if last is None else last)
    # In few steps nothing reaches the lower layers, whose gradient then is 0.
    return list(torch.autograd.grad(objective(output, given, states[-1]), leaves, materialize_grads=True))


def errors(ours: list[Tensor], theirs: list[Tensor]) -> list[float]:
    """Distance in units of the reference's norm, for each layer, weights and biases together; that of the worst seed."""
    assert [tensor.shape for tensor in ours] == [tensor.shape for tensor in theirs]
    joined = [
        [torch.cat(pair, dim=1).flatten(start_dim=1) for pair in zip(tensors[::2], tensors[1::2], strict=True)]
        for tensors in (ours, theirs)
    ]
    return [float(((our - their).norm(dim=1) / their.norm(dim=1)).max()) for our, their in zip(*joined, strict=True)]


def gradients(actor: Any, given: Batch) -> list[Tensor]:
    return actor.actor_gradients(*given, given.observation[..., :0])


@pytest.mark.parametrize("rule", ["S5", "S6"])
@shapes
def test_the_update_is_the_gradient_through_time(
    output: str, actions: int, hidden: tuple[int, ...], rule: Literal["S5", "S6"]
) -> None:
    """S6: of weights that serve in both directions; S5: of their forward use, with the feedback held fixed."""
    actor = learner("equilibrium_propagation", output, actions, hidden, update_rule=rule, **SETTLED)
    given = batch(output, actions)
    own = unrolled_gradient(actor.actor.tensors, given, output, tied=rule == "S6")
    assert max(errors(gradients(actor, given), own)) < 1e-3
    units = unrolled(actor.actor.tensors, actor.actor.tensors, given.observation, output, LONG, 0)[1]
    clipped = ((units < 1e-9) | (units > 1 - 1e-9)).double().mean()
    assert 0.1 < clipped < 0.9, "the hard sigmoid's slope is to be tested"
    # Nor is it the other rule's gradient: these differ in the layers that are used in both directions.
    first, *others = errors(gradients(actor, given), unrolled_gradient(actor.actor.tensors, given, output, tied=rule != "S6"))
    assert first < 1e-3
    assert min(others) > 0.02


@pytest.mark.parametrize("nudged", [1, 2, 5, 20])
@pytest.mark.parametrize("rule", ["S5", "S6"])
def test_after_k_nudged_steps_it_is_the_gradient_through_the_last_k(nudged: int, rule: Literal["S5", "S6"]) -> None:
    """Ernoult et al. (2019), for dynamics whose Jacobian is not symmetric."""
    settings = {**SETTLED, "nudged_steps": nudged, "beta": 1e-6}
    actor = learner("equilibrium_propagation", "softmax", 3, (8, 6), update_rule=rule, **settings)
    given = batch("softmax", 3)
    truncated = unrolled_gradient(actor.actor.tensors, given, "softmax", tied=rule == "S6", last=nudged)
    ours = gradients(actor, given)
    for our, their in zip(ours, truncated, strict=True):
        # After one step the output alone has moved, and after two the layer below: the rest is exactly 0, as it should.
        torch.testing.assert_close(our, their, rtol=0, atol=1e-4 * float(max(t.abs().max() for t in truncated)))
    assert (float(ours[0].abs().max()) < 1e-30) == (nudged < 3)


def test_the_error_is_of_first_order_in_beta() -> None:
    given = batch("softmax", 3)
    found = []
    for beta in (1e-2, 1e-3, 1e-4):
        actor = learner("equilibrium_propagation", "softmax", 3, (9,), update_rule="S6", **{**SETTLED, "beta": beta})
        found.append(max(errors(gradients(actor, given), unrolled_gradient(actor.actor.tensors, given, "softmax", tied=True))))
    assert found[0] / found[1] == pytest.approx(10, rel=0.3)
    assert found[1] / found[2] == pytest.approx(10, rel=0.3)


@pytest.mark.parametrize("last", [None, 1, 7, 1000])
@pytest.mark.parametrize(("output", "actions", "hidden"), SHAPES[1:4:2])
def test_backpropagation_through_time_is_that_gradient(
    output: str, actions: int, hidden: tuple[int, ...], last: int | None
) -> None:
    actor = learner("backprop_through_time", output, actions, hidden, free_steps=40, backward_steps=last)
    given = batch(output, actions)
    steps = min(40, last or 40)
    theirs = unrolled_gradient(actor.actor.tensors, given, output, tied=True, steps=40, last=steps)
    for our, their in zip(gradients(actor, given), theirs, strict=True):
        torch.testing.assert_close(our, their, rtol=1e-10, atol=1e-14)


def test_an_action_without_probability_leaves_the_gradient_finite() -> None:
    actor = learner("backprop_through_time", "softmax", 2, (9,), free_steps=40)
    actor.actor.tensors[-1][:, 0, 0] = 3000.0
    given = batch("softmax", 2)
    assert all(gradient.isfinite().all() for gradient in gradients(actor, given))


@pytest.mark.parametrize("rule", ["S5", "S6"])
@pytest.mark.parametrize("time_limit", ["terminal", "bootstrap"])
def test_an_equilibrium_critic_descends_half_the_squared_error(rule: Literal["S5", "S6"], time_limit: str) -> None:
    """Equation S1: nudged towards r + gamma V(s'); the advantage is the error before the step."""
    rates = (1e-3, 5e-3)
    settings = {**SETTLED, "critic_beta": 1e-4, "critic_learning_rates": rates, "update_rule": rule, "time_limit": time_limit}
    actor: Reference = learner("equilibrium_propagation", "softmax", 2, (9,), critic="equilibrium_propagation", **settings)
    given, following = batch("linear", 1), batch("linear", 1).observation.flip(1)
    reward = given.action
    worthless = torch.zeros_like(reward)
    worthless[:, ::2] = 1
    before = [tensor.clone() for tensor in actor.critic.tensors]
    value = unrolled(before, before, following, "linear", LONG, 0)[-1]
    target = reward + 0.95 * value * (1 - worthless)
    own = Batch(given.observation, target, torch.ones_like(given.advantage))
    theirs = unrolled_gradient(before, own, "linear", tied=rule == "S6")
    advantage = actor.learn_values(given.observation, reward, worthless, following, torch.tensor([True, False]))
    present = unrolled(before, before, given.observation, "linear", LONG, 0)[-1]
    torch.testing.assert_close(advantage, (target - present)[..., 0])
    for i, (old, new, gradient) in enumerate(zip(before, actor.critic.tensors, theirs, strict=True)):
        step = rates[i // 2] * gradient[0]
        assert float((new[0] - old[0] - step).norm() / step.norm()) < 1e-3
        assert torch.equal(new[1], old[1]), "the second seed was not learning"


def test_relaxing_leaves_the_given_state_alone_and_goes_on_from_it() -> None:
    actor = learner("equilibrium_propagation", "softmax", 3, (8, 6))
    network = EquilibriumNetwork(actor.actor, "softmax", STEP)
    observation = batch("softmax", 3).observation
    rest = network.rest(observation)
    early = network.relax(observation, rest, 10)
    assert all(not layer.any() for layer in rest)
    for once, twice in zip(network.relax(observation, rest, 25), network.relax(observation, early, 15), strict=True):
        assert torch.equal(once, twice)
    theirs = unrolled(actor.actor.tensors, actor.actor.tensors, observation, "softmax", 25, 0)[1:]
    for our, their in zip(network.relax(observation, rest, 25), theirs, strict=True):
        torch.testing.assert_close(our, their)


def test_the_action_is_drawn_from_the_output_of_the_free_phase() -> None:
    problem = Problem(INPUTS, 3, discrete=True, episodic=False, batch_size=4000)
    settings = {"hidden_sizes": (9,), "step_size": STEP, "free_steps": 60}
    actor: Any = make("equilibrium_propagation", problem, settings, SEEDS, "reference")
    observation = batch("softmax", 3).observation[:, :1].repeat(1, 4000, 1)
    wanted = unrolled(actor.actor.tensors, actor.actor.tensors, observation[:, :1], "softmax", 60, 0)[-1][:, 0]
    drawn = actor.act(observation.numpy())
    shares = np.stack([(drawn == action).mean(axis=1) for action in range(3)], axis=1)
    # Four standard errors of a share of 4000 draws are at most .032.
    np.testing.assert_allclose(shares, wanted, atol=0.032)


def test_one_and_the_same_parameters_serve_any_depth() -> None:
    sizes = (4, 7, 6, 5, 2)
    generator = np.random.default_rng(0)
    parameters = Parameters([(generator.normal(0, 0.2, (2, i, o)), generator.normal(0, 0.3, (2, o))) for i, o in pairwise(sizes)])
    given = batch("softmax", 2)
    network = EquilibriumNetwork(parameters, "softmax", STEP)
    free = network.relax(given.observation, network.rest(given.observation), LONG)
    nudged = network.relax(given.observation, free, 200, 1e-5 * given.advantage, given.action)
    ours = network.gradients(given.observation, free, nudged, 1e-5, "S6")
    assert max(errors(ours, unrolled_gradient(parameters.tensors, given, "softmax", tied=True))) < 1e-3
