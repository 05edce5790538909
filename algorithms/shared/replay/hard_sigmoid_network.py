"""A network of hard-sigmoid hidden units with a linear last layer, trained by backpropagation, S seeds at once (kubo2022)."""

from __future__ import annotations

from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor


def hard_sigmoid(x: Tensor) -> Tensor:
    """clip(x, 0, 1), of x's shape (docs/kubo2022.md#the-relaxation)."""
    return x.clamp(0, 1)


def hard_sigmoid_slope(x: Tensor) -> Tensor:
    """Derivative of the hard sigmoid: 1 for 0 <= x <= 1, else 0. At both kinks this is the framework's choice."""
    return ((x >= 0) & (x <= 1)).to(x.dtype)


class HardSigmoidNetwork:
    """Layers 1..L; layer L is linear."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters

    def forward(self, observation: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Units of layers 0..L-1, each [S, B, n_l], and pre-activations of layers 1..L; the last is the output."""
        values, preactivations = [observation], []
        for layer in range(1, self.parameters.layers + 1):
            preactivations.append(self.parameters.affine(layer, values[-1]))
            if layer < self.parameters.layers:
                values.append(hard_sigmoid(preactivations[-1]))
        return values, preactivations

    def backpropagate(self, values: list[Tensor], slopes: list[Tensor], output_error: Tensor) -> list[Tensor]:
        """Means over the batch of the gradients, for every W^l and b^l, of a function whose gradient at the output is given.

        `values` are the units of layers 0..L-1, `slopes` those of the hidden units, layers 1..L-1.
        """
        error = output_error
        gradients: list[Tensor] = []
        for layer in range(self.parameters.layers, 0, -1):
            gradients = self.parameters.outer(values[layer - 1], error) + gradients
            if layer > 1:
                error = self.parameters.transposed(layer, error) * slopes[layer - 2]
        return gradients
