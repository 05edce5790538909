"""Adam (Kingma and Ba, 2015) for S seeds at once: ascent, with one step size a layer, as released (docs/chung2021.md#adam)."""

from __future__ import annotations

from algorithms.shared.settings import ActorCriticHyperparameters, adam_corrections
from algorithms.shared.square_root import square_root
from algorithms.shared.tensors import Tensor, torch


class Adam:
    """First and second moments of every parameter of one network; all seeds have made the same number of updates."""

    def __init__(self, parameters: list[Tensor], settings: ActorCriticHyperparameters) -> None:
        self._settings = settings
        self.first = [torch.zeros_like(parameter) for parameter in parameters]
        self.second = [torch.zeros_like(parameter) for parameter in parameters]
        self.updates = 0

    def ascend(self, parameters: list[Tensor], gradients: list[Tensor], rates: list[float]) -> None:
        """Move each parameter, in place, along its gradient with its own step size."""
        settings = self._settings
        beta1, beta2 = settings.adam_beta1, settings.adam_beta2
        self.updates += 1
        first_factor, second_factor = adam_corrections(beta1, beta2, settings.adam_bias_correction, self.updates)
        for parameter, gradient, first, second, rate in zip(parameters, gradients, self.first, self.second, rates, strict=True):
            first.mul_(beta1).add_(gradient, alpha=1 - beta1)
            second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
            parameter.add_(first * (rate * first_factor) / (square_root(second * second_factor) + settings.adam_epsilon))
