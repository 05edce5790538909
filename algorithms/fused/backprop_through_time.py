"""Backpropagation through a relaxation, fused: two compiled calls a step (see algorithms/backprop_through_time.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.backprop_through_time import SMALLEST_PROBABILITY, Hyperparameters
from algorithms.fused.replay.hard_sigmoid_network import add_outer_first
from algorithms.fused.replay.learner import FusedReplay
from algorithms.fused.replay.minibatch import AdamSettings, Columns, draw_transitions, follow, learn_values, normalise
from algorithms.fused.replay.relaxation import Relaxation, drive_of, relax
from algorithms.fused.replay.shallow_relaxation import SATURATED, Scratch, bound_feedback, gather, relax_shallow, rest, scratch
from algorithms.fused.replay.shallow_unrolled import History, history, unroll, unroll_back
from algorithms.fused.replay.unrolled import step_back
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import COMPILED, INLINED, SLICING
from algorithms.fused.traces.actor_critic import as_dtype, unit_count
from algorithms.interface import Problem
from algorithms.shared.replay.actor_critic import ADVANTAGE_EPSILON


@njit(**COMPILED)
def respond(sizes: Any, actors: Any, relaxation: Relaxation, observation: Any, ended: Any, output: Any) -> None:
    """The relaxation's output [S, B, n] for every seed's observation [S, B, d], but for seeds that have `ended`."""
    dtype = actors.dtype
    total = unit_count(sizes)
    units, sums, drive = np.empty(total, dtype), np.empty(total, dtype), np.empty(sizes[1], dtype)
    target = np.zeros(sizes[-1], dtype)
    for seed in range(len(actors)):
        if ended[seed]:
            continue
        for copy in range(observation.shape[1]):
            units[:] = 0
            units[: sizes[0]] = observation[seed, copy]
            drive_of(actors[seed], sizes, units[: sizes[0]], drive)
            relax(actors[seed], sizes, relaxation, relaxation.free_steps, dtype.type(0), target, drive, units, sums)
            output[seed, copy] = units[total - sizes[-1] :]


@njit(**SLICING)
def score_output(softmax: bool, action: Array, advantage: Any, output: Array, error: Array) -> None:
    """The gradient of A log pi(a), or of - A |a - o|^2 / 2, at the output [n]."""
    for k in range(len(output)):
        error[k] = 0
        if not softmax:
            error[k] = advantage * (action[k] - output[k])
        elif action[k] > 0 and output[k] > output.dtype.type(SMALLEST_PROBABILITY):
            error[k] = advantage / output[k]


@njit(**INLINED)
def follow_shallow(
    weights: Array,
    sizes: Any,
    rates: Array,
    relaxation: Relaxation,
    unrolled: int,
    observation: Any,
    action: Any,
    advantages: Array,
    s: Scratch,
    past: History,
) -> None:
    """As `follow_through_time`, for a network of one hidden layer."""
    dtype = weights.dtype
    inputs, hidden, outputs = sizes[0], sizes[1], sizes[2]
    drive, x, error, sums = (
        np.empty(hidden, dtype),
        np.empty(inputs, dtype),
        np.empty(outputs, dtype),
        np.empty((2, outputs), dtype),
    )
    pulled, gradient = np.empty(hidden, dtype), np.zeros(len(weights), dtype)
    biases, start = weights[len(weights) - outputs :], (inputs + 1) * hidden
    bound_feedback(weights, sizes, relaxation.softmax, s.bound)
    for sample in range(len(observation)):
        x[:] = observation[sample]
        drive_of(weights, sizes, x, drive)
        count = gather(weights, sizes, drive, False, s)
        rest(biases, count, s)
        zero = dtype.type(0)
        early = relaxation.free_steps - unrolled
        saturated, _ = relax_shallow(biases, relaxation, early, zero, s.output, count, zero, s)
        unroll(biases, relaxation, unrolled, count, saturated, s, past)
        score_output(relaxation.softmax, action[sample], advantages[sample], s.output, error)
        unroll_back(relaxation, unrolled, count, s, past, error, sums)
        for j in range(hidden):
            place = s.place[j]
            pulled[j] = past.pulled[place] if place >= 0 else zero
            for k in range(outputs):
                if place >= 0:
                    gradient[start + k * hidden + j] += past.rows[k, place]
                elif place == SATURATED:
                    gradient[start + k * hidden + j] += sums[1, k]
        add_outer_first(gradient, inputs, hidden, x, pulled)
        for k in range(outputs):
            gradient[len(weights) - outputs + k] += sums[0, k]
    follow(weights, sizes, rates, gradient, dtype.type(1) / dtype.type(len(observation)))


@njit(**INLINED)
def follow_through_time(
    weights: Array,
    sizes: Any,
    rates: Array,
    relaxation: Relaxation,
    unrolled: int,
    observation: Any,
    action: Any,
    advantages: Array,
    states: Any,
    inputs: Any,
    s: Scratch,
    past: History,
) -> None:
    """One update along A times the gradient of log pi(a), for observations [K, d], through the last `unrolled` steps.

    `states` and `inputs` are buffers [unrolled + 1, units] for the states and what each layer took from the state before it, of
    networks of more than one hidden layer; `s` and `past` those of networks of one.
    """
    if len(sizes) == 3:
        follow_shallow(weights, sizes, rates, relaxation, unrolled, observation, action, advantages, s, past)
        return
    dtype = weights.dtype
    total = unit_count(sizes)
    last = total - sizes[-1]
    error, change = np.empty(total, dtype), np.empty(total, dtype)
    pulled, drive = np.empty(sizes[1], dtype), np.empty(sizes[1], dtype)
    gradient, target = np.zeros(len(weights), dtype), np.zeros(sizes[-1], dtype)
    for sample in range(len(observation)):
        state = states[0]
        state[:] = 0
        state[: sizes[0]] = observation[sample]
        drive_of(weights, sizes, state[: sizes[0]], drive)
        relax(weights, sizes, relaxation, relaxation.free_steps - unrolled, dtype.type(0), target, drive, state, inputs[0])
        for step in range(unrolled):
            states[step + 1] = states[step]
            relax(weights, sizes, relaxation, 1, dtype.type(0), target, drive, states[step + 1], inputs[step + 1])
        error[:] = 0
        score_output(relaxation.softmax, action[sample], advantages[sample], states[unrolled, last:], error[last:])
        pulled[:] = 0
        for step in range(unrolled, 0, -1):
            step_back(weights, sizes, relaxation, states[step - 1], inputs[step], error, change, pulled, gradient)
        add_outer_first(gradient, sizes[0], sizes[1], observation[sample], pulled)
    follow(weights, sizes, rates, gradient, dtype.type(1) / dtype.type(len(observation)))


@njit(**COMPILED)
def learn(
    sizes: Any,
    critic_sizes: Any,
    actors: Any,
    critics: Any,
    rates: Array,
    relaxation: Relaxation,
    unrolled: int,
    discount: Any,
    adam: AdamSettings,
    updates: Any,
    columns: Columns,
    learning: Any,
    draws: Any,
    memory: Any,
    memory_sizes: Any,
    states: Any,
    inputs: Any,
    s: Scratch,
    past: History,
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
        observation, action = transitions[:, : sizes[0]], transitions[:, columns.action : columns.reward]
        follow_through_time(
            actors[seed], sizes, rates, relaxation, unrolled, observation, action, advantages, states, inputs, s, past
        )


@njit(**COMPILED)
def learn_from_batch(
    sizes: Any,
    actors: Any,
    rates: Array,
    relaxation: Relaxation,
    unrolled: int,
    observation: Any,
    action: Any,
    reward: Any,
    states: Any,
    inputs: Any,
    s: Scratch,
    past: History,
) -> None:
    """One update of every seed's actor on a single-step task; `reward` [S, B] is overwritten."""
    for seed in range(len(actors)):
        normalise(reward[seed], reward.dtype.type(ADVANTAGE_EPSILON))
        follow_through_time(
            actors[seed],
            sizes,
            rates,
            relaxation,
            unrolled,
            observation[seed],
            action[seed],
            reward[seed],
            states,
            inputs,
            s,
            past,
        )


