"""Actor-critic whose actor relaxes as in equilibrium propagation but learns by backpropagation through time: BPTT-BP (kubo2022).

The actor follows the gradient of the mean of A log pi(a) at the end of the free phase, unrolled over all or the last of its steps
(kubo2022, section 7, after Ernoult et al., 2019; docs/kubo2022.md#bptt-bp). The critic learns by backpropagation.

Beyond the paper: a continuous action is a Gaussian around a linear output, and - A |a - o|^2 / 2 replaces the log-probability.
On a single-step task the batch's normalised reward is the advantage.
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.actor_critic import ReplayReference
from algorithms.shared.replay.equilibrium_network import EquilibriumNetwork
from algorithms.shared.replay.settings import Count, ReplayHyperparameters, StepSize
from algorithms.shared.settings import Rates
from algorithms.shared.tensors import Tensor, torch

SMALLEST_PROBABILITY = 1e-30
"""Below it an action's log-probability counts as constant: its reciprocal would leave single precision."""


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(ReplayHyperparameters):
    """Settings of BPTT-BP (kubo2022, Table S3)."""

    actor_learning_rates: Rates = (1e-4, 1e-3)
    """alpha of the actor's layers, input side first, by plain gradient steps (kubo2022, Table S3)."""
    # docs/kubo2022.md#settings-of-the-runs
    step_size: StepSize = 0.2
    """dt of an Euler step of the relaxation, h in the paper (released code)."""
    free_steps: Count = 180
    """T, Euler steps of the relaxation (kubo2022, Table S3)."""
    backward_steps: Count | None = None
    """The last so many steps are unrolled (truncated backpropagation); none: all of them."""


class Reference(ReplayReference):
    """An actor that relaxes; its gradient is left to automatic differentiation."""

    hyperparameters: Hyperparameters

    def actor_response(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        network = self._network(self.actor)
        output = network.relax(observation, network.rest(observation), self.hyperparameters.free_steps)[-1]
        return output, output[..., :0]

    def actor_gradients(self, observation: Tensor, action: Tensor, advantage: Tensor, stored: Tensor) -> list[Tensor]:
        settings = self.hyperparameters
        weights = [tensor.clone().requires_grad_() for tensor in self.actor.tensors]
        network = self._network(Parameters.of(weights))
        unrolled = min(settings.backward_steps or settings.free_steps, settings.free_steps)
        with torch.no_grad():
            state = network.relax(observation, network.rest(observation), settings.free_steps - unrolled)
        output = network.relax(observation, state, unrolled)[-1]
        if self.problem.discrete:
            score = (action * output).sum(dim=-1).clamp_min(SMALLEST_PROBABILITY).log()
        else:
            score = -((action - output) ** 2).sum(dim=-1) / 2
        # Seeds share nothing, so the gradient of their sum is each seed's own.
        objective = (advantage * score).mean(dim=1).sum()
        # With fewer steps than layers, the lower layers play no part: their gradient is 0.
        return list(torch.autograd.grad(objective, weights, materialize_grads=True))

    def _network(self, parameters: Parameters) -> EquilibriumNetwork:
        output: Literal["softmax", "linear"] = "softmax" if self.problem.discrete else "linear"
        return EquilibriumNetwork(parameters, output, self.hyperparameters.step_size)
