"""Hyperparameters shared by the actor-critics with a replay memory of Kubo et al. (2022); defaults are CartPole's."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt
from pydantic import Field
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.settings import Fraction, NotNegative, Positive, Rates, fits

Count = Annotated[int, Gt(0)]
StepSize = Annotated[float, Gt(0), Field(le=1)]
"""dt of an Euler step; above 1 it would overshoot its target."""


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class ReplayHyperparameters:
    """Settings of an actor-critic that learns from minibatches of a replay memory (docs/kubo2022.md#settings-of-the-runs)."""

    hidden_sizes: Annotated[tuple[Count, ...], Field(min_length=1)] = (256,)
    """Units in each hidden layer of actor and critic (kubo2022, Tables S1 and S3)."""
    # docs/kubo2022.md#settings-of-the-runs
    discount: Fraction = 0.95
    """gamma (released code)."""
    # docs/kubo2022.md#replay-memory
    replay_size: Count = 1000
    """Transitions that the memory holds; the oldest are dropped (released code)."""
    # docs/kubo2022.md#replay-memory
    minibatch_size: Annotated[int, Ge(2)] = 20
    """Transitions of one update, drawn without replacement (released code); at least two, since advantages are normalised."""
    actor_learning_rates: Rates = (1e-4, 1e-4)
    """alpha of the actor's layers, input side first, by plain gradient steps (kubo2022, section 3)."""
    critic_learning_rate: NotNegative = 1e-3
    """alpha of a critic trained by backpropagation and Adam (kubo2022, Table S3)."""
    adam_beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """Decay of Adam's first moment (the framework's default)."""
    adam_beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    """Decay of Adam's second moment (the framework's default)."""
    adam_epsilon: Positive = 1e-8
    """Adam's epsilon (the framework's default)."""
    # docs/kubo2022.md#time-limits
    time_limit: Literal["terminal", "bootstrap"] = "terminal"
    """What the state at a time limit is worth: nothing, as released, or what the critic says."""
    output_variance: Positive = 0.5
    """sigma^2 of a continuous action around a linear output; the paper has discrete actions only."""
    action_map: str = "identity"
    """Which of the task's affine maps leads from a sampled continuous action to the environment's (a name in `envs.tasks`)."""

    def layer_sizes(self, inputs: int, outputs: int) -> tuple[int, ...]:
        """Units of every layer, from the input (layer 0) to the output (layer L)."""
        return (inputs, *self.hidden_sizes, outputs)

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit one another or this problem's networks."""
        fits("actor_learning_rates", self.actor_learning_rates, {len(self.hidden_sizes) + 1})
        if problem.episodic and self.minibatch_size > self.replay_size:
            raise ValueError(
                f"minibatch_size: {self.minibatch_size} transitions cannot be drawn from a replay_size of {self.replay_size}"
            )
