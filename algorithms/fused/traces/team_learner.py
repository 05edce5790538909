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

    @property
    def actor_variances(self) -> NDArray[Any]:
        """sigma^2 of the actor's layers, in the engine's dtype."""
        return np.array(self.hyperparameters.actor_variances, self._dtype)

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        return (hidden_units, 1) if self.problem.discrete else (hidden_units + self.problem.action_size, 0)

    def output_variances(self) -> tuple[float, float]:
        variance = self.hyperparameters.actor_variances[-1]
        return variance, variance
