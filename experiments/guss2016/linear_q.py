"""Experiment 2's linear Q at CartPole: its slope is one number, so that each neuron is pushed one way in all states.

States are the points of a grid, and Q(s, left) and Q(s, right) are found by value iteration over it, with values between the
points interpolated linearly. An output o between -1 and 1 stands for right with probability (1 + o) / 2, so Q(s, o) is linear in
o. A state is decided if its two values differ by more than a tenth of a step. Networks are untrained tanh networks with one
output and hidden layers of ten neurons. A neuron's exact slope is that of Q as everything downstream responds; of the fits, each
is the best one to this Q over the decided states. All rows have stage "untrained". Further columns:

* hidden: number of hidden layers; -1 in rows that are about no network.
* slope: constant, the fit that is linear in the neuron's inputs and output, as printed; state, the fit whose slope is linear in
  the inputs, as in the repair; none.
* policy: left or right in all states, or best, greedy for Q; none in other rows.

Quantities:

* decided: share of states that are decided.
* best_constant: share of decided states whose best action one push in all states contradicts, for the better of both directions.
* contradicted: share of pairs of a neuron and a decided state in which the fit's slope has the opposite sign of the exact one.
* mean_return: steps that a policy balances the pole for, of 200; the interval is over episodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from torch import Tensor

from envs.seeding import environment_seed, learner_sequence
from envs.tasks import TASKS
from envs.vector import make_vector
from experiments.guss2016.theorem import Actor, agent_slopes, fitted_slopes, normal
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "decentralised_ddpg", "variant": "guss2016", "tasks": (), "trained": False}

TASK = "CartPole-v0"
SEEDS: dict[Budget, range] = {"full": range(200, 220), "tenth": range(100, 104), "tiny": range(100, 102)}
EPISODES: dict[Budget, int] = {"full": 100, "tenth": 100, "tiny": 20}
POINTS: dict[Budget, tuple[int, ...]] = {"full": (9, 13, 13, 13), "tenth": (9, 9, 13, 13), "tiny": (5, 5, 7, 7)}
"""Points of the grid along place, speed, angle and angular speed."""
BOUNDS = (2.4, 3.0, 12 * math.pi / 180, 3.5)
"""How far the grid reaches on either side of 0; an episode ends beyond the first and third."""
DISCOUNT, SWEEPS = 0.99, 200
DECIDED = 0.1
WIDTH, HIDDEN = 10, (0, 1, 2)
FITS = {"constant": "linear", "state": "state_slope"}


@dataclass(frozen=True)
class Enumerated:
    """All states [K, 4] of a grid, and Q(s, left) and Q(s, right) [K, 2]."""

    axes: list[NDArray[np.float64]]
    states: NDArray[np.float64]
    values: NDArray[np.float64]

    @classmethod
    def solve(cls, points: Sequence[int], sweeps: int = SWEEPS) -> Enumerated:
        """Iterate values over a grid of so many points along each axis."""
        axes = [np.linspace(-bound, bound, count) for bound, count in zip(BOUNDS, points, strict=True)]
        states = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
        moved = [consequences(states, action) for action in (0, 1)]
        following = np.stack([np.clip(state, np.negative(BOUNDS), BOUNDS) for state, _ in moved])
        going_on = np.stack([~terminated for _, terminated in moved])
        values = np.zeros((2, len(states)))
        for _ in range(sweeps):
            best = RegularGridInterpolator(axes, values.max(axis=0).reshape(points))
            values = 1 + DISCOUNT * going_on * best(following)
        return cls(axes, states, values.T)

    @property
    def advantage(self) -> NDArray[np.float64]:
        """Q(s, right) - Q(s, left), [K]."""
        return np.asarray(self.values[:, 1] - self.values[:, 0])

    def best(self, observation: NDArray[Any]) -> NDArray[np.int32]:
        """The action with the larger value in states [S, 4] anywhere."""
        shape = [len(axis) for axis in self.axes]
        advantage = RegularGridInterpolator(self.axes, self.advantage.reshape(shape))
        return (advantage(np.clip(observation, np.negative(BOUNDS), BOUNDS)) > 0).astype(np.int32)


@dataclass(frozen=True)
class Between:
    """Judges outputs between -1 and 1 in K states by the values of both ends, each [K, 1]."""

    middle: Tensor
    half: Tensor

    def value(self, state: Tensor, action: Tensor, actor: Actor) -> Tensor:
        """Q(s, o) for all states, or for all of them several times; what comes later is in the values already."""
        times = action.shape[1] // len(self.middle)
        return self.middle.repeat(times, 1) + self.half.repeat(times, 1) * action


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure the states, the networks and the policies; the module's docstring describes the table. No runs are needed."""
    found = Enumerated.solve(POINTS[budget])
    rows = [*of_states(found), *of_policies(found, EPISODES[budget])]
    for hidden in HIDDEN:
        rows += of_networks(found, hidden, SEEDS[budget])
    blank = {"task": TASK, "stage": "untrained", "layer": LAYERS_TOGETHER, "hidden": -1, "slope": "none", "policy": "none"}
    return pd.DataFrame([{**blank, **line} for line in rows])


