"""EnvPool's LunarLander-v2 against gymnasium's LunarLander-v3, though neither's terrain nor noise can be set from outside.

Off the ground the terrain plays no part. There, EnvPool's first observation tells the random push at the start, and each
step's change of velocity tells that step's two random numbers of the engines. Put into gymnasium's simulation in place of
its own, they must lead to the same flight, in all that they were not fitted to. Contact with the ground, and the rewards
that come of it, are compared as distributions of returns and lengths under fixed scripts.
"""

import warnings
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from envs.tasks import task
from envs.vector import Backend, make_vector

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="builtin type .* has no __module__ attribute", category=DeprecationWarning)
    from gymnasium.envs.box2d.lunar_lander import INITIAL_RANDOM, LunarLander, heuristic

X, Y, VELOCITY_X, VELOCITY_Y, ANGLE, ANGULAR_VELOCITY, LEFT_LEG, RIGHT_LEG = range(8)
VELOCITY = slice(VELOCITY_X, VELOCITY_Y + 1)

MAIN_FUEL, SIDE_FUEL = 0.3, 0.03

ALPHA = 1e-3
"""Of each of the 21 comparisons. The seeds are fixed, so that the verdict is always the same."""
EPISODES = 240
EPISODES_PER_SEED = 4

Script = Callable[[NDArray[np.float32], np.random.Generator], NDArray[Any]]


class GivenNoise:
    """Stands in for the simulation's generator and hands out given numbers, in the order in which it asks for them."""

    def __init__(self, push: NDArray[np.float64], engine_noise: NDArray[np.float64]) -> None:
        # `reset` makes one step, without engines, before the first action.
        self._numbers = iter([*push.ravel().tolist(), 0.0, 0.0, *engine_noise.ravel().tolist()])

    def uniform(self, low: float, high: float, size: tuple[int] | None = None) -> float | NDArray[np.float64]:
        """The next number, but a level terrain where a whole array is asked for."""
        return np.zeros(size) if size else float(next(self._numbers))


