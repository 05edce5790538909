"""The reference actor-critic with a replay memory of Kubo et al. (2022); each rule adds its networks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem
from algorithms.shared.noise import fan_in_uniform
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.adam import MinibatchAdam
from algorithms.shared.replay.hard_sigmoid_network import HardSigmoidNetwork, hard_sigmoid_slope
from algorithms.shared.replay.learner import ReplayLearner
from algorithms.shared.replay.memory import draw_without_replacement
from algorithms.shared.replay.settings import ReplayHyperparameters
from algorithms.shared.seed_arrays import SeedArrays
from algorithms.shared.square_root import square_root
from algorithms.shared.tensors import Tensor, torch

ADVANTAGE_EPSILON = 1e-10
"""Added to the standard deviation that advantages are divided by (docs/kubo2022.md#advantage)."""


class ReplayReference(ReplayLearner):
    """Actor-critic batched over the seeds.

    The critic learns r + gamma V(s') by the squared error (docs/kubo2022.md#the-critic). The actor follows the advantage
    r + gamma V(s') - V(s), taken before the critic's step and normalised over the minibatch. On a single-step task there is no
    critic; the advantage is the batch's normalised reward.
    """

    def __init__(
        self,
        problem: Problem,
        hyperparameters: ReplayHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        self.actor = self._initial(problem.action_size)
        if problem.episodic:
            self.critic = self._initial(1)
            self._adam = MinibatchAdam(self.critic.tensors, hyperparameters)
        self._arrays.parts.append(self._tensors())

    @abstractmethod
    def actor_response(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """Compute `respond` for tensors."""

    @abstractmethod
    def actor_gradients(self, observation: Tensor, action: Tensor, advantage: Tensor, stored: Tensor) -> list[Tensor]:
        """Return the actor's direction for every W^l and b^l, mean over the minibatch.

        `observation` [S, K, d], `action` [S, K, n], a discrete one as a vector with a 1 in its place, `advantage` [S, K], and
        `stored` [S, K, m] as `respond` gave it when the action was taken.
        """

    def respond(self, observation: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        output, stored = self.actor_response(self._tensor(observation))
        return output[: self.seeds].numpy(), stored[: self.seeds].numpy()

    def learn_from_batch(
        self, observation: NDArray[Any], action: NDArray[Any], reward: NDArray[Any], stored: NDArray[Any]
    ) -> None:
        everyone = torch.ones(self._rows, dtype=torch.bool)
        tensors = (self._tensor(observation), self._tensor(action), self._tensor(reward), self._tensor(stored))
        self._follow(*tensors, everyone)

    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> None:
        drawn = np.zeros((self.seeds, draws.shape[1], self.transition_width), self._dtype)
        for seed in np.flatnonzero(learning):
            chosen = draw_without_replacement(draws[seed], int(self._memory.sizes[seed]))
            drawn[seed] = self._memory.rows[seed, chosen]
        inputs, actions = self.problem.observation_size, self.problem.action_size
        observation, action, reward, worthless, next_observation, stored = torch.split(
            self._tensor(drawn), [inputs, actions, 1, 1, inputs, self.stored_size], dim=2
        )
        chosen_seeds = torch.from_numpy(self._padded(learning))
        advantage = self.learn_values(observation, reward, worthless, next_observation, chosen_seeds)
        self._follow(observation, action, advantage, stored, chosen_seeds)

    def learn_values(
        self, observation: Tensor, reward: Tensor, worthless: Tensor, next_observation: Tensor, learning: Tensor
    ) -> Tensor:
        """Make one step of the critic by backpropagation of the squared error and Adam.

        Observations [S, K, d], the others [S, K, 1]; returns the advantages [S, K] at the parameters before the step.
        """
        critic = HardSigmoidNetwork(self.critic)
        value = critic.forward(next_observation)[1][-1]
        target = reward + self.hyperparameters.discount * value * (1 - worthless)
        values, preactivations = critic.forward(observation)
        error = preactivations[-1] - target
        slopes = [hard_sigmoid_slope(x) for x in preactivations[:-1]]
        # The gradient of the mean squared error; the factor 2 is the framework's.
        self._adam.descend(self.critic.tensors, critic.backpropagate(values, slopes, 2 * error), learning)
        return -error[..., 0]

    def _follow(self, observation: Tensor, action: Tensor, advantage: Tensor, stored: Tensor, learning: Tensor) -> None:
        gradients = self.actor_gradients(observation, action, normalised(advantage), stored)
        ascend(self.actor, gradients, self.hyperparameters.actor_learning_rates, learning)

    def _initial(self, outputs: int) -> Parameters:
        sizes = self.hyperparameters.layer_sizes(self.problem.observation_size, outputs)
        layers = fan_in_uniform(self._noise.initial, sizes, self._dtype.name)
        return Parameters([(self._padded(weights), self._padded(biases)) for weights, biases in layers])

    def _tensors(self) -> SeedArrays:
        held = SeedArrays(least=2)
        held.hold_all("actor", self.actor.tensors)
        if self.problem.episodic:
            held.hold_all("critic", self.critic.tensors)
            held.hold_all("first", self._adam.first)
            held.hold_all("second", self._adam.second)
            held.hold_attributes(self._adam, "updates")
        return held

    @property
    def _rows(self) -> int:
        """Seeds computed: at least two, because a batched product over one seed takes another path and gives other bits."""
        return max(2, self.seeds)

    def _padded(self, array: NDArray[Any]) -> NDArray[Any]:
        return array if len(array) >= 2 else np.repeat(array, 2, axis=0)

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(self._padded(np.asarray(array, dtype=self._dtype)))

    def layers(self) -> dict[str, list[tuple[NDArray[Any], NDArray[Any]]]]:
        networks = {"actor": self.actor, "critic": self.critic} if self.problem.episodic else {"actor": self.actor}
        return {name: network.arrays(self.seeds) for name, network in networks.items()}


def ascend(parameters: Parameters, gradients: list[Tensor], rates: tuple[float, ...], learning: Tensor) -> None:
    """Step along the gradients in place, with one rate a layer, for the seeds that are `learning` (bool [S])."""
    for i, (tensor, gradient) in enumerate(zip(parameters.tensors, gradients, strict=True)):
        tensor.copy_(torch.where(learning[:, None, None], tensor + rates[i // 2] * gradient, tensor))


def normalised(advantage: Tensor) -> Tensor:
    """Normalise A over the minibatch [S, K] (docs/kubo2022.md#advantage): ddof is 1, and the result is 0 where K is 1."""
    centred = advantage - advantage.mean(dim=1, keepdim=True)
    deviation = square_root((centred * centred).sum(dim=1, keepdim=True) / max(1, advantage.shape[1] - 1))
    return centred / (deviation + ADVANTAGE_EPSILON)
