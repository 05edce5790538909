"""What DDPG and its decentralised forms share: exploration noise, memory, warm-up, divergence, settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from algorithms.interface import Problem, hyperparameters_of
from tests.learners import PROBLEMS, SMALL, advance, make, simulate

SEEDS = [3, 5, 8]
METHODS = ("ddpg", "decentralised_ddpg", "decentralised_td")
methods = pytest.mark.parametrize("method", METHODS)


def learner(method: str, problem: Problem, **settings: Any) -> Any:
    return make(method, problem, {**SMALL[method], **settings}, SEEDS, "reference")


@methods
def test_exploration_is_an_ornstein_uhlenbeck_process_within_an_episode(method: str) -> None:
    problem = PROBLEMS["two dimensions"]
    actor: Any = make(method, problem, SMALL[method], list(range(200)), "reference", "float32")
    no = np.zeros((200, 1), bool)
    seen = []
    for step in range(60):
        actor.act(np.zeros((200, 1, 8)))
        seen.append(actor._exploration[:, 0, actor._deviations > 0])
        actor.learn(np.zeros((200, 1)), no, np.full((200, 1), step == 58), np.zeros((200, 1, 8)))
    noise = np.array(seen[:59])
    assert 0.18 < noise[0].std() < 0.22  # the first step's noise is what is added to 0
    stationary = 0.2 / np.sqrt(1 - 0.85**2)
    assert 0.95 < noise[30:].std() / stationary < 1.05
    assert abs(noise[30:].mean()) < 0.05
    later, earlier = noise[31:].ravel(), noise[30:-1].ravel()
    assert 0.83 < np.corrcoef(later, earlier)[0, 1] < 0.87
    assert not seen[59].any()  # the action after an end is ignored, and the next episode begins at 0
    actor.act(np.zeros((200, 1, 8)))
    assert 0.18 < actor._exploration[..., actor._deviations > 0].std() < 0.22


@methods
@pytest.mark.parametrize("time_limit", ["bootstrap", "terminal"])
def test_a_transition_enters_the_memory_at_once(method: str, time_limit: str) -> None:
    actor = learner(method, PROBLEMS["discrete"], time_limit=time_limit, warm_up=40)
    no, yes = np.zeros((3, 1), bool), np.ones((3, 1), bool)
    for number, (terminated, truncated) in enumerate([(no, no), (no, yes), (no, no), (yes, no)]):
        actor.act(np.full((3, 1, 4), number))
        actor.learn(np.full((3, 1), 10.0 + number), terminated, truncated, np.full((3, 1, 4), 100.0 + number))
    rows = actor._memory.rows[0, : actor._memory.sizes[0]]
    assert rows[:, 0].tolist() == [0, 1, 3]  # the step after an end only resets
    reward = sum(actor._parts[:2])
    assert rows[:, reward].tolist() == [10, 11, 13]
    assert rows[:, reward + 1].tolist() == [0, float(time_limit == "terminal"), 1]
    assert rows[:, reward + 2].tolist() == [100, 101, 103]


@methods
def test_nothing_is_learned_before_the_warm_up(method: str) -> None:
    actor = learner(method, PROBLEMS["discrete"], warm_up=20)
    start = actor.policy()
    moved = []
    for step in simulate(PROBLEMS["discrete"], SEEDS, 40):
        advance(actor, step)
        moved.append(any((array != start[name]).any() for name, array in actor.policy().items()))
    assert not any(moved[:19])
    assert moved[-1]


@methods
@pytest.mark.parametrize("problem", ["continuous", "single-step continuous"])
def test_a_seed_that_diverges_stops_where_it_is_and_the_others_go_on(method: str, problem: str) -> None:
    task = PROBLEMS[problem]
    actor, undisturbed = learner(method, task), learner(method, task)
    before: dict[str, Any] = {}
    for number, step in enumerate(simulate(task, SEEDS, 60)):
        advance(undisturbed, step)
        if number == 30:
            before = actor.policy()
        if number >= 30:
            step.reward[1] = (np.nan, 1e9, np.inf)[number % 3]
        action = advance(actor, step)
        assert task.discrete or np.isfinite(action).all()
    assert (actor.diverged > 0).tolist() == [False, True, False]
    if not task.episodic:
        assert actor.diverged.tolist() == [0, 31, 0]
    ours, theirs = actor.policy(), undisturbed.policy()
    for name, array in ours.items():
        assert np.isfinite(array).all()
        assert (array[1] == before[name][1]).all() or task.episodic
        np.testing.assert_array_equal(array[::2], theirs[name][::2])
    state = actor.state()
    resumed = learner(method, task)
    resumed.load(state)
    assert resumed.diverged.tolist() == actor.diverged.tolist()


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("discrete", {"minibatch_size": 31, "replay_size": 30}, "minibatch_size: 31"),
    ("discrete", {"minibatch_size": 8, "warm_up": 7}, "warm_up: 7"),
    ("discrete", {"warm_up": 41}, "warm_up: 41"),
    ("four actions", {"discrete_output": "sign"}, "discrete_output: sign"),
    ("two dimensions", {"discrete_output": "sign"}, "discrete_output: sign"),
]


@methods
@pytest.mark.parametrize(("problem", "settings", "message"), BAD)
def test_settings_that_do_not_fit_are_refused_in_one_line(
    method: str, problem: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        hyperparameters_of(method)(**{**SMALL[method], **settings}).check(PROBLEMS[problem])
    assert "\n" not in str(refused.value)


@methods
@pytest.mark.parametrize(
    "settings",
    [
        {"tau": 1.1},
        {"tau": -0.1},
        {"discount": -0.5},
        {"noise_theta": 2},
        {"noise_sigma": -1},
        {"warm_up": 0},
        {"replay_size": 0},
    ],
)
def test_values_out_of_range_are_refused(method: str, settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(settings))):
        hyperparameters_of(method)(**settings)


@methods
def test_a_single_step_task_needs_no_memory(method: str) -> None:
    hyperparameters_of(method)(minibatch_size=20, replay_size=3, warm_up=1).check(PROBLEMS["single-step discrete"])
