"""Backpropagation through a relaxation, fused: two compiled calls a step (see algorithms/backprop_through_time.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.backprop_through_time import SMALLEST_PROBABILITY, Hyperparameters
from algorithms.fused.driver import step
from algorithms.fused.replay.hard_sigmoid_network import add_outer_first
from algorithms.fused.replay.learner import FusedReplay
from algorithms.fused.replay.minibatch import (
    Learn,
    LearnFromBatch,
    Respond,
    Samples,
    draw_transitions,
    follow,
    learn_values,
    normalise,
)
from algorithms.fused.replay.relaxation import Nudge, Relaxation, drive_of, relax
from algorithms.fused.replay.shallow_relaxation import SATURATED, Scratch, bound_feedback, gather, relax_shallow, rest, scratch
from algorithms.fused.replay.shallow_unrolled import History, history, unroll, unroll_back
from algorithms.fused.replay.unrolled import Gradients, step_back
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import INLINED, SLICING
from algorithms.fused.traces.actor_critic import as_dtype, critic_sizes, unit_count
from algorithms.shared.replay.actor_critic import ADVANTAGE_EPSILON


class Rule(NamedTuple):
    """What only this rule's steps take."""

    relaxation: Relaxation
    unrolled: int
    """how many of the last steps"""
    states: Any
    """[unrolled + 1, units], the states of a network of more than one hidden layer"""
    inputs: Any
    """[unrolled + 1, units], what each of its layers took from the state before"""
    scratch: Scratch
    """buffers of a network of one hidden layer"""
    past: History
    """as `scratch`"""


@step(Respond, Rule, allocating=True)
def respond(sizes: Any, given: Any, rule: Any) -> None:
    """The relaxation's output for every seed's observations."""
    dtype = given.actors.dtype
    total = unit_count(sizes)
    units, sums, drive = np.empty(total, dtype), np.empty(total, dtype), np.empty(sizes[1], dtype)
    nudge = Nudge(rule.relaxation.free_steps, dtype.type(0), np.zeros(sizes[-1], dtype))
    for seed in range(len(given.actors)):
        if given.ended[seed]:
            continue
        weights = given.actors[seed]
        for copy in range(given.observation.shape[1]):
            units[:] = 0
            units[: sizes[0]] = given.observation[seed, copy]
            drive_of(weights, sizes, units[: sizes[0]], drive)
            relax(weights, sizes, rule.relaxation, nudge, drive, units, sums)
            given.output[seed, copy] = units[total - sizes[-1] :]


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
def follow_shallow(weights: Array, sizes: Any, rates: Array, samples: Samples, rule: Rule) -> None:
    """As `follow_through_time`, for a network of one hidden layer."""
    relaxation, unrolled, s, past = rule.relaxation, rule.unrolled, rule.scratch, rule.past
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
    for sample in range(len(samples.observation)):
        x[:] = samples.observation[sample]
        drive_of(weights, sizes, x, drive)
        count = gather(weights, sizes, drive, False, s)
        rest(biases, count, s)
        zero = dtype.type(0)
        early = relaxation.free_steps - unrolled
        saturated, _ = relax_shallow(biases, relaxation, early, zero, s.output, count, zero, s)
        unroll(biases, relaxation, unrolled, count, saturated, s, past)
        score_output(relaxation.softmax, samples.action[sample], samples.advantages[sample], s.output, error)
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
    follow(weights, sizes, rates, gradient, dtype.type(1) / dtype.type(len(samples.observation)))


