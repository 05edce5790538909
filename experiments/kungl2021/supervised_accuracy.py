"""Test accuracy after so many presentations of digits: in continuous time with and without look-ahead, and by backpropagation.

Networks with two hidden layers of 30 neurons learn from one picture at a time. In every condition a seed has the same weights at
first, the same pictures in the same order and the same learning rate. In continuous time plasticity is always on. As a picture
teaches less while it fades in and out, its change of weights is somewhat smaller than backpropagation's. Only the ratio of
presentation and tau matters. An Euler step is a hundredth of a presentation, and a tenth of tau at most. All rows have stage
"training"; task is the data, "digits" or "mnist". Further columns:

* form: backpropagation (plain steps down the squared error), settled (one step after each picture, at the fixed point), exact or
  without_look_ahead.
* presentation: how long a picture is shown, in units of tau; 0 for the first two forms.
* feedback: symmetric, random or learned.
* presentations: how many pictures have been shown.

Quantities, over the networks that have not diverged so far:

* accuracy (layer "all"): share of the test pictures whose class has the largest output, without nudging.
* advantage (layer "all"): that share, less the same network's when it learns by backpropagation.
* path_cosine [z]: of the way that a layer's weights have come since the start with their way by backpropagation.

and over all:

* diverged (layer "all"): share of networks that have diverged so far.
* success (layer "all"): accuracy, or 0 for a network that has diverged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from algorithms.shared.lookahead.streamed_settings import Shown, StreamedSettings
from envs.seeding import learner_sequence
from experiments.kungl2021.trials.bandit import build
from experiments.kungl2021.trials.digits import CLASSES, Digits, load
from experiments.kungl2021.trials.supervised import Picture, accuracy, cosines, descent, pictures, show
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, layer_names, row
from records.run_folder import Budget

RUNS = {"method": "least_action", "variant": "kungl2021", "tasks": (), "trained": False}

HIDDEN = (30, 30)
TAU = 10.0
RATE = 0.03
"""Learning rate of every condition.

It was chosen by backpropagation alone, on seeds 5000 to 5004: the smallest of .01, .03, .1, .3 and 1 with which it recognises
as many test pictures after 1400 presentations as with the best, to a hundredth. A larger one lets weights that are always
plastic follow the mismatch within a presentation.
"""
BETA = 0.1
LAST = 1e-3
"""Time constant of a trace that holds the last local changes alone."""
BACKPROPAGATION = "backpropagation"
SEEDS: dict[Budget, range] = {"full": range(200, 210), "tenth": range(100, 103), "tiny": range(100, 102)}
CHECKS: dict[Budget, tuple[int, ...]] = {
    "full": (0, 25, 50, 100, 200, 400, 700, 1000, 1400),
    "tenth": (0, 25, 50, 140),
    "tiny": (0, 3),
}
"""After how many pictures networks are tested; with the last they are done."""
PRESENTATIONS: dict[Budget, tuple[float, ...]] = {"full": (1, 3, 10, 30), "tenth": (1, 3, 10, 30), "tiny": (1, 3)}
FEEDBACKS = ("symmetric", "random", "learned")
Layers = list[tuple[NDArray[Any], NDArray[Any]]]


@dataclass(frozen=True)
class Pupil:
    """S networks that learn."""

    teach: Callable[[Picture], None]
    layers: Callable[[], Layers]
    diverged: Callable[[], NDArray[np.bool_]]
    """Which of them have diverged, bool[S]."""


@dataclass(frozen=True)
class Check:
    """What S networks have become."""

    presentations: int
    accuracy: NDArray[Any]
    """[S]"""
    ways: list[NDArray[Any]]
    """How far every layer's weights have come since the start, [S, in, out]."""
    diverged: NDArray[np.bool_]


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every condition; the module's docstring describes the table. No runs are needed."""
    digits = load()
    rows: list[dict[str, Any]] = []
    wanted: list[Check] | None = None
    for keys in settings_of(budget):
        checks = list(followed(digits, SEEDS[budget], CHECKS[budget], **keys))
        rows += [{"task": digits.name, "stage": "training", **keys, **line} for line in described(checks, wanted)]
        wanted = wanted or checks
    return pd.DataFrame(rows)


def settings_of(budget: Budget) -> Iterator[dict[str, Any]]:
    """Yield the columns of every condition, backpropagation first."""
    yield {"form": BACKPROPAGATION, "presentation": 0.0, "feedback": "symmetric"}
    for feedback in FEEDBACKS:
        yield {"form": "settled", "presentation": 0.0, "feedback": feedback}
        for presentation in PRESENTATIONS[budget]:
            for form in ("exact", "without_look_ahead"):
                yield {"form": form, "presentation": float(presentation), "feedback": feedback}


