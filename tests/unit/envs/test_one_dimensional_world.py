"""The draft's one-dimensional world, and what steps it."""

from __future__ import annotations

from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from envs.tasks import task
from envs.vector import make_vector
from records.errors import Refusal
from workflow.plan.backends import backend_of, in_envpool

WORLD = task("OneDimensionalWorld-v0")


def test_it_is_an_environment_as_gymnasium_wants_it() -> None:
    check_env(gymnasium.make(WORLD.gymnasium_id).unwrapped, skip_render_check=True)


def test_the_straight_way_pays_and_a_step_left_costs() -> None:
    environment = make_vector(WORLD, [0, 1], "gymnasium")
    assert environment.reset().tolist() == [[0], [0]]
    right, left = np.ones(2, int), np.zeros(2, int)
    observation, reward, *_ = environment.step(left)
    np.testing.assert_allclose(observation, -0.01)
    assert reward.tolist() == [-1, -1]
    for step in range(1, 102):
        observation, reward, terminated, truncated = environment.step(right)
        assert terminated.tolist() == [step == 101] * 2
        assert reward.tolist() == [100.0 * (step == 101)] * 2
        assert not truncated.any()
    assert observation.tolist() == [[1], [1]]


def test_an_episode_to_the_left_ends_with_the_time_limit() -> None:
    environment = make_vector(WORLD, [0], "gymnasium")
    environment.reset()
    steps = [environment.step(np.zeros(1, int)) for _ in range(200)]
    assert sum(step[1][0] for step in steps) == -200
    assert [bool(step[3][0]) for step in steps] == [False] * 199 + [True]
    assert steps[-1][0].tolist() == [[-2]]


def test_gymnasium_steps_what_envpool_lacks() -> None:
    assert backend_of(WORLD, None, "envpool") == "gymnasium"
    assert backend_of(WORLD, "gymnasium", "envpool") == "gymnasium"
    with pytest.raises(Refusal, match="env_backend: envpool does not have OneDimensionalWorld-v0"):
        backend_of(WORLD, "envpool", "gymnasium")


def test_envpool_steps_what_gymnasium_lacks() -> None:
    assert backend_of(task("CheetahRun-v1"), None, "gymnasium") == "envpool"
    with pytest.raises(Refusal, match="env_backend: gymnasium does not have CheetahRun-v1"):
        backend_of(task("CheetahRun-v1"), "gymnasium", "envpool")


@pytest.mark.parametrize("name", ["CartPole-v1", "LunarLander-v2", "Pendulum-v1", "Multiplexer-v0"])
def test_other_tasks_keep_what_is_configured(name: str) -> None:
    assert in_envpool(task(name))
    assert [backend_of(task(name), None, usual) for usual in ("envpool", "gymnasium")] == ["envpool", "gymnasium"]
    assert backend_of(task(name), "envpool", "gymnasium") == "envpool"


def test_a_task_that_gymnasium_does_not_know_is_left_to_envpool() -> None:
    assert in_envpool(replace(WORLD, gymnasium_id="Nowhere-v0"))