@njit(**INLINED)
def follow_through_time(weights: Array, sizes: Any, rates: Array, samples: Samples, rule: Rule) -> None:
    """One update along A times the gradient of log pi(a), through the last steps."""
    if len(sizes) == 3:
        follow_shallow(weights, sizes, rates, samples, rule)
        return
    relaxation, unrolled, states, inputs = rule.relaxation, rule.unrolled, rule.states, rule.inputs
    dtype = weights.dtype
    total = unit_count(sizes)
    last = total - sizes[-1]
    error, gradient, drive = np.empty(total, dtype), np.zeros(len(weights), dtype), np.empty(sizes[1], dtype)
    gradients = Gradients(error, np.empty(total, dtype), np.empty(sizes[1], dtype), gradient)
    zero, nowhere = dtype.type(0), np.zeros(sizes[-1], dtype)
    early, once = Nudge(relaxation.free_steps - unrolled, zero, nowhere), Nudge(1, zero, nowhere)
    for sample in range(len(samples.observation)):
        state = states[0]
        state[:] = 0
        state[: sizes[0]] = samples.observation[sample]
        drive_of(weights, sizes, state[: sizes[0]], drive)
        relax(weights, sizes, relaxation, early, drive, state, inputs[0])
        for done in range(unrolled):
            states[done + 1] = states[done]
            relax(weights, sizes, relaxation, once, drive, states[done + 1], inputs[done + 1])
        error[:] = 0
        output = states[unrolled, last:]
        score_output(relaxation.softmax, samples.action[sample], samples.advantages[sample], output, error[last:])
        gradients.pulled[:] = 0
        for after in range(unrolled, 0, -1):
            step_back(weights, sizes, relaxation, states[after - 1], inputs[after], gradients)
        add_outer_first(gradient, sizes[0], sizes[1], samples.observation[sample], gradients.pulled)
    follow(weights, sizes, rates, gradient, dtype.type(1) / dtype.type(len(samples.observation)))


@step(Learn, Rule, allocating=True)
def learn(sizes: Any, given: Any, rule: Any) -> None:
    """One update of critic and actor of every seed that is learning."""
    dtype, columns, updates = given.actors.dtype, given.columns, given.updates
    values = critic_sizes(sizes)
    transitions = np.empty((given.draws.shape[1], given.memory.shape[2]), dtype)
    advantages = np.empty(len(transitions), dtype)
    for seed in range(len(given.actors)):
        if not given.learning[seed]:
            continue
        draw_transitions(given.draws[seed], given.memory[seed], given.memory_sizes[seed], transitions)
        updates[seed] += 1
        learn_values(given.critics[seed], values, given.discount, given.adam, updates[seed], columns, transitions, advantages)
        normalise(advantages, dtype.type(ADVANTAGE_EPSILON))
        observation, action = transitions[:, : sizes[0]], transitions[:, columns.action : columns.reward]
        samples = Samples(observation, action, advantages, observation[:, :0])
        follow_through_time(given.actors[seed], sizes, given.rates, samples, rule)


@step(LearnFromBatch, Rule, allocating=True)
def learn_from_batch(sizes: Any, given: Any, rule: Any) -> None:
    """One update of every seed's actor on a single-step task."""
    for seed in range(len(given.actors)):
        advantages, observation = given.reward[seed], given.observation[seed]
        normalise(advantages, advantages.dtype.type(ADVANTAGE_EPSILON))
        samples = Samples(observation, given.action[seed], advantages, observation[:, :0])
        follow_through_time(given.actors[seed], sizes, given.rates, samples, rule)


class Fused(FusedReplay):
    """An actor that relaxes, and is unrolled."""

    hyperparameters: Hyperparameters

    def rule_numbers(self) -> Rule:
        settings = self.hyperparameters
        unrolled = min(settings.backward_steps or settings.free_steps, settings.free_steps)
        step_size, beta = as_dtype(self._dtype, settings.step_size, 1.0)
        relaxation = Relaxation(self.problem.discrete, step_size, settings.free_steps, 0, beta, False, False)
        hidden, outputs = self._sizes[1], self.problem.action_size
        s = scratch(hidden, outputs, self._dtype)
        shape = (unrolled + 1 if len(self._sizes) > 3 else 0, sum(self._sizes))
        states, inputs = np.zeros(shape, self._dtype), np.zeros(shape, self._dtype)
        return Rule(relaxation, unrolled, states, inputs, s, history(unrolled, s.drive.size, outputs, self._dtype))
