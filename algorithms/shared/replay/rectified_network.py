"""A network of rectified hidden units with a linear last layer, whose later layers may take more inputs: DDPG's two networks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor, torch


def layer_shapes(sizes: Sequence[int], extra: int = 0, extra_layer: int = 1) -> list[tuple[int, int]]:
    """Inputs and outputs of every layer of a network of these `sizes`, where `extra` inputs more enter layer `extra_layer`."""
    pairs = enumerate(itertools.pairwise(sizes), start=1)
    return [(inputs + extra * (layer == extra_layer), outputs) for layer, (inputs, outputs) in pairs]


class RectifiedNetwork:
    """Layers 1..L of S networks; extra inputs, such as a critic's action, may enter one of them behind its other inputs."""

    def __init__(self, parameters: Parameters, extra_layer: int = 1) -> None:
        self.parameters = parameters
        self.extra_layer = extra_layer

    def forward(self, inputs: Tensor, extra: Tensor | None = None) -> list[Tensor]:
        """Inputs of every layer, each [S, B, n], and the output, for `inputs` [S, B, d] and `extra` [S, B, e]."""
        values, value = [], inputs
        for layer in range(1, self.parameters.layers + 1):
            if layer == self.extra_layer and extra is not None:
                value = torch.cat([value, extra], dim=-1)
            values.append(value)
            value = self.parameters.affine(layer, value)
            if layer < self.parameters.layers:
                value = value.relu_()
        return [*values, value]

    def gradients(self, values: list[Tensor], output_error: Tensor) -> list[Tensor]:
        """Means over the batch of the gradients, for every W^l and b^l, of a function whose gradient at the output is given."""
        gradients: list[Tensor] = []
        error = output_error / output_error.shape[1]
        for layer in range(self.parameters.layers, 0, -1):
            gradients = [torch.bmm(values[layer - 1].mT, error), error.sum(dim=1, keepdim=True), *gradients]
            if layer > 1:
                error = self._error_below(layer, values, error)
        return gradients

    def extra_gradient(self, values: list[Tensor], output_error: Tensor, count: int) -> Tensor:
        """The gradient at the `count` extra inputs, [S, B, count], of a function whose gradient at the output is given."""
        error = output_error
        for layer in range(self.parameters.layers, self.extra_layer, -1):
            error = self._error_below(layer, values, error)
        weights = self.parameters.tensors[2 * self.extra_layer - 2]
        return torch.bmm(error, weights[:, -count:].mT)

    def _error_below(self, layer: int, values: list[Tensor], error: Tensor) -> Tensor:
        """At the pre-activations of layer - 1, from the error at those of `layer`; extra inputs are left out."""
        units = self.parameters.units(layer - 1)
        weights = self.parameters.tensors[2 * layer - 2][:, :units]
        return torch.bmm(error, weights.mT).mul_(values[layer - 1][..., :units] > 0)
