"""What the actor-critics with a replay memory do beside their actor's rule: memory, critic, advantages, Adam, settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from algorithms.equilibrium_propagation import Hyperparameters
from algorithms.interface import Problem, hyperparameters_of
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.actor_critic import ascend, normalised
from algorithms.shared.replay.adam import MinibatchAdam
from tests.learners import PROBLEMS, advance, make, simulate

METHODS = ("equilibrium_propagation", "backprop_replay", "backprop_through_time")
SEEDS = [3, 5, 8]
SMALL: dict[str, Any] = {"hidden_sizes": (9,), "minibatch_size": 6, "replay_size": 30}
SHORT: dict[str, dict[str, Any]] = {
    "equilibrium_propagation": {"free_steps": 10, "nudged_steps": 5},
    "backprop_replay": {},
    "backprop_through_time": {"free_steps": 10},
}
methods = pytest.mark.parametrize("method", METHODS)


def learner(method: str, problem: Problem = PROBLEMS["discrete"], **settings: Any) -> Any:
    return make(method, problem, {**SMALL, **SHORT[method], **settings}, SEEDS, "reference")


def random_tensor(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def perceptron(tensors: list[Tensor], observation: Tensor) -> Tensor:
    """A network with one hidden layer of hard sigmoids, by plain products."""
    return (observation @ tensors[0] + tensors[1]).clamp(0, 1) @ tensors[2] + tensors[3]


def leaves(tensors: list[Tensor]) -> list[Tensor]:
    return [tensor.clone().requires_grad_() for tensor in tensors]


def test_adam_is_torchs_for_seeds_that_start_at_different_times() -> None:
    settings = Hyperparameters(critic_learning_rate=1e-2, adam_beta1=0.8, adam_beta2=0.99, adam_epsilon=1e-6)
    parameters = [random_tensor(3, 4, 2), random_tensor(3, 1, 2, seed=1)]
    single = [[tensor[row].clone().requires_grad_() for tensor in parameters] for row in range(3)]
    theirs = [torch.optim.Adam(own, lr=1e-2, betas=(0.8, 0.99), eps=1e-6) for own in single]
    adam = MinibatchAdam(parameters, settings)
    for step in range(40):
        gradients = [random_tensor(3, 4, 2, seed=2 + step), random_tensor(3, 1, 2, seed=100 + step)]
        # The first seed learns always, the second from step 15 on, the third now and then.
        learning = [True, step >= 15, step % 3 == 1]
        adam.descend(parameters, gradients, torch.tensor(learning))
        for row in np.flatnonzero(learning):
            for tensor, gradient in zip(single[row], gradients, strict=True):
                tensor.grad = gradient[row].clone()
            theirs[row].step()
        for i, tensor in enumerate(parameters):
            torch.testing.assert_close(tensor, torch.stack([own[i].detach() for own in single]), rtol=1e-12, atol=1e-12)
    assert adam.updates.tolist() == [40, 25, 13]


@methods
@pytest.mark.parametrize("time_limit", ["terminal", "bootstrap"])
def test_the_critics_step_is_adams_on_the_mean_squared_error(method: str, time_limit: str) -> None:
    actor = learner(method, time_limit=time_limit, critic_learning_rate=1e-2)
    observation, following = random_tensor(3, 6, 4), random_tensor(3, 6, 4, seed=1)
    reward, worthless = random_tensor(3, 6, 1, seed=2), (random_tensor(3, 6, 1, seed=3) > 0).double()
    for _ in range(3):
        own = leaves(actor.critic.tensors)
        optimizer = torch.optim.Adam(own, lr=1e-2)
        if actor._adam.updates[0]:
            for i, tensor in enumerate(own):
                optimizer.state[tensor] = {
                    "step": torch.tensor(float(actor._adam.updates[0])),
                    "exp_avg": actor._adam.first[i].clone(),
                    "exp_avg_sq": actor._adam.second[i].clone(),
                }
        target = (reward + 0.95 * perceptron(own, following) * (1 - worthless)).detach()
        value = perceptron(own, observation)
        (value - target).square().mean(dim=1).sum().backward()
        optimizer.step()
        advantage = actor.learn_values(observation, reward, worthless, following, torch.tensor([True] * 3))
        torch.testing.assert_close(advantage, (target - value)[..., 0].detach())
        for ours, theirs in zip(actor.critic.tensors, own, strict=True):
            torch.testing.assert_close(ours, theirs.detach(), rtol=1e-10, atol=1e-12)


def test_advantages_have_mean_zero_and_the_sample_standard_deviation_one() -> None:
    advantage = 3 * random_tensor(2, 20) + 5
    found = normalised(advantage)
    torch.testing.assert_close(found.mean(dim=1), torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(found.std(dim=1), torch.ones(2, dtype=torch.float64))  # torch's has ddof = 1
    torch.testing.assert_close(found, (advantage - advantage.mean(1, True)) / advantage.std(1, keepdim=True))
    assert (normalised(torch.full((2, 20), 0.3, dtype=torch.float64)).abs() < 1e-5).all(), "all alike: none is better"
    assert (normalised(torch.full((2, 1), 0.3)) == 0).all()


def test_only_learning_seeds_ascend_each_layer_at_its_rate() -> None:
    parameters = Parameters.of([random_tensor(3, 4, 2, seed=i) for i in range(4)])
    before = [tensor.clone() for tensor in parameters.tensors]
    gradients = [torch.ones(3, 4, 2, dtype=torch.float64)] * 4
    ascend(parameters, gradients, (0.1, 0.01), torch.tensor([True, False, True]))
    for tensor, old, rate in zip(parameters.tensors, before, (0.1, 0.1, 0.01, 0.01), strict=True):
        torch.testing.assert_close(tensor[[0, 2]], old[[0, 2]] + rate)
        assert torch.equal(tensor[1], old[1])


@methods
def test_nothing_is_learned_before_the_memory_holds_a_minibatch(method: str) -> None:
    """Nor from an episode that goes on, nor in its last step; then at every step but resets."""
    task = PROBLEMS["discrete"]
    actor = learner(method, task)
    finished, episode, ended = np.zeros(3, int), np.zeros(3, int), np.zeros(3, bool)
    updates = np.zeros(3, int)
    for step in simulate(task, SEEDS, 250):
        before = [tensor.clone() for tensor in actor.actor.tensors]
        advance(actor, step)
        learned = ~ended & (finished >= SMALL["minibatch_size"])
        changed = [(old != new).flatten(start_dim=1).any(dim=1) for old, new in zip(before, actor.actor.tensors, strict=True)]
        moved = torch.stack(changed).any(dim=0).numpy()
        np.testing.assert_array_equal(moved, learned)
        updates += learned
        episode += ~ended
        ended = (step.terminated | step.truncated)[:, 0]
        finished += np.where(ended, episode, 0)
        episode[ended] = 0
        np.testing.assert_array_equal(actor._memory.sizes, np.minimum(finished, SMALL["replay_size"]))
    np.testing.assert_array_equal(actor._adam.updates, updates)
    assert (updates > 50).all()


@pytest.mark.parametrize("time_limit", ["terminal", "bootstrap"])
@pytest.mark.parametrize("problem", ["discrete", "continuous"])
def test_a_transition_is_what_happened(problem: str, time_limit: str) -> None:
    task = PROBLEMS[problem]
    actor = learner("equilibrium_propagation", task, replay_size=500, time_limit=time_limit)
    happened: list[list[float]] = []
    episode: list[list[float]] = []
    ended = False
    for step in simulate(task, SEEDS, 120):
        action = advance(actor, step)[1, 0]
        if not ended:
            vector = np.eye(task.action_size)[action] if task.discrete else action
            worthless = step.terminated[1, 0] or (step.truncated[1, 0] and time_limit == "terminal")
            seen = step.observation[1, 0]  # `advance` gives the same observation before and after
            episode.append([*seen, *vector, step.reward[1, 0], worthless, *seen])
        ended = bool(step.terminated[1, 0] or step.truncated[1, 0])
        if ended:
            happened, episode = happened + episode, []
    size = int(actor._memory.sizes[1])
    assert size == len(happened) > 20
    np.testing.assert_array_equal(actor._memory.rows[1, :size], np.array(happened))


@methods
@pytest.mark.parametrize("hidden", [(9,), (40, 7)])
def test_initial_parameters_are_uniform_within_the_fan_in(method: str, hidden: tuple[int, ...]) -> None:
    rates = (1e-3,) * (len(hidden) + 1)
    extra: dict[str, Any] = {"critic_learning_rates": rates} if method == "equilibrium_propagation" else {}
    actor = learner(method, hidden_sizes=hidden, actor_learning_rates=rates, **extra)
    for network, outputs in ((actor.actor, 2), (actor.critic, 1)):
        sizes = (4, *hidden, outputs)
        for layer, inputs in enumerate(sizes[:-1]):
            weights, biases = network.tensors[2 * layer : 2 * layer + 2]
            assert weights.shape == (3, inputs, sizes[layer + 1])
            assert biases.shape == (3, 1, sizes[layer + 1])
            bound = inputs**-0.5
            for tensor in (weights, biases):
                assert float(tensor.abs().max()) <= bound
            if weights.numel() > 100:
                assert float(weights.abs().max()) > 0.95 * bound
                assert float(weights.mean().abs()) < 4 * bound / (3 * weights.numel()) ** 0.5
    assert not torch.equal(actor.actor.tensors[0][0], actor.actor.tensors[0][1])


BAD: list[tuple[str, Problem, dict[str, Any], str]] = [
    *((method, PROBLEMS["discrete"], {"minibatch_size": 31, "replay_size": 30}, "minibatch_size: 31") for method in METHODS),
    *((method, PROBLEMS["discrete"], {"actor_learning_rates": (1e-3,)}, "actor_learning_rates: 1 values") for method in METHODS),
    *((method, PROBLEMS["discrete"], {"hidden_sizes": (9, 8)}, "actor_learning_rates: 2 values") for method in METHODS),
    (
        "equilibrium_propagation",
        PROBLEMS["discrete"],
        {"critic": "equilibrium_propagation", "critic_learning_rates": (1e-3,)},
        "critic_learning_rates: 1 values",
    ),
    ("backprop_replay", PROBLEMS["continuous"], {"low_temperature_from": 0.5}, "low_temperature_from"),
    ("backprop_replay", PROBLEMS["single-step discrete"], {"low_temperature_from": 0.5}, "low_temperature_from"),
]


@pytest.mark.parametrize(("method", "problem", "settings", "message"), BAD)
def test_settings_that_do_not_fit_are_refused_in_one_line(
    method: str, problem: Problem, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        hyperparameters_of(method)(**settings).check(problem)
    assert "\n" not in str(refused.value)


@methods
@pytest.mark.parametrize(
    "settings",
    [
        {"minibatch_size": 1},
        {"hidden_sizes": ()},
        {"hidden_sizes": (0,)},
        {"discount": 1.1},
        {"replay_size": 0},
        {"adam_beta2": 1.0},
        {"critic_learning_rate": float("nan")},
        {"time_limit": "never"},
        {"betta": 0.1},
    ],
)
def test_values_out_of_range_are_refused(method: str, settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(settings))):
        hyperparameters_of(method)(**settings)


@pytest.mark.parametrize("method", ["equilibrium_propagation", "backprop_through_time"])
@pytest.mark.parametrize("step_size", [0.0, -0.1, 1.01, float("inf")])
def test_a_euler_step_beyond_one_is_refused(method: str, step_size: float) -> None:
    with pytest.raises(ValidationError, match="step_size"):
        hyperparameters_of(method)(step_size=step_size)
    assert hyperparameters_of(method)(step_size=1.0).step_size == 1.0


@methods
def test_no_memory_is_needed_on_a_single_step_task(method: str) -> None:
    hyperparameters_of(method)(minibatch_size=20, replay_size=3).check(PROBLEMS["single-step discrete"])


@methods
def test_what_a_learner_does_is_refused_before_it_acted(method: str) -> None:
    with pytest.raises(ValueError, match="nothing was done"):
        learner(method).learn(np.zeros((3, 1)))
    actor = learner(method)
    actor.act(np.zeros((3, 1, 4)))
    with pytest.raises(ValueError, match="next observation"):
        actor.learn(np.zeros((3, 1)))
