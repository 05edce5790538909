"""Whether each change of weights that a reward makes leads uphill on the expected reward, and how much reaches each layer.

Networks see the images of the bandit, one after the other, while their weights stand still: before learning (stage "untrained")
and after 600 trials in settled form ("trained"; fewer with a small budget). The output with the largest u + sigma xi is chosen.
With the settled network's u and normal xi, an integral over one variable gives each choice's probability, and autograd the
gradient of the expected reward of the image on show. An update is (R - Rbar) times local changes, with the expected reward over
the images for Rbar. Its sign is that of R, so Rbar turns no single update. Task is "ThreeImages-v0". Further columns:

* form: settled, or exact (3 tau an image, read out after 2.5; voltages and noise are carried over).
* nudge: noise, winner, or both; noise is always part of the choice. In exact form not the winner alone.
* hidden: number of hidden layers, of 100 neurons each.
* feedback: symmetric or random.

Quantities, by layer and for "all"; n is the number of networks, and a sample is one image with one draw of the noise:

* cosine: of an update with that gradient; mean over a network's samples.
* uphill: share of a network's updates with a cosine of 0 or more.
* least_cosine: a network's least.
* mean_cosine [z]: of the mean over a network's updates with the mean gradient over the images.
* norm_share: a layer's share of an update's squared norm; mean over a network's samples. Not for "all".
* gradient_norm_share: likewise of the gradient.
* expected_reward (layer "all"): over the three images.
* flip_cosine (layer "all"): between the changes of weights that rewards of 1 and -1 make at one moment; form is settled.
* flip_cosine_homeostasis (layer "all"): likewise with homeostasis, whose pull does not depend on the reward's sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from algorithms.fused.lookahead.streamed import FusedStreamed
from algorithms.shared.lookahead.dynamics import settle
from algorithms.shared.lookahead.network import Drive, LayeredNetwork
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.streamed_settings import Shown, StreamedSettings
from algorithms.shared.parameters import Parameters
from envs.seeding import learner_sequence
from envs.tasks.three_images import images
from experiments.kungl2021.trials.bandit import Bandit, Protocol, initial
from experiments.kungl2021.trials.policy_gradient import gradients
from experiments.kungl2021.trials.presentation import OrnsteinUhlenbeck, fading
from experiments.kungl2021.trials.supervised import cosines
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, layer_names, row
from records.run_folder import Budget

RUNS = {"method": "least_action", "variant": "kungl2021", "tasks": (), "trained": False}

TASK = "ThreeImages-v0"
WIDTH = 100
PATTERNS = images().astype(float)
SEEDS: dict[Budget, range] = {"full": range(200, 210), "tenth": range(100, 103), "tiny": range(100, 102)}
SAMPLES: dict[Budget, int] = {"full": 60, "tenth": 20, "tiny": 3}
TRIALS: dict[Budget, int] = {"full": 600, "tenth": 600, "tiny": 6}
"""How long trained networks have learned."""
DEPTHS: dict[Budget, tuple[int, ...]] = {"full": (1, 3), "tenth": (1, 3), "tiny": (1,)}
SETTLING_STEPS = 10
"""From where the network is without nudging; each takes the distance times a factor of the nudging's size."""
COLD = 2
"""Images in exact form that only let a cold start be forgotten."""
FEEDBACKS = ("symmetric", "random")
FORMS = {"settled": ("noise", "winner", "both"), "exact": ("noise", "both")}
"""The nudges in each form; `StreamedSettings` has no nudge by the winner alone."""


@dataclass(frozen=True)
class Networks:
    """S networks whose weights stand still."""

    layers: list[tuple[NDArray[Any], NDArray[Any]]]
    feedback: list[NDArray[Any]]
    families: list[list[np.random.SeedSequence]]
    """What each draws its images and its noise from."""


