"""A network trained by backpropagation: hidden units to which fixed noise may be added, S seeds at once."""

from __future__ import annotations

from algorithms.shared.activation import Activation, activate, slope
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor


class MultilayerPerceptron:
    """Layers 1..L; the output is random (softmax or Gaussian), and so are hidden units with variances.

    A hidden layer is then f(W H + b) + sigma z, and the gradient is taken at the z that was drawn (the re-parametrisation trick).
    After `sample`, `values` holds H^0..H^L, each [S, B, n_l].
    """

    def __init__(
        self,
        parameters: Parameters,
        output: SoftmaxOutput | GaussianOutput,
        hidden_variances: tuple[float, ...] = (),
        activation: Activation = "softplus",
    ) -> None:
        self.parameters = parameters
        self.output = output
        self.values: list[Tensor] = []
        self._hidden_variances = hidden_variances
        self._activation = activation
        self._noise: list[Tensor] = []
        self._preactivations: list[Tensor] = []

    def sample(self, observation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        """Forward pass from observation [S, B, d], then draw the action: its number [S, B] or its values [S, B, A].

        `normal` is [S, B, hidden units, if these are random, + Gaussian outputs], `uniform` [S, B, 1].
        """
        self._noise, start = [], 0
        for layer, variance in enumerate(self._hidden_variances, start=1):
            units = self.parameters.units(layer)
            self._noise.append(variance**0.5 * normal[..., start : start + units])
            start += units
        self.forward(observation)
        self.values.append(self.output.sample(self._preactivations[-1], normal[..., start:], uniform))
        return self.values[-1]

    def forward(self, observation: Tensor) -> None:
        """Compute units and pre-activations of all layers, except the sampled output."""
        self.values, self._preactivations = [observation], []
        for layer in range(1, self.parameters.layers + 1):
            self._preactivations.append(self.parameters.affine(layer, self.values[-1]))
            if layer < self.parameters.layers:
                value = activate(self._activation, self._preactivations[-1])
                self.values.append(value + self._noise[layer - 1] if self._noise else value)

    def refresh(self) -> None:
        """Repeat the forward pass with the present parameters, for the same observation, noise and action."""
        action = self.values[-1]
        self.forward(self.values[0])
        self.values.append(action)

    def output_mean(self) -> Tensor:
        """The output's pre-activation, [S, B, A]."""
        return self._preactivations[-1]

    def output_score(self) -> Tensor:
        """Gradient of the sampled action's log-probability with respect to the output's pre-activation, [S, B, A]."""
        return self.output.score(self._preactivations[-1], self.values[-1])

    def entropy_score(self) -> Tensor:
        """Gradient of the softmax policy's entropy with respect to the output's pre-activation, [S, B, A]."""
        return self.output.entropy_score(self._preactivations[-1])

    def backpropagate(self, output_error: Tensor) -> list[Tensor]:
        """Means over the batch of the gradients, for every W^l and b^l, of a function whose gradient at the output is given."""
        error = output_error
        gradients: list[Tensor] = []
        for layer in range(self.parameters.layers, 0, -1):
            gradients = self.parameters.outer(self.values[layer - 1], error) + gradients
            if layer > 1:
                error = self.parameters.transposed(layer, error) * slope(self._activation, self._preactivations[layer - 2])
        return gradients
