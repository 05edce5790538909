"""Actor-critic with eligibility traces by backpropagation (Sutton and Barto, 2018, section 13.6): the papers' baseline.

Only the output is stochastic, unless hidden layers have a variance; these then learn by the re-parametrisation trick (chung2020,
section 5.1). On a single-step task with a target the network descends the squared error instead (chung2021, section 5.2).
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.activation import Activation
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.settings import ActorCriticHyperparameters, NotNegative, Positive, Variances, fits
from algorithms.shared.tensors import Tensor
from algorithms.shared.traces.critic import BackpropCritic
from algorithms.shared.traces.learner import ActorCriticReference
from algorithms.shared.traces.multilayer_perceptron import MultilayerPerceptron


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(ActorCriticHyperparameters):
    """Settings of the backpropagation baseline; no source records its learning rates (docs/chung2021.md#baselines)."""

    output_variance: Positive = 0.5
    """sigma^2 of a continuous action; the same as MAP propagation's output (chung2021, Appendix E)."""
    # docs/chung2021.md#baselines
    output_score: Literal["unscaled", "scaled"] = "unscaled"
    """Gradient of a continuous action's log-density: A - mu, as released, or (A - mu) / sigma^2, as for a Gaussian."""
    signal: Literal["reward", "target"] = "reward"
    """What a single-step task teaches: its reward, or its target by descent on the squared error (chung2021, section 5.2)."""

    # docs/chung2021.md#baselines
    activation: Activation = "softplus"
    """f of the hidden units of actor and critic (chung2021, Appendix D: softplus, "which performs similarly to the ReLu")."""
    actor_hidden_variances: Variances = ()
    """sigma^2 of the actor's hidden layers, learned through by the re-parametrisation trick (chung2020, sections 5.1 and 5.2);
    none: they are deterministic, as in its section 5.3 and in chung2021."""
    # docs/chung2020.md#baseline-in-the-reinforcement-learning-tasks
    entropy_coefficient: NotNegative = 0.0
    """Weight of the gradient of the policy's entropy at the newest observation, added to the actor's step beside its traces
    (Mnih et al., 2016; chung2020, section 5.3, which does not give its value)."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit this problem."""
        super().check(problem)
        fits("actor_hidden_variances", self.actor_hidden_variances, {0, len(self.hidden_sizes)})
        if self.entropy_coefficient > 0 and not problem.discrete:
            raise ValueError("entropy_coefficient: a Gaussian policy of fixed variance has the same entropy everywhere")
        if self.signal == "target" and (problem.episodic or problem.discrete):
            raise ValueError("signal: 'target' needs a single-step task with a real target")


class BackpropActor(MultilayerPerceptron):
    """Its trace is the gradient of the action's log-probability."""

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        self.refresh()
        score = self.output_score()
        return self.backpropagate(score if weight is None else score * weight[..., None])

    def eligibility_towards(self, target: Tensor) -> list[Tensor]:
        """Gradients of minus half the squared error of the output drawn, for a target [S, B]."""
        return self.backpropagate(target[..., None] - self.values[-1])

    def entropy_gradients(self) -> list[Tensor]:
        """Gradients of the policy's entropy, mean over the batch, at the last observation."""
        return self.backpropagate(self.entropy_score())


class Reference(ActorCriticReference):
    """Actor and critic are networks trained by backpropagation."""

    hyperparameters: Hyperparameters

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        hidden = hidden_units if self.hyperparameters.actor_hidden_variances else 0
        return (hidden, 1) if self.problem.discrete else (hidden + self.problem.action_size, 0)

    def output_variances(self) -> tuple[float, float]:
        variance = self.hyperparameters.output_variance
        return variance, 1.0 if self.hyperparameters.output_score == "unscaled" else variance

    def build_actor(self, parameters: Parameters, output: SoftmaxOutput | GaussianOutput) -> BackpropActor:
        settings = self.hyperparameters
        return BackpropActor(parameters, output, settings.actor_hidden_variances, settings.activation)

    def build_critic(self, parameters: Parameters) -> BackpropCritic:
        return BackpropCritic(parameters, self.hyperparameters.activation)

    def actor_bonus(self) -> list[Tensor]:
        weight, network = self.hyperparameters.entropy_coefficient, self._networks[0]
        if weight == 0 or not isinstance(network, BackpropActor):
            return []
        return [weight * gradient for gradient in network.entropy_gradients()]

    def single_step_gradients(self, reward: Tensor, target: Tensor | None) -> list[Tensor]:
        network = self._networks[0]
        if self.hyperparameters.signal == "reward" or target is None or not isinstance(network, BackpropActor):
            return super().single_step_gradients(reward, target)
        return network.eligibility_towards(target)
