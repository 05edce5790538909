"""Weights and biases of one network for S seeds, and the two products that every rule uses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.tensors import Tensor, torch


class Parameters:
    """W^1, b^1, …, W^L, b^L: weights [S, in, out], biases [S, 1, out]."""

    def __init__(self, layers: list[tuple[NDArray[Any], NDArray[Any]]]) -> None:
        self.tensors: list[Tensor] = []
        for weights, biases in layers:
            self.tensors += [torch.from_numpy(weights.copy()), torch.from_numpy(biases[:, None].copy())]

    @classmethod
    def of(cls, tensors: list[Tensor]) -> Parameters:
        """Around these tensors themselves, in the order of `tensors`."""
        parameters = cls([])
        parameters.tensors = tensors
        return parameters

    @property
    def layers(self) -> int:
        """L, the number of layers with parameters."""
        return len(self.tensors) // 2

    def units(self, layer: int) -> int:
        """n_l, the number of units of a layer from 1 to L."""
        return self.tensors[2 * layer - 1].shape[-1]

    def arrays(self, seeds: int) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Weights [S, in, out] and biases [S, out] of every layer, of the first `seeds`."""
        rows = [tensor[:seeds].numpy() for tensor in self.tensors]
        return [(weights, biases[:, 0]) for weights, biases in zip(rows[::2], rows[1::2], strict=True)]

    def affine(self, layer: int, inputs: Tensor) -> Tensor:
        """W^l x + b^l for x [S, B, in]: [S, B, out]."""
        return torch.baddbmm(self.tensors[2 * layer - 1], inputs, self.tensors[2 * layer - 2])

    def transposed(self, layer: int, errors: Tensor) -> Tensor:
        """(W^l)^T e for e [S, B, out]: [S, B, in]; the feedback to the layer below."""
        return torch.bmm(errors, self.tensors[2 * layer - 2].mT)

    def outer(self, inputs: Tensor, errors: Tensor) -> list[Tensor]:
        """Means over the batch of x e^T and of e: the gradients of W^l and b^l."""
        batch = inputs.shape[1]
        return [torch.bmm(inputs.mT, errors) / batch, errors.mean(dim=1, keepdim=True)]


def layer_rates(rates: tuple[float, ...]) -> list[float]:
    """Repeat each layer's step size for its weights and its biases (docs/chung2021.md#initial-weights-and-biases)."""
    return [float(rate) for rate in np.repeat(rates, 2)]
