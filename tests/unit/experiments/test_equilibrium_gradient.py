"""The experiments on equilibrium propagation: the gradient through time, and what must hold of the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from algorithms.equilibrium_propagation import Hyperparameters
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.equilibrium_network import EquilibriumNetwork
from experiments.kubo2022.equilibrium_gradient import measure as measure_gradient
from experiments.kubo2022.equilibrium_gradient import settled
from experiments.kubo2022.free_steps import distances, errors, standstill
from experiments.kubo2022.nudged_steps import by_steps
from experiments.shared.relaxation import Minibatch, compare, draw
from experiments.shared.runs import Run, Setting
from records.scales import FRESH
from records.sources import ROOT
from workflow.jobs.experiments import Experiments
from workflow.plan.plan import make_plan

SETTINGS = Hyperparameters(hidden_sizes=(12,), free_steps=60)


def setting(task: str = "CartPole-v0", seeds: int = 2, **settings: Any) -> Setting:
    return Setting("equilibrium_propagation", task, replace(SETTINGS, **settings), 0, tuple(range(seeds)), {})


@pytest.fixture(scope="module")
def minibatch() -> Minibatch:
    own = setting("Acrobot-v1")
    return draw(own, own.learner().policy(), own.hyperparameters, 5, np.random.default_rng(0))


def only(rows: Any, **values: Any) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    for column, value in values.items():
        table = table[table[column] == value]
    assert len(table), values
    return table


def test_a_minibatch_is_what_an_actor_would_learn_from(minibatch: Minibatch) -> None:
    assert minibatch.observation.shape == (2, 5, 6)
    assert (minibatch.action.sum(dim=-1) == 1).all()
    torch.testing.assert_close(minibatch.advantage.std(dim=1), torch.ones(2, dtype=torch.float64))
    single = minibatch.to(torch.float32)
    for tensor, rounded in zip(minibatch.network.parameters.tensors, single.network.parameters.tensors, strict=True):
        assert torch.equal(tensor, rounded.double()), "no parameter is rounded"


@pytest.mark.parametrize("steps", [1, 2, 7, 400])
def test_the_gradient_through_time_is_autograds(minibatch: Minibatch, steps: int) -> None:
    """Through a relaxation of so many steps, unrolled; for S5 that of a parameter which the feedback does not have."""
    free, unsettled = minibatch.settle(minibatch.rest())
    assert not unsettled.any()
    leaves = [tensor.clone().requires_grad_() for tensor in minibatch.network.parameters.tensors]
    network = EquilibriumNetwork(Parameters.of(leaves), "softmax", minibatch.network.step_size)
    output = network.relax(minibatch.observation, free, steps)[-1]
    objective = (minibatch.advantage * (minibatch.action * output).sum(dim=-1).log()).mean(dim=1).sum()
    theirs = torch.autograd.grad(objective, leaves, materialize_grads=True)
    ours = dict(minibatch.gradients_through_time(free, (1, steps)))[steps]
    for our, their in zip(ours["S6"], theirs, strict=True):
        torch.testing.assert_close(our, their, rtol=1e-9, atol=1e-12)
    if steps > 1:
        assert not torch.allclose(ours["S5"][2], ours["S6"][2], rtol=1e-3)
    assert all(torch.equal(ours["S5"][i], ours["S6"][i]) for i in (0, 1, 3)), "they differ in what serves as feedback"


def test_distances_and_angles_of_known_vectors() -> None:
    def gradients(*numbers: float) -> list[torch.Tensor]:
        return [torch.tensor([[[number]]], dtype=torch.float64) for number in numbers]

    cosine, error = compare(gradients(3, 0, 0, 1), gradients(4, 0, 2, 0))
    torch.testing.assert_close(cosine[:, 0], torch.tensor([1.0, 0.0, 12 / 200**0.5], dtype=torch.float64))
    torch.testing.assert_close(error[:, 0], torch.tensor([1 / 4, 5**0.5 / 2, 0.3**0.5], dtype=torch.float64))


def test_the_update_becomes_the_gradient_as_beta_shrinks(minibatch: Minibatch) -> None:
    rows = list(settled(minibatch, (1e-2, 1e-3, 1e-4)))
    for rule in ("S5", "S6"):
        by_beta = only(rows, quantity="relative_error", dtype="float64", layer="all", rule=rule).set_index("beta")["mean"]
        assert by_beta[1e-4] < 1e-3
        assert by_beta[1e-2] / by_beta[1e-4] == pytest.approx(100, rel=0.2)
        single = only(rows, quantity="relative_error", dtype="float32", layer="all", rule=rule).set_index("beta")["mean"]
        assert single[1e-4] > 3 * by_beta[1e-4], "rounding is divided by beta"
        assert single[1e-2] == pytest.approx(by_beta[1e-2], rel=0.2)
    assert (only(rows, quantity="settled")["mean"] == 1).all()
    assert 0.01 < only(rows, quantity="rules_relative_error", layer="all")["mean"].iloc[0] < 1
    assert (only(rows, quantity="rules_cosine", layer="1")["mean"] > 1 - 1e-12).all()


def test_a_nudge_that_drives_away_is_left_out_on_both_sides(minibatch: Minibatch) -> None:
    advantage = minibatch.advantage.clone()
    advantage[0, 2] = -2e4  # at a beta of 1e-4 twice as strong as the pull of the output
    rows = list(settled(replace(minibatch, advantage=advantage), (1e-4,)))
    assert only(rows, quantity="settled")["mean"].iloc[0] == pytest.approx(9 / 10)
    error = only(rows, quantity="relative_error", dtype="float64", layer="all", beta=1e-4)["mean"]
    assert len(error) == 2
    assert (error < 1e-3).all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_k_nudged_steps_are_the_last_k_steps_of_backpropagation(minibatch: Minibatch) -> None:
    rows = list(by_steps(minibatch, (1e-4,), steps=(1, 5, 25, 400)))
    assert (only(rows, quantity="from_truncated")["mean"] < 1e-3).all()
    for gradient in ("backprop", "equilibrium"):
        found = only(rows, quantity="relative_error", rule="S6", gradient=gradient).set_index("steps")["mean"]
        assert found[1] > found[5] > found[25] > found[400]
        assert found[400] < 1e-3 < found[25]


def test_a_free_phase_settles_and_its_rest_is_divided_by_beta(minibatch: Minibatch) -> None:
    steps = (5, 50, 200, 400)
    rows = list(distances(minibatch, steps))
    for dtype, floor in (("float64", 1e-14), ("float32", 1e-6)):
        found = only(rows, quantity="distance", dtype=dtype).set_index("steps")["mean"]
        assert found[5] > 0.1 > found[50] > found[200]
        assert found[400] < floor
    rows = list(standstill(minibatch, steps))
    still = only(rows, quantity="still").set_index("steps")["mean"]
    assert (still[5], still[200]) == (0, 1)
    last = only(rows, quantity="still_from_last")["mean"].iloc[0]
    assert 30 < only(rows, quantity="still_from")["mean"].iloc[0] <= last < 200
    rows = list(errors(minibatch, (1e-2, 1e-4), 25, steps))
    small, large = (only(rows, beta=beta).set_index("steps")["mean"] for beta in (1e-4, 1e-2))
    assert small[50] / large[50] == pytest.approx(100, rel=0.3), "what is left of the free phase"
    assert small[400] / large[400] == pytest.approx(0.01, rel=0.3), "what is left of beta"


def test_an_experiment_measures_both_stages_of_every_run(tmp_path: Path) -> None:
    own = setting(seeds=3)
    policy: dict[str, Any] = {name: 1.5 * array.astype(np.float32) for name, array in own.learner().policy().items()}
    for file, rows in (("0.npz", slice(2)), ("1.npz", slice(2, 3))):
        np.savez(tmp_path / file, **{name: array[rows] for name, array in policy.items()})
    table = measure_gradient([Run(own, (tmp_path / "0.npz", tmp_path / "1.npz"))], "tiny")
    assert set(table["stage"]) == {"untrained", "trained"}
    assert set(table["phases"]) == {"settled", "as trained"}
    assert set(table["layer"]) == {"1", "2", "all"}
    assert (table["n"] == 3).all()
    trained = only(table, phases="as trained", quantity="relative_error", layer="all", rule="S6").set_index("stage")["mean"]
    assert trained["trained"] != trained["untrained"]


def test_another_methods_run_is_refused() -> None:
    other = Run.of("backprop_replay", "CartPole-v0", {}, 0, {}, [0], [])
    with pytest.raises(TypeError, match="does not relax"):
        measure_gradient([other], "tiny")


@pytest.mark.parametrize("name", ["equilibrium_gradient", "nudged_steps", "free_steps"])
def test_an_experiment_takes_the_runs_of_ep_bp(name: str) -> None:
    experiments = Experiments(make_plan(ROOT, {"scale": "paper", "papers": "kubo2022", "seeds_per_job": 8}))
    wildcards = SimpleNamespace(experiment=name)
    tasks = ("CartPole-v0", "Acrobot-v1", "LunarLander-v2")
    folders = [f"results/full/{task}/equilibrium_propagation/kubo2022/seeds-100-107/policy.npz" for task in tasks]
    assert experiments.policies(wildcards) == folders
    for run, task in zip(experiments.runs(wildcards), tasks, strict=True):
        assert (run["method"], run["task"], run["seeds"]) == ("equilibrium_propagation", task, list(range(FRESH, FRESH + 8)))
        assert Run.of(**run).setting.hyperparameters.beta == 0.02
