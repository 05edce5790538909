"""Decentralised DDPG, fused: three compiled calls a step (see algorithms/decentralised_ddpg.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.decentralised_ddpg import NETWORKS, Hyperparameters
from algorithms.fused.driver import compile_for_any_sizes, compile_step, step
from algorithms.fused.replay.local_critics import Buffers, Networks, Rates, Rule, update
from algorithms.fused.replay.minibatch import draw_without_replacement
from algorithms.fused.replay.neurons import activate
from algorithms.fused.shared.flat import Layers, flatten, unflatten
from algorithms.fused.shared.linear import affine_by_rows
from algorithms.fused.shared.options import SLICING
from algorithms.fused.traces.actor_critic import as_dtype
from algorithms.interface import Problem
from algorithms.shared.replay.off_policy import OffPolicyLearner


class Respond(NamedTuple):
    """What a forward pass takes: arrays by seed, [S, …]."""

    parameters: Any
    """[S, 3 P]"""
    observation: Any
    """[S, B, d]"""
    noise: Any
    """[S, B, units and outputs]: on pre-activations, and on the action"""
    units: Any
    """[S, B, units], to be written: layers 1..L"""


class Learn(NamedTuple):
    """What an update takes: arrays by seed, [S, …]; the whole `memory` is the minibatch where nothing is drawn."""

    sizes: Any
    """units of layers 0..L"""
    parameters: Any
    targets: Any
    first: Any
    second: Any
    updates: Any
    learning: Any
    """bool [S]: seeds that take part"""
    diverged: Any
    """bool [S], to be written"""
    draws: Any
    """uniform numbers [S, K] or [S, 0]"""
    memory: Any
    memory_sizes: Any
    rates: Rates
    buffers: Buffers


@step(Respond, Rule, allocating=True)
def respond(sizes: Any, given: Any, rule: Any) -> None:
    """The voltages for every seed's observations."""
    one = given.units.dtype.type(1)
    for seed in range(len(given.parameters)):
        parameters = given.parameters[seed]
        for copy in range(given.observation.shape[1]):
            units, noise, below = given.units[seed, copy], given.noise[seed, copy], given.observation[seed, copy]
            start, unit = 0, 0
            for layer in range(1, len(sizes)):
                inputs, outputs = sizes[layer - 1], sizes[layer]
                bias, stop = start + inputs * outputs, start + (inputs + 1) * outputs
                above = units[unit : unit + outputs]
                affine_by_rows(parameters[start:bias], parameters[bias:stop], inputs, outputs, below, above)
                for j in range(outputs):
                    above[j] += noise[unit + j]
                activate(above, rule.relu and layer < len(sizes) - 1)
                below, start, unit = above, stop, unit + outputs
            for j in range(len(below)):
                below[j] = min(max(below[j] + noise[unit + j], -one), one)


@njit(**SLICING)
def gather(given: Any, seed: int, samples: int) -> None:
    """A seed's minibatch into the buffer, a row for each number of a transition."""
    drawn, transitions = given.buffers.drawn, given.buffers.transitions
    if given.draws.shape[1] > 0:
        draw_without_replacement(given.draws[seed], given.memory_sizes[seed], drawn)
    else:
        for k in range(samples):
            drawn[k] = k
    for k in range(samples):
        row = given.memory[seed, drawn[k]]
        for i in range(len(row)):
            transitions[i * samples + k] = row[i]


@step(Learn, Rule)
def learn(constants: Any, given: Any, rule: Any) -> None:
    """One update of every seed that is learning."""
    samples = constants[1]
    for seed in range(len(given.parameters)):
        if not given.learning[seed]:
            continue
        gather(given, seed, samples)
        networks = Networks(given.parameters[seed], given.targets[seed], given.first[seed], given.second[seed])
        number = given.updates[seed] + 1
        given.diverged[seed] = update(given.sizes, samples, rule, given.rates, networks, given.buffers, number)
        if not given.diverged[seed]:
            given.updates[seed] = number