class Fused(FusedReplay):
    """An actor that relaxes, and is unrolled."""

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
        self._unrolled = min(settings.backward_steps or settings.free_steps, settings.free_steps)
        step_size, beta = as_dtype(self._dtype, settings.step_size, 1.0)
        self._relaxation = Relaxation(problem.discrete, step_size, settings.free_steps, 0, beta, False, False)
        hidden, outputs = self._sizes[1], problem.action_size
        self._scratch = scratch(hidden, outputs, self._dtype)
        self._past = history(self._unrolled, self._scratch.drive.size, outputs, self._dtype)
        shape = (self._unrolled + 1 if len(self._sizes) > 3 else 0, sum(self._sizes))
        self._states, self._inputs = np.zeros(shape, self._dtype), np.zeros(shape, self._dtype)

    def respond(self, observation: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        output = np.zeros((*observation.shape[:2], self.problem.action_size), self._dtype)
        respond(self._sizes, self._actors, self._relaxation, observation, self._ended, output)
        return output, output[..., :0]

    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> None:
        learn(
            self._sizes,
            self._critic_sizes,
            self._actors,
            self._critics,
            self._rates,
            self._relaxation,
            self._unrolled,
            self._discount,
            self._adam,
            self._updates,
            self._columns,
            learning,
            draws,
            self._memory.rows,
            self._memory.sizes,
            self._states,
            self._inputs,
            self._scratch,
            self._past,
        )

    def learn_from_batch(
        self, observation: NDArray[Any], action: NDArray[Any], reward: NDArray[Any], stored: NDArray[Any]
    ) -> None:
        learn_from_batch(
            self._sizes,
            self._actors,
            self._rates,
            self._relaxation,
            self._unrolled,
            observation,
            action,
            reward.copy(),
            self._states,
            self._inputs,
            self._scratch,
            self._past,
        )