@dataclass(frozen=True)
class Sample:
    """One image for each of S networks."""

    shown: NDArray[Any]
    """The image's number, int[S]."""
    chosen: NDArray[Any]
    """int[S]"""
    changes: list[NDArray[Any]]
    """Local changes over beta, [S, in, out]."""


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every condition; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for stage, trials in (("untrained", 0), ("trained", TRIALS[budget])):
        for hidden in DEPTHS[budget]:
            for feedback in FEEDBACKS:
                networks = taken((WIDTH,) * hidden, feedback, SEEDS[budget], trials)
                for form, nudges in FORMS.items():
                    for nudge in nudges:
                        keys = {"form": form, "nudge": nudge, "hidden": hidden, "feedback": feedback}
                        settings = settings_of(nudge, form=form, feedback=feedback)
                        found = compared(networks, settings, nudge, SAMPLES[budget])
                        rows += [{"task": TASK, "stage": stage, **keys, **line} for line in found]
    return pd.DataFrame(rows)


def taken(hidden: tuple[int, ...], feedback: str, seeds: Sequence[int], trials: int) -> Networks:
    """Networks as they are after so many trials of the bandit; those that have diverged are left out."""
    sequences = [learner_sequence(0, TASK, "hill_climbing", seed) for seed in seeds]
    # The first four are the bandit's own.
    families = [sequence.spawn(6) for sequence in sequences]
    generators = [np.random.default_rng(family[0]) for family in families]
    sizes = (PATTERNS.shape[1], *hidden, len(PATTERNS))
    layers, back = initial(sizes, generators, Protocol.output_bias, feedback != "symmetric", "float64")
    going = np.ones(len(seeds), dtype=bool)
    if trials:
        bandit = Bandit(
            PATTERNS, hidden, settings_of("both", form="settled", feedback=feedback), Protocol(), sequences, dtype="float64"
        )
        going = bandit.run(trials).diverged[:, 0] < 0
        layers = bandit.network.layers()
    kept = [family[4:] for family, goes in zip(families, going, strict=True) if goes]
    return Networks([(w[going], b[going]) for w, b in layers], [w[going] for w in back], kept)