def followed(digits: Digits, seeds: Sequence[int], at: Sequence[int], **keys: Any) -> Iterator[Check]:
    """Let networks learn as `keys` say, and yield what they are after the numbers of pictures `at`, in rising order."""
    sequences = [learner_sequence(0, "digits", "supervised_accuracy", seed).spawn(2) for seed in seeds]
    generators = [np.random.default_rng(first) for first, _ in sequences]
    sizes = (digits.inputs.shape[1], *HIDDEN, CLASSES)
    taught = pupil(sizes, generators, **keys)
    start = [weights.copy() for weights, _ in taught.layers()]
    order = pictures(digits, at[-1], [np.random.default_rng(second) for _, second in sequences])
    done = 0
    for wanted in at:
        for _ in range(wanted - done):
            taught.teach(next(order))
        done = wanted
        layers = taught.layers()
        ways = [weights - first for (weights, _), first in zip(layers, start, strict=True)]
        yield Check(done, accuracy(layers, StreamedSettings().activation_scale, digits), ways, taught.diverged().copy())


def pupil(sizes: tuple[int, ...], generators: list[np.random.Generator], **keys: Any) -> Pupil:
    """Networks of these layer sizes, one for each generator, that learn as `keys` say."""
    settled = keys["form"] in ("settled", BACKPROPAGATION)
    presentation = TAU if settled else keys["presentation"] * TAU
    settings = StreamedSettings(
        form="settled" if settled else keys["form"],
        presentation=presentation,
        time_constant=TAU,
        step=min(presentation / 100, TAU / 10),
        beta=BETA,
        feedback=keys["feedback"],
        winner_gain=0.0,
        noise=0.0,
        learning_rate=RATE,
        plastic=not settled,
        trace_time_constant=LAST,
        homeostasis_rate=0.0,
        border_rate=0.0,
    )
    network = build(settings, sizes, generators, 0.0, dtype="float64")
    if keys["form"] == BACKPROPAGATION:
        return _backpropagation(network.layers(), settings.activation_scale)
    seeds = len(generators)

    def settle(picture: Picture) -> None:
        nothing = np.zeros((seeds, 1, CLASSES)), np.zeros((seeds, 0))
        network.settle(Shown(picture.inputs, np.ones(1), *nothing, picture.target))
        network.learn(np.ones(seeds))

    # Without a picture at first, so that no cold start teaches anything.
    network.settle(Shown(np.zeros((seeds, sizes[0])), np.zeros(1), np.zeros((seeds, 1, CLASSES)), np.zeros((seeds, 0))))

    def stream(picture: Picture) -> None:
        show(network, settings, picture)

    return Pupil(settle if settled else stream, network.layers, lambda: network.diverged[:, 0] >= 0)


def _backpropagation(layers: Layers, scale: float) -> Pupil:
    copied = [(weights.copy(), biases.copy()) for weights, biases in layers]

    def teach(picture: Picture) -> None:
        for (weights, _), change in zip(copied, descent(copied, scale, picture), strict=True):
            weights += RATE * change.numpy()

    def diverged() -> NDArray[np.bool_]:
        return ~np.all([np.isfinite(weights).all(axis=(1, 2)) for weights, _ in copied], axis=0)

    return Pupil(teach, lambda: copied, diverged)


def described(checks: Sequence[Check], wanted: Sequence[Check] | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of one condition, without its keys; `wanted`: what backpropagation makes of the same networks."""
    for place, check in enumerate(checks):
        keys: dict[str, Any] = {"presentations": check.presentations}
        yield {"layer": LAYERS_TOGETHER, **row(check.diverged, "diverged", **keys)}
        yield {"layer": LAYERS_TOGETHER, **row(np.where(check.diverged, 0.0, check.accuracy), "success", each=True, **keys)}
        going = ~check.diverged
        if going.any():
            yield {"layer": LAYERS_TOGETHER, **row(check.accuracy[going], "accuracy", **keys)}
        if wanted is None:
            continue
        other = wanted[place]
        both = going & ~other.diverged
        if not both.any():
            continue
        yield {"layer": LAYERS_TOGETHER, **row((check.accuracy - other.accuracy)[both], "advantage", **keys)}
        if check.presentations:
            ways = cosines([way[both] for way in check.ways], [torch.from_numpy(way[both]) for way in other.ways])
            for layer, own in zip(layer_names(len(ways)), ways, strict=False):
                yield {"layer": layer, **row(own, "path_cosine", mean_of="fisher_z", **keys)}
