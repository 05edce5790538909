"""Hyperparameters shared by all actor-critic rules of Chung (2020, 2021), with the released values as defaults.

docs/chung2021.md says where released and printed values differ; a comment above a field cites its section.
"""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import Field
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem

Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Le(1)]
Rates = tuple[NotNegative, ...]
Variances = tuple[Positive, ...]


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class ActorCriticHyperparameters:
    """Settings of an actor-critic learner with eligibility traces (chung2021, Algorithm 2).

    Defaults are those released for CartPole (docs/chung2021.md#settings-of-the-runs).
    """

    hidden_sizes: Annotated[tuple[Annotated[int, Gt(0)], ...], Field(min_length=1)] = (64, 32)
    """Units in each hidden layer (chung2021, section 5)."""
    temperature: Positive = 2.0
    """T of the softmax output (chung2021, Table 3)."""
    # docs/chung2021.md#softmax-temperature
    temperature_form: Literal["divide", "multiply"] = "divide"
    """Softmax of (W h + b) / T, as released, or of T (W h + b), as printed in chung2021, section 5."""
    discount: Fraction = 0.98
    """gamma (chung2021, Appendix D)."""
    trace_decay: Fraction = 0.95
    """lambda (chung2021, Table 3)."""
    actor_learning_rates: Rates = (1e-2, 1e-5, 1e-6)
    """alpha of the actor's layers, input side first, at the start (chung2021, Table 3)."""
    # docs/chung2021.md#learning-rates-that-differ
    actor_learning_rates_end: Rates | None = None
    """alpha of the actor's layers once annealed; none: not annealed (released code; chung2021, Appendix D prints a tenth)."""
    critic_learning_rates: Rates = (2e-2, 2e-5, 2e-6)
    """alpha of the critic's layers at the start (chung2021, Table 3)."""
    critic_learning_rates_end: Rates | None = None
    """alpha of the critic's layers once annealed; none: not annealed."""
    anneal_steps: Annotated[int, Gt(0)] | None = None
    """Agent steps over which the learning rates fall linearly to their end (chung2021, Appendix D); none: not annealed."""
    reward_clip: Positive | None = None
    """Rewards are clipped to ± this in learning only (chung2021, Appendix D: 5 on MountainCar); none: unclipped."""
    # docs/chung2021.md#ends-of-episodes
    time_limit: Literal["no_error", "terminal", "bootstrap"] = "no_error"
    """What a step that hits the time limit teaches: nothing (TD error 0, as released), that the state is worth 0, or the usual
    bootstrapped TD error."""
    # docs/chung2021.md#mountaincars-force
    action_map: str = "identity"
    """Which of the task's affine maps leads from a sampled continuous action to the environment's (a name in `envs.tasks`)."""
    adam_beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """Decay of Adam's first moment (chung2021, Appendix D)."""
    adam_beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    """Decay of Adam's second moment (chung2021, Appendix D)."""
    # docs/chung2021.md#adam
    adam_epsilon: Positive = 1e-9
    """Adam's epsilon (released code)."""
    # docs/chung2021.md#adam
    adam_bias_correction: Literal["until_1000", "always"] = "until_1000"
    """Adam's bias correction: dropped from update 1000 on, as released, or kept, as in Kingma and Ba (2015)."""

    def layer_sizes(self, inputs: int, outputs: int) -> tuple[int, ...]:
        """Units of every layer, from the input (layer 0) to the output (layer L)."""
        return (inputs, *self.hidden_sizes, outputs)

    def check(self, problem: Problem) -> None:
        """Raise ValueError where the lists of per-layer values do not fit the layers of this problem's networks."""
        layers = len(self.hidden_sizes) + 1
        rates = {"actor_learning_rates": self.actor_learning_rates, "actor_learning_rates_end": self.actor_learning_rates_end}
        if problem.episodic:
            rates["critic_learning_rates"] = self.critic_learning_rates
            rates["critic_learning_rates_end"] = self.critic_learning_rates_end
        for name, values in rates.items():
            if values is not None:
                fits(name, values, {layers})

    @property
    def softmax_scale(self) -> float:
        """The factor on the output's pre-activations inside the softmax: 1/T or T."""
        return 1 / self.temperature if self.temperature_form == "divide" else self.temperature


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class TeamHyperparameters(ActorCriticHyperparameters):
    """Settings of a learner whose actor is a team of stochastic units."""

    actor_variances: Variances = (0.03, 0.1, 0.5)
    """sigma^2 of the actor's layers, input side first; a softmax output has none and its value may be left out (chung2021,
    Table 3)."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where the lists of per-layer values do not fit the layers of this problem's networks."""
        super().check(problem)
        layers = len(self.hidden_sizes) + 1
        fits("actor_variances", self.actor_variances, {layers - 1, layers} if problem.discrete else {layers})


def fits(name: str, values: tuple[float, ...], lengths: set[int]) -> None:
    """Raise ValueError unless `values` has one of these lengths."""
    if len(values) not in lengths:
        wanted = " or ".join(str(length) for length in sorted(lengths))
        raise ValueError(f"{name}: {len(values)} values for layers that need {wanted}")


def learning_rates(start: Rates, end: Rates | None, anneal_steps: int | None, step: int) -> tuple[float, ...]:
    """alpha of each layer at an agent step (from 0): linear from `start` to `end` over `anneal_steps`, then constant."""
    if end is None or anneal_steps is None:
        return start
    progress = min(step / anneal_steps, 1.0)
    return tuple(a + (b - a) * progress for a, b in zip(start, end, strict=True))


def adam_corrections(beta1: float, beta2: float, form: Literal["until_1000", "always"], update: int) -> tuple[float, float]:
    """Factors on Adam's first and second moment at an update (from 1); in float64 (Kingma and Ba, 2015, Algorithm 1)."""
    if form == "until_1000" and update >= 1000:
        return 1.0, 1.0
    return 1 / (1 - beta1**update), 1 / (1 - beta2**update)
