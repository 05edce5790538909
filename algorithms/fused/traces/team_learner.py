"""What the fused rules whose actor is a team of stochastic units have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.fused.traces.learner import FusedActorCritic
from algorithms.shared.settings import TeamHyperparameters


class FusedTeam(FusedActorCritic):
    """An actor-critic whose actor's hidden units are normally distributed."""

    hyperparameters: TeamHyperparameters

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._actor_variances = np.array(self.hyperparameters.actor_variances, self._dtype)

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        return (hidden_units, 1) if self.problem.discrete else (hidden_units + self.problem.action_size, 0)

    def output_variances(self) -> tuple[float, float]:
        variance = self.hyperparameters.actor_variances[-1]
        return variance, variance

    def sample_step(self, observation: NDArray[Any], normal: NDArray[Any], uniform: NDArray[Any]) -> None:
        numbers = (observation, normal, uniform)
        drawn = (self._units, self._kept, self._actions)
        self._kernels.sample_step(*self._ends, self._networks[0], self._actor_variances, self._output, *numbers, *drawn)
