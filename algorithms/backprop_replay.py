"""Actor-critic by backpropagation with a replay memory: the baseline of Kubo et al. (2022), as released or with a true gradient.

As released (docs/kubo2022.md#the-backpropagation-baseline), the actor's update combines the present weights with the activations
stored when the action was taken, and its biases never learn. The other form recomputes the activations and follows the gradient.

Beyond the paper: a continuous action is a Gaussian around a linear output, whose gradient is the distance to the sampled action.
On a single-step task the batch's normalised reward is the advantage.
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.replay.actor_critic import ReplayReference
from algorithms.shared.replay.hard_sigmoid_network import HardSigmoidNetwork
from algorithms.shared.replay.settings import ReplayHyperparameters
from algorithms.shared.settings import Fraction, Positive, Rates
from algorithms.shared.tensors import Tensor, torch


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(ReplayHyperparameters):
    """Settings of the backpropagation baseline of kubo2022, with CartPole's as defaults."""

    actor_learning_rates: Rates = (2e-3, 2e-3)
    """alpha of the actor's layers, input side first, by plain gradient steps (kubo2022, Table S2)."""
    # docs/kubo2022.md#the-backpropagation-baseline
    activations: Literal["stored", "recomputed"] = "stored"
    """What the actor is updated from: the activations when the action was taken, as released, or those of today's weights."""
    # docs/kubo2022.md#the-backpropagation-baseline
    actor_biases: Literal["fixed", "learned"] = "fixed"
    """Whether the actor's biases learn; in the released code they do not."""
    low_temperature: Positive = 0.01
    """Softmax temperature once it has dropped (kubo2022, section 5)."""
    low_temperature_from: Fraction | None = None
    """Share of the training's episodes after which it drops, .75 for their last quarter (kubo2022, section 5); none: never."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit one another or this problem's networks."""
        super().check(problem)
        if self.low_temperature_from is not None and not (problem.discrete and problem.episodic):
            raise ValueError("low_temperature_from: only a softmax over many episodes has a temperature to drop")

    def inverse_temperatures(self, problem: Problem) -> tuple[float, float, int]:
        """1/T before and after it drops, and how many episodes it drops after."""
        if self.low_temperature_from is None or problem.episodes is None:
            return 1.0, 1.0, 0
        return 1.0, 1 / self.low_temperature, round(self.low_temperature_from * problem.episodes)

    def stored_size(self, problem: Problem) -> int:
        """Numbers stored with a transition: hidden units and output when the action was taken, or none."""
        if self.activations == "recomputed" or not problem.episodic:
            return 0
        return sum(self.hidden_sizes) + problem.action_size


class Reference(ReplayReference):
    """A feedforward actor."""

    hyperparameters: Hyperparameters

    @property
    def stored_size(self) -> int:
        return self.hyperparameters.stored_size(self.problem)

    def actor_response(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        values, output = self._forward(observation)
        return output, torch.cat([*values[1:], output], dim=-1)[..., : self.stored_size]

    def actor_gradients(self, observation: Tensor, action: Tensor, advantage: Tensor, stored: Tensor) -> list[Tensor]:
        if self.stored_size:
            *hidden, output = torch.split(stored, [*self.hyperparameters.hidden_sizes, self.problem.action_size], dim=-1)
            values = [observation, *hidden]
        else:
            values, output = self._forward(observation)
        # A unit that is neither 0 nor 1 lies between the bounds of its hard sigmoid.
        slopes = [((value > 0) & (value < 1)).to(value.dtype) for value in values[1:]]
        # The gradient of A log pi(a); the learning rate absorbs a low temperature's 1/T (docs/kubo2022.md#low-temperature).
        error = advantage[..., None] * (action - output)
        gradients = HardSigmoidNetwork(self.actor).backpropagate(values, slopes, error)
        if self.hyperparameters.actor_biases == "fixed":
            gradients[1::2] = [torch.zeros_like(gradient) for gradient in gradients[1::2]]
        return gradients

    def _forward(self, observation: Tensor) -> tuple[list[Tensor], Tensor]:
        """Units of layers 0..L-1, and the output."""
        values, preactivations = HardSigmoidNetwork(self.actor).forward(observation)
        if not self.problem.discrete:
            return values, preactivations[-1]
        before, after, drop = self.hyperparameters.inverse_temperatures(self.problem)
        inverse = torch.where(self._tensor(self._episodes) >= drop, after, before).to(observation.dtype)
        return values, torch.softmax(preactivations[-1] * inverse[:, None, None], dim=-1)
