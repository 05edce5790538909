"""The critic of DDPG, Q(s, a) of the whole actor: a rectified network that the action enters, and its target network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.replay.flat_network import FlatNetwork, Layers, Step
from algorithms.shared.replay.rectified_network import RectifiedNetwork
from algorithms.shared.tensors import Tensor, torch


class ActionCritic(FlatNetwork):
    """Q(s, a) for S seeds, learned by the squared error to r + gamma Q'(s', a') (Lillicrap et al., 2016, Algorithm 1)."""

    def __init__(self, name: str, layers: Layers, action_layer: int, step: Step, discount: float) -> None:
        super().__init__(name, layers)
        self._action_layer = action_layer
        self._step = step
        self._discount = discount

    def forward(self, observation: Tensor, action: Tensor) -> list[Tensor]:
        """The inputs of every layer, and Q(s, a) [S, K, 1], for observation [S, K, d] and action [S, K, n]."""
        return self._network.forward(observation, action)

    def aims(self, reward: Tensor, worthless: Tensor, next_observation: Tensor, next_action: Tensor) -> Tensor:
        """What Q(s, a) should be, [S, K, 1]: r + gamma Q'(s', a'), or r where the next state is worthless."""
        if not self._discount:
            return reward
        future = RectifiedNetwork(self.target, self._action_layer).forward(next_observation, next_action)[-1]
        return reward + self._discount * (1 - worthless) * future

    def learn(self, values: list[Tensor], aims: Tensor, learning: NDArray[np.bool_]) -> None:
        """Step against the gradient of the mean squared error; `values` are what `forward` gave."""
        self.descend(self._network.gradients(values, 2 * (values[-1] - aims)), self._step, learning)

    def slope(self, observation: Tensor, action: Tensor) -> Tensor:
        """The derivative of Q(s, a) with respect to the action, [S, K, n]."""
        values = self.forward(observation, action)
        return self._network.extra_gradient(values, torch.ones_like(values[-1]), action.shape[-1])

    @property
    def _network(self) -> RectifiedNetwork:
        return RectifiedNetwork(self.parameters, self._action_layer)