def compared(networks: Networks, settings: StreamedSettings, nudge: str, count: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of one condition, without its keys."""
    noise = settings.noise
    expected, uphill = gradients(networks.layers, settings.activation_scale, PATTERNS, noise)
    baseline = expected.mean(dim=0).numpy()
    everyone = np.arange(len(baseline))
    stacked = [torch.stack(layer) for layer in zip(*uphill, strict=True)]
    angles, shares, wanted_shares = [], [], []
    total = [np.zeros(layer.shape[1:]) for layer in stacked]
    samples = _settled(networks, settings, nudge, count) if settings.form == "settled" else _streamed(networks, settings, count)
    for sample in samples:
        modulator = np.where(sample.chosen == sample.shown, 1.0, -1.0) - baseline
        updates = [modulator[:, None, None] * change for change in sample.changes]
        wanted = [layer[sample.shown, everyone] for layer in stacked]
        angles.append(_cosines(updates, wanted))
        shares.append(_shares(updates))
        wanted_shares.append(_shares([part.numpy() for part in wanted]))
        total = [a + b for a, b in zip(total, updates, strict=True)]
    names = layer_names(len(stacked))
    found = np.array(angles)
    together = _cosines(total, [layer.mean(dim=0) for layer in stacked])
    for place, layer in enumerate(names):
        yield {"layer": layer, **row(found[:, place].mean(axis=0), "cosine")}
        yield {"layer": layer, **row((found[:, place] >= 0).mean(axis=0), "uphill")}
        yield {"layer": layer, **row(found[:, place].min(axis=0), "least_cosine", each=True)}
        yield {"layer": layer, **row(together[place], "mean_cosine", mean_of="fisher_z", each=True)}
    for place, layer in enumerate(names[:-1]):
        yield {"layer": layer, **row(np.mean(shares, axis=0)[place], "norm_share")}
        yield {"layer": layer, **row(np.mean(wanted_shares, axis=0)[place], "gradient_norm_share")}
    yield {"layer": LAYERS_TOGETHER, **row(baseline, "expected_reward")}
    if settings.form == "settled" and nudge == "both":
        for quantity, rates in (("flip_cosine", (0.0, 0.0)), ("flip_cosine_homeostasis", (0.001, 0.003))):
            yield {"layer": LAYERS_TOGETHER, **row(flipped(networks, settings, *rates), quantity)}


def flipped(networks: Networks, settings: StreamedSettings, homeostasis_rate: float, border_rate: float) -> NDArray[Any]:
    """Cosine between the changes of weights after rewards of 1 and of -1 at the same moment, [S]."""
    settings = replace(settings, homeostasis_rate=homeostasis_rate, border_rate=border_rate)
    shown, noise = (_generators(networks, part) for part in range(2))
    chosen = np.array([generator.integers(0, len(PATTERNS)) for generator in shown])
    drawn = np.stack([generator.standard_normal((1, len(PATTERNS))) for generator in noise])
    changes = []
    for reward in (1.0, -1.0):
        network = FusedStreamed(networks.layers, networks.feedback, settings)
        network.settle(Shown(PATTERNS[chosen], np.ones(1), drawn, np.zeros((len(chosen), 0))))
        network.learn(np.full(len(chosen), reward))
        changes.append([after - before for (after, _), (before, _) in zip(network.layers(), networks.layers, strict=True)])
    return _cosines(changes[0], [torch.from_numpy(change) for change in changes[1]])[-1]


def settings_of(nudge: str, **keys: Any) -> StreamedSettings:
    """The bandit's settings with this nudge; `keys` has form and feedback."""
    if nudge == "noise":
        keys["winner_gain"] = 0.0
    return StreamedSettings(**keys)


def _settled(networks: Networks, settings: StreamedSettings, nudge: str, count: int) -> Iterator[Sample]:
    network = LayeredNetwork(
        Parameters(networks.layers), settings.activation_scale, list(map(torch.from_numpy, networks.feedback))
    )
    images_of, noise_of = (_generators(networks, part) for part in range(2))
    for _ in range(count):
        shown = np.array([generator.integers(0, len(PATTERNS)) for generator in images_of])
        drawn = np.stack([generator.standard_normal((1, len(PATTERNS))) for generator in noise_of])
        inputs, shift = torch.from_numpy(PATTERNS[shown])[:, None], settings.noise * torch.from_numpy(drawn)
        offset = settings.beta * shift * (nudge != "winner")
        pull = Nudge(offset, gain=settings.beta * settings.winner_gain, shift=shift)
        voltages = settle(network, network.feedforward(inputs), Drive(inputs, pull), SETTLING_STEPS)
        chosen = (voltages[-1] + shift)[:, 0].argmax(dim=-1).numpy()
        changes = [change.numpy() / settings.beta for change in network.local_changes(voltages, inputs)[::2]]
        yield Sample(shown, chosen, changes)


def _streamed(networks: Networks, settings: StreamedSettings, count: int) -> Iterator[Sample]:
    network = FusedStreamed(networks.layers, networks.feedback, settings)
    images_of, noise_of = (_generators(networks, part) for part in range(2))
    noise = OrnsteinUhlenbeck(noise_of, len(PATTERNS), Protocol.noise_correlation)
    steps, read = settings.steps(settings.presentation), settings.steps(Protocol.read_out)
    window = fading(steps, settings.step, Protocol.ramp)
    for number in range(COLD + count):
        shown = np.array([generator.integers(0, len(PATTERNS)) for generator in images_of])
        drawn = noise.next(steps, settings.step)
        for first, last in ((0, read), (read, steps)):
            still = np.zeros((len(shown), last - first))
            network.advance(Shown(PATTERNS[shown], window[first : last + 1], drawn[:, first : last + 1], still))
            if first == 0 and number >= COLD:
                yield Sample(shown, network.read_out.argmax(axis=1), [trace / settings.beta for trace in network.traces()])


def _generators(networks: Networks, part: int) -> list[np.random.Generator]:
    return [np.random.default_rng(family[part]) for family in networks.families]


def _cosines(changes: list[NDArray[Any]], wanted: list[Any]) -> NDArray[Any]:
    """By layer and for all as one vector, [L + 1, S]."""
    flat = np.concatenate([change.reshape(len(change), -1) for change in changes], axis=1)
    return cosines([*changes, flat], [*wanted, torch.cat([part.flatten(1) for part in wanted], dim=1)])


def _shares(changes: list[NDArray[Any]]) -> NDArray[Any]:
    """Every layer's share of the squared norm, [L, S]."""
    squares = np.stack([np.square(change).sum(axis=(1, 2)) for change in changes])
    return squares / squares.sum(axis=0)
