"""The part shared by the rules whose actor is a team of stochastic units."""

from __future__ import annotations

from algorithms.shared.settings import TeamHyperparameters
from algorithms.shared.traces.learner import ActorCriticReference


class TeamReference(ActorCriticReference):
    """An actor-critic whose actor's hidden units are normally distributed."""

    hyperparameters: TeamHyperparameters

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        return (hidden_units, 1) if self.problem.discrete else (hidden_units + self.problem.action_size, 0)

    def output_variances(self) -> tuple[float, float]:
        variance = self.hyperparameters.actor_variances[-1]
        return variance, variance

    @property
    def hidden_variances(self) -> tuple[float, ...]:
        """sigma^2 of the actor's hidden layers."""
        return self.hyperparameters.actor_variances[: len(self.hyperparameters.hidden_sizes)]
