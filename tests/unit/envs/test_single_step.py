"""The multiplexer and scalar regression: as gymnasium environments, and as the batches that learners use."""

import itertools
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import envs  # noqa: F401  (registers our own environments)
from envs.single_step import SingleStepBatch, make_batch
from envs.tasks import TASKS, task
from envs.tasks.multiplexer import Multiplexer
from envs.tasks.scalar_regression import ScalarRegression

SINGLE_STEP = [name for name, row in TASKS.items() if row.kind == "single_step"]
BATCH_SIZE = 16

each_task = pytest.mark.parametrize("name", SINGLE_STEP)


def seed_sequences(seeds: list[int]) -> list[np.random.SeedSequence]:
    return [np.random.SeedSequence([7, seed]) for seed in seeds]


def some_actions(batch: SingleStepBatch, observation: NDArray[np.float32]) -> NDArray[Any]:
    """Actions made of the observations, so that equal observations mean equal actions."""
    if batch.target() is None:
        return (observation[..., 0] > 0).astype(np.int32)
    return observation[..., :1].astype(np.float64)


# As gymnasium environments


@each_task
def test_gymnasium_checks_the_environment(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if name == "ScalarRegression-v0":
            # Its inputs and actions are unbounded by definition, which the checker thinks unwise.
            warnings.filterwarnings("ignore", message=".*A Box (observation|action) space (minimum|maximum) value is -?infinity")
            warnings.filterwarnings("ignore", message=".*we recommend using a symmetric and normalized space")
        check_env(gymnasium.make(name).unwrapped)


@pytest.mark.parametrize("address_bits", [1, 2, 3, 7])
def test_the_multiplexer_takes_any_number_of_address_bits(address_bits: int) -> None:
    environment = gymnasium.make("Multiplexer-v0", address_bits=address_bits).unwrapped
    check_env(environment)
    assert environment.observation_space.shape == (address_bits + 2**address_bits,)


@each_task
def test_an_episode_is_one_step(name: str) -> None:
    environment = gymnasium.make(name).unwrapped
    with pytest.raises(RuntimeError, match="reset"):
        environment.step(environment.action_space.sample())
    environment.action_space.seed(0)
    for seed in range(3):
        observation, _ = environment.reset(seed=seed)
        action = environment.action_space.sample()
        last, reward, terminated, truncated, info = environment.step(action)
        assert np.array_equal(last, observation)
        assert (terminated, truncated) == (True, False)
        best = -((action[0] - info["answer"]) ** 2) if name.startswith("Scalar") else 2 * (action == info["answer"]) - 1
        # The sampled action and the answer are in single precision: a small difference of theirs keeps few digits.
        assert reward == pytest.approx(best, abs=1e-5)
        with pytest.raises(RuntimeError, match="reset"):
            environment.step(action)


@each_task
def test_batches_and_the_environment_pose_the_same_task(name: str) -> None:
    """Fed with the same generator, one batch of one row is one episode."""
    batch = make_batch(task(name), seed_sequences([5]), batch_size=1)
    environment = gymnasium.make(name).unwrapped
    environment.np_random = np.random.default_rng(seed_sequences([5])[0])
    for _ in range(20):
        observation = batch.observe()
        same, _ = environment.reset()
        assert np.array_equal(observation[0, 0], same)
        action = some_actions(batch, observation)
        _, reward, _, _, info = environment.step(action[0, 0])
        assert batch.reward(action)[0, 0] == reward
        target = batch.target()
        assert target is None or target[0, 0] == info["answer"]


# The multiplexer


@pytest.mark.parametrize("address_bits", [1, 2, 3])
def test_truth_table_of_the_multiplexer(address_bits: int) -> None:
    multiplexer = Multiplexer(address_bits)
    assert multiplexer.observation_size == address_bits + 2**address_bits
    inputs = np.array(list(itertools.product([-1, 1], repeat=multiplexer.observation_size)), dtype=np.float32)
    answers = multiplexer.answer(inputs)
    for row, answer in zip(inputs, answers, strict=True):
        address = int("".join("1" if bit > 0 else "0" for bit in row[:address_bits]), base=2)
        data = row[address_bits:]
        assert answer == {-1: 0, 1: 1}[int(data[address])]
        assert [multiplexer.reward(np.array(action), answer).item() for action in (0, 1)] == [
            1 if data[address] < 0 else -1,
            1 if data[address] > 0 else -1,
        ]


def test_the_papers_multiplexer_has_37_inputs_and_the_high_address_bit_first() -> None:
    multiplexer = Multiplexer()
    assert multiplexer.observation_size == task("Multiplexer-v0").observation_size == 37
    observation = -np.ones(37, dtype=np.float32)
    observation[0] = 1
    observation[5 + 0b10000] = 1
    assert multiplexer.answer(observation) == 1
    observation[4] = 1
    assert multiplexer.answer(observation) == 0


def test_inputs_of_the_multiplexer_are_fair_coins() -> None:
    """Each of 37 means within 5 standard errors of 0, all products of two neighbours too."""
    inputs = Multiplexer().observe(np.random.default_rng(0), 10_000).astype(np.float64)
    assert set(np.unique(inputs)) == {-1.0, 1.0}
    assert np.abs(inputs.mean(axis=0)).max() < 5 / 100
    assert np.abs((inputs[:, 1:] * inputs[:, :-1]).mean(axis=0)).max() < 5 / 100


@pytest.mark.parametrize("address_bits", [0, -3])
def test_a_multiplexer_without_address_is_refused(address_bits: int) -> None:
    with pytest.raises(ValueError, match="address_bits must be at least 1"):
        Multiplexer(address_bits)


# Scalar regression


def test_the_target_network_is_the_same_in_every_run() -> None:
    batches = [make_batch(task("ScalarRegression-v0"), seed_sequences(seeds), BATCH_SIZE) for seeds in ([0], [1, 2])]
    networks = [ScalarRegression(), *(batch._bandit for batch in batches)]
    for network in networks:
        assert isinstance(network, ScalarRegression)
        assert np.array_equal(network.hidden_weight, networks[0].hidden_weight)  # type: ignore[attr-defined]
        assert np.array_equal(network.output_weight, networks[0].output_weight)  # type: ignore[attr-defined]


@given(inputs=st.lists(st.floats(-10, 10, width=32), min_size=8, max_size=8), action=st.floats(-100, 100))
def test_the_reward_of_regression_is_minus_the_squared_error(inputs: list[float], action: float) -> None:
    regression = ScalarRegression()
    observation = np.array(inputs, dtype=np.float32)
    hidden = [
        max(0.0, sum(x * weight for x, weight in zip(inputs, column, strict=True))) for column in regression.hidden_weight.T
    ]
    output = max(0.0, sum(h * weight for h, weight in zip(hidden, regression.output_weight[:, 0], strict=True)))
    answer = regression.answer(observation)
    assert answer == pytest.approx(output, rel=1e-9, abs=1e-9)
    error = action - float(answer)
    # numpy's power of a scalar may be off by the last bit.
    assert regression.reward(np.array([action]), answer) == -(error * error)


def test_the_target_network_is_the_median_one_of_101() -> None:
    """The choice that its comment states, made again; 20 000 samples tell the rank to within two."""
    inputs = np.random.default_rng(12345).standard_normal((20_000, 8))
    variances = []
    for seed in range(101):
        generator = np.random.default_rng(seed)
        hidden = np.maximum(inputs @ generator.standard_normal((8, 8)), 0)
        variances.append(np.maximum(hidden @ generator.standard_normal((8, 1)), 0).var())
    ours = ScalarRegression().answer(inputs.astype(np.float32)).var()
    assert 48 <= np.searchsorted(np.sort(variances), ours) <= 52


# Batches


@each_task
def test_shapes_and_types(name: str) -> None:
    row = task(name)
    batch = make_batch(row, seed_sequences([0, 1, 2]), BATCH_SIZE)
    assert batch.observation_size == row.observation_size
    for seeds in (3, 2):
        observation = batch.observe()
        assert observation.shape == (seeds, BATCH_SIZE, row.observation_size)
        assert observation.dtype == np.float32
        action = some_actions(batch, observation)
        reward = batch.reward(action)
        assert reward.shape == (seeds, BATCH_SIZE)
        assert reward.dtype == np.float64
        target = batch.target()
        assert (target is not None) == row.has_target
        assert target is None or target.shape == (seeds, BATCH_SIZE)
        with pytest.raises(ValueError, match="actions have shape"):
            batch.reward(action[:, :-1])
        batch.keep([1, 0])


def test_the_target_earns_the_highest_reward() -> None:
    batch = make_batch(task("ScalarRegression-v0"), seed_sequences([0, 1]), BATCH_SIZE)
    batch.observe()
    target = batch.target()
    assert target is not None
    assert np.array_equal(batch.reward(target[..., None]), np.zeros((2, BATCH_SIZE)))


@each_task
@given(data=st.data())
def test_seeds_are_isolated_bit_for_bit(name: str, data: st.DataObject) -> None:
    """Any seeds, in any order, some dropped on the way: each gets what it gets alone."""
    seeds = data.draw(st.lists(st.integers(0, 2**32), min_size=1, max_size=5, unique=True))
    kept = data.draw(st.lists(st.sampled_from(range(len(seeds))), min_size=1, unique=True))
    keep_after = data.draw(st.integers(0, 3))
    together = make_batch(task(name), seed_sequences(seeds), BATCH_SIZE)
    alone = {seed: make_batch(task(name), seed_sequences([seed]), BATCH_SIZE) for seed in seeds}
    present = seeds
    for update in range(4):
        observation = together.observe()
        own_observation = {seed: alone[seed].observe() for seed in present}
        if update == keep_after:
            # In the midst of an update, between observations and rewards.
            together.keep(kept)
            present, observation = [seeds[place] for place in kept], observation[kept]
        reward, target = together.reward(some_actions(together, observation)), together.target()
        for place, seed in enumerate(present):
            own = own_observation[seed]
            assert observation[place].tobytes() == own[0].tobytes()
            assert reward[place].tobytes() == alone[seed].reward(some_actions(alone[seed], own))[0].tobytes()
            own_target = alone[seed].target()
            assert target is None or (own_target is not None and target[place].tobytes() == own_target[0].tobytes())


def test_the_multiplexers_size_is_an_option_of_the_batch() -> None:
    batch = make_batch(task("Multiplexer-v0"), seed_sequences([0]), BATCH_SIZE, address_bits=2)
    assert batch.observation_size == 6
    assert batch.observe().shape == (1, BATCH_SIZE, 6)


def test_the_target_network_is_an_option_of_the_batch() -> None:
    median, other, same = (
        make_batch(task("ScalarRegression-v0"), seed_sequences([0]), BATCH_SIZE, **options)
        for options in ({}, {"target_seed": 2}, {"target_seed": 1})
    )
    inputs = [batch.observe() for batch in (median, other, same)]
    np.testing.assert_array_equal(inputs[0], inputs[1])
    first, second = median.target(), other.target()
    assert first is not None
    assert second is not None
    assert not np.allclose(first, second)
    np.testing.assert_array_equal(median.target(), same.target())
    with pytest.raises(ValueError, match="target_seed must be at least 0"):
        make_batch(task("ScalarRegression-v0"), seed_sequences([0]), BATCH_SIZE, target_seed=-1)


def test_bad_requests_are_refused() -> None:
    multiplexer, regression = task("Multiplexer-v0"), task("ScalarRegression-v0")
    with pytest.raises(ValueError, match="no option adress_bits; it has: address_bits"):
        make_batch(multiplexer, seed_sequences([0]), BATCH_SIZE, adress_bits=3)
    with pytest.raises(ValueError, match="no option address_bits; it has: target_seed"):
        make_batch(regression, seed_sequences([0]), BATCH_SIZE, address_bits=3)
    with pytest.raises(ValueError, match="at least one seed"):
        make_batch(regression, [], BATCH_SIZE)
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        make_batch(regression, seed_sequences([0]), 0)
    with pytest.raises(ValueError, match="not a single-step task"):
        make_batch(task("CartPole-v1"), seed_sequences([0]), BATCH_SIZE)
    with pytest.raises(RuntimeError, match="observe"):
        make_batch(regression, seed_sequences([0]), BATCH_SIZE).target()
