"""One agent step of the reference engine: against an independent reading by autograd, and against torch's own Adam."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from algorithms.map_propagation import Hyperparameters
from algorithms.shared.noise import NoiseStreams
from algorithms.shared.settings import adam_corrections, learning_rates
from algorithms.shared.traces.adam import Adam
from benchmarks.naive_map_propagation import NaiveMapPropagation
from tests.learners import PROBLEMS, make, simulate


def test_the_reference_takes_the_naive_readings_steps() -> None:
    task, seeds, steps = PROBLEMS["discrete"], [1, 2], 60
    settings = Hyperparameters(hidden_sizes=(9, 6))
    learner = make("map_propagation", task, {"hidden_sizes": (9, 6)}, seeds, "reference")
    start = {name: torch.from_numpy(array) for name, array in learner.policy().items()}
    noise = NoiseStreams([np.random.SeedSequence([11, seed]) for seed in seeds], 2 * 15 + 1, 1, "float64")
    naive = []
    for row in range(len(seeds)):
        actor, critic = (
            [(start[f"{name}/weights_{i}"][row], start[f"{name}/biases_{i}"][row]) for i in (1, 2, 3)]
            for name in ("actor", "critic")
        )
        naive.append(NaiveMapPropagation(actor, critic, settings))
    reward, terminated, truncated = np.zeros((2, 1)), np.zeros((2, 1), bool), np.zeros((2, 1), bool)
    ends = 0
    for step in simulate(task, seeds, steps):
        action = learner.act(step.observation)
        normal, uniform = noise.next()
        for row, reading in enumerate(naive):
            ended = bool(terminated[row, 0] or truncated[row, 0])
            ends += ended
            seen = torch.from_numpy(step.observation[row, 0])
            chosen = reading.step(seen, float(reward[row, 0]), ended, bool(truncated[row, 0]), normal[row], uniform[row])
            assert chosen == action[row, 0]
        learner.learn(step.reward, step.terminated, step.truncated, step.observation)
        reward, terminated, truncated = step.reward, step.terminated, step.truncated
    assert ends >= 4
    for row, reading in enumerate(naive):
        for name, network in (("actor", reading.actor), ("critic", reading.critic)):
            for i, (weights, biases) in enumerate(network.layers, start=1):
                ours = learner.policy()
                np.testing.assert_allclose(ours[f"{name}/weights_{i}"][row], weights.detach().numpy(), atol=1e-9)
                np.testing.assert_allclose(ours[f"{name}/biases_{i}"][row], biases.detach().numpy(), atol=1e-9)


def test_adam_is_torchs_where_the_bias_correction_is_kept() -> None:
    generator = torch.Generator().manual_seed(0)
    ours = [torch.randn((2, 3), generator=generator, dtype=torch.float64)]
    theirs = ours[0].clone().requires_grad_()
    adam = Adam(ours, Hyperparameters(adam_bias_correction="always"))
    optimizer = torch.optim.Adam([theirs], lr=1e-2, betas=(0.9, 0.999), eps=1e-9, maximize=True)
    for _ in range(50):
        gradient = torch.randn((2, 3), generator=generator, dtype=torch.float64)
        theirs.grad = gradient
        optimizer.step()
        adam.ascend(ours, [gradient], [1e-2])
    torch.testing.assert_close(ours[0], theirs.detach(), rtol=1e-12, atol=1e-12)


def test_the_released_bias_correction_ends_at_update_1000() -> None:
    assert adam_corrections(0.9, 0.999, "until_1000", 999) == adam_corrections(0.9, 0.999, "always", 999)
    assert adam_corrections(0.9, 0.999, "until_1000", 1000) == (1.0, 1.0)
    _, second = adam_corrections(0.9, 0.999, "always", 1000)
    # Dropping it lengthens the step by 1 / .795: the kink of the released code.
    assert second**0.5 == pytest.approx(1 / 0.795, rel=1e-3)


def test_learning_rates_fall_linearly_and_stay() -> None:
    start, end = (1.0, 0.1), (0.5, 0.0)
    assert learning_rates(start, end, 100, 0) == start
    assert learning_rates(start, end, 100, 50) == pytest.approx((0.75, 0.05))
    assert learning_rates(start, end, 100, 1000) == pytest.approx(end)
    assert learning_rates(start, None, 100, 50) == start


def test_noise_does_not_depend_on_company_or_block_length() -> None:
    sequences = [np.random.SeedSequence([1, seed]) for seed in range(3)]
    alone, together = NoiseStreams(sequences[1:2], 100, 3, "float32"), NoiseStreams(sequences, 100, 3, "float32")
    for _ in range(500):
        (normal, uniform), (all_normal, all_uniform) = alone.next(), together.next()
        assert np.array_equal(normal[0], all_normal[1])
        assert np.array_equal(uniform[0], all_uniform[1])
