"""What the configuration and the paper's runs say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from algorithms.interface import methods
from envs.tasks import TASKS
from records.errors import Refusal
from records.scales import SCALES
from records.sources import ROOT
from tests.unit.workflow.settings_files import CONFIG, RUNS, edit
from workflow.cli.schemas import FOLDER, schema_texts
from workflow.plan import plan as plan_module
from workflow.plan.configuration import Configuration
from workflow.plan.hyperparameters import parse_value
from workflow.plan.plan import Run, block_folder, block_name, make_plan, seeds_of

FOUR = ("map_propagation", "reinforce", "reinforce_thomas", "backprop_traces")


def test_the_file_in_the_repository_holds_the_defaults() -> None:
    assert Configuration.model_validate(yaml.safe_load((ROOT / CONFIG).read_text(encoding="utf-8"))) == Configuration()


@pytest.mark.parametrize(
    ("scale", "seeds", "divisor"),
    [
        ("ci", range(2), 100),
        ("quick", range(3), 10),
        ("paper", range(100, 110), 1),
        ("extended", range(100, 150), 1),
    ],
)
def test_scales(scale: str, seeds: range, divisor: int) -> None:
    plan = make_plan(ROOT, {"scale": scale, "papers": "chung2021"})
    assert plan.seeds["CartPole-v1", "map_propagation", "chung2021"] == tuple(seeds)
    full = {
        "CartPole-v1": 1000,
        "Acrobot-v1": 500,
        "LunarLander-v2": 2500,
        "MountainCarContinuous-v0": 500,
        "Multiplexer-v0": 31_250,
        "ScalarRegression-v0": 7_812,
    }
    for task, length in full.items():
        for method in FOUR if task != "ScalarRegression-v0" else ("map_propagation", "backprop_traces"):
            assert plan.runs[task, method, "chung2021"].length == length // divisor
    assert plan.runs["Multiplexer-v0", "reinforce", "chung2021"].budget == {"updates": 31_250 // divisor, "batch_size": 128}


@pytest.mark.parametrize(("scale", "first"), [("quick", 0), ("paper", 300)])
def test_the_seeds_of_verdicts_may_start_later(house: Path, scale: str, first: int) -> None:
    edit(house / RUNS, lambda runs: runs.update(fresh_from=300))
    plan = make_plan(house, {"scale": scale, "seeds": 7})
    assert plan.seeds["CartPole-v1", "map_propagation", "chung2021"] == tuple(range(first, first + 7))


def test_they_end_before_those_of_searches(house: Path) -> None:
    edit(house / RUNS, lambda runs: runs.update(fresh_from=993))
    plan = make_plan(house, {"scale": "paper", "seeds": 7})
    assert plan.seeds["CartPole-v1", "map_propagation", "chung2021"][-1] == 999
    with pytest.raises(Refusal, match=r"fresh_from: 8 seeds from 993 on are too many"):
        make_plan(house, {"scale": "paper", "seeds": 8})


def test_the_paper_scale_runs_what_the_paper_reports_and_nothing_else() -> None:
    plan = make_plan(ROOT, {"scale": "paper", "papers": ["chung2021"]})
    assert set(plan.runs) == set(plan.reported["chung2021"])
    curves = {(method, variant) for task, method, variant in plan.runs if task == "ScalarRegression-v0"}
    assert curves == {
        ("map_propagation", "chung2021"),
        ("map_propagation", "chung2021-supervised"),
        ("backprop_traces", "chung2021"),
    }


# Section "Settings" of the facts about the paper, retyped: (actor sigma^2, critic sigma^2, T, lambda, actor rates and their end,
# critic rates and their end, agent steps of annealing).
RELEASED: dict[str, dict[str, Any]] = {
    "Acrobot-v1": {
        "trace_decay": 0.97,
        "actor_variances": [0.03, 0.1],
        "critic_variances": [0.06, 0.2, 0.2],
        "temperature": 4,
        "critic_learning_rates": [2e-2, 2e-5, 2e-6],
        "critic_learning_rates_end": [2e-3, 2e-6, 2e-7],
        "actor_learning_rates": [1e-2, 1e-5, 1e-6],
        "actor_learning_rates_end": [1e-3, 1e-6, 1e-8],
        "anneal_steps": 100_000,
        "reward_clip": None,
    },
    "CartPole-v1": {
        "trace_decay": 0.95,
        "actor_variances": [0.03, 0.1],
        "critic_variances": [0.03, 0.1, 0.1],
        "temperature": 2,
        "critic_learning_rates": [2e-2, 2e-5, 2e-6],
        "critic_learning_rates_end": [2e-3, 2e-6, 2e-7],
        "actor_learning_rates": [1e-2, 1e-5, 1e-6],
        "actor_learning_rates_end": [1e-3, 1e-6, 1e-8],
        "anneal_steps": 50_000,
        "reward_clip": None,
    },
    "LunarLander-v2": {
        "trace_decay": 0.97,
        "actor_variances": [0.06, 0.2],
        "critic_variances": [0.003, 0.01, 0.01],
        "temperature": 8,
        "critic_learning_rates": [1e-2, 1e-5, 1e-7],
        "critic_learning_rates_end": None,
        "actor_learning_rates": [4e-3, 4e-6, 4e-8],
        "actor_learning_rates_end": None,
        "anneal_steps": None,
        "reward_clip": None,
    },
    "MountainCarContinuous-v0": {
        "trace_decay": 0.97,
        "actor_variances": [0.03, 0.1, 0.5],
        "critic_variances": [0.003, 0.01, 0.05],
        "critic_learning_rates": [1e-2, 1e-5, 1e-6],
        "critic_learning_rates_end": None,
        "actor_learning_rates": [4e-3, 4e-6, 4e-8],
        "actor_learning_rates_end": None,
        "anneal_steps": None,
        "reward_clip": 5,
        "action_map": "sign_slip",
    },
    "Multiplexer-v0": {"actor_variances": [0.3, 1], "temperature": 1, "actor_learning_rates": [4e-2, 4e-5, 4e-6]},
    "ScalarRegression-v0": {"actor_variances": [0.0075, 0.025, 0.025], "actor_learning_rates": [6e-2, 6e-5, 6e-6]},
}


@pytest.mark.parametrize("task", RELEASED)
def test_map_propagation_has_the_released_settings(task: str) -> None:
    settings = (
        make_plan(ROOT, {"scale": "paper", "papers": "chung2021"}).runs[task, "map_propagation", "chung2021"].hyperparameters
    )
    everywhere = {
        "hidden_sizes": [64, 32],
        "ascent_steps": 20,
        "ascent_rate": 0.5,
        "temperature_form": "divide",
        "adam_bias_correction": "until_1000",
        "adam_epsilon": 1e-9,
    }
    episodic = {"discount": 0.98, "time_limit": "no_error"} if TASKS[task].kind == "episodic" else {}
    for name, value in {**everywhere, **episodic, **RELEASED[task]}.items():
        assert settings[name] == value, name


def test_the_supervised_curve_differs_from_the_other_in_its_signal_alone() -> None:
    runs = make_plan(ROOT, {"papers": "chung2021"}).runs
    reward, target = (
        runs["ScalarRegression-v0", "map_propagation", variant] for variant in ("chung2021", "chung2021-supervised")
    )
    assert {**reward.hyperparameters, "signal": "target"} == target.hyperparameters
    assert reward.hyperparameters["signal"] == "reward"


def test_the_most_special_place_wins(house: Path) -> None:
    def change(runs: dict[str, Any]) -> None:
        runs["methods"]["reinforce"]["hyperparameters"] = {
            "temperature": 3,
            "discount": 0.5,
            "trace_decay": 0.1,
            "reward_clip": 9,
        }
        runs["tasks"]["CartPole-v1"]["hyperparameters"].update(discount=0.6, trace_decay=0.2, temperature=4)
        runs["tasks"]["CartPole-v1"]["methods"]["reinforce"].update(trace_decay=0.3, temperature=5)
        runs["runs"] = [{"tasks": ["CartPole-v1"], "methods": ["reinforce"], "hyperparameters": {"temperature": 6}}]

    edit(house / RUNS, change)
    settings = make_plan(house, {}).runs["CartPole-v1", "reinforce", "chung2021"].hyperparameters
    found = {name: settings[name] for name in ("reward_clip", "discount", "trace_decay", "temperature")}
    assert found == {"reward_clip": 9, "discount": 0.6, "trace_decay": 0.3, "temperature": 6}


def test_runs_may_have_another_task_and_other_environments_than_the_rest(house: Path) -> None:
    def change(runs: dict[str, Any]) -> None:
        shared = {"tasks": ["Multiplexer-v0"], "methods": ["reinforce"]}
        runs["runs"] = [shared, {**shared, "variant": "other", "options": {"address_bits": 2}, "env_backend": "gymnasium"}]

    edit(house / RUNS, change)
    runs = make_plan(house, {}).runs
    usual, other = (runs["Multiplexer-v0", "reinforce", variant] for variant in ("chung2021", "other"))
    assert (usual.options, usual.env_backend) == ({"address_bits": 5}, "envpool")
    assert (other.options, other.env_backend) == ({"address_bits": 2}, "gymnasium")


@pytest.mark.parametrize(("scale", "divisor"), [("ci", 100), ("quick", 10), ("paper", 1)])
def test_runs_may_have_other_episodes_than_their_task(house: Path, scale: str, divisor: int) -> None:
    def change(runs: dict[str, Any]) -> None:
        shared = {"tasks": ["CartPole-v1"], "methods": ["reinforce"]}
        runs["runs"] = [shared, {**shared, "variant": "long", "episodes": 3000}]

    edit(house / RUNS, change)
    runs = make_plan(house, {"scale": scale}).runs
    lengths = {variant: run.length for (task, _, variant), run in runs.items() if task == "CartPole-v1"}
    assert lengths == {"chung2021": 1000 // divisor, "long": 3000 // divisor}


def test_runs_that_stop_have_their_task_s_episodes(house: Path) -> None:
    def change(runs: dict[str, Any]) -> None:
        runs["tasks"]["CartPole-v1"]["stop"] = {"mean": 500, "most_episodes": 2000}
        runs["runs"] = [{"tasks": ["CartPole-v1"], "methods": ["reinforce"], "episodes": 3000}]

    edit(house / RUNS, change)
    with pytest.raises(Refusal, match=r"runs\.0\.episodes: CartPole-v1 stops once it is solved"):
        make_plan(house, {})


def test_trajectories_are_recorded_where_the_run_is_long_enough() -> None:
    recorded = {
        scale: make_plan(ROOT, {"scale": scale})
        .runs["MountainCarContinuous-v0", "map_propagation", "chung2021"]
        .record_trajectories
        for scale in SCALES
    }
    assert recorded == {"ci": (1,), "quick": (1, 50), "paper": (1, 50, 100), "extended": (1, 50, 100)}


def test_longer_runs_come_first() -> None:
    sizes = [run.size for run in make_plan(ROOT, {"scale": "paper"}).runs.values()]
    assert sizes == sorted(sizes, reverse=True)


def test_seeds_are_cut_into_blocks() -> None:
    plan = make_plan(ROOT, {"seeds": 25, "seeds_per_job": 10})
    run = plan.runs["CartPole-v1", "reinforce", "chung2021"]
    blocks = plan.blocks(run)
    assert [seed for block in blocks for seed in block] == list(range(25))
    assert [block_name(block) for block in blocks] == ["seeds-000-009", "seeds-010-019", "seeds-020-024"]
    assert [seeds_of(block_name(block)) for block in blocks] == blocks
    assert block_folder(plan.budget, run, blocks[0]) == "results/tenth/CartPole-v1/reinforce/chung2021/seeds-000-009"


def test_a_runs_settings_survive_being_written_down() -> None:
    import json

    for run in make_plan(ROOT, {"scale": "ci"}).runs.values():
        assert Run.from_settings(json.loads(json.dumps(run.settings()))) == run


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("1e-3", 1e-3), ("[1, 2]", [1, 2]), ("null", None), ("terminal", "terminal"), ("true", True)],
)
def test_values_on_the_command_line(text: str, value: Any) -> None:
    assert parse_value(text, "--set") == value


@pytest.mark.parametrize("given", [True, "true"])
def test_native_is_asked_for_in_the_file_or_as_snakemake_hands_it_on(house: Path, given: object) -> None:
    assert all(run.native for run in make_plan(house, {"native": given}).runs.values())
    assert not any(run.native for run in make_plan(house, {"native": "false"}).runs.values())


def test_schemas_are_those_of_the_models() -> None:
    for name, text in schema_texts().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make schemas`"


def test_conda_and_pip_have_the_same_pins() -> None:
    pip = {
        line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    }
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert set(conda[-1]["pip"]) == {*pip, "--constraint constraints.txt"}
    assert "python=3.11" in conda
    assert all(re.fullmatch(r"[A-Za-z0-9-]+==[0-9][0-9a-z.]*", pin) for pin in pip)


def test_a_method_without_a_fused_twin_runs_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "has_fused_twin", lambda method: method != "reinforce")
    runs = make_plan(ROOT, {"papers": "chung2021"}).runs
    assert {run.method: run.engine for run in runs.values()} == dict.fromkeys(FOUR, "fused") | {"reinforce": "reference"}


def test_every_method_is_planned_somewhere() -> None:
    assert set(methods()) <= {run.method for run in make_plan(ROOT, {"scale": "ci"}).runs.values()}