class Fused(OffPolicyLearner):
    """The decentralised rule, one seed after the other."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        settings = hyperparameters
        self._sizes = settings.sizes(problem)
        initial = settings.initial(self._noise.initial, problem, dtype)
        self._parameters = np.concatenate([flatten(initial[name], transposed_from=1) for name in NETWORKS], axis=1)
        self._targets = self._parameters.copy()
        self._first, self._second = np.zeros_like(self._parameters), np.zeros_like(self._parameters)
        self._updates = np.zeros(self.seeds, np.int64)
        self._arrays.hold_attributes(self, "_parameters", "_targets", "_first", "_second", "_updates")
        self._rates = self._settings_as_rates()
        self._samples = settings.minibatch_size if problem.episodic else problem.batch_size
        units = sum(self._sizes[1:]) * self._samples
        transitions = np.empty(sum(self._parts) * self._samples, self._dtype)
        means, slopes, values, errors = np.empty((4, units), self._dtype)
        gradient, drawn = np.empty_like(self._parameters[0]), np.empty(self._samples, np.int64)
        self._buffers = Buffers(transitions, means, slopes, values, errors, gradient, drawn)
        self._rule = Rule(
            settings.slope == "state", settings.activation == "relu", settings.optimiser == "adam", settings.biases == "learned"
        )
        self._respond = compile_for_any_sizes(Respond, Rule)
        # The minibatch's size is a constant of the compiled code, in place of layers that this step is not compiled for.
        self._learn = compile_step(Learn, Rule, (self._samples,))

    def respond(self, observation: NDArray[Any], noise: NDArray[Any]) -> NDArray[Any]:
        units = np.empty((*observation.shape[:2], sum(self._sizes[1:])), self._dtype)
        self._respond(self._sizes, self._parameters, observation, noise, units, *self._rule)
        return units

    def successor(self, next_observation: NDArray[Any]) -> NDArray[Any]:
        still = np.zeros((self.seeds, 1, self._exploration.shape[2]), self._dtype)
        units = self.respond(next_observation[:, None], still)[:, 0]
        return np.concatenate([next_observation, units[:, : -self._outputs]], axis=1)

    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> NDArray[np.bool_]:
        return self._update(learning, draws, self._memory.rows, self._memory.sizes)

    def learn_from_batch(
        self, learning: NDArray[np.bool_], observation: NDArray[Any], stored: NDArray[Any], reward: NDArray[Any]
    ) -> NDArray[np.bool_]:
        worthless, following = np.ones((*reward.shape, 1)), np.zeros((*reward.shape, self._parts[-1]))
        columns = (observation, stored, reward[..., None], worthless, following)
        whole = np.concatenate(columns, axis=2, dtype=self._dtype)
        return self._update(learning, self._draws, whole, self._updates)

    def _update(
        self, learning: NDArray[np.bool_], draws: NDArray[Any], memory: NDArray[Any], sizes: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        diverged = np.zeros(self.seeds, np.bool_)
        state = (self._parameters, self._targets, self._first, self._second, self._updates)
        given = (self._sizes, *state, learning, diverged, draws, memory, sizes, self._rates, self._buffers)
        self._learn(0, 0, *given, *self._rule)
        return diverged

    def _settings_as_rates(self) -> Rates:
        settings = self.hyperparameters
        discount = settings.discount if self.problem.episodic else 0.0
        learning = (settings.actor_learning_rate, settings.critic_learning_rate, settings.critic_l2, settings.diverged_above)
        adam = (settings.adam_beta1, settings.adam_beta2, settings.adam_epsilon)
        exact = (settings.adam_beta1, settings.adam_beta2)
        return Rates._make((*as_dtype(self._dtype, discount, settings.tau, *learning, *adam), *exact))

    def layers(self) -> dict[str, Layers]:
        networks = np.split(self._parameters, len(NETWORKS), axis=1)
        return {name: unflatten(rows, self._sizes, transposed_from=1) for name, rows in zip(NETWORKS, networks, strict=True)}

    def policy(self) -> dict[str, NDArray[Any]]:
        return self.hyperparameters.without_phi(super().policy())
