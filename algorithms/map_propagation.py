"""MAP propagation (Chung, 2021): REINFORCE on every unit, after the hidden units have climbed to their most probable values.

Reads beside chung2021: Algorithm 1 (single-step tasks), Algorithm 2 (traces), eq. 8 (the ascent), eq. 66 and 68 (the critic).
"""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from annotated_types import Ge
from pydantic.dataclasses import dataclass
from torch import Tensor

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.settings import Positive, TeamHyperparameters, Variances, fits
from algorithms.shared.team import Team
from algorithms.shared.team_learner import TeamReference


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(TeamHyperparameters):
    """Settings of MAP propagation; defaults as released for CartPole."""

    critic_variances: Variances = (0.03, 0.1, 0.1)
    """sigma^2 of the critic's layers, input side first (chung2021, Table 3)."""
    ascent_steps: Annotated[int, Ge(0)] = 20
    """N, steps of gradient ascent on the hidden units' log-probability (chung2021, Tables 2 and 3); 0 leaves REINFORCE."""
    ascent_rate: Positive = 0.5
    """alpha_h of a layer in units of its sigma^2 (chung2021, Appendix D)."""
    signal: Literal["reward", "target"] = "reward"
    """What a single-step task teaches: its reward ("RL" in chung2021, Figure 1), or its target by eq. 66 ("SL")."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit this problem."""
        super().check(problem)
        if problem.episodic:
            fits("critic_variances", self.critic_variances, {len(self.hidden_sizes) + 1})
        if self.signal == "target" and (problem.episodic or problem.discrete):
            raise ValueError("signal: 'target' needs a single-step task with a real target")


class MapTeam(Team):
    """A team whose hidden units climb, the output staying clamped, before they are reinforced."""

    def __init__(
        self,
        parameters: Parameters,
        hidden_variances: tuple[float, ...],
        output: SoftmaxOutput | GaussianOutput,
        steps: int,
        rate: float,
    ) -> None:
        super().__init__(parameters, hidden_variances, output)
        self._steps = steps
        self._rate = rate

    def ascend(self) -> None:
        """Eq. 8, N times: H^l += alpha_h (grad log pi_l + grad log pi_(l+1)), all layers at once from the same old values."""
        for _ in range(self._steps):
            self.values[1:-1] = [
                value + self._rate * self.hidden_variances[layer - 1] * (self.own_score(layer) + self.feedback(layer))
                for layer, value in enumerate(self.values[1:-1], start=1)
            ]

    def own_score(self, layer: int) -> Tensor:
        """Gradient of log pi_l(H^(l-1), H^l) with respect to H^l: how far the units lie from the mean they are driven to."""
        return (self.mean(layer) - self.values[layer]) / self.hidden_variances[layer - 1]

    def feedback(self, layer: int) -> Tensor:
        """Gradient of log pi_(l+1)(H^l, H^(l+1)) with respect to H^l, through the transposed weights of the layer above."""
        return self.parameters.transposed(layer + 1, self.preactivation_score(layer + 1))


class MapActor(MapTeam):
    """The actor's traces, or single-step gradients: the score of all layers at the values after the ascent."""

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        self.ascend()
        return self.score(weight)


class MapCritic(MapTeam):
    """A team that regresses (chung2021, Appendix C): each step's score is divided by A - mu, with mu after the ascent."""

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        self.ascend()
        factor = 1 / self._surprise()
        return self.score(factor if weight is None else weight * factor)

    def eligibility_towards(self, target: Tensor) -> list[Tensor]:
        """Eq. 66, a single-step task's gradients: the factor is (A* - mu) / (A - mu); target A* is [S, B]."""
        self.ascend()
        return self.score((target - self.output_mean()[..., 0]) / self._surprise())

    def _surprise(self) -> Tensor:
        """A - mu, [S, B]. One unit of rounding where that makes it 0: in single precision once in some 100 000 steps."""
        mean = self.output_mean()[..., 0]
        difference = self.values[-1][..., 0] - mean
        unit = torch.finfo(mean.dtype).eps * mean.abs().clamp(min=1.0)
        return torch.where(difference == 0, unit, difference)


class Reference(TeamReference):
    """Actor and critic are teams trained by MAP propagation."""

    hyperparameters: Hyperparameters

    def count_critic_normals(self, hidden_units: int) -> int:
        return hidden_units + 1

    def build_actor(self, parameters: Parameters, output: SoftmaxOutput | GaussianOutput) -> MapActor | MapCritic:
        settings = self.hyperparameters
        team = MapCritic if settings.signal == "target" else MapActor
        return team(parameters, self.hidden_variances, output, settings.ascent_steps, settings.ascent_rate)

    def build_critic(self, parameters: Parameters) -> MapCritic:
        settings = self.hyperparameters
        *hidden, last = settings.critic_variances
        return MapCritic(parameters, tuple(hidden), GaussianOutput(last), settings.ascent_steps, settings.ascent_rate)

    def single_step_gradients(self, reward: Tensor, target: Tensor | None) -> list[Tensor]:
        network = self._networks[0]
        if target is None or not isinstance(network, MapCritic):
            return super().single_step_gradients(reward, target)
        return network.eligibility_towards(target)
