"""A single neuron with a critic of compatible features, on MountainCarContinuous, beside the noise that makes it explore.

The neuron learns from each transition with the released settings (docs/guss2016.md#the-single-neuron). The noise on its action is
DDPG's. Those that learn nothing keep their first weights and get the same noise. A run whose numbers break down has diverged, and
goes on with its last finite weights. All rows have stage "training" and layer "all". Further columns:

* form: learning, or noise, which learns nothing.
* block: tenth of the run, from 1; 0 in rows about its end.

Quantities:

* mean_return: of the episodes in a block.
* last_return: of the last quarter of all episodes.
* reached: share of runs that reach the goal in most episodes of the last quarter.
* diverged: share of runs that diverged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from algorithms.shared.replay.off_policy_settings import OffPolicyHyperparameters
from envs.seeding import environment_seed, learner_sequence
from envs.tasks import TASKS
from envs.vector import make_vector
from experiments.shared.compatible_neuron import CompatibleNeuron, NeuronSettings
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "ddpg", "variant": "guss2016", "tasks": (), "trained": False}

TASK = "MountainCarContinuous-v0"
SEEDS: dict[Budget, range] = {"full": range(200, 220), "tenth": range(100, 104), "tiny": range(100, 102)}
EPISODES: dict[Budget, int] = {"full": 100, "tenth": 10, "tiny": 1}
FORMS = {"learning": NeuronSettings(), "noise": NeuronSettings(actor_learning_rate=0.0, critic_learning_rate=0.0)}
BLOCKS, QUARTER = 10, 4


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure both forms; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for form, settings in FORMS.items():
        keys = {"task": TASK, "stage": "training", "layer": LAYERS_TOGETHER, "form": form}
        rows += [{**keys, **line} for line in described(*lived(settings, SEEDS[budget], EPISODES[budget]))]
    return pd.DataFrame(rows)


def lived(
    settings: NeuronSettings, seeds: Sequence[int], episodes: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Let each seed's neuron live so many episodes: returns [S, E], goals reached [S, E], and which seeds diverged [S]."""
    generators = [np.random.default_rng(learner_sequence(0, TASK, "one_neuron", seed)) for seed in seeds]
    task, noise = TASKS[TASK], OffPolicyHyperparameters()
    neuron = CompatibleNeuron(task.observation_size, settings, generators)
    total, goals = np.zeros((2, len(seeds), episodes))
    done, exploration = np.zeros(len(seeds), np.int64), np.zeros(len(seeds))
    diverged, reset = np.zeros((2, len(seeds)), np.bool_)
    environment = make_vector(task, [environment_seed(0, TASK, seed) for seed in seeds])
    try:
        observation = environment.reset().astype(float)
        while (done < episodes).any():
            shaken = np.array([generator.standard_normal() for generator in generators])
            exploration = np.where(reset, 0.0, (1 - noise.noise_theta) * exploration + noise.noise_sigma * shaken)
            action = np.clip(neuron.action(observation) + exploration, -1, 1)
            following, reward, terminated, truncated = environment.step(action[:, None].astype(np.float32))
            following = following.astype(float)
            diverged |= ~_learn(neuron, ~reset & ~diverged, (observation, action, reward, terminated, following))
            counted = np.flatnonzero(~reset & (done < episodes))
            total[counted, done[counted]] += reward[counted]
            goals[counted, done[counted]] += terminated[counted]
            reset = terminated | truncated
            done += reset
            observation = following
    finally:
        environment.close()
    return total, goals > 0, diverged


def _learn(neuron: CompatibleNeuron, going: NDArray[np.bool_], transition: tuple[NDArray[Any], ...]) -> NDArray[np.bool_]:
    """One step of the seeds that are `going` [S]; says whose numbers are finite. The others keep what they had."""
    kept = {name: value for name, value in vars(neuron).items() if isinstance(value, np.ndarray)}
    before = {name: value.copy() for name, value in kept.items()}
    with np.errstate(all="ignore"):
        finite = neuron.learn(*transition)
    for name, value in kept.items():
        value[~(going & finite)] = before[name][~(going & finite)]
    return finite | ~going


def described(total: NDArray[np.float64], goals: NDArray[np.bool_], diverged: NDArray[np.bool_]) -> Iterator[dict[str, Any]]:
    """Yield the rows of one form, without its keys."""
    for block, part in enumerate(np.array_split(total, min(BLOCKS, total.shape[1]), axis=1), start=1):
        yield {"block": block, **row(part.mean(axis=1), "mean_return")}
    last = slice(-max(1, total.shape[1] // QUARTER), None)
    yield {"block": 0, **row(total[:, last].mean(axis=1), "last_return", each=True)}
    yield {"block": 0, **row(goals[:, last].mean(axis=1) > 0.5, "reached", each=True)}
    yield {"block": 0, **row(diverged, "diverged")}
