"""How the mismatch that neurons have yet to undo decays while the input changes, and what one network does meanwhile.

F = 0 where a network of 100-100-3 units has settled; docs/kungl2021.md#the-equations has F and why |F| should fall as
e^(-t / tau) as long as J can be inverted. Networks start from rest, u = 0, their weights stand still, and the winner nudges the
output. All rows have stage "untrained" and task "ThreeImages-v0". Further columns:

* form: exact or without_look_ahead.
* stimulus: still (one image); moving (one image turns into another and back within 2 pi tau, and noise nudges, too); trials (two
  presentations of 3 tau with one image each, which fades in and out, and noise); far (one image, but the start is far from
  anything that the network would do: voltages are normal, of variance 1). There J may become singular on the way.
* step: length of an Euler step, in units of tau.
* time: since the start, in units of tau; -1 in rows about all times.
* neuron: its number in the layer, from 0; -1 in rows about no single neuron.

Quantities, over networks:

* residual [g] (layer "all"): |F| over its value at the start.
* expected (layer "all"): e^(-t / tau).
* largest_excess [g] (layer "all"): largest of |F| over |F| at the start times e^(-t / tau), until 3 tau.

and of the first network alone, in trials and with the shortest step:

* energy (layer "all"): half the summed squares of all mismatches, without the nudge's cost.
* rate: of the first three neurons of a layer.
* drive (layer "0"): factor on each of the images that are shown; `neuron` is the image's number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from algorithms.shared.lookahead.dynamics import Stream
from algorithms.shared.lookahead.initial import he_normal
from algorithms.shared.lookahead.network import Drive, LayeredNetwork
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.solve import Solver
from algorithms.shared.lookahead.streamed_settings import StreamedSettings
from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor
from envs.seeding import learner_sequence
from envs.tasks.three_images import images
from experiments.kungl2021.trials.bandit import Protocol
from experiments.kungl2021.trials.presentation import OrnsteinUhlenbeck, fading
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "least_action", "variant": "kungl2021", "tasks": (), "trained": False}

TASK = "ThreeImages-v0"
HIDDEN = (100,)
TAU = 10.0
LENGTH = 6.0
"""How long the networks are watched, in units of tau."""
JUDGED = 3.0
"""Until when `largest_excess` looks."""
SAMPLED: dict[Budget, float] = {"full": 0.1, "tenth": 0.1, "tiny": 0.5}
"""Time from row to row, in units of tau; steps divide it."""
SHOWN_NEURONS = 3
SEEDS: dict[Budget, range] = {"full": range(100, 110), "tenth": range(100, 103), "tiny": range(100, 102)}
STEPS: dict[Budget, tuple[float, ...]] = {"full": (0.1, 0.01, 0.001), "tenth": (0.1, 0.01), "tiny": (0.1,)}
STIMULI = ("still", "moving", "trials", "far")
FORMS = ("exact", "without_look_ahead")


@dataclass(frozen=True)
class Stimulus:
    """What drives S networks at the beginning of each of K Euler steps and at the end of the last."""

    shares: NDArray[Any]
    """Factor on each image, [K + 1, 3]."""
    noise: NDArray[Any]
    """On the output, [S, K + 1, 3]."""


@dataclass(frozen=True)
class Sample:
    """S networks at one time."""

    time: float
    """In units of tau."""
    sizes: NDArray[Any]
    """|F|, [S]."""
    energy: float
    rates: list[NDArray[Any]]
    """Those of three neurons of each layer, in the first network."""
    shares: NDArray[Any]


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every form, stimulus and step; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for form in FORMS:
        for stimulus in STIMULI:
            for step in STEPS[budget]:
                keys = {"task": TASK, "stage": "untrained", "form": form, "stimulus": stimulus, "step": step}
                samples = list(watched(SEEDS[budget], form, stimulus, step, SAMPLED[budget]))
                rows += [{**keys, **line} for line in described(samples, stimulus == "trials" and step == min(STEPS[budget]))]
    return pd.DataFrame(rows)


def watched(seeds: Sequence[int], form: str, kind: str, step: float, sampled: float) -> Iterator[Sample]:
    """Yield what networks do, every `sampled` tau; a seed has the same weights, voltages and images in every condition."""
    settings = StreamedSettings(time_constant=TAU, step=step * TAU, tolerance=1e-8)
    sequences = [learner_sequence(0, TASK, "residual_decay", seed).spawn(3) for seed in seeds]
    weights, voltages, noise = ([np.random.default_rng(family[part]) for family in sequences] for part in range(3))
    shown = images().astype(float)
    layers = he_normal(weights, (shown.shape[1], *HIDDEN, len(shown)), "float64")
    network = LayeredNetwork(Parameters(layers), settings.activation_scale)
    start = [np.stack([generator.standard_normal((1, n)) for generator in voltages]) for n in (*HIDDEN, len(shown))]
    start = [part * (kind == "far") for part in start]
    solver = Solver(settings.tolerance, settings.sweeps, settings.krylov_steps)
    stream = Stream(network, form, TAU, settings.step, [torch.from_numpy(part) for part in start], solver)
    steps, every = round(LENGTH / step), round(sampled / step)
    stimulus = _stimulus(kind, steps, settings, noise)
    for k in range(steps):
        drive = _drive(stimulus, k, settings, shown)
        if k % every == 0:
            yield _sample(network, stream, drive, stimulus.shares[k], k * step)
        stream.advance(drive)


def _stimulus(kind: str, steps: int, settings: StreamedSettings, generators: list[np.random.Generator]) -> Stimulus:
    shares = np.zeros((steps + 1, 3))
    if kind in ("still", "far"):
        shares[:, 0] = 1
    elif kind == "moving":
        phase = np.arange(steps + 1) * settings.step / TAU
        shares[:, 0], shares[:, 1] = (1 + np.cos(phase)) / 2, (1 - np.cos(phase)) / 2
    else:
        half = steps // 2
        window = fading(half, settings.step, Protocol.ramp)
        shares[: half + 1, 0] = window
        shares[half:, 1] = window
    noise = OrnsteinUhlenbeck(generators, 3, Protocol.noise_correlation).next(steps, settings.step)
    return Stimulus(shares, settings.noise * noise * (kind in ("moving", "trials")))


def _drive(stimulus: Stimulus, k: int, settings: StreamedSettings, shown: NDArray[Any]) -> Drive:
    def at(place: int) -> tuple[Tensor, Tensor]:
        inputs = torch.from_numpy(stimulus.shares[place] @ shown).expand(len(stimulus.noise), 1, -1)
        return inputs.contiguous(), torch.from_numpy(stimulus.noise[:, place, None])

    (inputs, noise), (next_inputs, next_noise) = at(k), at(k + 1)
    moved = (next_noise - noise) / settings.step
    beta = settings.beta
    nudge = Nudge(beta * noise, 0.0, beta * settings.winner_gain, noise, beta * moved, moved)
    return Drive(inputs, nudge, (next_inputs - inputs) / settings.step)


def _sample(network: LayeredNetwork, stream: Stream, drive: Drive, shares: NDArray[Any], time: float) -> Sample:
    residuals = network.residuals(stream.voltages, drive)
    sizes = torch.cat(residuals, dim=-1).norm(dim=-1)[:, 0].numpy()
    rates = [network.rates(voltage)[0, 0, :SHOWN_NEURONS].numpy() for voltage in stream.voltages]
    return Sample(time, sizes, float(network.energy(stream.voltages, drive.inputs)[0, 0]), rates, shares)


def described(samples: Sequence[Sample], traced: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of one condition, without its keys; `traced`: also those of the first network alone."""
    first = samples[0].sizes
    for sample in samples:
        keys: dict[str, Any] = {"time": round(sample.time, 6), "neuron": -1, "layer": LAYERS_TOGETHER}
        yield row(sample.sizes / first, "residual", mean_of="logarithms", **keys)
        yield row([math.exp(-sample.time)], "expected", **keys)
        if traced:
            yield row([sample.energy], "energy", **keys)
            for layer, rates in enumerate([sample.shares, *sample.rates]):
                for neuron, value in enumerate(rates):
                    own = {**keys, "layer": str(layer), "neuron": neuron}
                    yield row([value], "rate" if layer else "drive", **own)
    excess = np.max([s.sizes / first * math.exp(s.time) for s in samples if s.time <= JUDGED + 1e-9], axis=0)
    yield row(excess, "largest_excess", mean_of="logarithms", time=-1.0, neuron=-1, layer=LAYERS_TOGETHER)
