"""MAP propagation (Chung, 2021): REINFORCE on every unit, after the hidden units have climbed to their most probable values.

Read it beside chung2021: Algorithm 1 (single-step tasks), Algorithm 2 (traces), eq. 8 (the ascent), eq. 66 and 68 (the critic).
For chung2020's critic see its eq. 12 and 13. Facts beyond the papers: docs/chung2021.md, docs/chung2020.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters
from algorithms.shared.settings import Positive, TeamHyperparameters, Variances, fits
from algorithms.shared.tensors import Tensor, torch
from algorithms.shared.traces.team import Team
from algorithms.shared.traces.team_learner import TeamReference


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(TeamHyperparameters):
    """Settings of MAP propagation; defaults are those released for CartPole (docs/chung2021.md#settings-of-the-runs)."""

    critic_variances: Variances = (0.03, 0.1, 0.1)
    """sigma^2 of the critic's layers, input side first (chung2021, Table 3)."""
    ascent_steps: Annotated[int, Ge(0)] = 20
    """N, steps of gradient ascent on the hidden units' log-probability (chung2021, Tables 2 and 3); 0 leaves REINFORCE."""
    ascent_rate: Positive = 0.5
    """alpha_h of a layer in units of its sigma^2 (chung2021, Appendix D)."""
    # docs/chung2021.md#order-of-the-ascent
    ascent_order: Literal["parallel", "sequential"] = "parallel"
    """Whether a step moves all hidden layers at once from the same old values, as released, or one after the other, input side
    first, each from the newest values."""
    feedback: Literal["symmetric", "random"] = "symmetric"
    """The weights through which a layer is told of the one above: that layer's own, transposed, or fixed random ones, drawn as
    initial weights are (the feedback alignment that chung2021, section 3.3, points to)."""
    # docs/chung2021.md#the-critics-factor and docs/chung2020.md#the-critics-rule
    critic_rule: Literal["quotient", "product"] = "quotient"
    """What a regressing team's score is multiplied by: (A* - mu) / (A - mu), with mu after the ascent (chung2021, eq. 66), or
    (A* - mu)(A - mu), with mu of the sampled values (chung2020, eq. 12)."""
    # docs/chung2021.md#regression-from-the-reward-and-from-the-target
    signal: Literal["reward", "target"] = "reward"
    """What a single-step task teaches: its reward ("RL" in chung2021, Figure 1), or its target by the critic's rule ("SL")."""
    # docs/chung2020.md#the-baseline-by-monte-carlo
    mean_samples: Annotated[int, Ge(0)] = 0
    """K, independent draws of the hidden units over which mu is averaged to estimate E[A | S] in the product rule towards a
    target (chung2020, eq. 11); 0: mu of the draw that the output was sampled with stands for it (eq. 12)."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit this problem."""
        super().check(problem)
        if problem.episodic:
            fits("critic_variances", self.critic_variances, {len(self.hidden_sizes) + 1})
        if self.signal == "target" and (problem.episodic or problem.discrete):
            raise ValueError("signal: 'target' needs a single-step task with a real target")
        if self.mean_samples and (self.signal != "target" or self.critic_rule != "product"):
            raise ValueError("mean_samples: estimating the mean needs critic_rule: 'product' and signal: 'target'")


class MapTeam(Team):
    """A team whose hidden units climb, under a clamped output, before they are reinforced."""

    def __init__(
        self,
        parameters: Parameters,
        backward: Parameters,
        hidden_variances: tuple[float, ...],
        output: SoftmaxOutput | GaussianOutput,
        settings: Hyperparameters,
    ) -> None:
        """Take the feedback weights, not yet transposed, as `backward`; symmetric feedback has `parameters` there."""
        super().__init__(parameters, hidden_variances, output)
        self.backward = backward
        self.settings = settings
        self._remembered: list[Tensor] = []

    def preactivation(self, layer: int) -> Tensor:
        """W^l H^(l-1) + b^l, [S, B, n_l], from the present values; in an ascent's first step, what layer l was drawn by."""
        return self._remembered[layer - 1] if self._remembered else super().preactivation(layer)

    def ascend(self) -> None:
        """Apply eq. 8 N times: H^l += alpha_h (grad log pi_l + grad log pi_(l+1)); the output stays as it is.

        As released, the parallel ascent takes its first step by the pre-activations that the units were drawn by. Parameters
        have changed since, so only the feedback's weights are new in it (docs/chung2021.md#order-of-the-ascent).
        """
        hidden = range(1, len(self.values) - 1)
        for _ in range(self.settings.ascent_steps):
            if self.settings.ascent_order == "parallel":
                self._remembered, self.drawn_by = self.drawn_by, []
                self.values[1:-1] = [self.climbed(layer) for layer in hidden]
                self._remembered = []
            else:
                for layer in hidden:
                    self.values[layer] = self.climbed(layer)

    def climbed(self, layer: int) -> Tensor:
        """H^l after one step of eq. 8 from the present values."""
        rate = self.settings.ascent_rate * self.hidden_variances[layer - 1]
        return self.values[layer] + rate * (self.own_score(layer) + self.feedback(layer))

    def own_score(self, layer: int) -> Tensor:
        """Gradient of log pi_l(H^(l-1), H^l) with respect to H^l: how far the units lie from the mean they are driven to."""
        return (self.mean(layer) - self.values[layer]) / self.hidden_variances[layer - 1]

    def feedback(self, layer: int) -> Tensor:
        """Gradient of log pi_(l+1)(H^l, H^(l+1)) with respect to H^l, exact if feedback is symmetric."""
        return self.backward.transposed(layer + 1, self.preactivation_score(layer + 1))


class MapActor(MapTeam):
    """A team that acts: its trace, or single-step gradient, is the score of all layers after the ascent."""

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        self.ascend()
        return self.score(weight)


class MapCritic(MapTeam):
    """A team that regresses: each step's score is divided by A - mu (chung2021, Appendix C) or multiplied with it (chung2020)."""

    def sample(self, observation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        """Draw as a team does; in `normal` [S, B, (1 + K) hidden units + 1] K further draws' numbers come before the output's."""
        own, *further = normal[..., :-1].chunk(1 + self.settings.mean_samples, dim=-1)
        means = []
        for numbers in further:
            super().sample(observation, torch.cat([numbers, normal[..., -1:]], dim=-1), uniform)
            means.append(self.output_mean()[..., 0])
        value = super().sample(observation, torch.cat([own, normal[..., -1:]], dim=-1), uniform)
        # Added one by one: how torch sums over a dimension depends on the number of seeds.
        self._baseline = sum(means[1:], start=means[0]) / len(means) if means else self.output_mean()[..., 0]
        return value

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        self.ascend()
        factor = self._sampled_residual() if self.settings.critic_rule == "product" else 1 / self._residual()
        return self.score(factor if weight is None else weight * factor)

    def eligibility_towards(self, target: Tensor) -> list[Tensor]:
        """A single-step task's gradients for a target A* [S, B] (chung2021, eq. 66; chung2020, eq. 11 and 12)."""
        self.ascend()
        if self.settings.critic_rule == "product":
            return self.score((target - self._baseline) * self._sampled_residual())
        return self.score((target - self.output_mean()[..., 0]) / self._residual())

    def _sampled_residual(self) -> Tensor:
        """A - mu of the sampled values, or A less the estimate of E[A | S], [S, B]."""
        return self.values[-1][..., 0] - self._baseline

    def _residual(self) -> Tensor:
        """A - mu after the ascent, [S, B].

        Where it is 0, one unit of rounding (docs/chung2021.md#a-sample-that-equals-its-mean).
        """
        mean = self.output_mean()[..., 0]
        difference = self.values[-1][..., 0] - mean
        unit = torch.finfo(mean.dtype).eps * mean.abs().clamp(min=1.0)
        return torch.where(difference == 0, unit, difference)


class Reference(TeamReference):
    """Actor and critic are teams trained by MAP propagation."""

    hyperparameters: Hyperparameters

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        normals, uniforms = super().count_actor_noise(hidden_units)
        return normals + self.hyperparameters.mean_samples * hidden_units, uniforms

    def count_critic_normals(self, hidden_units: int) -> int:
        return hidden_units + 1

    def build_actor(self, parameters: Parameters, output: SoftmaxOutput | GaussianOutput) -> MapActor | MapCritic:
        team = MapCritic if self.hyperparameters.signal == "target" else MapActor
        return team(parameters, self._backward(parameters), self.hidden_variances, output, self.hyperparameters)

    def build_critic(self, parameters: Parameters) -> MapCritic:
        *hidden, last = self.hyperparameters.critic_variances
        return MapCritic(parameters, self._backward(parameters), tuple(hidden), GaussianOutput(last), self.hyperparameters)

    def single_step_gradients(self, reward: Tensor, target: Tensor | None) -> list[Tensor]:
        network = self._networks[0]
        if target is None or not isinstance(network, MapCritic):
            return super().single_step_gradients(reward, target)
        return network.eligibility_towards(target)

    def _backward(self, parameters: Parameters) -> Parameters:
        if self.hyperparameters.feedback == "symmetric":
            return parameters
        return self._initial(parameters.units(parameters.layers), self._noise.fixed)

    def _seed_tensors(self) -> dict[str, list[Tensor]]:
        named = super()._seed_tensors()
        for name, network in zip(("actor", "critic"), self._networks, strict=False):
            if isinstance(network, MapTeam) and network.backward is not network.parameters:
                named[f"{name}/backward"] = network.backward.tensors
        return named
