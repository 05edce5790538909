"""The reference actor-critic with a replay memory, which the rules of Kubo et al. (2022) fill with their networks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from algorithms.interface import Learner, Problem
from algorithms.shared.hard_sigmoid_network import HardSigmoidNetwork, hard_sigmoid_slope
from algorithms.shared.minibatch_adam import MinibatchAdam
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay_memory import ReplayMemory, draw_without_replacement
from algorithms.shared.replay_settings import ReplayHyperparameters
from algorithms.shared.replay_streams import advantage_normalised, fan_in_uniform, noise_counts, transition_width
from algorithms.shared.streams import NoiseStreams


class ReplayReference(Learner):
    """One environment step of the released code: act, note the transition, learn from a minibatch of finished episodes.

    The critic learns r + gamma V(s') by the squared error; the actor follows the advantage r + gamma V(s') - V(s), which is that
    of the critic before its step, normalised over the minibatch. On a single-step task there is neither memory nor critic: the
    batch is the minibatch, and the advantage its normalised reward.
    """

    hyperparameters: Any

    def __init__(
        self,
        problem: Problem,
        hyperparameters: ReplayHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        hyperparameters.check(problem)
        self.problem = problem
        self.hyperparameters = hyperparameters
        self.seeds = len(seed_sequences)
        self._dtype = dtype
        self._noise = NoiseStreams(seed_sequences, *noise_counts(problem, hyperparameters.minibatch_size), dtype)
        self.actor = self._initial(problem.action_size)
        if problem.episodic:
            self.critic = self._initial(1)
            width = transition_width(problem, self.stored_size)
            self._memory = ReplayMemory(self.seeds, hyperparameters.replay_size, width, dtype)
            self._adam = MinibatchAdam(self.critic.tensors, hyperparameters)
        self._ended = np.ones(self.seeds, np.bool_)  # the step before this one ended an episode
        self._episodes = np.zeros(self.seeds, np.int64)
        self._uniform = np.zeros((self.seeds, 0), dtype)
        self._acted: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None = None

    @property
    def stored_size(self) -> int:
        """Numbers that a rule stores with a transition beside the transition itself."""
        return 0

    @abstractmethod
    def respond(self, observation: Tensor) -> tuple[Tensor, Tensor]:
        """The actor's output for observation [S, B, d]: probabilities or means [S, B, n], and what is to be stored [S, B, m]."""

    @abstractmethod
    def actor_gradients(self, observation: Tensor, action: Tensor, advantage: Tensor, stored: Tensor) -> list[Tensor]:
        """What the actor follows, mean over the minibatch, for every W^l and b^l.

        `observation` [S, K, d], `action` [S, K, n], a discrete one as a vector with a 1 in its place, `advantage` [S, K], and
        `stored` [S, K, m] as `respond` gave it when the action was taken.
        """

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        normal, uniform = self._noise.next()
        batch = self.problem.batch_size
        output, stored = (tensor[: self.seeds].numpy() for tensor in self.respond(self._tensor(observation)))
        choosing = batch if self.problem.discrete else 0
        self._uniform = uniform[:, choosing:].copy()
        if self.problem.discrete:
            # The first action whose cumulative probability exceeds the number drawn.
            cumulative = np.cumsum(output[..., :-1], axis=-1)
            action = (cumulative <= uniform[:, :batch, None]).sum(axis=-1).astype(np.int32)
            vector = np.eye(self.problem.action_size, dtype=output.dtype)[action]
        else:
            deviation = output.dtype.type(self.hyperparameters.output_variance**0.5)
            action = vector = output + deviation * normal.reshape(output.shape)
        self._acted = (observation.astype(self._dtype), vector, stored)
        return action

    def learn(
        self,
        reward: NDArray[Any],
        terminated: NDArray[np.bool_] | None = None,
        truncated: NDArray[np.bool_] | None = None,
        next_observation: NDArray[Any] | None = None,
        target: NDArray[Any] | None = None,
    ) -> None:
        if self._acted is None:
            raise ValueError("nothing was done yet that could be learned from")
        observation, action, stored = self._acted
        if not self.problem.episodic:
            advantage = advantage_normalised(self._tensor(reward))
            everyone = torch.ones(self._rows, dtype=torch.bool)
            self._follow(self._tensor(observation), self._tensor(action), advantage, self._tensor(stored), everyone)
            return
        if terminated is None or truncated is None or next_observation is None:
            raise ValueError("an episodic task's learner must be told of the next observation and of ends")
        reset, self._ended = self._ended, (terminated | truncated)[:, 0]
        worthless = terminated | truncated if self.hyperparameters.time_limit == "terminal" else terminated
        columns = [observation[:, 0], action[:, 0], reward, worthless, next_observation[:, 0], stored[:, 0]]
        transitions = np.concatenate([column.astype(self._dtype) for column in columns], axis=1)
        self._memory.add(transitions[~reset], np.flatnonzero(~reset))
        for seed in np.flatnonzero(self._ended):
            self._memory.end_episode(int(seed))
        self._episodes += self._ended
        learning = ~reset & (self._memory.sizes >= self.hyperparameters.minibatch_size)
        if learning.any():
            self._learn_from_minibatch(learning)

    def _learn_from_minibatch(self, learning: NDArray[np.bool_]) -> None:
        size = self.hyperparameters.minibatch_size
        drawn = np.zeros((self.seeds, size, self._memory.rows.shape[2]), self._dtype)
        for seed in np.flatnonzero(learning):
            chosen = draw_without_replacement(self._uniform[seed], int(self._memory.sizes[seed]))
            drawn[seed] = self._memory.rows[seed, chosen]
        inputs, actions = self.problem.observation_size, self.problem.action_size
        observation, action, reward, worthless, next_observation, stored = torch.split(
            self._tensor(drawn), [inputs, actions, 1, 1, inputs, self.stored_size], dim=2
        )
        chosen_seeds = torch.from_numpy(self._padded(learning))
        advantage = self.learn_values(observation, reward, worthless, next_observation, chosen_seeds)
        self._follow(observation, action, advantage_normalised(advantage), stored, chosen_seeds)

    def learn_values(
        self, observation: Tensor, reward: Tensor, worthless: Tensor, next_observation: Tensor, learning: Tensor
    ) -> Tensor:
        """One step of the critic, by backpropagation of the squared error and Adam.

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
        gradients = self.actor_gradients(observation, action, advantage, stored)
        ascend(self.actor, gradients, self.hyperparameters.actor_learning_rates, learning)

    def _initial(self, outputs: int) -> Parameters:
        sizes = self.hyperparameters.layer_sizes(self.problem.observation_size, outputs)
        layers = fan_in_uniform(self._noise.initial, sizes, self._dtype)
        return Parameters([(self._padded(weights), self._padded(biases)) for weights, biases in layers])

    @property
    def _rows(self) -> int:
        """Seeds computed: at least two, because a batched product over one seed takes another path and gives other bits."""
        return max(2, self.seeds)

    def _padded(self, array: NDArray[Any]) -> NDArray[Any]:
        return array if len(array) >= 2 else np.repeat(array, 2, axis=0)

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(self._padded(np.asarray(array, dtype=self._dtype)))

    def keep(self, rows: NDArray[np.intp]) -> None:
        self.seeds = len(rows)
        index = torch.from_numpy(self._padded(np.asarray(rows, np.int64)))
        for tensors in self._seed_tensors().values():
            tensors[:] = [tensor[index] for tensor in tensors]
        if self.problem.episodic:
            self._memory.keep(rows)
            self._adam.updates = self._adam.updates[index.numpy()]
        self._ended, self._episodes, self._uniform = self._ended[rows], self._episodes[rows], self._uniform[rows]
        self._acted = None
        self._noise.keep(rows)

    def _seed_tensors(self) -> dict[str, list[Tensor]]:
        if not self.problem.episodic:
            return {"actor": self.actor.tensors}
        adam = self._adam
        return {"actor": self.actor.tensors, "critic": self.critic.tensors, "first": adam.first, "second": adam.second}

    def state(self) -> dict[str, NDArray[Any]]:
        arrays = {
            f"{key}/{i}": tensor.numpy().copy()
            for key, tensors in self._seed_tensors().items()
            for i, tensor in enumerate(tensors)
        }
        if self.problem.episodic:
            arrays.update(self._memory.state(), updates=self._adam.updates.copy())
        arrays.update({name: array.copy() for name, array in self._noise.state().items()})
        return {**arrays, "ended": self._ended.copy(), "episodes": self._episodes.copy()}

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        for key, tensors in self._seed_tensors().items():
            for i, tensor in enumerate(tensors):
                array = state[f"{key}/{i}"]
                if array.shape != tuple(tensor.shape):
                    raise ValueError(f"the checkpoint's {key}/{i} has shape {array.shape}, not {tuple(tensor.shape)}")
                tensors[i] = torch.from_numpy(array.copy())
        if self.problem.episodic:
            self._memory.load(state)
            self._adam.updates = state["updates"].copy()
        self._ended, self._episodes = state["ended"].copy(), state["episodes"].copy()
        self._noise.load(state)

    def policy(self) -> dict[str, NDArray[Any]]:
        networks = {"actor": self.actor, "critic": self.critic} if self.problem.episodic else {"actor": self.actor}
        arrays = {}
        for name, network in networks.items():
            for i, tensor in enumerate(network.tensors):
                rows = tensor[: self.seeds].numpy().copy()
                kind = "weights" if i % 2 == 0 else "biases"
                arrays[f"{name}/{kind}_{i // 2 + 1}"] = rows if i % 2 == 0 else rows[:, 0]
        return arrays


def ascend(parameters: Parameters, gradients: list[Tensor], rates: tuple[float, ...], learning: Tensor) -> None:
    """Plain steps, in place, along these gradients, one rate a layer, of those seeds that are `learning` (bool [S])."""
    for i, (tensor, gradient) in enumerate(zip(parameters.tensors, gradients, strict=True)):
        tensor.copy_(torch.where(learning[:, None, None], tensor + rates[i // 2] * gradient, tensor))
