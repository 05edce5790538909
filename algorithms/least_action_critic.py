"""Actor-critic learning by least action: the extension in the outlook of Kungl et al. (2021).

Actor and critic are networks of neurons that look ahead, and settle at every environment step. The actor is nudged by its own
noise, the critic by a constant, so that its trace is the gradient of its value. The TD error modulates the traces of both.
See docs/kungl2021.md#learning-in-the-environments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.lookahead.learner import LookaheadReference
from algorithms.shared.lookahead.settings import LookaheadHyperparameters
from algorithms.shared.settings import Fraction, Positive, Rates, fits
from algorithms.shared.tensors import Tensor, torch


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(LookaheadHyperparameters):
    """Settings of the actor-critic; no source records any."""  # docs/kungl2021.md#learning-in-the-environments

    discount: Fraction = 0.98
    """gamma, by which later rewards count less at every environment step."""
    trace_decay: Fraction = 0.95
    """lambda; traces decay by gamma · lambda an environment step."""
    critic_learning_rates: Rates = (0.003, 0.003)
    """eta of the critic's layers, input side first, by plain steps."""
    reward_scale: Positive | None = None
    """Factor on rewards; none: 1 - gamma on an episodic task, so that values are of the rewards' size, and 1 elsewhere."""
    time_limit: Literal["bootstrap", "terminal", "no_error"] = "bootstrap"
    """What a step that hits the time limit teaches: the usual bootstrapped TD error, that the state is worth 0, or nothing."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit one another or this problem."""
        super().check(problem)
        fits("critic_learning_rates", self.critic_learning_rates, {len(self.hidden_sizes) + 1})
        if problem.episodic and self.discount == 1 and self.reward_scale is None:
            raise ValueError("reward_scale: without discount there is no default; give one")

    def scale(self, problem: Problem) -> float:
        """The factor on rewards."""
        if self.reward_scale is not None:
            return self.reward_scale
        return 1 - self.discount if problem.episodic else 1.0


class Reference(LookaheadReference):
    """The modulator is the TD error, or on a single-step task the reward less the critic's value."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        self._value = torch.zeros_like(self._transition[0])
        self._held.hold_attributes(self, "_value")

    @property
    def has_critic(self) -> bool:
        return True

    def learning_rates(self) -> list[tuple[float, ...]]:
        return [self.hyperparameters.actor_learning_rates, self.hyperparameters.critic_learning_rates]

    def trace_keep(self) -> float:
        return self.hyperparameters.discount * self.hyperparameters.trace_decay

    def modulator(self, transition: Tensor) -> Tensor:
        settings = self.hyperparameters
        reward, terminated, truncated, reset = transition
        value, before = self._networks[1].voltages[-1][..., 0], self._value
        self._value = value
        worthless = torch.maximum(terminated, truncated) if settings.time_limit == "terminal" else terminated
        silent = torch.maximum(reset, truncated) if settings.time_limit == "no_error" else reset
        scaled = settings.scale(self.problem) * reward
        return (1 - silent) * (scaled + settings.discount * value * (1 - worthless) - before)

    def single_step_modulator(self, reward: Tensor) -> Tensor:
        return self.hyperparameters.scale(self.problem) * reward - self._networks[1].voltages[-1][..., 0]
