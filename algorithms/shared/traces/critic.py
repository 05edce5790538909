"""A deterministic critic with eligibility traces, trained by backpropagation, for rules that cannot train their own."""

from __future__ import annotations

from algorithms.shared.activation import Activation
from algorithms.shared.output import GaussianOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor, torch
from algorithms.shared.traces.multilayer_perceptron import MultilayerPerceptron


class BackpropCritic(MultilayerPerceptron):
    """Its trace is the gradient of the value (Sutton and Barto, 2018, section 13.6, actor-critic with eligibility traces)."""

    def __init__(self, parameters: Parameters, activation: Activation = "softplus") -> None:
        # Nothing is drawn: the value is the output's mean itself.
        super().__init__(parameters, GaussianOutput(0.0, 1.0), activation=activation)

    def sample(self, observation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        outputs = self.parameters.tensors[-1].shape[-1]
        return super().sample(observation, torch.zeros((*observation.shape[:-1], outputs), dtype=observation.dtype), uniform)

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        self.refresh()
        ones = torch.ones_like(self.output_mean())
        return self.backpropagate(ones if weight is None else ones * weight[..., None])
