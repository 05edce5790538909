"""A single neuron on MountainCarContinuous (guss2016): what is counted of its episodes, and who stands still."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.guss2016 import one_neuron
from experiments.shared.compatible_neuron import CompatibleNeuron, NeuronSettings
from tests.unit.experiments.test_documentation import unexplained

QUIET = NeuronSettings(actor_learning_rate=0.0, critic_learning_rate=0.0)


def test_returns_are_those_of_whole_episodes() -> None:
    total, goals, diverged = one_neuron.lived(QUIET, [0, 1, 2], 2)
    assert total.shape == goals.shape == (3, 2)
    assert (total[~goals] < 0).all(), "force costs, and nothing else is paid off the goal"
    assert (total[~goals] > -99.9).all(), "no more than 999 steps of full force"
    assert (total[goals] > 0).all()
    assert not diverged.any()


def test_a_seed_lives_alone_as_among_others() -> None:
    together = one_neuron.lived(NeuronSettings(), [4, 5], 1)[0]
    alone = one_neuron.lived(NeuronSettings(), [5], 1)[0]
    assert together[1].tolist() == alone[0].tolist()


def test_learning_changes_the_neuron_and_a_seed_that_breaks_down_stands_still() -> None:
    neuron = CompatibleNeuron(2, NeuronSettings(), [np.random.default_rng(seed) for seed in range(3)])
    start = neuron.weights.copy()
    reward = np.array([1.0, np.nan, 1.0])
    transition = (np.ones((3, 2)), np.full(3, 0.5), reward, np.ones(3), np.ones((3, 2)))
    for _ in range(2):  # the first step moves the critic, which the neuron ascends with the second
        finite = one_neuron._learn(neuron, np.array([True, True, False]), transition)
    assert finite.tolist() == [True, False, True]
    assert (neuron.weights[0] != start[0]).all()
    assert neuron.weights[1:].tolist() == start[1:].tolist()
    assert (neuron.base[2] == 0).all()


def test_ends_are_the_last_quarter() -> None:
    total, goals = np.arange(8.0)[None], np.array([[0, 0, 0, 0, 0, 0, 1, 1]], bool)
    lines = {(line["quantity"], line["block"]): line for line in one_neuron.described(total, goals, np.array([True]))}
    assert lines["last_return", 0]["each"] == [6.5]
    assert lines["reached", 0]["mean"] == 1
    assert lines["diverged", 0]["mean"] == 1
    assert [lines["mean_return", block]["mean"] for block in range(1, 9)] == list(range(8))


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_neuron, "FORMS", {"learning": replace(QUIET, norm_clip=1.0)})
    assert unexplained(one_neuron.measure([], "tiny"), one_neuron.__doc__ or "") == []
