"""Divergence of local critics: in which share of runs, and where it begins, by rate, activation, optimiser, depth and slope.

Neurons learn by the decentralised rule with the released settings of experiment 2, but for what the columns say. A run has
diverged once a value in its minibatch, or what it should be, is above 1e6 in size or no number (docs/guss2016.md#divergence). All
rows have stage "training" and layer "all". Further columns:

* slope: constant, as printed, or state, the repair.
* hidden: number of hidden layers, of ten neurons each.
* activation: tanh or relu, of hidden neurons.
* optimiser: adam or gradient, which makes plain steps.
* critic_rate: step size of the critics.
* critic_l2: weight decay of the critics; .3 is the released one.

Quantities:

* diverged: share of runs that diverged.
* diverged_at: the episode, from 1, in which those that did diverge did so; there is no such row where none did.
* diverged_at_step [g]: the agent step, from 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from algorithms.decentralised_ddpg import Hyperparameters
from algorithms.interface import create
from envs.seeding import learner_sequence
from envs.tasks import TASKS
from experiments.shared.driving import drive
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "decentralised_ddpg", "variant": "guss2016", "tasks": (), "trained": False}

WIDTH = 10
SEEDS: dict[Budget, range] = {"full": range(200, 220), "tenth": range(100, 104), "tiny": range(100, 102)}
STEPS: dict[Budget, int] = {"full": 20_000, "tenth": 5_000, "tiny": 150}
"""Agent steps of each seed."""


@dataclass(frozen=True)
class Setting:
    """What is tried, by column."""

    task: str
    slope: Literal["constant", "state"]
    hidden: int
    activation: Literal["tanh", "relu"]
    optimiser: Literal["adam", "gradient"]
    critic_rate: float
    critic_l2: float


TASKS_TRIED = ("CartPole-v0", "MountainCarContinuous-v0")
SLOPES: tuple[Literal["constant", "state"], ...] = ("constant", "state")
ACTIVATIONS: tuple[Literal["tanh", "relu"], ...] = ("tanh", "relu")
OPTIMISERS: tuple[Literal["adam", "gradient"], ...] = ("adam", "gradient")
HIDDEN = (1, 2, 3)
RATES: dict[Budget, tuple[float, ...]] = {"full": (1e-3, 1e-2, 0.1, 0.3, 1.0), "tenth": (1e-2, 0.3), "tiny": (1e-2, 1.0)}
DECAYS: dict[Budget, tuple[float, ...]] = {"full": (0.3, 0.0), "tenth": (0.3, 0.0), "tiny": (0.0,)}


def settings_of(budget: Budget) -> Iterator[Setting]:
    """Yield every setting; at the tiny size, those of one task and two depths."""
    tasks, hidden = (TASKS_TRIED[:1], HIDDEN[::2]) if budget == "tiny" else (TASKS_TRIED, HIDDEN)
    for values in itertools.product(tasks, SLOPES, hidden, ACTIVATIONS, OPTIMISERS, RATES[budget], DECAYS[budget]):
        yield Setting(*values)


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every setting; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for setting in settings_of(budget):
        keys = {**vars(setting), "stage": "training", "layer": LAYERS_TOGETHER}
        rows += [{**keys, **line} for line in described(*tried(setting, SEEDS[budget], STEPS[budget]))]
    return pd.DataFrame(rows)


def tried(setting: Setting, seeds: Sequence[int], steps: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Episode and agent step, from 1, in which each seed's critics diverged, int64[S]; 0: they did not."""
    hyperparameters = Hyperparameters(
        hidden_sizes=(WIDTH,) * setting.hidden,
        slope=setting.slope,
        activation=setting.activation,
        optimiser=setting.optimiser,
        critic_learning_rate=setting.critic_rate,
        critic_l2=setting.critic_l2,
        discrete_output="sign" if TASKS[setting.task].discrete else "argmax",
    )
    sequences = [learner_sequence(0, setting.task, "divergence", seed) for seed in seeds]
    learner: Any = create("decentralised_ddpg", TASKS[setting.task].problem(1), hyperparameters, sequences, "fused")
    at = np.zeros(len(seeds), np.int64)
    for step, _ in enumerate(drive(learner, setting.task, seeds, steps), start=1):
        at[(learner.diverged > 0) & (at == 0)] = step
        if at.all():
            break
    return learner.diverged, at


def described(episodes: NDArray[np.int64], steps: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    """Yield the rows of one setting, without its keys, from the episodes and steps in which seeds diverged."""
    diverged = episodes > 0
    yield row(diverged, "diverged", each=True)
    if diverged.any():
        yield row(episodes[diverged], "diverged_at")
        yield row(steps[diverged], "diverged_at_step", mean_of="logarithms")
