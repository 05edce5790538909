"""What the configuration says, and what it refuses: each refusal is one line that names the file and the key."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from algorithms.interface import methods
from envs.tasks import TASKS
from workflow import plan as plan_module
from workflow.configuration import SCALES, Configuration
from workflow.errors import Refusal
from workflow.paper_runs import parse_value
from workflow.plan import Plan, Run, block_folder, block_name, make_plan, seeds_of
from workflow.schema_files import FOLDER, schema_texts
from workflow.sources import ROOT

CONFIG = "config/config.yaml"
RUNS = "reports/chung2021/runs.yaml"
FOUR = ("map_propagation", "reinforce", "reinforce_thomas", "backprop_traces")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a copy of the configuration and of the paper's runs."""
    for file in (CONFIG, RUNS):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a YAML file in place."""
    contents = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(contents)
    file.write_text(yaml.safe_dump(contents), encoding="utf-8")


def refusal(house: Path, overrides: dict[str, Any] | None = None) -> str:
    """The one line with which the plan is refused."""
    with pytest.raises(Refusal) as caught:
        make_plan(house, overrides or {})
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


# ---------------------------------------------------------------------------------------------------- what it says


def test_the_file_in_the_repository_holds_the_defaults() -> None:
    assert Configuration.model_validate(yaml.safe_load((ROOT / CONFIG).read_text(encoding="utf-8"))) == Configuration()


@pytest.mark.parametrize(("scale", "seeds", "divisor"), [("ci", 2, 100), ("quick", 3, 10), ("paper", 10, 1), ("extended", 50, 1)])
def test_scales(scale: str, seeds: int, divisor: int) -> None:
    plan = make_plan(ROOT, {"scale": scale, "papers": "chung2021"})
    assert plan.seeds["chung2021"] == tuple(range(seeds))
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


def test_the_paper_scale_runs_what_the_paper_reports_and_nothing_else() -> None:
    plan = make_plan(ROOT, {"scale": "paper", "papers": ["chung2021"]})
    assert set(plan.runs) == set(plan.reported["chung2021"])
    curves = {(method, variant) for task, method, variant in plan.runs if task == "ScalarRegression-v0"}
    assert curves == {
        ("map_propagation", "chung2021"),
        ("map_propagation", "chung2021-supervised"),
        ("backprop_traces", "chung2021"),
    }


def test_the_ci_scale_trains_every_method_of_the_paper_on_every_task() -> None:
    plan = make_plan(ROOT, {"scale": "ci"})
    assert {(task, method) for task, method, _ in plan.runs} == {(task, method) for task in TASKS for method in FOUR}


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
    assert parse_value(text) == value


def test_schemas_are_those_of_the_models() -> None:
    for name, text in schema_texts().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make schemas`"


def test_conda_and_pip_have_the_same_pins() -> None:
    pip = {
        line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    }
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert set(conda[-1]["pip"]) == pip
    assert "python=3.11" in conda
    assert all(re.fullmatch(r"[A-Za-z0-9-]+==[0-9][0-9a-z.]*", pin) for pin in pip)


# ---------------------------------------------------------------------------------------------------- what it refuses


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"scale": "qick"}, "scale: 'qick' is not valid; did you mean quick?"),
        ({"scale": 3}, "scale: 3 is not valid; it must be one of ci, extended, paper, quick"),
        ({"paper": "chung2021"}, "unknown key 'paper'; did you mean papers?"),
        ({"papers": "chung2012"}, "papers: unknown paper 'chung2012'; did you mean chung2021?"),
        ({"papers": ["chung2021", "kubo"]}, "papers: unknown paper 'kubo'; it must be one of all, chung2021"),
        ({"papers": 7}, "papers: 7 should be a valid string"),
        ({"seeds": 0}, "seeds: 0 should be greater than or equal to 1"),
        ({"seeds": -3}, "seeds: -3 should be greater than or equal to 1"),
        ({"seeds": 2.5}, "seeds: 2.5 should be a valid integer"),
        ({"seeds": "3"}, "seeds: '3' should be a valid integer"),
        ({"seeds": True}, "seeds: True should be a valid integer"),
        ({"seeds_per_job": 0}, "seeds_per_job: 0 should be greater than or equal to 1"),
        ({"engine": "fsed"}, "engine: 'fsed' is not valid; did you mean fused?"),
        ({"dtype": "float16"}, "dtype: 'float16' is not valid; did you mean float64 or float32?"),
        ({"env_backend": "gym"}, "env_backend: 'gym' is not valid; did you mean gymnasium?"),
        ({"allow_partial": "maybe"}, "allow_partial: 'maybe' should be a valid boolean"),
        ({"root_seed": -1}, "root_seed: -1 should be greater than or equal to 0"),
    ],
)
def test_a_wrong_configuration(house: Path, overrides: dict[str, Any], expected: str) -> None:
    assert refusal(house, overrides) == f"{CONFIG} or --config: {expected}"
    edit(house / CONFIG, lambda config: config.update(overrides))
    assert refusal(house).startswith(CONFIG)


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change that sets the key at a dotted path; dots within names are written as /."""

    def change(contents: Any) -> None:
        *parents, last = [int(key) if key.isdigit() else key.replace("/", ".") for key in path.split(".")]
        for parent in parents:
            contents = contents.setdefault(parent, {}) if isinstance(contents, dict) else contents[parent]
        contents[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("methods.map_prop", {"label": "x"}, "methods: unknown method 'map_prop'; did you mean map_propagation?"),
        ("methods.reinforce.lable", "x", "unknown key 'methods.reinforce.lable'; did you mean label?"),
        ("tasks.CartPole-v3", {"episodes": 5}, "tasks: unknown task 'CartPole-v3'; did you mean CartPole-v1 or CartPole-v0"),
        ("tasks.CartPole-v1.episodes", "many", "tasks.CartPole-v1.episodes: 'many' should be a valid integer"),
        ("tasks.CartPole-v1.episodes", 0, "tasks.CartPole-v1.episodes: 0 should be greater than or equal to 1"),
        ("tasks.CartPole-v1.episodes", None, "tasks.CartPole-v1: CartPole-v1 is episodic and needs episodes, not updates"),
        ("tasks.Multiplexer-v0.episodes", 5, "tasks.Multiplexer-v0: Multiplexer-v0 is single-step and needs updates"),
        (
            "tasks.Multiplexer-v0.options.bits",
            5,
            "tasks.Multiplexer-v0.options: unknown option 'bits'; did you mean address_bits?",
        ),
        ("tasks.CartPole-v1.batch_size", 2, "tasks.CartPole-v1.batch_size: must be 1 for an episodic task"),
        ("tasks.CartPole-v1.hyperparameters.discont", 0.9, "unknown hyperparameter 'discont'; did you mean discount?"),
        ("tasks.CartPole-v1.hyperparameters.discount", 1.5, "tasks.CartPole-v1.hyperparameters.discount: 1.5 should be less"),
        (
            "tasks.CartPole-v1.hyperparameters.discount",
            "high",
            "tasks.CartPole-v1.hyperparameters.discount: 'high' should be a valid",
        ),
        ("tasks.CartPole-v1.hyperparameters.time_limit", "termnal", "'termnal' is not valid; did you mean terminal?"),
        ("tasks.CartPole-v1.hyperparameters.anneal_steps", True, "anneal_steps: True should not be a truth value"),
        (
            "tasks.CartPole-v1.hyperparameters.actor_learning_rates",
            [1, 2],
            "actor_learning_rates: 2 values for layers that need 3",
        ),
        ("tasks.CartPole-v1.hyperparameters.critic_variances", [1, 2], "critic_variances: 2 values for layers that need 3"),
        ("tasks.CartPole-v1.hyperparameters.action_map", "sign_slip", "CartPole-v1 has no action map 'sign_slip'"),
        (
            "tasks.Acrobot-v1.methods.reinforc",
            {},
            "tasks.Acrobot-v1.methods: unknown method 'reinforc'; did you mean reinforce",
        ),
        ("tasks.CartPole-v1.methods.reinforce.ascent_steps", 3, "'ascent_steps'; did you mean anneal_steps"),
        ("methods.map_propagation.hyperparameters.ascent_steps", -1, "methods.map_propagation.hyperparameters.ascent_steps: -1"),
        (
            "methods.map_propagation.hyperparameters.ascent_step",
            5,
            "unknown hyperparameter of map_propagation 'ascent_step'; did you",
        ),
        ("runs.0.tasks", ["CartPole"], "runs.0.tasks: unknown task 'CartPole'; did you mean CartPole-v1"),
        ("runs.0.methods", ["backprop"], "runs.0.methods: unknown method 'backprop'; did you mean backprop_traces?"),
        ("runs.0.methods", [], "runs.0.methods: List should have at least 1 item"),
        ("runs.0.variant", "../x", "runs.0.variant: String should match pattern"),
        ("runs.0.hyperparameters", {"lamda": 1}, "unknown hyperparameter of map_propagation 'lamda'"),
        ("runs.1.tasks", ["CartPole-v1"], "is already in chung2021; give it another variant"),
        ("seeds", 0, "seeds: 0 should be greater than or equal to 1"),
        ("title", 3, "title: 3 should be a valid string"),
    ],
)
def test_wrong_runs(house: Path, path: str, value: Any, expected: str) -> None:
    edit(house / RUNS, _set(path, value))
    message = refusal(house)
    assert message.startswith(f"{RUNS}: ")
    assert expected in message


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (CONFIG, "scale: [quick", f"{CONFIG}: line 1, column 14: expected ',' or ']'"),
        (CONFIG, "- quick", f"{CONFIG}: it must hold keys with values"),
        (CONFIG, "", f"{CONFIG}: it must hold keys with values"),
        (CONFIG, "scale: ci\nscale: quick\n", f"{CONFIG}: line 2, column 1: the key 'scale' is given twice"),
        (RUNS, "title: x: y", f"{RUNS}: line 1, column 9: mapping values are not allowed here"),
        (RUNS, "title: x", f"{RUNS}: the key 'seeds' is missing"),
    ],
)
def test_malformed_files(house: Path, file: str, text: str, expected: str) -> None:
    (house / file).write_text(text, encoding="utf-8")
    assert refusal(house).replace(str(house) + "/", "").startswith(expected)


