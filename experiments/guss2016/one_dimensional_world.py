"""The one-dimensional world: which share of policies reaches the goal, untrained and as the decentralised rule left them.

Neurons learn by the rule with the released settings of experiment 2, the output's sign being the action. A policy is tried
without noise, and it has reached the goal if it does so within an episode. "untrained" are the networks that training starts
with. Layer is "all". Further columns:

* slope: constant, as printed, or state, the repair.
* hidden: number of hidden layers, of ten neurons each.

Quantities:

* reached: share of runs whose policy reaches the goal.
* mean_return: of its episode.
* diverged (trained): share of runs that diverged on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from algorithms.decentralised_ddpg import Hyperparameters
from algorithms.interface import create
from algorithms.shared.parameters import Parameters
from envs.seeding import learner_sequence
from envs.tasks import TASKS
from envs.vector import make_vector
from experiments.shared.driving import drive
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "decentralised_ddpg", "variant": "guss2016", "tasks": (), "trained": False}

TASK = "OneDimensionalWorld-v0"
WIDTH, HIDDEN = 10, (0, 1, 2, 3)
SLOPES: tuple[Literal["constant", "state"], ...] = ("constant", "state")
SEEDS: dict[Budget, range] = {"full": range(200, 250), "tenth": range(100, 108), "tiny": range(100, 102)}
STEPS: dict[Budget, int] = {"full": 20_000, "tenth": 5_000, "tiny": 100}
"""Agent steps of each seed's training."""


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every slope and depth; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for slope in SLOPES:
        for hidden in HIDDEN:
            keys = {"task": TASK, "layer": LAYERS_TOGETHER, "slope": slope, "hidden": hidden}
            settings = Hyperparameters(slope=slope, hidden_sizes=(WIDTH,) * hidden, discrete_output="sign")
            rows += [{**keys, **line} for line in learned(settings, SEEDS[budget], STEPS[budget])]
    return pd.DataFrame(rows)


def learned(settings: Hyperparameters, seeds: Sequence[int], steps: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of one setting before and after training, without its keys."""
    sequences = [learner_sequence(0, TASK, "one_dimensional_world", seed) for seed in seeds]
    learner: Any = create("decentralised_ddpg", TASKS[TASK].problem(1), settings, sequences, "fused")
    yield from tried("untrained", learner.policy())
    for _ in drive(learner, TASK, seeds, steps, "gymnasium"):
        pass
    yield from tried("trained", learner.policy())
    yield {"stage": "trained", **row(learner.diverged > 0, "diverged")}


def tried(stage: str, policy: Mapping[str, NDArray[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of one stage."""
    reached, total = walks(policy)
    yield {"stage": stage, **row(reached, "reached", each=True)}
    yield {"stage": stage, **row(total, "mean_return")}


def walks(policy: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each seed's policy reaches the goal without noise, and its return: [S] each."""
    layers = range(1, 1 + sum(name.startswith("actor/weights_") for name in policy))
    actor = Parameters([(policy[f"actor/weights_{layer}"], policy[f"actor/biases_{layer}"]) for layer in layers])
    seeds = len(policy["actor/weights_1"])
    environment = make_vector(TASKS[TASK], range(seeds), "gymnasium")
    observation = environment.reset()
    total, reached, going = np.zeros(seeds), np.zeros(seeds, np.bool_), np.ones(seeds, np.bool_)
    while going.any():
        unit = torch.from_numpy(observation[:, None])
        for layer in layers:
            unit = torch.tanh(actor.affine(layer, unit))
        observation, reward, terminated, truncated = environment.step((unit[:, 0, 0] > 0).numpy())
        total += reward * going
        reached |= terminated & going
        going &= ~(terminated | truncated)
    environment.close()
    return reached, total
