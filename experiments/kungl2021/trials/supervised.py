"""Pictures that a network is shown one after the other while its output is pulled to the label, beside backpropagation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from algorithms.shared.lookahead.network import LayeredNetwork
from algorithms.shared.lookahead.streamed_settings import Shown, StreamedNetwork, StreamedSettings
from algorithms.shared.parameters import Parameters
from experiments.kungl2021.trials.digits import CLASSES, Digits
from experiments.kungl2021.trials.presentation import fading

RAMP = 1 / 6
"""Share of a presentation in which a picture fades in, and out: the released 5 of 30."""
FOREVER = 1e9
"""Time constant of a trace that sums local changes."""


@dataclass(frozen=True)
class Picture:
    """What one presentation shows to S networks."""

    inputs: NDArray[Any]
    """[S, d]"""
    target: NDArray[Any]
    """1 for the right class and 0 for the others, [S, 10]."""


def pictures(digits: Digits, count: int, generators: Sequence[np.random.Generator]) -> Iterator[Picture]:
    """Yield so many pictures to learn from, drawn evenly for each seed by its own generator."""
    for _ in range(count):
        chosen = np.array([generator.integers(0, len(digits.inputs)) for generator in generators])
        yield Picture(digits.inputs[chosen], np.eye(CLASSES)[digits.labels[chosen]])


def show(network: StreamedNetwork, settings: StreamedSettings, picture: Picture, ramp: float = RAMP) -> None:
    """Let a picture, and the pull to its label, fade in and out in a presentation; `ramp` is the share that each takes."""
    seeds, steps = len(picture.inputs), settings.steps(settings.presentation)
    nothing = np.zeros((seeds, steps + 1, CLASSES)), np.zeros((seeds, steps))
    window = fading(steps, settings.step, ramp * settings.presentation)
    network.advance(Shown(picture.inputs, window, *nothing, picture.target))


def change(network: StreamedNetwork, settings: StreamedSettings, picture: Picture, ramp: float = RAMP) -> list[NDArray[Any]]:
    """Show a picture, and low-pass the local changes of this presentation: every layer's weights, [S, in, out].

    With a `trace_time_constant` of `FOREVER` that is their sum, up to a factor; with a tiny one, the last of them. The weights
    must stand still: the settings must have 0 as their learning rate.
    """
    before = [trace.copy() for trace in network.traces()]
    show(network, settings, picture, ramp)
    kept = settings.keep(settings.trace_time_constant) ** settings.steps(settings.presentation)
    return [after - kept * old for after, old in zip(network.traces(), before, strict=True)]


def descent(layers: list[tuple[NDArray[Any], NDArray[Any]]], scale: float, picture: Picture) -> list[Tensor]:
    """Minus the gradient of half the squared error with respect to every layer's weights, [S, in, out], by autograd."""
    network = LayeredNetwork(Parameters(layers), scale)
    weights = [tensor.requires_grad_() for tensor in network.parameters.tensors[::2]]
    output = network.feedforward(torch.from_numpy(picture.inputs)[:, None])[-1]
    error = (torch.from_numpy(picture.target)[:, None] - output).square().sum() / 2
    return [-gradient for gradient in torch.autograd.grad(error, weights)]


def cosines(changes: list[NDArray[Any]], wanted: list[Tensor]) -> NDArray[Any]:
    """Cosine between both, layer by layer, [L, S]; NaN where a change is not finite."""
    pairs = zip(changes, wanted, strict=True)
    found = [torch.cosine_similarity(torch.from_numpy(a).flatten(1), b.flatten(1), dim=1, eps=1e-300) for a, b in pairs]
    return torch.stack(found).numpy()


def accuracy(layers: list[tuple[NDArray[Any], NDArray[Any]]], scale: float, digits: Digits) -> NDArray[Any]:
    """Share of the test pictures whose class has the largest output where nothing nudges, [S]."""
    found = []
    for seed in range(len(layers[0][0])):
        # One at a time, because MNIST has 10 000 pictures.
        network = LayeredNetwork(Parameters([(weights[seed, None], biases[seed, None]) for weights, biases in layers]), scale)
        output = network.feedforward(torch.from_numpy(digits.test_inputs)[None])[-1]
        found.append((output[0].argmax(dim=-1).numpy() == digits.test_labels).mean())
    return np.array(found)
