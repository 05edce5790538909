"""Policies in the one-dimensional world (guss2016): those that go right reach the goal, and a share of untrained ones does."""

from __future__ import annotations

import numpy as np
import pytest

from algorithms.decentralised_ddpg import Hyperparameters
from experiments.guss2016 import one_dimensional_world as world
from tests.unit.experiments.test_documentation import unexplained


def test_walks_of_known_policies() -> None:
    """Right everywhere, left everywhere, and back and forth around a place on the right."""
    weights, biases = np.array([0.0, 0.0, -1.0]), np.array([1.0, -1.0, 0.055])
    policy = {"actor/weights_1": weights[:, None, None], "actor/biases_1": biases[:, None]}
    reached, total = world.walks({name: array.astype(np.float32) for name, array in policy.items()})
    assert reached.tolist() == [True, False, False]
    assert total[:2].tolist() == [100, -200]
    assert -100 <= total[2] <= -90


def test_hidden_layers_are_passed() -> None:
    one = np.ones((1, 1, 1), np.float32)
    policy = {"actor/weights_1": one, "actor/biases_1": one[0], "actor/weights_2": -one, "actor/biases_2": 0 * one[0]}
    assert world.walks(policy)[0].tolist() == [False]
    assert world.walks({**policy, "actor/weights_2": one})[0].tolist() == [True]


def test_about_half_of_the_untrained_policies_reach_the_goal() -> None:
    lines = list(world.learned(Hyperparameters(hidden_sizes=(), discrete_output="sign"), range(40), 0))
    found = {(line["stage"], line["quantity"]): line["mean"] for line in lines}
    assert 0.1 < found["untrained", "reached"] < 0.9
    # Nothing was learned in no steps.
    assert found["trained", "mean_return"] == pytest.approx(found["untrained", "mean_return"])


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "HIDDEN", (0, 1))
    table = world.measure([], "tiny")
    assert unexplained(table, world.__doc__ or "") == []
    assert set(table["stage"]) == {"untrained", "trained"}
