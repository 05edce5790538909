"""Actor-critic with eligibility traces by backpropagation (Sutton and Barto, 2018, section 13.6): the baseline of chung2021.

Only the output is stochastic. On a single-step task with a target it descends the squared error instead (chung2021, section 5.2).
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass
from torch import Tensor

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.actor_critic import ActorCriticReference
from algorithms.shared.multilayer_perceptron import MultilayerPerceptron
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.settings import ActorCriticHyperparameters, Positive


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(ActorCriticHyperparameters):
    """Settings of the backpropagation baseline; its learning rates are recorded nowhere (see the report's choices)."""

    output_variance: Positive = 0.5
    """sigma^2 of a continuous action; the same as MAP propagation's output (chung2021, Appendix E)."""
    output_score: Literal["unscaled", "scaled"] = "unscaled"
    """Gradient of a continuous action's log-density: A - mu, as released, or (A - mu) / sigma^2, as for a Gaussian."""
    signal: Literal["reward", "target"] = "reward"
    """What a single-step task teaches: its reward, or its target by descent on the squared error (chung2021, section 5.2)."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit this problem."""
        super().check(problem)
        if self.signal == "target" and (problem.episodic or problem.discrete):
            raise ValueError("signal: 'target' needs a single-step task with a real target")


class BackpropActor(MultilayerPerceptron):
    """Its trace is the gradient of the action's log-probability."""

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        self.refresh()
        score = self.output_score()
        return self.backpropagate(score if weight is None else score * weight[..., None])

    def eligibility_towards(self, target: Tensor) -> list[Tensor]:
        """Gradients of minus half the squared error of the mean, for a target [S, B]."""
        return self.backpropagate(target[..., None] - self.output_mean())


class Reference(ActorCriticReference):
    """Actor and critic are deterministic networks trained by backpropagation."""

    hyperparameters: Hyperparameters

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        return (0, 1) if self.problem.discrete else (self.problem.action_size, 0)

    def output_variances(self) -> tuple[float, float]:
        variance = self.hyperparameters.output_variance
        return variance, 1.0 if self.hyperparameters.output_score == "unscaled" else variance

    def build_actor(self, parameters: Parameters, output: SoftmaxOutput | GaussianOutput) -> BackpropActor:
        return BackpropActor(parameters, output)

    def single_step_gradients(self, reward: Tensor, target: Tensor | None) -> list[Tensor]:
        network = self._networks[0]
        if self.hyperparameters.signal == "reward" or target is None or not isinstance(network, BackpropActor):
            return super().single_step_gradients(reward, target)
        return network.eligibility_towards(target)
