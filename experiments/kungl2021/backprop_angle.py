"""How close changes of weights are to backpropagation's: by depth, nudging, presentation time, feedback and form.

Untrained networks with hidden layers of 30 neurons are shown digits one after the other; their weights stand still, and the local
changes of a presentation are summed. Voltages carry over from one to the next, and the first six tau do not count. All rows
have stage "untrained"; task is the data, "digits" or "mnist". Further columns:

* form: settled (the fixed point, where the exact form leads under a picture that stands still), exact or without_look_ahead.
* hidden: number of hidden layers.
* beta: strength of the nudging.
* presentation: in units of tau; 0 if settled.
* feedback: symmetric or random. Feedback that learns is random as long as weights stand still; supervised_accuracy has it.

Quantities:

* cosine [z]: of a layer's change with the descent of the squared error by autograd, at the same weights; mean over the pictures.
* worst_cosine [z] (layer "all"): that of the layer where it is least.
* diverged (layer "all"): share of networks whose voltages stopped to be finite; they count in no cosine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from algorithms.shared.lookahead.streamed_settings import StreamedSettings
from envs.seeding import learner_sequence
from experiments.kungl2021.trials.bandit import build
from experiments.kungl2021.trials.digits import CLASSES, Digits, load
from experiments.kungl2021.trials.supervised import FOREVER, RAMP, change, cosines, descent, pictures
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, layer_names, row
from records.run_folder import Budget

RUNS = {"method": "least_action", "variant": "kungl2021", "tasks": (), "trained": False}

WIDTH = 30
TAU = 10.0
SEEDS: dict[Budget, range] = {"full": range(200, 210), "tenth": range(100, 103), "tiny": range(100, 102)}
PICTURES: dict[Budget, int] = {"full": 40, "tenth": 10, "tiny": 2}
DEPTHS: dict[Budget, tuple[int, ...]] = {"full": (1, 2, 4, 8), "tenth": (1, 2, 4, 8), "tiny": (1, 2)}
BETAS: dict[Budget, tuple[float, ...]] = {"full": (1.0, 0.1, 0.01, 0.001), "tenth": (1.0, 0.1, 0.01, 0.001), "tiny": (0.1, 0.01)}
PRESENTATIONS: dict[Budget, tuple[float, ...]] = {"full": (1, 3, 10, 30), "tenth": (1, 3, 10, 30), "tiny": (1,)}
SETTLING, COARSE, FINE = 20.0, 0.2, 0.01
"""How long a picture is shown until |F| has settled (to 2e-10), and the Euler steps then, and else: in units of tau."""
LAST = 1e-3
"""Time constant of a trace that holds the last local changes alone."""
SKIPPED = 6.0
"""Time in units of tau in which a cold start is forgotten."""
SWEPT_DEPTH, SWEPT_BETA, USUAL = 2, 0.1, 3.0


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every setting; the module's docstring describes the table. No runs are needed."""
    digits = load()
    rows: list[dict[str, Any]] = []
    for keys in settings_of(budget):
        for line in lines(digits, SEEDS[budget], PICTURES[budget], **keys):
            rows.append({"task": digits.name, "stage": "untrained", **keys, **line})
    return pd.DataFrame(rows)


def settings_of(budget: Budget) -> Iterator[dict[str, Any]]:
    """Yield the columns of every setting."""
    for hidden in DEPTHS[budget]:
        for beta in BETAS[budget]:
            shared = {"hidden": hidden, "beta": beta, "feedback": "symmetric"}
            yield {"form": "settled", "presentation": 0.0, **shared}
            yield {"form": "exact", "presentation": min(USUAL, max(PRESENTATIONS[budget])), **shared}
    for presentation in PRESENTATIONS[budget]:
        for form in ("exact", "without_look_ahead"):
            for feedback in ("symmetric", "random"):
                # Already there.
                if (form, feedback, presentation) != ("exact", "symmetric", USUAL):
                    swept = {"hidden": SWEPT_DEPTH, "beta": SWEPT_BETA, "feedback": feedback}
                    yield {"form": form, "presentation": float(presentation), **swept}


def lines(digits: Digits, seeds: Sequence[int], count: int, **keys: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of one setting, without its keys."""
    settled = keys["form"] == "settled"
    settings = StreamedSettings(
        form="exact" if settled else keys["form"],
        presentation=(SETTLING if settled else keys["presentation"]) * TAU,
        time_constant=TAU,
        step=(COARSE if settled else FINE) * TAU,
        beta=keys["beta"],
        feedback=keys["feedback"],
        winner_gain=0.0,
        noise=0.0,
        learning_rate=0.0,
        trace_time_constant=LAST if settled else FOREVER,
        tolerance=1e-8,
    )
    sizes = (digits.inputs.shape[1], *[WIDTH] * keys["hidden"], CLASSES)
    sequences = [learner_sequence(0, "digits", "backprop_angle", seed).spawn(2) for seed in seeds]
    network = build(settings, sizes, [np.random.default_rng(first) for first, _ in sequences], 0.0, dtype="float64")
    layers = [(weights.copy(), biases.copy()) for weights, biases in network.layers()]
    found = []
    skipped = math.ceil(SKIPPED / keys["presentation"]) if keys["presentation"] else 1
    for picture in pictures(digits, count + skipped, [np.random.default_rng(second) for _, second in sequences]):
        changes = change(network, settings, picture, 0.0 if settled else RAMP)
        found.append(cosines(changes, descent(layers, settings.activation_scale, picture)))
    going = network.diverged[:, 0] < 0
    means = np.mean(found[skipped:], axis=0)[:, going]
    yield {"layer": LAYERS_TOGETHER, **row(~going, "diverged")}
    if going.any():
        for layer, own in zip(layer_names(len(means)), means, strict=False):
            yield {"layer": layer, **row(own, "cosine", mean_of="fisher_z")}
        yield {"layer": LAYERS_TOGETHER, **row(means.min(axis=0), "worst_cosine", mean_of="fisher_z")}
