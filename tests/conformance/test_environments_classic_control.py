"""EnvPool's classic control against gymnasium's, step by step: from equal states, the same action leads to the same."""

from collections.abc import Callable
from typing import Any

import envpool.entry  # every family of environments, whichever a test before this one loaded
import gymnasium
import numpy as np
import pytest
from numpy.typing import NDArray

from envs.tasks import task

TOLERANCE = 1e-6
"""EnvPool hands out states rounded to float32: relative to the largest component of the state, or to 1 where that is more."""
ROWS = 6
STEPS = 1000

Actor = Callable[[NDArray[np.float32], np.random.Generator], NDArray[Any]]

CART_BALANCE = np.array([0.1, 0.2, 1.0, 0.5])


def balance_cart(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    return (observation @ CART_BALANCE > 0) ^ (generator.random(ROWS) < 0.05)


def drive_cart_off(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    """Balances about a point out of bounds, so that the position ends the episode."""
    drifted = observation.copy()
    drifted[:, 0] = np.clip(drifted[:, 0] - 3, -1, 1)
    return drifted @ CART_BALANCE > 0


def random_cart(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    return generator.integers(0, 2, ROWS)


def swing_acrobot(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    """Torque along the second joint's velocity swings it up within some 90 steps."""
    return np.where(observation[:, 5] > 0, 2, 0)


def random_acrobot(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    return generator.integers(0, 3, ROWS)


def swing_car(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    return np.where(observation[:, 1:] >= 0, 1.0, -1.0) * generator.uniform(0.3, 1.0, (ROWS, 1))


def random_car(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    return generator.uniform(-1.0, 1.0, (ROWS, 1))


def brake_pendulum(observation: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
    """Torque against the velocity, more than is allowed now and then: the speed stays below its limit of 8."""
    return np.where(observation[:, 2:] >= 0, -1.0, 1.0) * generator.uniform(0.0, 3.0, (ROWS, 1))


def state_of(name: str, observation: NDArray[np.float32], info: dict[str, Any]) -> NDArray[np.float64]:
    """The simulated state behind an observation; Acrobot's angles are observed by sine and cosine, and told in `info`.

    The pendulum's angle is, too, and is found from these.
    """
    if name == "Pendulum-v1":
        cosine, sine, speed = observation.astype(np.float64).T
        return np.stack([np.arctan2(sine, cosine), speed], axis=1)
    if name == "Acrobot-v1":
        return np.concatenate([info["state"], observation[:, 4:]], axis=1).astype(np.float64)
    return observation.astype(np.float64)


@pytest.mark.filterwarnings("ignore:.*CartPole-v0 is out of date", "ignore:.*precision lowered by casting")
@pytest.mark.parametrize(
    ("name", "actor", "terminations"),
    [
        ("CartPole-v0", random_cart, 200),
        ("CartPole-v1", random_cart, 200),
        ("CartPole-v1", balance_cart, 0),
        ("CartPole-v1", drive_cart_off, 15),
        ("Acrobot-v1", random_acrobot, 0),
        ("Acrobot-v1", swing_acrobot, 50),
        ("MountainCarContinuous-v0", random_car, 0),
        ("MountainCarContinuous-v0", swing_car, 40),
        ("Pendulum-v1", brake_pendulum, 0),
    ],
)
def test_one_step_from_equal_states(name: str, actor: Actor, terminations: int) -> None:
    """Observation, reward and terminal state, from every state on the way; at least so many of them terminal."""
    action_type = np.int32 if task(name).discrete else np.float32
    judge: Any = gymnasium.make(name).unwrapped
    judge.reset(seed=0)
    pool = envpool.make(name, env_type="gymnasium", num_envs=ROWS, seed=list(range(ROWS)), num_threads=1)
    generator = np.random.default_rng(11)
    observation, info = pool.reset()
    ended = np.zeros(ROWS, dtype=np.bool_)
    terminal_states = 0
    for _ in range(STEPS):
        states = state_of(name, observation, info)
        actions = actor(observation, generator).astype(action_type)
        observation, reward, terminated, truncated, info = pool.step(actions)
        for row in np.flatnonzero(~ended):
            # MountainCarContinuous computes in the precision of the state it is given.
            judge.state = states[row].astype(np.float32) if name.startswith("MountainCar") else states[row]
            judge.steps_beyond_terminated = None
            expected, expected_reward, terminal, _, _ = judge.step(actions[row])
            rounding = TOLERANCE * max(1.0, np.abs(states[row]).max())
            assert np.abs(observation[row] - expected).max() <= rounding
            assert abs(reward[row] - expected_reward) <= TOLERANCE * max(1.0, abs(expected_reward))
            # At the time limit EnvPool tells of the truncation alone.
            assert terminated[row] == (terminal and not truncated[row])
            terminal_states += terminal
        ended = terminated | truncated
    assert terminal_states >= terminations
    pool.close()


@pytest.mark.filterwarnings("ignore:.*precision lowered by casting")
def test_the_pendulums_angle_advances_by_what_the_speed_would_be_without_its_limit() -> None:
    """Where the speed is limited EnvPool differs from gymnasium, whose angle advances by the limited speed."""
    pool = envpool.make("Pendulum-v1", env_type="gymnasium", num_envs=ROWS, seed=list(range(ROWS)), num_threads=1)
    observation, _ = pool.reset()
    limited = 0
    for _ in range(190):
        cosine, sine, speed = observation.astype(np.float64).T
        torque = np.where(speed >= 0, 2.0, -2.0)
        unlimited = speed + (15 * sine + 3 * torque) * 0.05
        observation, _, _, _, _ = pool.step(torque[:, None].astype(np.float32))
        np.testing.assert_allclose(observation[:, 0], np.cos(np.arctan2(sine, cosine) + 0.05 * unlimited), atol=1e-6)
        np.testing.assert_allclose(observation[:, 2], np.clip(unlimited, -8, 8), atol=1e-6)
        limited += int((np.abs(unlimited) > 8).sum())
    assert limited > 100
    pool.close()
