"""Weights that networks of look-ahead neurons start with, and names of their feedback (docs/kungl2021.md#the-equations)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def he_normal(
    generators: Sequence[np.random.Generator], sizes: Sequence[int], dtype: str, output_factor: float = 1.0
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Draw each layer's weights [S, in, out], normal with variance 2 / in; its biases [S, out] are 0 (He et al., 2015).

    Weights of the last layer are multiplied by `output_factor`.
    """
    layers = []
    for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes), start=2):
        weights = np.stack([generator.normal(0.0, np.sqrt(2.0 / inputs), (inputs, outputs)) for generator in generators])
        if number == len(sizes):
            weights *= output_factor
        layers.append((weights.astype(dtype), np.zeros((len(generators), outputs), dtype)))
    return layers


def named_feedback(weights: Mapping[str, Sequence[NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Copy feedback weights [S, n_(l-1), n_l] of each network's layers l from 2 on, named as in a policy file."""
    return {
        f"{network}/feedback_{layer}": array.copy()
        for network, layers in weights.items()
        for layer, array in enumerate(layers, start=2)
    }
