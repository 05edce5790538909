"""Where the cheap form of the dynamics, which looks ahead by the velocity of the step before, follows the exact one.

A network of 100-100-3 units starts from rest and is shown one image for 10 tau, with its weights at a multiple of what they start
with in other experiments. At each step the velocity v of the cheap form changes by what J v should be, less J v. So it should be
stable while the largest singular value of G = I - W P is below the square root of 2, whatever the step
(docs/kungl2021.md#forms-of-the-dynamics). All rows have stage "untrained", layer "all" and task "ThreeImages-v0". Further
columns:

* scale: factor on the weights.
* step: length of an Euler step, in units of tau.

Quantities, over networks:

* singular_value: the largest of G where the image takes the network without nudging.
* distance [g]: between the voltages of both forms after 10 tau, over the size of the exact form's. Beyond 1e6, or where
  voltages of the cheap form are no numbers any more, it counts as 1e6.
* unstable: share of networks whose distance is beyond .01. Rates are bounded from below, so that velocities which swing ever more
  need not carry the voltages away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from algorithms.shared.lookahead.dynamics import Stream
from algorithms.shared.lookahead.initial import he_normal
from algorithms.shared.lookahead.network import Drive, LayeredNetwork, Linearisation
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.solve import Solver
from algorithms.shared.lookahead.streamed_settings import StreamedSettings
from algorithms.shared.parameters import Parameters
from algorithms.shared.square_root import square_root
from algorithms.shared.tensors import Tensor
from envs.seeding import learner_sequence
from envs.tasks.three_images import images
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "least_action", "variant": "kungl2021", "tasks": (), "trained": False}

TASK = "ThreeImages-v0"
SIZES = (100, 100, 3)
TAU, LENGTH = 10.0, 10.0
NEAR, FAR = 0.01, 1e6
SEEDS: dict[Budget, range] = {"full": range(100, 110), "tenth": range(100, 103), "tiny": range(100, 102)}
SCALES: dict[Budget, tuple[float, ...]] = {
    "full": (0.2, 0.4, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.5),
    "tenth": (0.2, 0.6, 0.8, 1.0),
    "tiny": (0.2, 1.0),
}
STEPS: dict[Budget, tuple[float, ...]] = {"full": (0.1, 0.01), "tenth": (0.1, 0.01), "tiny": (0.1,)}
_POWER_STEPS = 300


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every scale and step; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for scale in SCALES[budget]:
        for step in STEPS[budget]:
            keys = {"task": TASK, "stage": "untrained", "layer": LAYERS_TOGETHER, "scale": scale, "step": step}
            rows += [{**keys, **line} for line in lines(SEEDS[budget], scale, step)]
    return pd.DataFrame(rows)


def lines(seeds: Sequence[int], scale: float, step: float) -> Iterator[dict[str, Any]]:
    """Yield the rows of one scale and step, without these."""
    network = scaled(seeds, scale)
    drive = Drive(torch.from_numpy(images()[:1].astype(float)).expand(len(seeds), 1, -1).contiguous(), Nudge(torch.zeros(())))
    found = [watched(network, form, step, drive) for form in ("lagged", "exact")]
    distances = square_root((found[0] - found[1]).square().sum(dim=-1)) / square_root(found[1].square().sum(dim=-1))
    distance = np.minimum(np.nan_to_num(distances.numpy(), nan=FAR, posinf=FAR), FAR)
    yield row(largest_singular_value(network, drive), "singular_value", each=True)
    yield row(distance, "distance", mean_of="logarithms", each=True)
    yield row(distance > NEAR, "unstable")


def scaled(seeds: Sequence[int], scale: float) -> LayeredNetwork:
    """Networks with `scale` times the weights that those of a seed start with; equal seeds have equal ones but for the scale."""
    generators = [np.random.default_rng(learner_sequence(0, TASK, "lagged_form", seed)) for seed in seeds]
    layers = [(scale * weights, biases) for weights, biases in he_normal(generators, SIZES, "float64")]
    return LayeredNetwork(Parameters(layers), StreamedSettings().activation_scale)


def watched(network: LayeredNetwork, form: str, step: float, drive: Drive) -> Tensor:
    """All voltages of each network after `LENGTH` from rest, [S, n]."""
    settings = StreamedSettings(tolerance=1e-8)
    solver = Solver(settings.tolerance, settings.sweeps, settings.krylov_steps)
    stream = Stream(network, form, TAU, step * TAU, network.rest(len(drive.inputs), 1), solver)
    stream.present(drive, LENGTH * TAU)
    return torch.cat(stream.voltages, dim=-1)[:, 0]


def largest_singular_value(network: LayeredNetwork, drive: Drive) -> NDArray[Any]:
    """The largest singular value of G where the input takes the network, [S], by power iteration: J is G^T G there."""
    linear = Linearisation(network, network.feedforward(drive.inputs), drive)
    vector = [torch.ones_like(part) for part in network.rest(len(drive.inputs), 1)]
    size = torch.ones(len(drive.inputs), 1, dtype=torch.float64)
    for _ in range(_POWER_STEPS):
        vector = [part / size[..., None] for part in linear.product(vector)]
        size = square_root(torch.stack([part.square().sum(dim=-1) for part in vector]).sum(dim=0))
    return np.sqrt(size[:, 0].numpy())
