"""REINFORCE on every unit (Williams, 1992; chung2021, eq. 3): each unit follows its own score, and all share one TD error.

The critic is a deterministic network trained by backpropagation, because REINFORCE cannot train one (chung2021, section 5.3).
"""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.settings import TeamHyperparameters
from algorithms.shared.tensors import Tensor
from algorithms.shared.traces.team import Team
from algorithms.shared.traces.team_learner import TeamReference


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(TeamHyperparameters):
    """Settings of REINFORCE; defaults are those released for MAP propagation on CartPole (docs/chung2021.md#baselines)."""


class ReinforceActor(Team):
    """A team whose trace is the score of the sampled values themselves (MAP propagation with N = 0)."""

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        return self.score(weight)


class Reference(TeamReference):
    """The actor is a team trained by REINFORCE, the critic a network trained by backpropagation."""

    hyperparameters: Hyperparameters

    def build_actor(self, parameters: Parameters, output: SoftmaxOutput | GaussianOutput) -> ReinforceActor:
        return ReinforceActor(parameters, self.hidden_variances, output)