def test_a_missing_configuration(house: Path) -> None:
    (house / CONFIG).unlink()
    assert refusal(house).endswith(f"{CONFIG}: no such file")


def test_too_little_disk_is_refused_before_anything_is_run(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = plan_module.estimated_bytes(make_plan(house, {"scale": "paper"}))

    def with_free(free: int) -> Callable[[Path], Any]:
        return lambda folder: shutil._ntuple_diskusage(10 * needed, 10 * needed - free, free)

    monkeypatch.setattr(shutil, "disk_usage", with_free(needed))
    assert isinstance(make_plan(house, {"scale": "paper"}), Plan)
    monkeypatch.setattr(shutil, "disk_usage", with_free(needed - 1))
    message = refusal(house, {"scale": "paper"})
    assert "are free" in message
    assert str(house) in message


def test_a_method_without_a_fused_twin_runs_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "has_fused_twin", lambda method: method != "reinforce")
    runs = make_plan(ROOT, {"papers": "chung2021"}).runs
    assert {run.method: run.engine for run in runs.values()} == dict.fromkeys(FOUR, "fused") | {"reinforce": "reference"}


def test_every_method_is_planned_somewhere() -> None:
    assert set(methods()) <= {run.method for run in make_plan(ROOT, {"scale": "ci"}).runs.values()}
