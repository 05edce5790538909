"""How long a free phase must be: its distance from the fixed point after T steps, and the error that this leaves in the update.

In single precision a relaxation comes to stand still bit for bit; further steps then change nothing. The nudged phase continues
what the free phase left undone, and the update divides it by beta.

All rows have layer "all". Further columns: steps, T; dtype; beta. Quantities:

* distance [g]: of all units from their fixed point in double precision, in units of its norm.
* still: share of transitions in which single precision changes no unit any more. Units that are 0 in the fixed point do not
  count.
* still_from, still_from_last (steps 0): the step after which nothing changes, for the median and the last transition of a seed.
* relative_error [g]: of the update (S6) after T free steps, against the gradient through as many settled steps as are nudged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from algorithms.shared.replay.equilibrium_network import State
from experiments.kubo2022.nudged_steps import SMALL_BETA
from experiments.shared.relaxation import NEGLIGIBLE, SAMPLES, Minibatch, comparison, minibatches, settings_of
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "equilibrium_propagation", "variant": "kubo2022", "tasks": ("CartPole-v0", "Acrobot-v1", "LunarLander-v2")}

STEPS = (1, 2, 5, 10, 20, 30, 40, 50, 60, 80, 100, 125, 150, 180, 250, 400)
AT_ZERO = 1e-12
"""A unit below this in double precision's fixed point lies at the hard sigmoid's lower bound."""


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every run; the module's docstring describes the table."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        settings = settings_of(run)
        for keys, minibatch in minibatches(run, SAMPLES[budget], "free_steps"):
            lines = [*distances(minibatch), *standstill(minibatch)]
            lines += errors(minibatch, (settings.beta, SMALL_BETA), settings.nudged_steps)
            rows += [{**keys, "layer": LAYERS_TOGETHER, **line} for line in lines]
    return pd.DataFrame(rows)


def distances(minibatch: Minibatch, steps: Sequence[int] = STEPS) -> Iterator[dict[str, Any]]:
    """Yield the distance from double precision's fixed point after T steps, in units of the fixed point's norm."""
    fixed = _joined(minibatch.settle(minibatch.rest())[0])
    for name, own in (("float64", minibatch), ("float32", minibatch.to(torch.float32))):
        for number, state in _relaxed(own, steps):
            apart = (_joined(state) - fixed).norm(dim=1) / fixed.norm(dim=1)
            keys: dict[str, Any] = {"dtype": name, "beta": math.nan, "steps": number}
            yield row(apart.clamp_min(NEGLIGIBLE), "distance", mean_of="logarithms", **keys)


def standstill(minibatch: Minibatch, steps: Sequence[int] = STEPS) -> Iterator[dict[str, Any]]:
    """Yield rows about the step after which single precision changes no unit of a transition's network, among `steps[-1]` steps.

    Units that are 0 in the fixed point do not count: they keep decaying by the factor 1 - dt a step, long after it matters.
    """
    lasting = [layer > AT_ZERO for layer in minibatch.settle(minibatch.rest())[0]]
    own = minibatch.to(torch.float32)
    state, moved = own.rest(), torch.zeros(own.advantage.shape)
    for number in range(1, steps[-1] + 1):
        new = own.relax(state, 1)
        pairs = zip(new, state, lasting, strict=True)
        moved[torch.stack([((a != b) & counts).any(dim=-1) for a, b, counts in pairs]).any(dim=0)] = number
        state = new
    keys: dict[str, Any] = {"dtype": "float32", "beta": math.nan}
    for number in steps[:-1]:
        yield row((moved <= number).double().mean(dim=1), "still", **keys, steps=number)
    standing = moved.double().masked_fill(moved == steps[-1], math.nan)  # those still moving have no such step
    yield row(standing.nanmedian(dim=1).values, "still_from", **keys, steps=0)
    yield row(standing.amax(dim=1), "still_from_last", **keys, steps=0)


def errors(
    minibatch: Minibatch, betas: Sequence[float], nudged_steps: int, steps: Sequence[int] = STEPS
) -> Iterator[dict[str, Any]]:
    """Yield the error of S6's update (double precision) after T free steps, against backpropagation through the nudged steps."""
    fixed, _ = minibatch.settle(minibatch.rest())
    reference = next(minibatch.gradients_through_time(fixed, (nudged_steps,)))[1]["S6"]
    for number, free in _relaxed(minibatch, steps):
        for beta in betas:
            found = minibatch.equilibrium_gradients(free, minibatch.relax(free, nudged_steps, beta), beta)["S6"]
            for line in comparison(found, reference):
                if line["layer"] == LAYERS_TOGETHER and line["quantity"] == "relative_error":
                    yield {**line, "dtype": "float64", "beta": beta, "steps": number}


def _relaxed(minibatch: Minibatch, steps: Sequence[int]) -> Iterator[tuple[int, State]]:
    """Yield the state of a free phase after each of these numbers of steps."""
    state = minibatch.rest()
    for before, number in pairwise((0, *steps)):
        state = minibatch.relax(state, number - before)
        yield number, state


def _joined(state: State) -> Tensor:
    """All units of all transitions of each seed, in double precision: [S, …]."""
    return torch.cat([layer.double().flatten(start_dim=1) for layer in state], dim=1)
