"""Theorem 1 of chung2021 by Monte Carlo: which rules follow the gradient of the return in expectation.

The network is small: hidden layers of 3 and 2 units, and the multiplexer with one address bit. So quadrature can compute the
gradient of E[G]. Independent batches of updates of each rule give its expectation with an interval.

In this table "trained" means after 300 updates by MAP propagation. Further columns: rule ("reinforce", "backprop" or
"map_propagation") and networks (how many; their gradients form one long vector). Quantities, in units of the gradient's norm:

* bias_along: (E[update] - gradient) along the gradient; 0 if unbiased, -0.2 if a fifth too short.
* squared_bias: squared norm of E[update] - gradient. The estimate is unbiased, so it may lie below 0; jackknife interval.
* cosine: of the angle between E[update] and the gradient. The norm is corrected for noise, so it may exceed 1; jackknife
  interval.
* covered: share of the gradient's components in the 95 % t-interval of their estimate; .95 if unbiased. No interval.
* expected_return (rule "none", layer "all"): E[G] by quadrature; its interval is over the networks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor

from envs.seeding import environment_sequence
from envs.single_step import make_batch
from envs.tasks import TASKS
from experiments.shared.networks import Networks, draw
from experiments.shared.quadrature import exact_gradient
from experiments.shared.rules import RULES
from experiments.shared.runs import MULTIPLEXER, Run, Setting
from experiments.shared.states import rewards
from experiments.shared.tables import LAYERS_TOGETHER, jackknife_row, layer_names, row
from records.run_folder import Budget

RUNS = {"method": "map_propagation", "variant": "chung2021", "tasks": ("Multiplexer-v0",), "trained": False}

ADDRESS_BITS = 1
HIDDEN_SIZES = (3, 2)
NODES = 10
"""Quadrature points for each hidden unit; a test holds that two more change the gradient by less than 3e-5 of itself."""
TRAINING_UPDATES = 300
TRAINING_BATCH = 128


@dataclass(frozen=True)
class Samples:
    """Sample sizes."""

    batches: int
    """Independent batches; the intervals are over these."""
    repeats: int
    """Samples of every state in each batch, for each network."""
    ascents: int
    """Repeats for MAP propagation, which takes far longer and varies far less."""


SAMPLES = {"full": Samples(30, 1600, 160), "tenth": Samples(10, 400, 80), "tiny": Samples(4, 20, 4)}


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure the run with a smaller task and network; the module's docstring describes the table."""
    (run,) = runs
    small = replace(
        run.setting,
        hyperparameters=replace(run.setting.hyperparameters, hidden_sizes=HIDDEN_SIZES),
        options={"address_bits": ADDRESS_BITS},
    )
    rows: list[dict[str, Any]] = []
    for stage, networks in (("untrained", Networks.untrained(small)), ("trained", train(small))):
        keys = {"task": MULTIPLEXER, "stage": stage, "networks": len(small.seeds)}
        states, signal = contexts(small)
        value, truth = exact_gradient(networks.actor(), states, signal, NODES)
        rows.append({**keys, "rule": "none", "layer": LAYERS_TOGETHER, **row(value, "expected_return")})
        for rule, layers in estimate(networks, states, signal, SAMPLES[budget], small.generator(f"unbiasedness/{stage}")).items():
            for layer, batches, exact in zip(layer_names(len(truth)), flat(layers), flat(truth), strict=True):
                rows += [{**keys, "rule": rule, "layer": layer, **line} for line in biases(batches, exact)]
    return pd.DataFrame(rows)


def train(setting: Setting) -> Networks:
    """The small networks after some training by MAP propagation."""
    sequences = [environment_sequence(setting.root_seed, setting.task, seed) for seed in setting.seeds]
    batch = make_batch(TASKS[setting.task], sequences, TRAINING_BATCH, **setting.options)
    learner = setting.learner(TRAINING_BATCH)
    for _ in range(TRAINING_UPDATES):
        learner.learn(batch.reward(learner.act(batch.observe())), target=batch.target())
    return Networks(setting, learner.policy())


def contexts(setting: Setting) -> tuple[Tensor, Tensor]:
    """Return every state of the multiplexer [M, d], all equally likely, and G for either action there [M, 2]."""
    bandit = setting.bandit
    places = np.arange(bandit.observation_size)
    states = torch.from_numpy(2.0 * (np.arange(2 ** len(places))[:, None] >> places & 1) - 1.0)
    return states, rewards(bandit, states)


def estimate(
    networks: Networks, states: Tensor, signal: Tensor, samples: Samples, generator: np.random.Generator
) -> dict[str, list[Tensor]]:
    """Estimate each rule's mean update by layer, [K, S, n_(l-1) + 1, n_l] for K batches; each has every state equally often."""
    seeds = len(networks.setting.seeds)
    team = networks.actor()
    collected: dict[str, list[list[Tensor]]] = {rule: [] for rule in RULES}
    for _ in range(samples.batches):
        for rules, repeats in ((("reinforce", "backprop"), samples.repeats), (("map_propagation",), samples.ascents)):
            action = draw(team, states.repeat(repeats, 1).expand(seeds, -1, -1), generator)
            returns = signal.repeat(repeats, 1).expand(seeds, -1, -1)
            weight = returns.gather(-1, action[..., None])[..., 0]
            for rule in rules:
                collected[rule].append(RULES[rule](team, weight).means())
    return {rule: [torch.stack(layer) for layer in zip(*batches, strict=True)] for rule, batches in collected.items()}


def flat(layers: list[Tensor]) -> list[NDArray[np.float64]]:
    """Join the gradients [..., S, n_(l-1) + 1, n_l] of all S networks into one vector by layer and, last, for all layers."""
    vectors = [layer.flatten(start_dim=-3).numpy() for layer in layers]
    return [*vectors, np.concatenate(vectors, axis=-1)]


def biases(batches: NDArray[np.float64], truth: NDArray[np.float64]) -> Iterator[dict[str, Any]]:
    """Rows about the bias of estimates [K, P] of a gradient [P], in units of its norm; intervals are over the K batches."""
    count = len(batches)
    norm = math.sqrt(np.square(truth).sum())
    direction = truth / norm
    errors = batches / norm - direction
    yield row((errors * direction).sum(axis=-1), "bias_along")
    yield jackknife_row(lambda kept: squared_norm(errors[kept]), count, "squared_bias")
    yield jackknife_row(lambda kept: cosine(batches[kept], direction), count, "cosine")
    half = stats.t.ppf(0.975, count - 1) * errors.std(axis=0, ddof=1) / math.sqrt(count)
    # The components of one network share their samples, so that this share has no simple interval.
    covered = float((np.abs(errors.mean(axis=0)) <= half).mean())
    yield {"quantity": "covered", "mean": covered, "low": math.nan, "high": math.nan, "n": count}


def squared_norm(vectors: NDArray[np.float64]) -> float:
    """Unbiased estimate of the squared norm of E[x] from independent x [K, P]: mean inner product of two different ones."""
    count = len(vectors)
    pairs = np.square(vectors.sum(axis=0)).sum() - np.square(vectors).sum()
    return float(pairs / (count * (count - 1)))


def cosine(vectors: NDArray[np.float64], direction: NDArray[np.float64]) -> float:
    """Cosine of the angle between E[x] and a unit vector [P]; the norm of E[x] is estimated without the noise's part.

    nan where that estimate is not above 0: too few samples to know the direction.
    """
    squared = squared_norm(vectors)
    return float((vectors.mean(axis=0) * direction).sum()) / math.sqrt(squared) if squared > 0 else math.nan
