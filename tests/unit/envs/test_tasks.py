"""The table of tasks."""

from pathlib import Path

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import envs  # noqa: F401  (registers our own environments)
from envs.tasks import TASKS, task, task_file

ROOT = Path(__file__).parents[3]
every_task = pytest.mark.parametrize("name", TASKS)


@every_task
def test_each_row_is_consistent(name: str) -> None:
    row = task(name)
    assert row.name == name
    assert (row.gymnasium_id in gymnasium.registry) != row.only_in_envpool
    assert (row.time_limit is not None) == (row.kind == "episodic")
    assert (row.bandit is None) == (row.kind == "episodic")
    assert "identity" in row.action_maps
    assert (row.action_low is None) == (row.action_high is None)
    if row.discrete:
        assert row.action_low is None
        assert set(row.action_maps) == {"identity"}


def test_unknown_tasks_are_refused() -> None:
    with pytest.raises(KeyError):
        task("CartPole")
    with pytest.raises(KeyError):
        task_file("CartPole")


@every_task
def test_each_is_declared_in_one_module(name: str) -> None:
    file = ROOT / task_file(name)
    assert file.parent == ROOT / "envs" / "tasks"
    assert [path for path in file.parent.glob("*.py") if f'name="{name}"' in path.read_text(encoding="utf-8")] == [file]


@pytest.mark.parametrize(
    ("action_map", "expected"),
    [
        ("identity", [-1.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.0]),
        ("sign_slip", [-1.0, -1.0, 0.0, 1.0, 1.0, 1.0, 1.0]),
        ("rescaled", [-1.0, -1.0, -1.0, -1.0, 0.0, 1.0, 1.0]),
    ],
)
def test_action_maps_of_mountain_car(action_map: str, expected: list[float]) -> None:
    samples = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
    assert task("MountainCarContinuous-v0").to_environment(samples, action_map).tolist() == expected


@given(samples=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1), action_map=st.sampled_from(["sign_slip", "rescaled"]))
def test_mapped_actions_are_within_bounds(samples: list[float], action_map: str) -> None:
    action = task("MountainCarContinuous-v0").to_environment(np.array(samples, dtype=np.float32), action_map)
    assert action.dtype == np.float32
    assert (np.abs(action) <= 1).all()


def test_discrete_and_unbounded_actions_stay_as_they_are() -> None:
    discrete = np.array([0, 3, 1], dtype=np.int32)
    assert task("LunarLander-v2").to_environment(discrete) is discrete
    unbounded = np.array([[-1e9], [0.0], [1e9]])
    assert np.array_equal(task("ScalarRegression-v0").to_environment(unbounded), unbounded)
    with pytest.raises(KeyError):
        task("LunarLander-v2").to_environment(discrete, "sign_slip")
