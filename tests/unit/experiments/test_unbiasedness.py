"""The exact gradient of a small network, the estimates of a bias, and that they tell biased rules from unbiased ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import torch

from experiments.chung2021.unbiasedness import NODES, Samples, biases, contexts, cosine, estimate, flat, squared_norm
from experiments.shared.networks import Networks
from experiments.shared.quadrature import exact_gradient
from experiments.shared.runs import MULTIPLEXER
from experiments.shared.tables import jackknife_row, row
from reports.statistics.inference import mean_interval
from tests.unit.experiments.networks import small


@pytest.fixture(scope="module")
def networks() -> Networks:
    """Two networks of the size that the experiment has."""
    return small(MULTIPLEXER, seeds=2, hidden_sizes=(3, 2), temperature=1.0)


def _of(quantity: str, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return next(line for line in rows if line["quantity"] == quantity)


def test_every_state_of_the_multiplexer_is_there_once(networks: Networks) -> None:
    states, signal = contexts(networks.setting)
    assert len({tuple(state) for state in states.tolist()}) == 2**3
    # Address -1 stands for the first data bit, address +1 for the second; action 1 repeats a bit that is +1.
    for (address, first, second), (worth_0, worth_1) in zip(states.tolist(), signal.tolist(), strict=True):
        bit = first if address < 0 else second
        assert (worth_0, worth_1) == (-bit, bit)


def test_quadrature_has_converged_and_is_the_gradient_of_its_value(networks: Networks) -> None:
    states, signal = contexts(networks.setting)
    team = networks.actor()
    _, gradients = exact_gradient(team, states, signal, NODES)
    _, finer = exact_gradient(team, states, signal, NODES + 2)
    for coarse, fine in zip(flat(gradients), flat(finer), strict=True):
        assert np.linalg.norm(coarse - fine) < 3e-5 * np.linalg.norm(fine)
    weights, step = team.parameters.tensors[0], 1e-5
    values = []
    for change in (step, -step):
        weights[:, 1, 2] += change
        values.append(exact_gradient(team, states, signal, 4)[0])
        weights[:, 1, 2] -= change
    _, four = exact_gradient(team, states, signal, 4)
    torch.testing.assert_close((values[0] - values[1]) / (2 * step), four[0][:, 1, 2], rtol=1e-6, atol=1e-9)


def test_reinforce_and_backprop_are_unbiased_and_map_propagation_is_not(networks: Networks) -> None:
    states, signal = contexts(networks.setting)
    _, truth = exact_gradient(networks.actor(), states, signal, NODES)
    estimates = estimate(networks, states, signal, Samples(20, 400, 400), np.random.default_rng(2))
    table = {rule: list(biases(flat(layers)[-1], flat(truth)[-1])) for rule, layers in estimates.items()}
    for rule in ("reinforce", "backprop"):
        for quantity in ("bias_along", "squared_bias"):
            line = _of(quantity, table[rule])
            width = line["high"] - line["low"]  # some 4 standard errors: a bound that chance does not break
            assert abs(line["mean"]) < width < 0.15, (rule, line)
        assert _of("covered", table[rule])["mean"] > 0.75
    assert _of("bias_along", table["map_propagation"])["high"] < -0.05
    assert _of("squared_bias", table["map_propagation"])["low"] > 0.005
    assert _of("covered", table["map_propagation"])["mean"] < 0.5


def test_a_known_bias_is_found() -> None:
    generator = np.random.default_rng(2)
    truth = np.array([3.0, 0.0, 4.0])
    batches = truth * 0.8 + np.array([0.0, 1.0, 0.0]) + generator.standard_normal((400, 3))
    table = list(biases(batches, truth))
    for quantity, wanted in (("bias_along", -0.2), ("squared_bias", 0.04 + 0.04), ("cosine", 4 / 17**0.5)):
        line = _of(quantity, table)
        width = line["high"] - line["low"]
        assert abs(line["mean"] - wanted) < width < 0.1


def test_squared_norm_and_cosine_leave_out_the_noise() -> None:
    generator = np.random.default_rng(3)
    mean = np.array([1.0, 2.0, 2.0])
    sets = mean + 5 * generator.standard_normal((4000, 6, 3))
    assert np.mean([squared_norm(vectors) for vectors in sets]) == pytest.approx(9, abs=0.5)
    assert np.mean([np.square(vectors.mean(axis=0)).sum() for vectors in sets]) > 15, "the naive estimate is far off"
    assert cosine(mean + 0.01 * generator.standard_normal((50, 3)), mean / 3) == pytest.approx(1, abs=1e-3)
    assert np.isnan(cosine(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([1.0, 0.0])))


def test_rows_are_means_with_intervals() -> None:
    values = np.array([1.0, 4.0, 16.0, 2.0])
    wanted = mean_interval(values)
    line = row(values, "x", layer="1")
    assert (line["mean"], line["low"], line["high"], line["n"]) == (wanted.estimate, wanted.low, wanted.high, 4)
    assert row(values, "x", mean_of="logarithms")["mean"] == pytest.approx(np.prod(values) ** 0.25)
    assert np.isnan(row([1.0, -1.0], "x", mean_of="logarithms")["mean"])
    assert np.isnan(row([1.0], "x")["low"])
    cosines = np.array([0.999, 0.2, 0.95, 0.97])
    near_one = row(cosines, "x", mean_of="fisher_z")
    assert -1 < near_one["low"] < near_one["mean"] < near_one["high"] < 1 < row(cosines, "x")["high"]
    assert near_one["mean"] == pytest.approx(np.tanh(np.arctanh(cosines).mean()))
    assert row([1.0, 1.0 + 1e-15], "x", mean_of="fisher_z")["mean"] == pytest.approx(1, abs=1e-15)
    # Of a mean, the jackknife's interval is the t-interval.
    jackknife = jackknife_row(lambda kept: float(values[kept].mean()), 4, "x")
    assert (jackknife["low"], jackknife["high"]) == pytest.approx((wanted.low, wanted.high))
