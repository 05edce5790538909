"""What the configuration and a paper's runs must not say: each refusal is one line that names the file and the key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from records.errors import Refusal
from tests.unit.workflow.settings_files import CONFIG, RUNS, edit
from workflow.plan.plan import Plan, make_plan
from workflow.plan.room import estimated_bytes


def refusal(house: Path, overrides: dict[str, Any] | None = None) -> str:
    """The one line with which the plan is refused."""
    with pytest.raises(Refusal) as caught:
        make_plan(house, overrides or {})
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"scale": "qick"}, "scale: 'qick' is not valid; did you mean quick?"),
        ({"scale": 3}, "scale: 3 is not valid; it must be one of ci, extended, paper, quick"),
        ({"paper": "chung2021"}, "unknown key 'paper'; did you mean papers?"),
        ({"papers": "chung2012"}, "papers: unknown paper 'chung2012'; did you mean chung2021?"),
        ({"papers": ["chung2021", "kubo"]}, "papers: unknown paper 'kubo'; it must be one of chung2021"),
        ({"papers": 7}, "papers: 7 should be a valid string; put quotes around it"),
        ({"seeds": 0}, "seeds: 0 should be greater than or equal to 1"),
        ({"seeds": -3}, "seeds: -3 should be greater than or equal to 1"),
        ({"seeds": 2.5}, "seeds: 2.5 should be a valid integer"),
        ({"seeds": "3"}, "seeds: '3' should be a valid integer"),
        ({"seeds": True}, "seeds: True should be a valid integer"),
        ({"seeds_per_job": 0}, "seeds_per_job: 0 should be greater than or equal to 1"),
        ({"engine": "fsed"}, "engine: 'fsed' is not valid; did you mean fused?"),
        ({"dtype": "float16"}, "dtype: 'float16' is not valid; did you mean float64 or float32?"),
        ({"env_backend": "gym"}, "env_backend: 'gym' is not valid; did you mean gymnasium?"),
        (
            {"allow_partial": "maybe"},
            "allow_partial: 'maybe' should be a valid boolean: true or false",
        ),
        ({"native": "maybe"}, "native: 'maybe' should be a valid boolean: true or false"),
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
        ("runs.0.options", {"adress_bits": 3}, "runs.0.options: unknown option 'adress_bits'"),
        ("runs.4.episodes", 0, "runs.4.episodes: 0 should be greater than or equal to 1"),
        ("runs.4.episodes", 5, "runs.4.episodes: ScalarRegression-v0 has no episodes; give it an entry without episodes"),
        ("runs.0.env_backend", "gym", "runs.0.env_backend: 'gym'"),
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
        ("runs.0.tasks", ["CartPole-v1"], "is already in chung2021; give it another variant"),
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
        (CONFIG, "scale: [quick", f"{CONFIG}:2: did not find expected ',' or ']'; correct the file"),
        (CONFIG, "- quick", f"{CONFIG}: it must hold keys with values"),
        (CONFIG, "", f"{CONFIG}: it must hold keys with values"),
        (CONFIG, "scale: ci\nscale: quick\n", f"{CONFIG}:2: the key 'scale' is given twice; correct the file"),
        (RUNS, "title: x: y", f"{RUNS}:1: mapping values are not allowed in this context; correct the file"),
        (RUNS, "title: x", f"{RUNS}: the key 'seeds' is missing"),
    ],
)
def test_malformed_files(house: Path, file: str, text: str, expected: str) -> None:
    (house / file).write_text(text, encoding="utf-8")
    assert refusal(house).replace(str(house) + "/", "").startswith(expected)


def test_a_missing_configuration(house: Path) -> None:
    (house / CONFIG).unlink()
    assert refusal(house).endswith(f"{CONFIG}: cannot be read (No such file or directory); restore it, or run this where it is")


def test_too_little_disk_is_refused_before_anything_is_run(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = estimated_bytes(make_plan(house, {"scale": "paper"}))

    def with_free(free: int) -> Callable[[Path], Any]:
        return lambda folder: shutil._ntuple_diskusage(10 * needed, 10 * needed - free, free)

    monkeypatch.setattr(shutil, "disk_usage", with_free(needed))
    assert isinstance(make_plan(house, {"scale": "paper"}), Plan)
    monkeypatch.setattr(shutil, "disk_usage", with_free(needed - 1))
    message = refusal(house, {"scale": "paper"})
    assert "are free" in message
    assert str(house) in message
