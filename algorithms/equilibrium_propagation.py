"""Actor-critic whose actor learns by equilibrium propagation (Kubo, Chalmers and Luczak, 2022): EP-BP, and EP only.

The actor relaxes to an equilibrium over the observation (free phase) and acts by its output. Later it is nudged towards the
action taken, with a strength of beta times the advantage (Equation S3), and learns from the difference (S5, or S6 of 2017).
The critic learns by backpropagation (EP-BP) or by equilibrium propagation too (EP only, S1). See also docs/kubo2022.md.

Beyond the paper: a continuous action is a Gaussian around a linear output, which is nudged towards the sampled action.
On a single-step task the batch's normalised reward is the advantage.
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.replay.actor_critic import ReplayReference, ascend
from algorithms.shared.replay.equilibrium_network import EquilibriumNetwork
from algorithms.shared.replay.settings import Count, ReplayHyperparameters, StepSize
from algorithms.shared.settings import Positive, Rates, fits
from algorithms.shared.tensors import Tensor, torch


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(ReplayHyperparameters):
    """Settings of equilibrium propagation in the actor-critic; defaults are CartPole's."""

    # docs/kubo2022.md#settings-of-the-runs
    step_size: StepSize = 0.2
    """dt of an Euler step of a relaxation, h in the paper (released code)."""
    # docs/kubo2022.md#strength-and-length-of-the-phases
    free_steps: Count = 150
    """T, Euler steps of the free phase (released code)."""
    # docs/kubo2022.md#strength-and-length-of-the-phases
    nudged_steps: Count = 25
    """K, Euler steps of the nudged phase, which goes on from the free one (released code)."""
    # docs/kubo2022.md#strength-and-length-of-the-phases
    beta: Positive = 0.02
    """Strength of the nudge for an advantage of 1 (released code)."""
    # docs/kubo2022.md#the-update-rule
    update_rule: Literal["S5", "S6"] = "S5"
    """How the phases are compared: the paper's rule, or the original one of 2017 (kubo2022, section 4)."""
    # docs/kubo2022.md#ep-only
    critic: Literal["backprop", "equilibrium_propagation"] = "backprop"
    """What trains the critic: backpropagation (EP-BP), or equilibrium propagation (EP only; kubo2022, section 1)."""
    critic_beta: Positive = 0.01
    """Strength of the nudge of a critic that learns by equilibrium propagation (kubo2022, Table S1)."""
    critic_learning_rates: Rates = (1e-3, 8e-3)
    """alpha of such a critic's layers, input side first, by plain gradient steps (kubo2022, Table S1)."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit one another or this problem's networks."""
        super().check(problem)
        if self.critic == "equilibrium_propagation" and problem.episodic:
            fits("critic_learning_rates", self.critic_learning_rates, {len(self.hidden_sizes) + 1})


class Reference(ReplayReference):
    """An actor that relaxes, and a critic that relaxes in EP only."""

    hyperparameters: Hyperparameters

    def actor_response(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        network = self._relaxing_actor()
        output = network.relax(observation, network.rest(observation), self.hyperparameters.free_steps)[-1]
        return output, output[..., :0]

    def actor_gradients(self, observation: Tensor, action: Tensor, advantage: Tensor, stored: Tensor) -> list[Tensor]:
        settings, network = self.hyperparameters, self._relaxing_actor()
        free = network.relax(observation, network.rest(observation), settings.free_steps)
        nudged = network.relax(observation, free, settings.nudged_steps, settings.beta * advantage, action)
        return network.gradients(observation, free, nudged, settings.beta, settings.update_rule)

    def learn_values(
        self, observation: Tensor, reward: Tensor, worthless: Tensor, next_observation: Tensor, learning: Tensor
    ) -> Tensor:
        settings = self.hyperparameters
        if settings.critic == "backprop":
            return super().learn_values(observation, reward, worthless, next_observation, learning)
        network = EquilibriumNetwork(self.critic, "linear", settings.step_size)
        free = network.relax(observation, network.rest(observation), settings.free_steps)
        value = network.relax(next_observation, network.rest(next_observation), settings.free_steps)[-1]
        target = reward + settings.discount * value * (1 - worthless)
        strength = torch.full_like(target[..., 0], settings.critic_beta)
        nudged = network.relax(observation, free, settings.nudged_steps, strength, target)
        gradients = network.gradients(observation, free, nudged, settings.critic_beta, settings.update_rule)
        ascend(self.critic, gradients, settings.critic_learning_rates, learning)
        return (target - free[-1])[..., 0]

    def _relaxing_actor(self) -> EquilibriumNetwork:
        output: Literal["softmax", "linear"] = "softmax" if self.problem.discrete else "linear"
        return EquilibriumNetwork(self.actor, output, self.hyperparameters.step_size)
