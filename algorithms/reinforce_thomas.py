"""REINFORCE with Thomas's (2011) variance reduction ("REINFORCE with [15]" in chung2021): most units rest at their mean.

At every step each unit explores with probability p; a unit that does not explore outputs its mean and is not reinforced.
A softmax output decides as one unit, and takes its most probable action when it does not explore (docs/chung2021.md#baselines).
"""

from __future__ import annotations

from typing import Annotated

from annotated_types import Gt, Le
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.settings import TeamHyperparameters
from algorithms.shared.tensors import Tensor, torch
from algorithms.shared.traces.team import Team
from algorithms.shared.traces.team_learner import TeamReference


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(TeamHyperparameters):
    """Settings of REINFORCE with Thomas's variance reduction."""

    # docs/chung2021.md#baselines
    explore_probability: Annotated[float, Gt(0), Le(1)] = 0.25
    """p, the probability that a unit explores at a step (Thomas, 2011); recorded nowhere for chung2021."""


class ThomasActor(Team):
    """A team whose units each explore with probability p at each step; `exploring` holds which did, layer by layer."""

    def __init__(
        self,
        parameters: Parameters,
        hidden_variances: tuple[float, ...],
        output: SoftmaxOutput | GaussianOutput,
        probability: float,
    ) -> None:
        super().__init__(parameters, hidden_variances, output)
        self._probability = probability
        self.exploring: list[Tensor] = []

    def sample(self, observation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        """Sample as a `Team`; uniform [S, B, …] holds one number for each hidden unit's decision, then the output's.

        The output's are its decision and its action's number (softmax), or one decision for each dimension (Gaussian).
        """
        hidden = sum(tensor.shape[-1] for tensor in self.parameters.tensors[1:-1:2])
        decisions = (uniform < self._probability).to(observation.dtype)
        # A sample without its noise is the mean, so it is enough to silence the noise of units that rest.
        noise = torch.cat(
            [normal[..., :hidden] * decisions[..., :hidden], normal[..., hidden:] * decisions[..., hidden : normal.shape[-1]]], -1
        )
        action = super().sample(observation, noise, uniform[..., -1:])
        widths = [tensor.shape[-1] for tensor in self.parameters.tensors[1:-1:2]]
        self.exploring = list(torch.split(decisions[..., :hidden], widths, dim=-1))
        if isinstance(self.output, SoftmaxOutput):
            decides = decisions[..., hidden : hidden + 1]
            self.exploring.append(decides)
            greedy = self.preactivation(len(self.values) - 1).argmax(dim=-1)
            action = self.values[-1] = torch.where(decides[..., 0] > 0, action, greedy)
        else:
            self.exploring.append(decisions[..., hidden:])
        return action

    def preactivation_score(self, layer: int) -> Tensor:
        """Return the score of `Team`, with 0 for units that did not explore."""
        return super().preactivation_score(layer) * self.exploring[layer - 1]

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        return self.score(weight)


class Reference(TeamReference):
    """The actor is a team whose units seldom explore, the critic a network trained by backpropagation."""

    hyperparameters: Hyperparameters

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        if self.problem.discrete:
            return hidden_units, hidden_units + 2
        return hidden_units + self.problem.action_size, hidden_units + self.problem.action_size

    def build_actor(self, parameters: Parameters, output: SoftmaxOutput | GaussianOutput) -> ThomasActor:
        return ThomasActor(parameters, self.hidden_variances, output, self.hyperparameters.explore_probability)
