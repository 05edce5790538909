"""The three rules whose updates are compared: functions of a team that has just acted, and of the weight of its update."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from algorithms.map_propagation import MapTeam
from experiments.shared.updates import Update, backprop_update, log_probability, noise_of, score_update


def reinforce(team: MapTeam, weight: Tensor) -> Update:
    """Eq. 3: the score of the sampled values."""
    return score_update(team, weight)


def backprop(team: MapTeam, weight: Tensor) -> Update:
    """Eq. 10: backpropagation with the re-parametrisation trick, at the sampled noise."""
    return backprop_update(team, noise_of(team), log_probability(team), weight)


def map_propagation(team: MapTeam, weight: Tensor) -> Update:
    """Eq. 9: the score after the ascent, which moves the team's hidden values."""
    team.ascend()
    return score_update(team, weight)


RULES: Mapping[str, Callable[[MapTeam, Tensor], Update]] = {
    "reinforce": reinforce,
    "backprop": backprop,
    "map_propagation": map_propagation,
}
"""Rules by the name in the column `rule`. Apply them to one draw in this order, because the last changes the team's values."""
