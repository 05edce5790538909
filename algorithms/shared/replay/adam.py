"""Adam (Kingma and Ba, 2015) for S seeds that may learn at different steps; each seed counts its own updates."""

from __future__ import annotations

import numpy as np

from algorithms.shared.replay.settings import ReplayHyperparameters
from algorithms.shared.settings import adam_corrections
from algorithms.shared.square_root import square_root
from algorithms.shared.tensors import Tensor, torch


class MinibatchAdam:
    """First and second moments of every parameter of one network, and each seed's number of updates."""

    def __init__(self, parameters: list[Tensor], settings: ReplayHyperparameters) -> None:
        self._settings = settings
        self.first = [torch.zeros_like(parameter) for parameter in parameters]
        self.second = [torch.zeros_like(parameter) for parameter in parameters]
        self.updates = np.zeros(len(parameters[0]), np.int64)

    def descend(self, parameters: list[Tensor], gradients: list[Tensor], learning: Tensor) -> None:
        """Step against the gradients in place, for the seeds that are `learning` (bool [S])."""
        settings = self._settings
        beta1, beta2 = settings.adam_beta1, settings.adam_beta2
        self.updates += learning.numpy()
        # In double precision, whatever the engine computes in.
        corrections = np.array([adam_corrections(beta1, beta2, "always", max(int(count), 1)) for count in self.updates])
        first_factor, second_factor = torch.from_numpy(corrections.T).to(parameters[0].dtype)[..., None, None]
        chosen = learning[:, None, None]
        for parameter, gradient, first, second in zip(parameters, gradients, self.first, self.second, strict=True):
            first.copy_(torch.where(chosen, beta1 * first + (1 - beta1) * gradient, first))
            second.copy_(torch.where(chosen, beta2 * second + (1 - beta2) * gradient * gradient, second))
            step = first * first_factor / (square_root(second * second_factor) + settings.adam_epsilon)
            parameter.copy_(torch.where(chosen, parameter - settings.critic_learning_rate * step, parameter))