def of_states(found: Enumerated) -> Iterator[dict[str, Any]]:
    """Yield the rows that are about the states alone."""
    decided = np.abs(found.advantage) > DECIDED
    right = float((found.advantage[decided] > 0).mean())
    yield row([decided.mean()], "decided")
    yield row([min(right, 1 - right)], "best_constant")


def of_networks(found: Enumerated, hidden: int, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield the rows of networks with so many hidden layers."""
    decided = np.abs(found.advantage) > DECIDED
    states = torch.from_numpy(found.states[decided]).expand(len(seeds), -1, -1)
    values = torch.from_numpy(found.values[decided])
    judge = Between(values.mean(dim=1, keepdim=True), (values[:, 1:] - values[:, :1]) / 2)
    families = [learner_sequence(0, TASK, "linear_q", seed).spawn(2) for seed in seeds]
    first, second = ([np.random.default_rng(family[i]) for family in families] for i in range(2))
    actor = Actor.draw(first, (states.shape[-1], *[WIDTH] * hidden, 1))
    for layer, exact in enumerate(agent_slopes(judge, actor, states), start=1):
        fits = fitted_slopes(judge, actor, states, layer, normal(second, tuple(exact.shape[1:])))
        for slope, reading in FITS.items():
            opposite = (fits[reading] * exact < 0).double().mean(dim=(1, 2))
            yield row(opposite, "contradicted", layer=str(layer), hidden=hidden, slope=slope)


def of_policies(found: Enumerated, episodes: int) -> Iterator[dict[str, Any]]:
    """Yield the returns of the constant policies and of the best one."""
    policies: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
        "left": lambda observation: np.zeros(len(observation), np.int32),
        "right": lambda observation: np.ones(len(observation), np.int32),
        "best": found.best,
    }
    for name, act in policies.items():
        yield row(returns(act, episodes), "mean_return", policy=name)


def returns(act: Callable[[NDArray[Any]], NDArray[Any]], episodes: int) -> NDArray[np.float64]:
    """The returns of so many episodes, each with a start of its own."""
    environment = make_vector(TASKS[TASK], [environment_seed(0, TASK, seed) for seed in range(episodes)])
    try:
        observation = environment.reset()
        total, going = np.zeros(episodes), np.ones(episodes, np.bool_)
        while going.any():
            observation, reward, terminated, truncated = environment.step(act(observation))
            total += reward * going
            going &= ~(terminated | truncated)
    finally:
        environment.close()
    return total


def consequences(states: NDArray[np.float64], action: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The next states [K, 4] of one action in states [K, 4], and whether each ends the episode [K]."""
    environment: Any = CartPoleVectorEnv(len(states))
    environment.reset(seed=0)
    environment.state = np.array(states.T)
    *_, terminated, _, _ = environment.step(np.full(len(states), action))
    return environment.state.T.copy(), terminated
