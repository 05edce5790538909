"""Equilibrium propagation in the actor-critic, fused: two compiled calls a step (see algorithms/equilibrium_propagation.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.equilibrium_propagation import Hyperparameters
from algorithms.fused.replay.learner import FusedReplay
from algorithms.fused.replay.minibatch import (
    WEIGHTS,
    AdamSettings,
    Columns,
    draw_transitions,
    follow,
    learn_values,
    normalise,
)
from algorithms.fused.replay.phases import phases
from algorithms.fused.replay.relaxation import Relaxation, add_contrast
from algorithms.fused.replay.shallow_relaxation import Scratch, bound_feedback, scratch
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import COMPILED, INLINED
from algorithms.fused.traces.actor_critic import as_dtype, unit_count
from algorithms.interface import Problem
from algorithms.shared.replay.actor_critic import ADVANTAGE_EPSILON


@njit(**COMPILED)
def respond(sizes: Any, actors: Any, relaxation: Relaxation, observation: Any, ended: Any, s: Scratch, output: Any) -> None:
    """The free phase's output [S, B, n] for every seed's observation [S, B, d], but for seeds that have `ended`."""
    dtype = actors.dtype
    total = unit_count(sizes)
    units, sums, drive = np.empty(total, dtype), np.empty(total, dtype), np.empty(sizes[1], dtype)
    target = np.zeros(sizes[-1], dtype)
    for seed in range(len(actors)):
        if ended[seed]:
            continue
        bound_feedback(actors[seed], sizes, relaxation.softmax, s.bound)
        for copy in range(observation.shape[1]):
            units[: sizes[0]] = observation[seed, copy]
            phases(actors[seed], sizes, relaxation, 0, dtype.type(0), target, drive, units, units, sums, s)
            output[seed, copy] = units[total - sizes[-1] :]


@njit(**INLINED)
def follow_contrasts(
    weights: Array,
    sizes: Any,
    rates: Array,
    relaxation: Relaxation,
    observation: Any,
    target: Any,
    strengths: Array,
    s: Scratch,
) -> None:
    """One update of a network from observations [K, d], their targets [K, n] and the strengths of the nudges [K]."""
    dtype = weights.dtype
    total = unit_count(sizes)
    free, nudged, sums = np.empty(total, dtype), np.empty(total, dtype), np.empty(total, dtype)
    drive, gradient = np.empty(sizes[1], dtype), np.zeros(len(weights), dtype)
    wanted = np.empty(sizes[-1], dtype)  # contiguous, so that `phases` is compiled for one kind of array only
    bound_feedback(weights, sizes, relaxation.softmax, s.bound)
    for sample in range(len(observation)):
        free[: sizes[0]] = observation[sample]
        nudged[: sizes[0]] = observation[sample]
        wanted[:] = target[sample]
        phases(
            weights,
            sizes,
            relaxation,
            relaxation.nudged_steps,
            strengths[sample],
            wanted,
            drive,
            free,
            nudged,
            sums,
            s,
        )
        add_contrast(sizes, relaxation.tied, free, nudged, sums, gradient)
    follow(weights, sizes, rates, gradient, dtype.type(1) / (relaxation.beta * dtype.type(len(observation))))


@njit(**INLINED)
def relax_values(
    weights: Array, sizes: Any, discount: Any, relaxation: Relaxation, columns: Columns, transitions: Any, s: Scratch, target: Any
) -> Array:
    """r + gamma V(s') of every transition [K, width] into `target` [K, 1], for a critic that relaxes; returns V(s) [K]."""
    dtype = weights.dtype
    inputs, total = sizes[0], unit_count(sizes)
    units, sums, drive = np.empty(total, dtype), np.empty(total, dtype), np.empty(sizes[1], dtype)
    values = np.empty(len(transitions), dtype)
    bound_feedback(weights, sizes, relaxation.softmax, s.bound)
    nowhere = np.zeros(1, dtype)
    for sample in range(len(transitions)):
        row = transitions[sample]
        target[sample, 0] = row[columns.reward]
        if row[columns.worthless] == 0:
            units[:inputs] = row[columns.next_observation : columns.next_observation + inputs]
            phases(weights, sizes, relaxation, 0, dtype.type(0), nowhere, drive, units, units, sums, s)
            target[sample, 0] += discount * units[-1]
        units[:inputs] = row[:inputs]
        phases(weights, sizes, relaxation, 0, dtype.type(0), nowhere, drive, units, units, sums, s)
        values[sample] = units[-1]
    return values


@njit(**COMPILED)
def learn(
    sizes: Any,
    critic_sizes: Any,
    actors: Any,
    critics: Any,
    rates: Array,
    critic_rates: Array,
    relaxation: Relaxation,
    critic_relaxation: Relaxation,
    relaxing_critic: bool,
    discount: Any,
    adam: AdamSettings,
    updates: Any,
    columns: Columns,
    learning: Any,
    draws: Any,
    memory: Any,
    memory_sizes: Any,
    s: Scratch,
    critic_s: Scratch,
) -> None:
    """One update of critic and actor of every seed that is learning."""
    dtype = actors.dtype
    count = draws.shape[1]
    transitions = np.empty((count, memory.shape[2]), dtype)
    advantages, target, strengths = np.empty(count, dtype), np.empty((count, 1), dtype), np.empty(count, dtype)
    for seed in range(len(actors)):
        if not learning[seed]:
            continue
        draw_transitions(draws[seed], memory[seed], memory_sizes[seed], transitions)
        observation = transitions[:, : sizes[0]]
        updates[seed] += 1
        if relaxing_critic:
            critic = critics[seed, WEIGHTS]
            values = relax_values(critic, critic_sizes, discount, critic_relaxation, columns, transitions, critic_s, target)
            strengths[:] = critic_relaxation.beta
            follow_contrasts(critic, critic_sizes, critic_rates, critic_relaxation, observation, target, strengths, critic_s)
            for sample in range(count):
                advantages[sample] = target[sample, 0] - values[sample]
        else:
            learn_values(critics[seed], critic_sizes, discount, adam, updates[seed], columns, transitions, advantages)
        normalise(advantages, dtype.type(ADVANTAGE_EPSILON))
        for sample in range(count):
            strengths[sample] = relaxation.beta * advantages[sample]
        action = transitions[:, columns.action : columns.reward]
        follow_contrasts(actors[seed], sizes, rates, relaxation, observation, action, strengths, s)


@njit(**COMPILED)
def learn_from_batch(
    sizes: Any, actors: Any, rates: Array, relaxation: Relaxation, observation: Any, action: Any, reward: Any, s: Scratch
) -> None:
    """One update of every seed's actor on a single-step task; `reward` [S, B] is overwritten."""
    for seed in range(len(actors)):
        normalise(reward[seed], reward.dtype.type(ADVANTAGE_EPSILON))
        for copy in range(reward.shape[1]):
            reward[seed, copy] *= relaxation.beta
        follow_contrasts(actors[seed], sizes, rates, relaxation, observation[seed], action[seed], reward[seed], s)


class Fused(FusedReplay):
    """Actor, and critic if it relaxes, by the kernels of phases.py."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        self._relaxation = self._relaxation_of(hyperparameters.beta, problem.discrete)
        self._critic_relaxation = self._relaxation_of(hyperparameters.critic_beta, False)
        self._critic_rates = np.array(hyperparameters.critic_learning_rates, self._dtype)
        hidden = self._sizes[1]
        self._scratch = scratch(hidden, problem.action_size, self._dtype)
        self._critic_scratch = scratch(hidden, 1, self._dtype)

    def _relaxation_of(self, beta: float, softmax: bool) -> Relaxation:
        settings = self.hyperparameters
        step_size, strength = as_dtype(self._dtype, settings.step_size, beta)
        tied = settings.update_rule == "S6"
        return Relaxation(softmax, step_size, settings.free_steps, settings.nudged_steps, strength, tied, True)

    def respond(self, observation: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        output = np.zeros((*observation.shape[:2], self.problem.action_size), self._dtype)
        respond(self._sizes, self._actors, self._relaxation, observation, self._ended, self._scratch, output)
        return output, output[..., :0]

    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> None:
        learn(
            self._sizes,
            self._critic_sizes,
            self._actors,
            self._critics,
            self._rates,
            self._critic_rates,
            self._relaxation,
            self._critic_relaxation,
            self.hyperparameters.critic == "equilibrium_propagation",
            self._discount,
            self._adam,
            self._updates,
            self._columns,
            learning,
            draws,
            self._memory.rows,
            self._memory.sizes,
            self._scratch,
            self._critic_scratch,
        )

    def learn_from_batch(
        self, observation: NDArray[Any], action: NDArray[Any], reward: NDArray[Any], stored: NDArray[Any]
    ) -> None:
        learn_from_batch(
            self._sizes, self._actors, self._rates, self._relaxation, observation, action, reward.copy(), self._scratch
        )
