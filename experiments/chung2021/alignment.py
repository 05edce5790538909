"""Theorems 2 and 3 of chung2021: how the update of MAP propagation turns into that of backpropagation as N grows.

Theorem 2 is about the network "actor", Theorem 3 about "critic", whose score is divided by A - mu. The score of all layers after
N ascent steps from the sampled hidden values is compared with the gradient by backpropagation and the re-parametrisation trick.
Backpropagation holds the noise fixed, in one of two ways (column reference):

* stationary: z = h^(-1)(h) of the point h at which the ascent comes to rest, as in the theorems;
* sampled: the noise that was drawn when the network acted, which backpropagation would use in practice.

Further columns: network; steps, N, the number of ascent steps. A sample is one state, one draw of hidden values and one action; a
seed's value is a mean over its samples. Quantities:

* cosine [z]: of the angle between the two updates of a sample. norm_ratio [g]: norm of MAP's update / norm of backpropagation's.
* pooled_cosine [z], pooled_norm_ratio [g]: angle and ratio of all samples' updates as one long vector. Samples that teach more
  count for more: in a trained network most actions are almost certain and teach next to nothing.
* resolved (layer "all"): share of samples whose backpropagation update is above rounding; the others have no cosine.
* energy_gradient [g] (layer "all", reference "none"): root mean square over the hidden units of sigma_l · dE/dH^l after N steps;
  about 1 for sampled values, 0 at a stationary point.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from algorithms.map_propagation import MapTeam
from algorithms.shared.square_root import square_root
from experiments.shared.networks import Networks, draw
from experiments.shared.runs import Run
from experiments.shared.states import visited_states
from experiments.shared.tables import LAYERS_TOGETHER, layer_names, row
from experiments.shared.updates import Update, backprop_update, log_probability, noise_of, output_in_variances, score_update
from records.run_folder import Budget

RUNS = {"method": "map_propagation", "variant": "chung2021", "tasks": ("CartPole-v1", "Multiplexer-v0")}

STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 1000)
"""N; after the last one the ascent stands still to within rounding, as the quantity energy_gradient shows."""
UNRESOLVED = 1e-8
"""An update of a smaller norm is rounding in hidden values of some ten units: the action was almost certain, and the sample
teaches nothing."""

STATES = {"full": 80, "tenth": 40, "tiny": 10}
"""States of each seed."""


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every run; the module's docstring describes the table."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        for stage, networks in Networks.stages(run).items():
            generator = run.setting.generator(f"alignment/{stage}")
            observation = visited_states(networks, STATES[budget], generator)
            teams = {"actor": networks.actor(steps=1)}
            if networks.has_critic:
                teams["critic"] = networks.critic(steps=1)
            for name, team in teams.items():
                draw(team, observation, generator)
                keys = {"task": run.setting.task, "network": name, "stage": stage}
                rows += [{**keys, **line} for line in compare(team, critic=name == "critic")]
    return pd.DataFrame(rows)


def compare(team: MapTeam, *, critic: bool, steps: tuple[int, ...] = STEPS) -> Iterator[dict[str, Any]]:
    """Yield rows for every N, layer and kind of noise; the team has just acted and climbs one step at a time."""
    objective = output_in_variances(team) if critic else log_probability(team)
    sampled = backprop_update(team, noise_of(team), objective)
    climbed: list[tuple[Update, Tensor]] = []
    for count in _differences(steps):
        for _ in range(count):
            team.ascend()
        climbed.append((score_update(team, 1 / _residual(team) if critic else None), energy_gradient(team)))
    stationary = backprop_update(team, noise_of(team), objective)
    for number, (score, gradient) in zip(steps, climbed, strict=True):
        together: dict[str, Any] = {"layer": LAYERS_TOGETHER, "steps": number}
        yield row(_logarithmic_mean(gradient), "energy_gradient", mean_of="logarithms", **together, reference="none")
        for reference, backprop in {"stationary": stationary, "sampled": sampled}.items():
            similarity = Similarity.between(score, backprop)
            for index, layer in enumerate(layer_names(score.layers)):
                keys: dict[str, Any] = {"layer": layer, "steps": number, "reference": reference}
                yield row(similarity.cosine[index].nanmean(dim=-1), "cosine", mean_of="fisher_z", **keys)
                yield row(similarity.pooled_cosine[index], "pooled_cosine", mean_of="fisher_z", **keys)
                yield row(_logarithmic_mean(similarity.norm_ratio[index]), "norm_ratio", mean_of="logarithms", **keys)
                yield row(similarity.pooled_norm_ratio[index], "pooled_norm_ratio", mean_of="logarithms", **keys)
            resolved = similarity.cosine[-1].isfinite().double().mean(dim=-1)
            yield row(resolved, "resolved", **together, reference=reference)


@dataclass(frozen=True)
class Similarity:
    """Angles and norms of updates against a reference, for the same S × B samples, by layer and, last, for all layers."""

    cosine: Tensor
    """Cosine of the angle in each sample, [L + 1, S, B]; nan where the reference is below `UNRESOLVED`."""
    norm_ratio: Tensor
    """Norm in units of the reference's in each sample, [L + 1, S, B]; nan where the reference is below `UNRESOLVED`."""
    pooled_cosine: Tensor
    """Cosine of the angle between all B updates as one long vector and their references, [L + 1, S]; samples that teach more
    count for more."""
    pooled_norm_ratio: Tensor
    """Ratio of the norms of these long vectors, [L + 1, S]."""

    @classmethod
    def between(cls, update: Update, reference: Update) -> Similarity:
        """Measure `update` against `reference`."""
        product, square, reference_square = (
            torch.cat([inner, inner.sum(dim=0, keepdim=True)])
            for inner in (update.inner(reference), update.inner(update), reference.inner(reference))
        )
        unresolved = reference_square[-1] < UNRESOLVED**2
        pooled, pooled_square, pooled_reference = (inner.sum(dim=-1) for inner in (product, square, reference_square))
        return cls(
            (product / square_root(square * reference_square)).masked_fill(unresolved, math.nan),
            square_root(square / reference_square).masked_fill(unresolved, math.nan),
            pooled / square_root(pooled_square * pooled_reference),
            square_root(pooled_square / pooled_reference),
        )


def energy_gradient(team: MapTeam) -> Tensor:
    """Root mean square over the hidden units of sigma_l · dE/dH^l, [S, B]: in the unit in which sampled noise is 1."""
    parts = [
        variance**0.5 * (team.own_score(layer) + team.feedback(layer))
        for layer, variance in enumerate(team.hidden_variances, start=1)
    ]
    return square_root(torch.cat(parts, dim=-1).square().mean(dim=-1))


def _residual(team: MapTeam) -> Tensor:
    """A - mu, [S, B], at the present values; it is 0 at times in single precision, but not in double."""
    return (team.values[-1] - team.output_mean())[..., 0]


def _logarithmic_mean(values: Tensor) -> Tensor:
    """Geometric mean over the samples, [S], for quantities that span orders of magnitude."""
    return values.log().nanmean(dim=-1).exp()


def _differences(steps: tuple[int, ...]) -> list[int]:
    return [second - first for first, second in itertools.pairwise((0, *steps))]
