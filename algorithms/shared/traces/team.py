"""A team of agents: a network whose units are stochastic (chung2021, section 2), S seeds at once."""

from __future__ import annotations

from algorithms.shared.activation import softplus
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor, torch


class Team:
    """Layers 1..L of units; hidden layers are N(f(W H + b), sigma^2) with f the softplus, the output is softmax or Gaussian.

    After `sample`, `values` holds H^0..H^L of the last step, and `drawn_by` the pre-activations of layers 1..L that they were
    drawn by: H^l is [S, B, n_l].
    """

    def __init__(
        self, parameters: Parameters, hidden_variances: tuple[float, ...], output: SoftmaxOutput | GaussianOutput
    ) -> None:
        self.parameters = parameters
        self.hidden_variances = hidden_variances
        self.output = output
        self.values: list[Tensor] = []
        self.drawn_by: list[Tensor] = []

    def sample(self, observation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        """Draw H^1..H^L given H^0 = observation [S, B, d]; normal [S, B, hidden units + Gaussian outputs], uniform [S, B, 1].

        Returns the output A = H^L: the action's number [S, B] or its values [S, B, A].
        """
        self.values, self.drawn_by = [observation], []
        start = 0
        for layer, variance in enumerate(self.hidden_variances, start=1):
            self.drawn_by.append(self.preactivation(layer))
            mean = softplus(self.drawn_by[-1])
            self.values.append(mean + variance**0.5 * normal[..., start : start + mean.shape[-1]])
            start += mean.shape[-1]
        self.drawn_by.append(self.preactivation(len(self.values)))
        action = self.output.sample(self.drawn_by[-1], normal[..., start:], uniform)
        self.values.append(action)
        return action

    def preactivation(self, layer: int) -> Tensor:
        """W^l H^(l-1) + b^l, [S, B, n_l], from the present values."""
        return self.parameters.affine(layer, self.values[layer - 1])

    def mean(self, layer: int) -> Tensor:
        """mu^l = g^l(H^(l-1); W^l) of a hidden layer: softplus of the pre-activation."""
        return softplus(self.preactivation(layer))

    def output_mean(self) -> Tensor:
        """mu^L of a Gaussian output, [S, B, A], from the present values."""
        return self.preactivation(len(self.values) - 1)

    def preactivation_score(self, layer: int) -> Tensor:
        """Gradient of log pi_l(H^(l-1), H^l) with respect to layer l's pre-activation, [S, B, n_l]."""
        preactivation = self.preactivation(layer)
        if layer == len(self.values) - 1:
            return self.output.score(preactivation, self.values[layer])
        error = self.values[layer] - softplus(preactivation)
        return error / self.hidden_variances[layer - 1] * torch.sigmoid(preactivation)

    def score(self, weight: Tensor | None = None) -> list[Tensor]:
        """Mean over the batch of weight [S, B] · gradient of log pi_l(H^(l-1), H^l; W^l) for every W^l and b^l (eq. 2)."""
        gradients = []
        for layer in range(1, len(self.values)):
            score = self.preactivation_score(layer)
            gradients += self.parameters.outer(self.values[layer - 1], score if weight is None else score * weight[..., None])
        return gradients
