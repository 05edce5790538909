"""A policy is put back into a learner of its method, and acts there as the trained learner would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from algorithms.interface import create, hyperparameters_of, methods
from envs.seeding import learner_sequence
from envs.tasks import TASKS
from records.errors import Refusal
from records.results import write_results
from tests.learners import SMALL, advance, simulate
from workflow.playback.finished import Trained
from workflow.playback.player import Player

TASK = "Acrobot-v1"
SEEDS = [3, 5]
EPISODES = 8
STEPS = 120
SETTINGS: dict[str, dict[str, Any]] = {"backprop_replay": {"low_temperature_from": 0.5, "low_temperature": 0.05}}
"""Beside those that make a learner small: what lets it act otherwise late in a training."""

LEARNS_NOTHING = {"random"}
NOISE = ("noise/", "exploration")
"""How the names of what is chance, and no part of a policy, begin in a learner's state."""


def settings_of(method: str) -> dict[str, Any]:
    return {**SMALL.get(method, {}), **SETTINGS.get(method, {})}


def learner_of(method: str, seeds: list[int]) -> Any:
    sequences = [learner_sequence(0, TASK, method, seed) for seed in seeds]
    problem = TASKS[TASK].problem(1, episodes=EPISODES)
    return create(method, problem, hyperparameters_of(method)(**settings_of(method)), sequences, "reference")


def finished(folder: Path, method: str, policy: dict[str, Any], seed: int = SEEDS[1]) -> Trained:
    record = {"task": TASK, "method": method, "seeds": SEEDS, "root_seed": 0, "dtype": "float32"}
    record |= {"hyperparameters": settings_of(method), "budget": {"episodes": EPISODES}}
    write_results(folder, {"seed": np.zeros(1, np.int32)}, policy, record)
    return Trained(folder, record, seed)


@pytest.mark.parametrize("method", methods())
def test_it_acts_as_the_trained_learner_would(method: str, tmp_path: Path) -> None:
    """On each of many observations, with the same noise, and however much the learner has changed in between."""
    learner = learner_of(method, SEEDS)
    steps = list(simulate(learner.problem, SEEDS, STEPS))
    for step in steps:
        advance(learner, step)
    start = learner_of(method, SEEDS).policy()
    learned = any((start[name] != array).any() for name, array in learner.policy().items())
    assert learned == (method not in LEARNS_NOTHING)
    player = Player(finished(tmp_path, method, learner.policy()))

    acting = learner_of(method, SEEDS[1:])
    learner.keep(np.array([1]))
    trained = learner.state()
    if "episodes" in trained:
        trained["episodes"][...] = EPISODES
    for step in steps[:60]:
        noise = {name: array for name, array in acting.state().items() if name.startswith(NOISE)}
        acting.load({**trained, **noise})
        (expected,) = acting.act(step.observation[1:].astype(np.float32))
        assert player.act(step.observation[1, 0].astype(np.float32)) == expected[0]


def test_the_parameters_decide_the_action(tmp_path: Path) -> None:
    policy = learner_of("reinforce", SEEDS).policy()
    *_, last = sorted(name for name in policy if name.startswith("actor/biases"))
    for action in range(3):
        policy[last][1] = [1000.0 if place == action else 0.0 for place in range(3)]
        player = Player(finished(tmp_path, "reinforce", policy))
        assert {int(player.act(np.zeros(6, np.float32))) for _ in range(20)} == {action}


@pytest.mark.parametrize("change", ["a name too many", "a name that is none", "another shape"])
def test_a_policy_that_is_not_the_learners_is_refused(change: str, tmp_path: Path) -> None:
    policy = learner_of("reinforce", SEEDS).policy()
    match change:
        case "a name too many":
            policy["actor/weights_9"] = np.zeros((2, 1), np.float32)
        case "a name that is none":
            policy["actor/wieghts_1"] = policy.pop("actor/weights_1")
        case _:
            policy["actor/weights_1"] = policy["actor/weights_1"][:, :, :-1]
    with pytest.raises(Refusal, match=r"algorithms/reinforce\.py: "):
        Player(finished(tmp_path, "reinforce", policy))
