"""The product rule with E[A | S] estimated from further draws (chung2020, section 3.2), against Monte Carlo of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from algorithms.interface import Engine, Problem
from algorithms.map_propagation import Hyperparameters, MapCritic
from algorithms.shared.output import GaussianOutput
from algorithms.shared.parameters import Parameters
from tests.learners import PROBLEMS, advance, make, simulate

SIZES = (4, 7, 5, 1)
VARIANCES = (0.3, 0.5)
OUTPUT_VARIANCE = 0.2
TARGET = 1.5
BLOCKS, COPIES = 50, 2000
OBSERVATION = np.array([0.5, -1.0, 0.2, 1.5])
SETTINGS: dict[str, Any] = {"signal": "target", "critic_rule": "product", "mean_samples": 3, "actor_variances": (0.05,) * 3}


def layers() -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """One network's weights [in, out] and biases [out]."""
    generator = np.random.default_rng(0)
    return [(generator.normal(0, 0.7, (i, o)), generator.normal(0, 0.7, o)) for i, o in pairwise(SIZES)]


def critic(samples: int, blocks: int, copies: int, **settings: Any) -> MapCritic:
    """Blocks of copies of one network, all of which have drawn on one observation."""
    own = Parameters([(np.tile(w, (blocks, 1, 1)), np.tile(b, (blocks, 1))) for w, b in layers()])
    given = Hyperparameters(signal="target", critic_rule="product", mean_samples=samples, **settings)
    network = MapCritic(own, own, VARIANCES, GaussianOutput(OUTPUT_VARIANCE), given)
    count = (1 + samples) * sum(SIZES[1:-1]) + 1
    normal = torch.randn((blocks, copies, count), generator=torch.Generator().manual_seed(samples), dtype=torch.float64)
    network.sample(torch.tensor(OBSERVATION).expand(blocks, copies, -1), normal, normal)
    return network


def drawn_means(count: int) -> NDArray[Any]:
    """mu of so many draws of the hidden units, by numpy."""
    generator = np.random.default_rng(1)
    value = np.tile(OBSERVATION, (count, 1))
    (first, second, last) = layers()
    for (weights, biases), variance in zip((first, second), VARIANCES, strict=True):
        mean = np.logaddexp(0, value @ weights + biases)
        value = mean + variance**0.5 * generator.standard_normal(mean.shape)
    return (value @ last[0] + last[1])[:, 0]


def slopes(squared_error: bool) -> tuple[list[Tensor], list[Tensor]]:
    """Gradient of -E[(mu - A*)^2] / 2, or of -(E[A | S] - A*)^2 / 2, for every W^l and b^l, and its standard errors.

    By autograd through hidden units whose noise is held.
    """
    tensors = [torch.tensor(array).expand(BLOCKS, *array.shape).clone().requires_grad_() for pair in layers() for array in pair]
    generator = torch.Generator().manual_seed(99)
    value = torch.tensor(OBSERVATION).expand(BLOCKS, COPIES, -1)
    for layer, variance in enumerate(VARIANCES):
        mean = softplus(value @ tensors[2 * layer] + tensors[2 * layer + 1][:, None])
        value = mean + variance**0.5 * torch.randn(mean.shape, generator=generator, dtype=torch.float64)
    mean = (value @ tensors[-2] + tensors[-1][:, None])[..., 0]
    if squared_error:
        objective = -((mean - TARGET) ** 2).mean(dim=1).sum() / 2
    else:
        objective = (TARGET - mean.mean().detach()) * mean.mean(dim=1).sum()
    return averages(list(torch.autograd.grad(objective, tensors)))


def averages(gradients: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Means over the blocks, and their standard errors."""
    flat = [gradient.reshape(BLOCKS, -1) for gradient in gradients]
    return [g.mean(dim=0) for g in flat], [g.std(dim=0) / BLOCKS**0.5 for g in flat]


def deviations(samples: int, squared_error: bool) -> list[Tensor]:
    """How many standard errors lie between the rule's mean gradient, without an ascent, and the objective's, by W^l and b^l."""
    network = critic(samples, BLOCKS, COPIES, ascent_steps=0)
    target = torch.full((BLOCKS, COPIES), TARGET, dtype=torch.float64)
    ours, errors = averages(network.eligibility_towards(target))
    theirs, other_errors = slopes(squared_error)
    pairs = zip(ours, theirs, errors, other_errors, strict=True)
    return [(a - b).abs() / (s**2 + t**2).sqrt() for a, b, s, t in pairs]


def test_many_draws_come_to_the_expectation() -> None:
    means = drawn_means(100_000)
    off = {samples: critic(samples, 2, 20)._baseline - means.mean() for samples in (0, 8, 800)}
    for samples, distance in off.items():
        expected = means.std() / max(1, samples) ** 0.5
        assert 0.6 * expected < distance.square().mean().sqrt() < 1.5 * expected, samples


@pytest.mark.parametrize("samples", [1, 4])
def test_the_rule_follows_the_squared_error_of_the_expectation_in_every_layer(samples: int) -> None:
    assert max(float(z.max()) for z in deviations(samples, squared_error=False)) < 5


def test_mu_adds_the_variance_of_the_mean_to_what_the_last_layer_descends() -> None:
    assert max(float(z.max()) for z in deviations(0, squared_error=True)[-2:]) < 5
    assert float(deviations(0, squared_error=False)[-2].max()) > 10


@pytest.mark.parametrize("engine", ["reference", "fused"])
def test_further_draws_are_each_seeds_own_and_go_on_from_a_checkpoint(engine: Engine) -> None:
    task, seeds = PROBLEMS["single-step continuous"], [0, 4, 7]
    together, resumed, alone = (make("map_propagation", task, SETTINGS, of, engine, "float32") for of in (seeds, seeds, [4]))
    for number, step in enumerate(simulate(task, seeds, 30)):
        if number == 10:
            together.keep(np.array([1, 2]))
            resumed.keep(np.array([1, 2]))
        rows = [1, 2] if number >= 10 else [0, 1, 2]
        advance(together, step, rows)
        advance(alone, step, [1])
        if number == 20:
            resumed.load(together.state())
        if number > 20:
            advance(resumed, step, rows)
    for name, parameters in together.policy().items():
        assert parameters[0].tobytes() == alone.policy()[name][0].tobytes(), name
        assert parameters.tobytes() == resumed.policy()[name].tobytes(), name


@pytest.mark.parametrize(
    ("problem", "left_out"),
    [("single-step continuous", "signal"), ("single-step continuous", "critic_rule"), ("discrete", "signal")],
)
def test_draws_that_no_factor_would_use_are_refused(problem: str, left_out: str) -> None:
    task: Problem = PROBLEMS[problem]
    settings = {name: value for name, value in SETTINGS.items() if name != left_out}
    with pytest.raises(ValueError, match=r"mean_samples: .* needs critic_rule: 'product' and signal: 'target'"):
        Hyperparameters(**settings, critic_variances=(0.1,) * 3).check(task)
