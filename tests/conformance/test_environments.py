"""Every episodic task by itself, on both backends: shapes, ends and resets, and seeds that know nothing of each other."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import envpool.entry  # every family of environments, whichever a test before this one loaded
import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from envs.task import Task
from envs.tasks import TASKS, task
from envs.vector import SEED_LIMIT, Backend, Step, VectorEnvironment, make_vector
from workflow.plan.backends import in_envpool

Policy = Callable[[NDArray[np.float32]], NDArray[Any]]

EPISODIC = [name for name, row in TASKS.items() if row.kind == "episodic"]
ENDLESS = {"Pendulum-v1", *(name for name, row in TASKS.items() if row.only_in_envpool)}
"""Tasks without a terminal state."""
ALWAYS_ALIKE = {"OneDimensionalWorld-v0"}
"""Tasks that always start with the same state."""
BACKENDS: tuple[Backend, ...] = ("envpool", "gymnasium")
SEEDS = (3, 1, 4, 15, 92)
STEPS = 130


def _steps(backend: Backend, row: Task) -> bool:
    return in_envpool(row) if backend == "envpool" else not row.only_in_envpool


EITHER = [(name, backend) for name in EPISODIC for backend in BACKENDS if _steps(backend, task(name))]
each_task = pytest.mark.parametrize("name", [name for name in EPISODIC if in_envpool(task(name))])
each_task_and_backend = pytest.mark.parametrize(("name", "backend"), EITHER)


@cache
def random_actions(name: str, seed: int, steps: int = STEPS) -> NDArray[Any]:
    """One seed's actions for `steps` steps; the same whatever other seeds there are."""
    row, generator = task(name), np.random.default_rng(seed)
    if row.discrete:
        return generator.integers(0, row.action_size, steps, dtype=np.int32)
    return generator.uniform(-1, 1, (steps, row.action_size)).astype(np.float32)


def often_ending(name: str) -> Task:
    """The task with so short a time limit that a short test sees several episodes."""
    return replace(task(name), time_limit=30)


def rollout(
    row: Task, seeds: Sequence[int], backend: Backend, keep_at: dict[int, list[int]] | None = None
) -> dict[int, list[Step]]:
    """What each seed is given over STEPS steps of its random actions; `keep_at` maps a step to the rows kept before it."""
    environment = make_vector(row, seeds, backend)
    present = list(seeds)
    zeros = np.zeros(len(seeds))
    record: dict[int, list[Step]] = {seed: [] for seed in seeds}
    step: Step = (environment.reset(), zeros, zeros.astype(bool), zeros.astype(bool))
    for time in range(STEPS):
        for place, seed in enumerate(present):
            record[seed].append(tuple(part[place].copy() for part in step))
        if keep_at and time in keep_at:
            environment.keep(keep_at[time])
            present = [present[place] for place in keep_at[time]]
        step = environment.step(np.stack([random_actions(row.name, seed)[time] for seed in present]))
    environment.close()
    return record


@cache
def rollout_of_all(name: str, backend: Backend) -> dict[int, list[Step]]:
    return rollout(often_ending(name), SEEDS, backend)


def assert_same_bits(these: list[Step], those: list[Step]) -> None:
    """The shorter of the two, which a kept-out seed has, is all there is to compare."""
    for this, other in zip(these, those, strict=False):
        for part, other_part in zip(this, other, strict=True):
            assert np.asarray(part).tobytes() == np.asarray(other_part).tobytes()


@each_task_and_backend
def test_shapes_and_types(name: str, backend: Backend) -> None:
    row = task(name)
    environment = make_vector(row, SEEDS, backend)
    first = environment.reset()
    assert first.shape == (len(SEEDS), row.observation_size)
    assert first.dtype == np.float32
    starts = 1 if name in ALWAYS_ALIKE else len(SEEDS)
    assert len(np.unique(first, axis=0)) == starts, "each seed starts elsewhere"
    actions = np.stack([random_actions(name, seed)[0] for seed in SEEDS])
    before = first.copy()
    observation, reward, terminated, truncated = environment.step(actions)
    assert np.array_equal(first, before), "what was handed out must not be written over"
    assert observation.shape == first.shape
    assert [part.dtype for part in (observation, reward, terminated, truncated)] == [np.float32, np.float64, np.bool_, np.bool_]
    assert all(part.shape == (len(SEEDS),) for part in (reward, terminated, truncated))
    environment.keep([2, 0])
    assert environment.step(actions[:2])[0].shape == (2, row.observation_size)
    with pytest.raises(ValueError, match="actions have shape"):
        environment.step(actions)
    environment.close()


