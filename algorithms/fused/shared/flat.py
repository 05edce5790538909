"""A network's parameters as one flat row a seed: weights, then biases, layer by layer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Layers = list[tuple[NDArray[Any], NDArray[Any]]]  # weights [S, in, out] and biases [S, out]


def flatten(layers: Layers, transposed_from: float = math.inf) -> NDArray[Any]:
    """[S, parameters]; from the layer of this number on, the first being 1, weights lie as [out, in]."""
    arrays = []
    for number, (weights, biases) in enumerate(layers, start=1):
        arrays += [weights.swapaxes(1, 2) if number >= transposed_from else weights, biases]
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def unflatten(rows: NDArray[Any], sizes: Sequence[int], transposed_from: float = math.inf) -> Layers:
    """The layers, of these sizes, that `flatten` put into `rows`."""
    layers, start = [], 0
    for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes), start=1):
        middle, stop = start + inputs * outputs, start + (inputs + 1) * outputs
        shape = (outputs, inputs) if number >= transposed_from else (inputs, outputs)
        weights = rows[:, start:middle].reshape(len(rows), *shape)
        layers.append((weights.swapaxes(1, 2) if number >= transposed_from else weights, rows[:, middle:stop]))
        start = stop
    return layers
