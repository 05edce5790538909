"""CartPole's enumerated states, and what slopes that are one number contradict there (guss2016)."""

from __future__ import annotations

from functools import cache

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

from experiments.guss2016 import linear_q
from experiments.guss2016.linear_q import Enumerated
from tests.unit.experiments.test_documentation import unexplained


@cache
def solved() -> Enumerated:
    return Enumerated.solve((5, 5, 7, 7))


def test_consequences_are_gymnasiums() -> None:
    states = np.array([[0.1, -0.2, 0.05, 0.3], [2.4, 1.0, 0.0, 0.0], [0.0, 0.0, 0.2, 1.0]])
    environment = gymnasium.make("CartPole-v1").unwrapped
    assert isinstance(environment, CartPoleEnv)
    for action in (0, 1):
        following, terminated = linear_q.consequences(states, action)
        assert terminated.tolist() == [False, True, True]
        for state, wanted in zip(states, following, strict=True):
            environment.reset(seed=0)
            environment.state = state
            environment.step(action)
            np.testing.assert_allclose(environment.state, wanted, rtol=1e-12, atol=1e-15)


def test_values_solve_their_equation_and_know_left_from_right() -> None:
    found = solved()
    assert found.values.min() >= 1
    assert found.values.max() < 1 / (1 - linear_q.DISCOUNT)
    # A mirrored state has the mirrored values.
    np.testing.assert_allclose(found.values, found.values[::-1, ::-1], rtol=1e-9)
    # A pole that leans to the right and falls that way wants the cart to follow.
    assert found.best(np.array([[0, 0, 0.05, 0.5], [0, 0, -0.05, -0.5]])).tolist() == [1, 0]


def test_one_push_is_wrong_in_half_of_the_states() -> None:
    """By symmetry: it is right in a state or in its mirror image."""
    found = {line["quantity"]: line["mean"] for line in linear_q.of_states(solved())}
    assert found["best_constant"] == pytest.approx(0.5)
    assert 0.1 < found["decided"] <= 1


@pytest.mark.parametrize("hidden", [0, 1])
def test_a_constant_slope_contradicts_many_states_and_a_slope_by_state_few(hidden: int) -> None:
    rows = list(linear_q.of_networks(solved(), hidden, [0, 1]))
    shares = {(line["layer"], line["slope"]): line["mean"] for line in rows}
    assert len(shares) == 2 * (hidden + 1)
    for layer in range(1, hidden + 2):
        assert 0.3 < shares[str(layer), "constant"] < 0.7
        assert shares[str(layer), "state"] < shares[str(layer), "constant"]
    assert shares["1", "state"] < 0.25


def test_the_table_is_explained_and_the_best_policy_balances() -> None:
    table = linear_q.measure([], "tiny")
    assert unexplained(table, linear_q.__doc__ or "") == []
    means = table[table["quantity"] == "mean_return"].set_index("policy")["mean"]
    assert means[["left", "right"]].max() < 12
    assert means["best"] > 5 * means["left"]
