"""Hyperparameters shared by DDPG and its decentralised forms (Lillicrap et al., 2016; Guss et al., 2016)."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.settings import Fraction, NotNegative, Positive

Count = Annotated[int, Gt(0)]


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class OffPolicyHyperparameters:
    """Settings of a deterministic actor that learns from a replay memory, with target networks and exploration noise."""

    hidden_sizes: Annotated[tuple[Count, ...], Field(min_length=1)] = (400, 300)
    """Units in each hidden layer of the actor (Lillicrap et al., 2016, section 7)."""
    discount: Fraction = 0.99
    """gamma (Lillicrap et al., 2016, section 7); a single-step task has none."""
    tau: Fraction = 1e-3
    """Share of the learned parameters that a step of the target networks takes over (Lillicrap et al., 2016, section 7)."""
    replay_size: Count = 1_000_000
    """Transitions that the memory holds; the oldest are dropped (Lillicrap et al., 2016, section 7)."""
    minibatch_size: Count = 64
    """Transitions of one update, drawn without replacement (Lillicrap et al., 2016, section 7)."""
    # docs/guss2016.md#warm-up
    warm_up: Count = 64
    """Transitions that the memory must hold before the first update; not below the minibatch."""
    actor_learning_rate: NotNegative = 1e-4
    """Step size of the actor's Adam (Lillicrap et al., 2016, section 7)."""
    critic_learning_rate: NotNegative = 1e-3
    """Step size of the critic's Adam (Lillicrap et al., 2016, section 7)."""
    # docs/guss2016.md#weight-decay
    critic_l2: NotNegative = 1e-2
    """Weight decay of the critic: this times the parameter is added to its gradient (Lillicrap et al., 2016, section 7)."""
    adam_beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """Decay of Adam's first moment (Kingma and Ba, 2015)."""
    adam_beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    """Decay of Adam's second moment (Kingma and Ba, 2015)."""
    adam_epsilon: Positive = 1e-8
    """Adam's epsilon (Kingma and Ba, 2015)."""
    # docs/guss2016.md#exploration-noise
    noise_theta: Fraction = 0.15
    """Share of the exploration noise that decays in a step (Lillicrap et al., 2016, section 7)."""
    noise_sigma: NotNegative = 0.2
    """Standard deviation of what a step adds to the exploration noise (Lillicrap et al., 2016, section 7)."""
    # docs/guss2016.md#time-limits
    time_limit: Literal["bootstrap", "terminal"] = "bootstrap"
    """What the state at a time limit is worth: what the critic says, or nothing."""
    # docs/guss2016.md#actions
    discrete_output: Literal["argmax", "sign"] = "argmax"
    """How an action is one of several: the largest of as many outputs, or, of two, the sign of a single output."""
    # docs/guss2016.md#actions
    action_scale: Positive = 1.0
    """A continuous action is this times an output between -1 and 1; the task's largest action."""
    # docs/guss2016.md#divergence
    diverged_above: Positive = 1e6
    """A seed has diverged, and learns no more, once a value in its minibatch, or what it should be, is larger than this."""

    def layer_sizes(self, inputs: int, outputs: int) -> tuple[int, ...]:
        """Units of every layer of the actor, from the input (layer 0) to the output (layer L)."""
        return (inputs, *self.hidden_sizes, outputs)

    def outputs(self, problem: Problem) -> int:
        """The actor's output units."""
        return 1 if self.discrete_output == "sign" else problem.action_size

    def widths(self, problem: Problem) -> tuple[int, int, int]:
        """How many numbers of noise an action takes, and how many are stored of an action and of the next state."""
        return self.outputs(problem), self.outputs(problem), problem.observation_size

    def noise_deviations(self, problem: Problem) -> NDArray[np.float64]:
        """sigma of each number of noise, by its place."""
        return np.full(self.widths(problem)[0], self.noise_sigma)

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit one another or this problem."""
        if self.discrete_output == "sign" and (problem.action_size, problem.discrete) != (2, True):
            raise ValueError("discrete_output: sign chooses one of two discrete actions, which this task does not have")
        if not problem.episodic:
            return
        if self.minibatch_size > self.replay_size:
            raise ValueError(
                f"minibatch_size: {self.minibatch_size} transitions cannot be drawn from a replay_size of {self.replay_size}"
            )
        if not self.minibatch_size <= self.warm_up <= self.replay_size:
            sizes = f"the minibatch_size, {self.minibatch_size}, to the replay_size, {self.replay_size}"
            raise ValueError(f"warm_up: {self.warm_up} should be from {sizes}")
