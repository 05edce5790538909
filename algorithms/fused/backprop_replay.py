"""Backpropagation with a replay memory, fused: two compiled calls a step (see algorithms/backprop_replay.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.backprop_replay import Hyperparameters
from algorithms.fused.replay.hard_sigmoid_network import add_gradients, forward
from algorithms.fused.replay.learner import FusedReplay
from algorithms.fused.replay.minibatch import AdamSettings, Columns, draw_transitions, follow, learn_values, normalise
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import COMPILED, INLINED
from algorithms.fused.shared.output import softmax
from algorithms.fused.traces.actor_critic import unit_count
from algorithms.interface import Problem
from algorithms.shared.replay.actor_critic import ADVANTAGE_EPSILON


@njit(**INLINED)
def act_forward(weights: Array, sizes: Any, discrete: bool, inverse_temperature: Any, units: Array) -> None:
    """From the observation in layer 0 of `units` all others; the output becomes probabilities where actions are discrete."""
    forward(weights, sizes, units)
    if discrete:
        softmax(units, len(units) - sizes[-1], sizes[-1], inverse_temperature)


@njit(**COMPILED)
def respond(
    sizes: Any, actors: Any, discrete: bool, inverse_temperatures: Array, observation: Any, ended: Any, output: Any, stored: Any
) -> None:
    """The output [S, B, n] for every seed's observation [S, B, d], but for seeds that have `ended`, and what is to be stored."""
    total = unit_count(sizes)
    units = np.empty(total, actors.dtype)
    for seed in range(len(actors)):
        if ended[seed]:
            continue
        for copy in range(observation.shape[1]):
            units[: sizes[0]] = observation[seed, copy]
            act_forward(actors[seed], sizes, discrete, inverse_temperatures[seed], units)
            output[seed, copy] = units[total - sizes[-1] :]
            stored[seed, copy] = units[sizes[0] : sizes[0] + stored.shape[2]]


@njit(**INLINED)
def follow_scores(
    weights: Array,
    sizes: Any,
    rates: Array,
    discrete: bool,
    inverse_temperature: Any,
    biases_learn: bool,
    observation: Any,
    action: Any,
    advantages: Array,
    stored: Any,
) -> None:
    """One update along A times the gradient of log pi(a), for observations [K, d], from activations stored, if any, [K, m]."""
    dtype = weights.dtype
    total = unit_count(sizes)
    units, error, gradient = np.empty(total, dtype), np.empty(total, dtype), np.zeros(len(weights), dtype)
    last = total - sizes[-1]
    for sample in range(len(observation)):
        units[: sizes[0]] = observation[sample]
        if stored.shape[1] > 0:
            units[sizes[0] :] = stored[sample]
        else:
            act_forward(weights, sizes, discrete, inverse_temperature, units)
        for k in range(sizes[-1]):
            error[last + k] = advantages[sample] * (action[sample, k] - units[last + k])
        add_gradients(weights, sizes, units, error, gradient)
    if not biases_learn:
        start = 0
        for layer in range(1, len(sizes)):
            bias = start + sizes[layer - 1] * sizes[layer]
            start = bias + sizes[layer]
            gradient[bias:start] = 0
    follow(weights, sizes, rates, gradient, dtype.type(1) / dtype.type(len(observation)))


@njit(**COMPILED)
def learn(
    sizes: Any,
    critic_sizes: Any,
    actors: Any,
    critics: Any,
    rates: Array,
    discrete: bool,
    inverse_temperatures: Array,
    biases_learn: bool,
    discount: Any,
    adam: AdamSettings,
    updates: Any,
    columns: Columns,
    learning: Any,
    draws: Any,
    memory: Any,
    memory_sizes: Any,
) -> None:
    """One update of critic and actor of every seed that is learning."""
    dtype = actors.dtype
    transitions = np.empty((draws.shape[1], memory.shape[2]), dtype)
    advantages = np.empty(len(transitions), dtype)
    for seed in range(len(actors)):
        if not learning[seed]:
            continue
        draw_transitions(draws[seed], memory[seed], memory_sizes[seed], transitions)
        updates[seed] += 1
        learn_values(critics[seed], critic_sizes, discount, adam, updates[seed], columns, transitions, advantages)
        normalise(advantages, dtype.type(ADVANTAGE_EPSILON))
        follow_scores(
            actors[seed],
            sizes,
            rates,
            discrete,
            inverse_temperatures[seed],
            biases_learn,
            transitions[:, : sizes[0]],
            transitions[:, columns.action : columns.reward],
            advantages,
            transitions[:, columns.stored :],
        )


@njit(**COMPILED)
def learn_from_batch(
    sizes: Any, actors: Any, rates: Array, discrete: bool, biases_learn: bool, observation: Any, action: Any, reward: Any
) -> None:
    """One update of every seed's actor on a single-step task; `reward` [S, B] is overwritten."""
    dtype = actors.dtype
    nothing = np.empty((reward.shape[1], 0), dtype)
    for seed in range(len(actors)):
        normalise(reward[seed], dtype.type(ADVANTAGE_EPSILON))
        follow_scores(
            actors[seed],
            sizes,
            rates,
            discrete,
            dtype.type(1),
            biases_learn,
            observation[seed],
            action[seed],
            reward[seed],
            nothing,
        )


class Fused(FusedReplay):
    """A feedforward actor."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        self._biases_learn = hyperparameters.actor_biases == "learned"

    @property
    def stored_size(self) -> int:
        return self.hyperparameters.stored_size(self.problem)

    def respond(self, observation: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        output = np.zeros((*observation.shape[:2], self.problem.action_size), self._dtype)
        stored = np.zeros((*observation.shape[:2], self.stored_size), self._dtype)
        temperatures = self._inverse_temperatures()
        respond(self._sizes, self._actors, self.problem.discrete, temperatures, observation, self._ended, output, stored)
        return output, stored

    def _inverse_temperatures(self) -> NDArray[Any]:
        before, after, drop = self.hyperparameters.inverse_temperatures(self.problem)
        return np.where(self._episodes >= drop, after, before).astype(self._dtype)

    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> None:
        learn(
            self._sizes,
            self._critic_sizes,
            self._actors,
            self._critics,
            self._rates,
            self.problem.discrete,
            self._inverse_temperatures(),
            self._biases_learn,
            self._discount,
            self._adam,
            self._updates,
            self._columns,
            learning,
            draws,
            self._memory.rows,
            self._memory.sizes,
        )

    def learn_from_batch(
        self, observation: NDArray[Any], action: NDArray[Any], reward: NDArray[Any], stored: NDArray[Any]
    ) -> None:
        rates, discrete = self._rates, self.problem.discrete
        learn_from_batch(self._sizes, self._actors, rates, discrete, self._biases_learn, observation, action, reward.copy())
