"""Deep deterministic policy gradient (Lillicrap et al., 2016), the method that guss2016 sets out from.

The critic Q(s, a) learns r + gamma Q'(s', mu'(s')) by the squared error, where the dashes are target networks. The actor mu(s)
ascends Q(s, mu(s)). Both learn by Adam, from minibatches of a replay memory (their Algorithm 1). See also docs/guss2016.md.

Beyond both papers: a discrete action is the largest of as many outputs, and its vector of outputs is what the critic sees.
On a single-step task the batch is the minibatch and gamma is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.replay.action_critic import ActionCritic
from algorithms.shared.replay.flat_network import AdamStep, FlatNetwork, fan_in_layers
from algorithms.shared.replay.off_policy_reference import OffPolicyReference
from algorithms.shared.replay.off_policy_settings import Count, OffPolicyHyperparameters
from algorithms.shared.replay.rectified_network import RectifiedNetwork, layer_shapes
from algorithms.shared.settings import Positive
from algorithms.shared.tensors import Tensor, torch


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(OffPolicyHyperparameters):
    """Settings of DDPG; defaults are those of Lillicrap et al. (2016) for low-dimensional observations."""

    critic_hidden_sizes: Annotated[tuple[Count, ...], Field(min_length=1)] = (400, 300)
    """Units in each hidden layer of the critic (Lillicrap et al., 2016, section 7)."""
    action_layer: Literal[1, 2] = 2
    """The layer of the critic that the action enters, 1 beside the observation (Lillicrap et al., 2016, section 7)."""
    last_layer_bound: Positive = 3e-3
    """The last layers' weights and biases start uniform within ± this (Lillicrap et al., 2016, section 7)."""


class Reference(OffPolicyReference):
    """DDPG batched over the seeds."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        settings, inputs = hyperparameters, problem.observation_size
        actor = layer_shapes((inputs, *settings.hidden_sizes, self._outputs))
        critic = layer_shapes((inputs, *settings.critic_hidden_sizes, 1), self._outputs, settings.action_layer)
        self._actor = FlatNetwork("actor", self._initial(actor))
        step = AdamStep.of(settings, settings.critic_learning_rate, settings.critic_l2)
        self._critic = ActionCritic("critic", self._initial(critic), settings.action_layer, step, self._discount)
        self._arrays.parts += [self._actor, self._critic]
        self._actor_step = AdamStep.of(settings, settings.actor_learning_rate)

    def respond(self, observation: NDArray[Any], noise: NDArray[Any]) -> NDArray[Any]:
        output = self.policy_output(self._tensor(observation))[: self.seeds].numpy()
        return np.clip(output + noise, -1, 1)

    def policy_output(self, observation: Tensor) -> Tensor:
        """mu(s), [S, B, n], between -1 and 1."""
        return torch.tanh(RectifiedNetwork(self._actor.parameters).forward(observation)[-1])

    def update(self, learning: NDArray[np.bool_], minibatch: list[Tensor]) -> NDArray[np.bool_]:
        observation, action, reward, worthless, next_observation = minibatch
        next_action = torch.tanh(RectifiedNetwork(self._actor.target).forward(next_observation)[-1])
        values = self._critic.forward(observation, action)
        aims = self._critic.aims(reward, worthless, next_observation, next_action)
        learning, diverged = self._sound(learning, [values[-1]], [aims])
        self._critic.learn(values, aims, self._padded(learning))

        actor = RectifiedNetwork(self._actor.parameters)
        units = actor.forward(observation)
        output = torch.tanh(units[-1])
        # Against the gradient of -Q, mean over the minibatch, along the new critic.
        error = -self._critic.slope(observation, output) * (1 - output * output)
        self._actor.descend(actor.gradients(units, error), self._actor_step, self._padded(learning))
        for network in (self._actor, self._critic):
            network.follow(self.hyperparameters.tau, self._padded(learning))
        return diverged

    def _initial(self, shapes: list[tuple[int, int]]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        return fan_in_layers(self._noise.initial, shapes, self.hyperparameters.last_layer_bound, self._dtype.name)

    def layers(self) -> dict[str, list[tuple[NDArray[Any], NDArray[Any]]]]:
        return {"actor": self._actor.arrays(self.seeds), "critic": self._critic.arrays(self.seeds)}