@each_task
def test_the_table_agrees_with_both_libraries(name: str) -> None:
    row = task(name)
    pool = envpool.make_spec(name)
    assert pool.config.max_episode_steps == row.time_limit
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*precision lowered by casting")
        spaces = [(pool.gymnasium_observation_space, pool.gymnasium_action_space)]
    if not row.only_in_envpool:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*CartPole-v0 is out of date")
            warnings.filterwarnings("ignore", message="builtin type .* has no __module__ attribute")
            environment = gymnasium.make(row.gymnasium_id)
        assert environment.spec is not None
        assert environment.spec.max_episode_steps == row.time_limit
        spaces.append((environment.observation_space, environment.action_space))
        environment.close()
    for seen, space in spaces:
        assert gymnasium.spaces.flatdim(seen) == row.observation_size
        if isinstance(space, gymnasium.spaces.Discrete):
            assert row.discrete
            assert space.n == row.action_size
        else:
            assert isinstance(space, gymnasium.spaces.Box)
            assert not row.discrete
            assert space.shape == (row.action_size,)
            assert (space.low == row.action_low).all()
            assert (space.high == row.action_high).all()


@each_task_and_backend
def test_the_step_after_an_end_resets_and_ignores_its_action(name: str, backend: Backend) -> None:
    row = often_ending(name)
    record = rollout_of_all(name, backend)[SEEDS[0]]
    ends = [time for time, (_, _, terminated, truncated) in enumerate(record) if terminated or truncated]
    assert len(ends) >= 3
    assert row.time_limit is not None
    starts = [0, *(end + 1 for end in ends)]
    for start, end in zip(starts, ends, strict=False):
        assert end - start <= row.time_limit
        assert bool(record[end][3]) == (end - start == row.time_limit)
        assert not (record[end][2] and record[end][3])
    for start in starts[1:]:
        assert not np.any(record[start][1:]), "neither reward nor flags"
    # Another action in the resetting step changes nothing.
    environment = make_vector(row, SEEDS[:1], backend)
    environment.reset()
    for time in range(1, ends[0] + 2):
        action = random_actions(name, SEEDS[0])[time - 1 : time]
        other = (action + 1) % row.action_size if row.discrete else -action
        last = environment.step(other if time == ends[0] + 1 else action)
    assert_same_bits([last], [tuple(part[None] for part in record[ends[0] + 1])])  # type: ignore[list-item]
    environment.close()


@pytest.mark.parametrize(("name", "backend"), [(name, backend) for name, backend in EITHER if name not in ENDLESS])
def test_an_end_at_the_time_limit_counts_as_truncated(name: str, backend: Backend) -> None:
    """Also where a terminal state is reached with the same step, since EnvPool does not tell the two apart."""
    unlimited = task(name)
    length = lengths_of_terminated_episode(unlimited, backend)
    environment = make_vector(replace(unlimited, time_limit=length), [7], backend)
    observation = environment.reset()
    for time in range(1, length + 1):
        observation, _, terminated, truncated = environment.step(ending_policy(unlimited)(observation))
        assert not terminated[0]
        assert bool(truncated[0]) == (time == length)
    environment.close()


def lengths_of_terminated_episode(row: Task, backend: Backend) -> int:
    environment = make_vector(row, [7], backend)
    observation = environment.reset()
    for time in range(1, 1000):
        observation, _, terminated, _ = environment.step(ending_policy(row)(observation))
        if terminated[0]:
            environment.close()
            return time
    raise AssertionError(f"{row.name} does not end under its ending policy")


def ending_policy(row: Task) -> Policy:
    """Actions that soon bring about a terminal state: falling over, crashing, or swinging up to the goal."""
    if row.name == "Acrobot-v1":
        return lambda observation: np.where(observation[:, 5] > 0, 2, 0)
    if row.name == "MountainCarContinuous-v0":
        return lambda observation: np.where(observation[:, 1:] >= 0, 1.0, -1.0)
    if row.name == "OneDimensionalWorld-v0":
        return lambda observation: np.ones(len(observation))
    return lambda observation: np.zeros((len(observation), *(() if row.discrete else (row.action_size,))))


@each_task_and_backend
def test_an_episode_lasts_as_long_as_the_time_limit(name: str, backend: Backend) -> None:
    row = task(name)
    environment = make_vector(row, [2], backend)
    observation = environment.reset()
    policy = enduring_policy(row)
    assert row.time_limit is not None
    for time in range(1, row.time_limit + 1):
        observation, _, terminated, truncated = environment.step(policy(observation))
        assert not terminated[0]
        assert bool(truncated[0]) == (time == row.time_limit)
    environment.close()


