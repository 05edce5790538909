"""The decomposition of the updates' variance, the states it is measured in, and what the rule is told of files."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from envs.tasks.multiplexer import Multiplexer
from experiments import SEEDS, module_of
from experiments import experiments as found_experiments
from experiments.chung2021.variance import describe, parts, sample
from experiments.shared.networks import Networks
from experiments.shared.runs import MULTIPLEXER, Run
from experiments.shared.states import rewards, signals, visited_states
from experiments.shared.updates import Update
from records.scales import FRESH
from records.sources import ROOT
from tests.unit.experiments.networks import small
from workflow.jobs.experiments import Experiments
from workflow.plan.plan import make_plan
from workflow.plan.sources import theory_sources

INTERNAL = 0.7**2 * 2 * 3  # noise of .7 on each of 2 errors, inputs of squared norm 2 + 1


def _updates(states: int, draws: int, generator: np.random.Generator) -> tuple[Update, torch.Tensor]:
    """One layer whose error is a constant of state (one of two) and action plus noise, and the actions."""
    action = torch.from_numpy(generator.integers(0, 2, (states, draws)))
    constants = torch.tensor([[[2.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [4.0, 0.0]]], dtype=torch.float64)
    visited = torch.from_numpy(generator.integers(0, 2, states))
    means = constants[visited].gather(1, action[..., None].expand(-1, -1, 2))
    errors = means + 0.7 * torch.from_numpy(generator.standard_normal((states, draws, 2)))
    inputs = torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64).expand(states, draws, -1)
    return Update([inputs], [errors]), action


def test_parts_are_unbiased_estimates_of_known_variances() -> None:
    """Of the distribution over states, of which few are drawn: these vary less about their own mean."""
    generator = np.random.default_rng(0)
    found = [parts(*_updates(3, 12, generator), actions=2) for _ in range(3000)]
    mean = np.array([1.5, 0.25])  # of the constants over states and actions, all equally likely
    external = 3 * ((4 + 1 + 0 + 16) / 4 - np.square(mean).sum())
    for name, wanted in (("internal", INTERNAL), ("external", external), ("squared_mean", 3 * np.square(mean).sum())):
        values = np.array([float(getattr(part, name)[0]) for part in found])
        # An action that is taken once shows no internal variance: with 12 draws that happens in .6 % of the cases.
        assert values.mean() == pytest.approx(wanted, abs=4 * values.std() / len(values) ** 0.5 + 0.002 * wanted), name


def test_the_internal_part_is_the_variance_within_each_state_and_action() -> None:
    update, action = _updates(2, 30, np.random.default_rng(1))
    gradients = (update.inputs[0][..., :, None] * update.errors[0][..., None, :]).flatten(start_dim=-2).numpy()
    wanted = 0.0
    for state, number in itertools.product(range(2), range(2)):
        group = gradients[state][action[state].numpy() == number]
        wanted += len(group) / 30 * group.var(axis=0, ddof=1).sum() / 2
    found = parts(update, action, actions=2)
    np.testing.assert_allclose(found.internal, wanted)
    np.testing.assert_allclose(found.internal + found.external, found.total)


def test_the_ascent_removes_the_internal_variance() -> None:
    networks = small(MULTIPLEXER, seeds=1, ascent_steps=200)
    generator = np.random.default_rng(2)
    states = visited_states(networks, 4, generator)
    found = sample(networks, 0, states[0], signals(networks, states)[0], 200, generator)
    share = {rule: found[rule].internal / found[rule].total for rule in found}
    assert float(share["map_propagation"].max()) < 1e-9, "the point where an ascent comes to rest depends on S and A alone"
    assert float(share["reinforce"][-1]) > 0.5
    torch.testing.assert_close(found["reinforce"].total[2], found["backprop"].total[2])  # the output layer is not hidden
    lines = describe([found, found])
    unity = [line["mean"] for line in lines if line["quantity"] == "total_to_reinforce" and line["rule"] == "reinforce"]
    np.testing.assert_allclose(unity, 1)
    total, external, internal = (
        next(x["mean"] for x in lines if x["rule"] == "backprop" and x["layer"] == "1" and x["quantity"] == quantity)
        for quantity in ("total", "external", "internal")
    )
    assert total == pytest.approx(external + internal)


def test_states_and_what_actions_are_worth_there() -> None:
    networks = small(seeds=2)
    generator = networks.setting.generator("test")
    states = visited_states(networks, 20, generator)
    assert states.shape == (2, 20, 4)
    assert (states[..., 2].abs() < 0.2095).all(), "an episode's last observation is no state to act in"
    worth = signals(networks, states)
    assert worth.shape == (2, 20, 2)
    falling = torch.tensor([[[0.0, 0.0, 0.205, 3.0]]] * 2, dtype=torch.float64)  # over the limit, whatever the action
    still = torch.zeros_like(falling)
    first, second = signals(networks, falling), signals(networks, still)
    critic = networks.critic()
    zeros = torch.zeros(2, 1, 12, dtype=torch.float64)
    critic.sample(falling, zeros, falling)
    torch.testing.assert_close(first, (1.0 - critic.output_mean()).expand(-1, -1, 2))
    assert not torch.allclose(second[..., 0], second[..., 1])


def test_the_multiplexers_rewards() -> None:
    bandit = Multiplexer(2)
    states = torch.from_numpy(bandit.observe(np.random.default_rng(0), 50).astype(np.float64))
    worth = rewards(bandit, states)
    assert (worth.sum(dim=-1) == 0).all()
    assert (worth.argmax(dim=-1).numpy() == bandit.answer(states.numpy().astype(np.float32))).all()


@pytest.mark.parametrize("seeds_per_job", [1, 4, 10])
def test_an_experiment_takes_the_first_seeds_however_they_are_cut_into_jobs(seeds_per_job: int) -> None:
    experiments = Experiments(make_plan(ROOT, {"scale": "extended", "seeds_per_job": seeds_per_job, "papers": "chung2021"}))
    wildcards = SimpleNamespace(experiment="alignment")
    assert [run["seeds"] for run in experiments.runs(wildcards)] == [list(range(FRESH, FRESH + SEEDS))] * 2
    policies = experiments.policies(wildcards)
    assert len(policies) == 2 * -(-SEEDS // seeds_per_job)
    assert policies[0].startswith("results/full/CartPole-v1/map_propagation/chung2021/seeds-100-")
    assert experiments.policies(SimpleNamespace(experiment="unbiasedness")) == []


RULES = {
    "map_propagation": {"algorithms/map_propagation.py", "algorithms/shared/traces/team.py"},
    "equilibrium_propagation": {"algorithms/equilibrium_propagation.py", "algorithms/shared/replay/equilibrium_network.py"},
    "least_action": {"algorithms/shared/lookahead/streamed_settings.py"},
}
UNIVERSAL = ("algorithms/fused/shared/", "algorithms/fused/__init__.py")
COMPILED = "algorithms/fused/lookahead/"
"""Trials in continuous time take too long without it; a test holds it to the reference."""


EXPERIMENTS = {name: experiment for found in found_experiments().values() for name, experiment in found.items()}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_depends_on_the_rule_that_trains_and_on_no_other(name: str) -> None:
    sources, method = set(theory_sources(name)), EXPERIMENTS[name].method
    assert {f"{module_of(name).replace('.', '/')}.py", "experiments/shared/runs.py"} | RULES[method] <= sources
    assert not any(other & sources for rule, other in RULES.items() if rule != method)
    rules = {source for source in sources if source.startswith("algorithms/fused/") and not source.startswith(UNIVERSAL)}
    assert all(source.startswith(COMPILED) for source in rules)
    assert method == "least_action" or not rules


def test_trained_networks_are_those_of_the_files(tmp_path: Path) -> None:
    networks = small(seeds=3)
    files = tmp_path / "0.npz", tmp_path / "1.npz"
    for file, rows in zip(files, ([0, 1], [2, 2]), strict=True):
        arrays: dict[str, Any] = {name: array[rows].astype(np.float32) for name, array in networks.policy.items()}
        np.savez(file, **arrays)
    read = Networks.stages(Run(networks.setting, files))["trained"]
    for name, array in networks.policy.items():
        np.testing.assert_array_equal(read.policy[name], array.astype(np.float32))