class Replay:
    """gymnasium's lander, flown with a given initial push and given noise of the engines."""

    def __init__(self, continuous: bool) -> None:
        self._lander: Any = LunarLander(continuous=continuous)

    def fly(
        self, push: NDArray[np.float64], actions: NDArray[Any], noise: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], float]:
        """Last observation and reward after `actions` [T, ...] with `noise` [T, 2], both from the start."""
        self._lander.np_random = GivenNoise(push, noise)
        observation, _ = self._lander.reset()
        reward = 0.0
        for action in actions:
            observation, reward, _, _, _ = self._lander.step(action)
        return observation.astype(np.float64), float(reward)

    def infer_push(self, first: NDArray[np.float32]) -> NDArray[np.float64]:
        """The push that leads to the velocity of the first observation, to which it is proportional."""
        none, full = np.zeros((0, 2)), INITIAL_RANDOM * np.eye(2)
        rest, pushed = self.fly(np.zeros(2), none, none)[0], [self.fly(push, none, none)[0] for push in full]
        return np.array([INITIAL_RANDOM * (first[i] - rest[i]) / (p[i] - rest[i]) for i, p in zip((2, 3), pushed, strict=True)])

    def infer_noise(
        self, push: NDArray[np.float64], actions: NDArray[Any], noise: NDArray[np.float64], next_: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """The last step's two numbers, given those of the steps before, by Newton's method on the velocity after it."""

        def velocity(last: NDArray[np.float64]) -> NDArray[np.float64]:
            return self.fly(push, actions, np.vstack([noise, last]))[0][VELOCITY]

        last = np.zeros(2)
        for _ in range(2):
            at_last = velocity(last)
            slope = np.stack([(velocity(last + change) - at_last) / 0.3 for change in 0.3 * np.eye(2)], axis=1)
            last = last + np.linalg.solve(slope, next_[VELOCITY] - at_last)
        return last


@pytest.mark.parametrize("name", ["LunarLander-v2", "LunarLanderContinuous-v2"])
def test_flight_without_engines_is_the_same(name: str) -> None:
    row, seeds, steps = task(name), range(20), 40
    environment = make_vector(row, seeds, "envpool")
    idle = np.zeros((steps, len(seeds), *(() if row.discrete else (2,))), dtype=np.int32)
    flight = np.stack([environment.reset(), *(environment.step(actions)[0] for actions in idle)])
    environment.close()
    replay = Replay(continuous=not row.discrete)
    for seed in seeds:
        push = replay.infer_push(flight[0, seed])
        assert np.abs(push).max() <= INITIAL_RANDOM
        for step in (0, 1, 2, 10, steps):
            expected, _ = replay.fly(push, idle[:step, seed], np.zeros((step, 2)))
            assert np.abs(flight[step, seed] - expected).max() < 1e-5


@pytest.mark.parametrize("name", ["LunarLander-v2", "LunarLanderContinuous-v2"])
def test_flight_with_engines_is_the_same(name: str) -> None:
    """Six observed numbers and the reward of each step against two fitted ones, which must be within their range."""
    row, seeds, steps = task(name), range(4), 30
    generator = np.random.default_rng(8)
    shape = (steps, len(seeds))
    actions: NDArray[Any] = (
        generator.integers(0, 4, shape) if row.discrete else generator.uniform(-1, 1, (*shape, 2)).astype("f4")
    )
    environment = make_vector(row, seeds, "envpool")
    flight, rewards = [environment.reset()], []
    for action in actions:
        observation, reward, terminated, _ = environment.step(action)
        assert not terminated.any()
        flight.append(observation)
        rewards.append(reward)
    environment.close()
    replay = Replay(continuous=not row.discrete)
    engines = (actions > 0) if row.discrete else (actions[..., 0] > 0) | (np.abs(actions[..., 1]) > 0.5)
    for seed in seeds:
        push = replay.infer_push(flight[0][seed])
        noise = np.zeros((0, 2))
        for step in range(1, steps + 1):
            last = np.zeros(2)
            if engines[step - 1, seed]:
                last = replay.infer_noise(push, actions[:step, seed], noise, flight[step][seed])
                assert np.abs(last).max() <= 1 + 1e-3
            noise = np.vstack([noise, last])
            expected, expected_reward = replay.fly(push, actions[:step, seed], noise)
            assert np.abs(flight[step][seed] - expected).max() < 1e-4
            assert abs(rewards[step - 1][seed] - expected_reward) < 2e-3


def lands(continuous: bool) -> Script:
    """gymnasium's own hand-written controller, which lands safely nearly always."""
    lander: Any = SimpleNamespace(unwrapped=SimpleNamespace(continuous=continuous))
    return lambda observation, _: np.array([heuristic(lander, state) for state in observation])


def keeps_to(action: int) -> Script:
    return lambda observation, _: np.full(len(observation), action)


DISCRETE_SCRIPTS: dict[str, Script] = {
    "no engine": keeps_to(0),
    "left engine": keeps_to(1),
    "main engine": keeps_to(2),
    "random": lambda observation, generator: generator.integers(0, 4, len(observation)),
    "lands": lands(continuous=False),
}
CONTINUOUS_SCRIPTS: dict[str, Script] = {
    "random": lambda observation, generator: generator.uniform(-1, 1, (len(observation), 2)),
    "lands": lands(continuous=True),
}


def fly_episodes(name: str, backend: Backend, script: Script, first_seed: int) -> NDArray[np.float64]:
    """Returns and lengths of the first EPISODES_PER_SEED episodes of each seed: [EPISODES, 2]."""
    row = task(name)
    seeds = range(first_seed, first_seed + EPISODES // EPISODES_PER_SEED)
    environment = make_vector(row, seeds, backend)
    generator = np.random.default_rng(first_seed)
    observation = environment.reset()
    running = np.zeros((len(seeds), 2))
    finished = np.zeros(len(seeds), dtype=np.int64)
    resetting = np.zeros(len(seeds), dtype=np.bool_)
    episodes: list[NDArray[np.float64]] = []
    while len(finished):
        observation, reward, terminated, truncated = environment.step(script(observation, generator))
        running += np.where(resetting[:, None], 0, np.stack([reward, np.ones_like(reward)], axis=1))
        resetting = terminated | truncated
        episodes.extend(running[resetting])
        running[resetting] = 0
        finished += resetting
        if (finished == EPISODES_PER_SEED).any():
            remaining = np.flatnonzero(finished < EPISODES_PER_SEED)
            environment.keep(remaining)
            observation, running = observation[remaining], running[remaining]
            finished, resetting = finished[remaining], resetting[remaining]
    environment.close()
    return np.array(episodes)


@pytest.mark.parametrize(
    ("name", "script"),
    [
        *(pytest.param("LunarLander-v2", script, id=f"discrete, {key}") for key, script in DISCRETE_SCRIPTS.items()),
        *(
            pytest.param("LunarLanderContinuous-v2", script, id=f"continuous, {key}")
            for key, script in CONTINUOUS_SCRIPTS.items()
        ),
    ],
)
def test_returns_and_lengths_are_distributed_alike(name: str, script: Script) -> None:
    """Kolmogorov-Smirnov on both, Welch on the mean return; at 240 episodes a side, KS sees distribution functions .18 apart."""
    ours = fly_episodes(name, "envpool", script, first_seed=100)
    judges = fly_episodes(name, "gymnasium", script, first_seed=5000)
    assert ours.shape == judges.shape == (EPISODES, 2)
    for column in (0, 1):
        assert stats.ks_2samp(ours[:, column], judges[:, column]).pvalue > ALPHA
    assert stats.ttest_ind(ours[:, 0], judges[:, 0], equal_var=False).pvalue > ALPHA


@pytest.mark.parametrize("backend", ["envpool", "gymnasium"])
def test_rewards_follow_from_the_observations(backend: Backend) -> None:
    """Shaping by position, speed, tilt and legs, less the fuel; -100 for an end out of bounds or by a crash, +100 at rest."""

    def shaping(state: NDArray[np.float32]) -> float:
        x, y, velocity_x, velocity_y, angle, _, left_leg, right_leg = state.astype(np.float64)
        return -100 * (np.hypot(x, y) + np.hypot(velocity_x, velocity_y) + abs(angle)) + 10 * (left_leg + right_leg)

    fuel = np.array([0.0, SIDE_FUEL, MAIN_FUEL, SIDE_FUEL])
    script = lands(continuous=False)
    environment = make_vector(task("LunarLander-v2"), range(6), backend)
    generator = np.random.default_rng(0)
    states, ends = [environment.reset()], [np.zeros(6, dtype=np.bool_)]
    ended_with = []
    for _ in range(500):
        # Every other lander is sometimes disturbed, so that some crash.
        action = np.where(generator.random(6) < np.array([0, 0.6, 0, 0.6, 0, 0.6]), 1, script(states[-1], generator))
        state, reward, terminated, _ = environment.step(action)
        for lander in np.flatnonzero(~ends[-1]):
            if terminated[lander]:
                ended_with.append(reward[lander])
                if abs(state[lander, X]) >= 1:
                    assert reward[lander] == -100
            else:
                gain = shaping(state[lander]) - shaping(states[-1][lander])
                assert abs(reward[lander] - (gain - fuel[action[lander]])) < 1e-3
        states.append(state)
        ends.append(terminated)
    assert set(ended_with) == {-100.0, 100.0}
    assert not any((one & next_).any() for one, next_ in pairwise(ends))
    environment.close()
