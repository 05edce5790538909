"""The Python half of every fused learner with a replay memory: arrays and settings around two compiled calls a step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.fused.driver import compile_for_any_sizes
from algorithms.fused.replay.minibatch import WEIGHTS, AdamSettings, Columns, Learn, LearnFromBatch, Respond
from algorithms.fused.shared.flat import Layers, flatten, unflatten
from algorithms.fused.traces.actor_critic import as_dtype
from algorithms.interface import Problem
from algorithms.shared.noise import fan_in_uniform
from algorithms.shared.replay.learner import ReplayLearner
from algorithms.shared.replay.settings import ReplayHyperparameters


class FusedReplay(ReplayLearner):
    """As `algorithms.shared.replay.actor_critic.ReplayReference`; parameters lie as hard_sigmoid_network.py has them."""

    def __init__(
        self,
        problem: Problem,
        hyperparameters: ReplayHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        self._sizes = hyperparameters.layer_sizes(problem.observation_size, problem.action_size)
        self._critic_sizes = hyperparameters.layer_sizes(problem.observation_size, 1)
        self._actors = self._initial(self._sizes)
        critics = self._initial(self._critic_sizes)
        # Weights, first and second moments; a single-step task has no critic.
        self._critics = np.zeros((self.seeds if problem.episodic else 0, 3, critics.shape[1]), self._dtype)
        self._critics[:, WEIGHTS] = critics[: len(self._critics)]
        self._updates = np.zeros(self.seeds, np.int64)
        self._rates = np.array(hyperparameters.actor_learning_rates, self._dtype)
        inputs = problem.observation_size
        action = inputs + problem.action_size
        self._columns = Columns(inputs, action, action + 1, action + 2, action + 2 + inputs)
        settings = hyperparameters
        rate, beta1, beta2, epsilon = as_dtype(
            self._dtype, settings.critic_learning_rate, settings.adam_beta1, settings.adam_beta2, settings.adam_epsilon
        )
        self._adam = AdamSettings(rate, beta1, beta2, epsilon, settings.adam_beta1, settings.adam_beta2)
        (self._discount,) = as_dtype(self._dtype, settings.discount)
        self._arrays.hold_attributes(self, "_actors", "_updates")
        if problem.episodic:
            self._arrays.hold_attributes(self, "_critics")
        self._rule = self.rule_numbers()
        rule: type = type(self._rule)
        self._respond, self._learn, self._learn_from_batch = (
            compile_for_any_sizes(given, rule) for given in (Respond, Learn, LearnFromBatch)
        )

    @abstractmethod
    def rule_numbers(self) -> Any:
        """The NamedTuple of what only this rule's steps take, which are registered for its type."""

    def respond(self, observation: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        output = np.zeros((*observation.shape[:2], self.problem.action_size), self._dtype)
        stored = np.zeros((*observation.shape[:2], self.stored_size), self._dtype)
        seen = (observation, self._ended, self._episodes)
        self._respond(self._sizes, self._actors, *seen, output, stored, *self._rule)
        return output, stored

    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> None:
        networks = (self._actors, self._critics, self._rates, self._discount, self._adam, self._updates)
        memory = (self._columns, self._episodes, learning, draws, self._memory.rows, self._memory.sizes)
        self._learn(self._sizes, *networks, *memory, *self._rule)

    def learn_from_batch(
        self, observation: NDArray[Any], action: NDArray[Any], reward: NDArray[Any], stored: NDArray[Any]
    ) -> None:
        batch = (observation, action, reward.copy())
        self._learn_from_batch(self._sizes, self._actors, self._rates, *batch, *self._rule)

    def _initial(self, sizes: tuple[int, ...]) -> NDArray[Any]:
        return flatten(fan_in_uniform(self._noise.initial, sizes, self._dtype.name), transposed_from=2)

    def layers(self) -> dict[str, Layers]:
        layers = {"actor": unflatten(self._actors, self._sizes, transposed_from=2)}
        if self.problem.episodic:
            layers["critic"] = unflatten(self._critics[:, WEIGHTS], self._critic_sizes, transposed_from=2)
        return layers
