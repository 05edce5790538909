"""Reward-modulated learning by least action (Kungl et al., 2021): eligibility traces and a reward baseline, no critic.

A layered network of neurons that look ahead settles at every environment step. Its outputs act with noise, and the noise
nudges them. The errors that follow, times presynaptic rates, enter traces, and a reward above the baseline makes their
changes real. A single-step task with a target can teach by a cost instead. See docs/kungl2021.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.lookahead.learner import LookaheadReference
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.settings import LookaheadHyperparameters
from algorithms.shared.settings import Positive
from algorithms.shared.tensors import Tensor, torch


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(LookaheadHyperparameters):
    """Settings of learning by traces and a reward baseline (docs/kungl2021.md#learning-in-the-environments)."""

    trace_steps: Positive = 20.0
    """Time constant of the eligibility trace, in environment steps; a single-step task has no trace."""
    # docs/kungl2021.md#reward-and-baseline
    reward: Literal["episode", "step"] = "episode"
    """When reward comes: the whole return at an episode's end, or each step's at once."""
    reward_scale: Positive = 0.01
    """Factor on that reward."""
    baseline_rate: Annotated[float, Gt(0), Le(1)] = 0.1
    """Share of the way to the newest reward that the baseline moves (released code)."""
    # docs/kungl2021.md#reward-and-baseline
    baseline_form: Literal["mean", "positive"] = "mean"
    """What is subtracted from a reward: its running mean, or that mean where it is positive, as released."""
    signal: Literal["reward", "target"] = "reward"
    """What a single-step task teaches: its reward, or its target by a cost that nudges the output."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit one another or this problem."""
        super().check(problem)
        if self.signal == "target" and (problem.episodic or problem.discrete):
            raise ValueError("signal: 'target' needs a single-step task with a real target")


class Reference(LookaheadReference):
    """The modulator is the reward above its running mean."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        self._baseline = torch.zeros_like(self._transition[0, :, :1])
        self._return = torch.zeros_like(self._baseline)
        self._held.hold_attributes(self, "_baseline", "_return")

    def learning_rates(self) -> list[tuple[float, ...]]:
        return [self.hyperparameters.actor_learning_rates]

    def trace_keep(self) -> float:
        return math.exp(-1 / self.hyperparameters.trace_steps)

    def modulator(self, transition: Tensor) -> Tensor:
        reward, terminated, truncated, reset = transition
        reward = (1 - reset) * reward
        if self.hyperparameters.reward == "step":
            return self._above_baseline(reward, 1 - reset)
        self._return = (1 - reset) * (self._return + reward)
        return self._above_baseline(self._return, (1 - reset) * torch.maximum(terminated, truncated))

    def single_step_modulator(self, reward: Tensor) -> Tensor:
        return self._above_baseline(reward, torch.ones_like(reward))

    def single_step_target(self, target: Tensor) -> bool:
        if self.hyperparameters.signal == "reward":
            return False
        self._networks[0].settle(self._inputs, Nudge.towards(target[..., None], self.hyperparameters.beta))
        return True

    def _above_baseline(self, reward: Tensor, comes: Tensor) -> Tensor:
        """Scaled reward less baseline where a reward comes (1, not 0), [S, B]; then the baseline moves by the copies' mean."""
        settings = self.hyperparameters
        scaled = settings.reward_scale * reward
        floor = self._baseline.clamp_min(0) if settings.baseline_form == "positive" else self._baseline
        above = comes * (scaled - floor)
        self._baseline = self._baseline + settings.baseline_rate * (comes * (scaled - self._baseline)).mean(dim=1, keepdim=True)
        return above
