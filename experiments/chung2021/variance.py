"""Appendix B.6 of chung2021: how much the updates of the three rules vary, and where that comes from.

The variance of an update G · g(H, A) is the trace of its covariance over states, hidden noise and actions. It is the sum of an
internal part E[Var(update | S, A)], from the hidden units' noise alone, and an external one, Var(E[update | S, A]) (chung2020,
eq. 4). Each state is drawn from many times, so the draws with one action show the internal part by itself.

G is the multiplexer's reward, or CartPole's TD error by the network's own critic. Further column: rule. Quantities:

* total [g], internal [g], external: Var(update) = E[Var(update | S, A)] + Var(E[update | S, A]). `external` is what is left, so
  noise may make it negative where nearly all is internal, as for REINFORCE. "backprop" has the same expectation, hence the same
  external part, and shows it with less noise.
* internal_share: internal / total.
* total_to_reinforce [g]: variance in units of REINFORCE's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from experiments.shared.networks import Networks, draw
from experiments.shared.rules import RULES
from experiments.shared.runs import Run
from experiments.shared.states import signals, visited_states
from experiments.shared.tables import layer_names, row, with_sum
from experiments.shared.updates import Update
from records.run_folder import Budget

RUNS = {"method": "map_propagation", "variant": "chung2021", "tasks": ("CartPole-v1", "Multiplexer-v0")}


@dataclass(frozen=True)
class Samples:
    """Sample sizes."""

    states: int
    """States of each seed."""
    draws: int
    """Hidden values and actions drawn in each state."""


@dataclass(frozen=True)
class Parts:
    """Traces of covariances of one network's update, by layer and, last, for all layers: [L + 1]."""

    second_moment: Tensor
    """E of the update's squared norm."""
    squared_mean: Tensor
    """Squared norm of E[update]; estimated without bias, so that noise may make it negative."""
    internal: Tensor
    """E[Var(update | S, A)]."""

    @property
    def total(self) -> Tensor:
        """Var(update)."""
        return self.second_moment - self.squared_mean

    @property
    def external(self) -> Tensor:
        """Var(E[update | S, A]), by the law of total variance."""
        return self.total - self.internal


SAMPLES = {"full": Samples(20, 500), "tenth": Samples(20, 200), "tiny": Samples(5, 50)}


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every run; the module's docstring describes the table."""
    samples = SAMPLES[budget]
    rows: list[dict[str, Any]] = []
    for run in runs:
        for stage, networks in Networks.stages(run).items():
            generator = run.setting.generator(f"variance/{stage}")
            states = visited_states(networks, samples.states, generator)
            signal = signals(networks, states)
            seeds = range(len(run.setting.seeds))
            parts = [sample(networks, seed, states[seed], signal[seed], samples.draws, generator) for seed in seeds]
            keys = {"task": run.setting.task, "stage": stage}
            rows += [{**keys, **line} for line in describe(parts)]
    return pd.DataFrame(rows)


def sample(
    networks: Networks, seed: int, states: Tensor, signal: Tensor, draws: int, generator: np.random.Generator
) -> dict[str, Parts]:
    """Sample the variances of every rule for one seed's network in states [M, d], whose actions are worth [M, n]."""
    team = networks.actor([seed] * len(states))
    action = draw(team, states[:, None].expand(-1, draws, -1), generator)
    weight = signal.gather(-1, action)
    return {rule: parts(update(team, weight), action, signal.shape[-1]) for rule, update in RULES.items()}


def parts(update: Update, action: Tensor, actions: int) -> Parts:
    """Split the variance of M × K updates: K draws in each of M independent states, with the actions taken [M, K].

    All estimates are unbiased for the states' distribution, with one exception: an action taken only once in a state shows no
    internal variance there.
    """
    states, draws = action.shape
    square = update.inner(update)  # [L, M, K]
    within = torch.zeros_like(square[..., 0])
    for number in range(actions):
        taken = (action == number).to(square.dtype)
        count = taken.sum(dim=-1)
        # Sums of squares about the mean of the n draws with this action; n / (n - 1) of them is their variance times n.
        scatter = (square * taken).sum(dim=-1) - _squared_norms(update, taken) * draws**2 / count.clamp(min=1)
        within += scatter * count / (count - 1).clamp(min=1) / draws
    second_moment = square.mean(dim=-1)
    # The mean inner product of the means of two different states, in which neither state nor noise is counted twice.
    pairs = torch.stack([layer.sum(dim=0).square().sum() for layer in update.means()]) - _squared_norms(update).sum(dim=-1)
    squared_mean = pairs / (states * (states - 1))
    return Parts(with_sum(second_moment.mean(dim=-1)), with_sum(squared_mean), with_sum(within.mean(dim=-1)))


def describe(seeds: list[dict[str, Parts]]) -> list[dict[str, Any]]:
    """Return rows for every rule and layer, over the seeds."""
    rows = []
    for rule in RULES:
        # The expectation of REINFORCE is that of backpropagation (Theorem 1 and B.5), whose samples show it better.
        squared_means = torch.stack([seed["backprop" if rule == "reinforce" else rule].squared_mean for seed in seeds])
        total = torch.stack([seed[rule].second_moment for seed in seeds]) - squared_means
        reinforce = torch.stack([seed["reinforce"].second_moment - seed["backprop"].squared_mean for seed in seeds])
        internal = torch.stack([seed[rule].internal for seed in seeds])
        for index, layer in enumerate(layer_names(total.shape[-1] - 1)):
            keys: dict[str, Any] = {"rule": rule, "layer": layer}
            column = np.s_[:, index]
            rows += [
                row(total[column], "total", mean_of="logarithms", **keys),
                row(internal[column], "internal", mean_of="logarithms", **keys),
                row((total - internal)[column], "external", **keys),
                row((internal / total)[column], "internal_share", **keys),
                row((total / reinforce)[column], "total_to_reinforce", mean_of="logarithms", **keys),
            ]
    return rows


def _squared_norms(update: Update, weight: Tensor | None = None) -> Tensor:
    """Squared norm of the mean over the draws of weight · update, [L, M]."""
    return torch.stack([layer.square().sum(dim=(-2, -1)) for layer in update.means(weight)])