def enduring_policy(row: Task) -> Policy:
    """Actions under which no terminal state is reached: balancing, hovering, or doing nothing."""
    if row.name.startswith("CartPole"):
        return lambda observation: (observation @ np.array([0.1, 0.2, 1.0, 0.5]) > 0).astype(np.int32)
    if row.name.startswith("LunarLander"):
        from gymnasium.envs.box2d.lunar_lander import heuristic

        lander = SimpleNamespace(unwrapped=SimpleNamespace(continuous=not row.discrete))
        above_ground = np.array([0, 0.6, 0, 0, 0, 0, 0, 0])
        return lambda observation: np.array([heuristic(lander, state) for state in observation - above_ground])
    return lambda observation: np.zeros((len(observation), *(() if row.discrete else (row.action_size,))))


@each_task_and_backend
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_seeds_are_isolated_bit_for_bit(name: str, backend: Backend, data: st.DataObject) -> None:
    """Any of the seeds, in any order, some dropped on the way: each gets what it gets among all of them."""
    seeds = data.draw(st.lists(st.sampled_from(SEEDS), min_size=1, unique=True))
    kept = data.draw(st.lists(st.sampled_from(range(len(seeds))), min_size=1, unique=True))
    keep_at = {data.draw(st.integers(0, STEPS - 1)): kept}
    record = rollout(often_ending(name), seeds, backend, keep_at)
    assert {len(record[seeds[place]]) for place in kept} == {STEPS}
    for seed in seeds:
        assert_same_bits(record[seed], rollout_of_all(name, backend)[seed])


@each_task
def test_many_seeds_do_not_matter_to_one(name: str) -> None:
    """The result of one seed among fifty, dropped to by and by, at the full time limit."""
    alone = rollout(task(name), SEEDS[:1], "envpool")
    others = list(range(200, 249))
    among = rollout(task(name), [*others, SEEDS[0]], "envpool", {20: [1, 5, 49], 77: [2]})
    assert_same_bits(alone[SEEDS[0]], among[SEEDS[0]])
    assert len(among[SEEDS[0]]) == STEPS


@each_task
def test_envpool_is_driven_as_by_its_own_step(name: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*precision lowered by casting")
        pool = envpool.make(name, env_type="gymnasium", num_envs=len(SEEDS), seed=list(SEEDS), num_threads=1)
        expected, _ = pool.reset()
    environment = make_vector(task(name), SEEDS, "envpool")
    assert environment.reset().tobytes() == in_one(expected).tobytes()
    for time in range(STEPS):
        actions = np.stack([random_actions(name, seed)[time] for seed in SEEDS])
        observation, reward, terminated, truncated, _ = pool.step(actions.astype(pool.action_space.dtype))
        assert_same_bits([environment.step(actions)], [(in_one(observation), reward.astype(np.float64), terminated, truncated)])
    environment.close()
    pool.close()


def in_one(observation: NDArray[Any] | dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """What is observed, its parts, if it has several, one after another."""
    parts = observation.values() if isinstance(observation, dict) else [observation]
    return np.concatenate([part.reshape(len(SEEDS), -1) for part in parts], axis=1).astype(np.float32)


def test_a_second_reset_goes_on_with_the_same_generators() -> None:
    for backend in BACKENDS:
        environment: VectorEnvironment = make_vector(task("CartPole-v1"), SEEDS, backend)
        first, second = environment.reset(), environment.reset()
        assert not np.isin(first, second).any()
        environment.close()


def test_bad_requests_are_refused() -> None:
    cartpole = task("CartPole-v1")
    with pytest.raises(ValueError, match="at least one seed"):
        make_vector(cartpole, [])
    for seed in (-1, SEED_LIMIT):
        with pytest.raises(ValueError, match="seeds must lie in"):
            make_vector(cartpole, [0, seed])
    make_vector(cartpole, [SEED_LIMIT - 1]).close()
    with pytest.raises(ValueError, match="unknown environment backend"):
        make_vector(cartpole, [0], "gym")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="gymnasium does not have CheetahRun-v1"):
        make_vector(task("CheetahRun-v1"), [0], "gymnasium")
    with pytest.raises(ValueError, match="not an episodic task"):
        make_vector(task("Multiplexer-v0"), [0])
