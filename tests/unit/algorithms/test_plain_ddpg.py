"""What is timed beside our learners computes the same, and the operations that are counted are those that are done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import off_policy
from benchmarks.plain_ddpg import PlainDdpg


def minibatch(made: Any, samples: int) -> Any:
    uniform = np.random.default_rng(3).random((2, samples), dtype=np.float32)
    return torch.split(made._tensor(made._memory.draw(uniform, np.ones(2, bool))), list(made._parts), dim=2)


def test_the_plain_program_makes_the_steps_of_our_reference() -> None:
    made = off_policy.learner("ddpg", (7, 5), 6, seeds=2)
    plain = PlainDdpg(8, 2, made.hyperparameters)
    critic = [plain.critic.first, *(layer for layer in plain.critic.rest if isinstance(layer, torch.nn.Linear))]
    actor = [layer for layer in plain.actor if isinstance(layer, torch.nn.Linear)]
    with torch.no_grad():
        for layers, network in ((actor, made._actor), (critic, made._critic)):
            for layer, (weights, biases) in zip(layers, network.arrays(1), strict=True):
                layer.weight.copy_(torch.from_numpy(weights[0].T))
                layer.bias.copy_(torch.from_numpy(biases[0]))
        for target, learned in zip(plain.targets, (plain.actor, plain.critic), strict=True):
            target.load_state_dict(learned.state_dict())
    batch = minibatch(made, 6)
    for _ in range(3):
        made.update(np.ones(2, bool), list(batch))
        plain.update(*(part[0] for part in batch))
    for layers, network in ((actor, made._actor), (critic, made._critic)):
        for layer, (weights, biases) in zip(layers, network.arrays(1), strict=True):
            np.testing.assert_allclose(layer.weight.detach().numpy().T, weights[0], rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(layer.bias.detach().numpy(), biases[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("widths", [(7, 5), (10, 10)])
def test_operations_are_those_that_pytorch_counts(widths: tuple[int, int]) -> None:
    made = off_policy.learner("ddpg", widths, 6, seeds=2)
    batch = list(minibatch(made, 6))
    with FlopCounterMode(display=False) as counter:
        made.update(np.ones(2, bool), batch)
    assert counter.get_total_flops() == 2 * off_policy.ddpg_operations(widths, 6)


def test_the_local_rule_takes_fewer_operations() -> None:
    """12 of 18 for each weight and sample where layers are wide: the actor's step goes down the critic to the action alone."""
    ratio = off_policy.ddpg_operations((4000, 4000), 64) / off_policy.decentralised_operations((4000, 4000), 64)
    assert ratio == pytest.approx(18 / 12, rel=0.01)


def test_every_width_gets_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(off_policy, "WIDTHS", {(10, 10): (8, 2)})
    monkeypatch.setattr(off_policy, "REPEATS", 1)
    found = off_policy.rows()
    assert len(found) == 8
    assert all(len(row) == 3 and row[1] for row in found)
