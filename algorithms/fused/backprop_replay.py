"""Backpropagation with a replay memory, fused: two compiled calls a step (see algorithms/backprop_replay.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.backprop_replay import Hyperparameters
from algorithms.fused.driver import step
from algorithms.fused.replay.hard_sigmoid_network import add_gradients, forward
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
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import INLINED
from algorithms.fused.shared.output import softmax
from algorithms.fused.traces.actor_critic import as_dtype, critic_sizes, unit_count
from algorithms.shared.replay.actor_critic import ADVANTAGE_EPSILON


class Rule(NamedTuple):
    """What only this rule's steps take."""

    discrete: bool
    high_inverse: Any
    """1/T of the softmax before it drops"""
    low_inverse: Any
    """1/T from then on"""
    drop: int
    """how many episodes it drops after"""
    biases_learn: bool


@njit(**INLINED)
def inverse_temperature(rule: Rule, episodes: int) -> Any:
    """1/T after so many episodes."""
    return rule.low_inverse if episodes >= rule.drop else rule.high_inverse


@njit(**INLINED)
def act_forward(weights: Array, sizes: Any, discrete: bool, inverse_temperature: Any, units: Array) -> None:
    """From the observation in layer 0 of `units` all others; the output becomes probabilities where actions are discrete."""
    forward(weights, sizes, units)
    if discrete:
        softmax(units, len(units) - sizes[-1], sizes[-1], inverse_temperature)


@njit(**INLINED)
def follow_scores(weights: Array, sizes: Any, rates: Array, rule: Rule, inverse: Any, samples: Samples) -> None:
    """One update along A times the gradient of log pi(a), from activations stored, if any."""
    dtype = weights.dtype
    total = unit_count(sizes)
    units, error, gradient = np.empty(total, dtype), np.empty(total, dtype), np.zeros(len(weights), dtype)
    last = total - sizes[-1]
    count = len(samples.observation)
    for sample in range(count):
        units[: sizes[0]] = samples.observation[sample]
        if samples.stored.shape[1] > 0:
            units[sizes[0] :] = samples.stored[sample]
        else:
            act_forward(weights, sizes, rule.discrete, inverse, units)
        for k in range(sizes[-1]):
            error[last + k] = samples.advantages[sample] * (samples.action[sample, k] - units[last + k])
        add_gradients(weights, sizes, units, error, gradient)
    if not rule.biases_learn:
        start = 0
        for layer in range(1, len(sizes)):
            bias = start + sizes[layer - 1] * sizes[layer]
            start = bias + sizes[layer]
            gradient[bias:start] = 0
    follow(weights, sizes, rates, gradient, dtype.type(1) / dtype.type(count))


@step(Respond, Rule, allocating=True)
def respond(sizes: Any, given: Any, rule: Any) -> None:
    """The output for every seed's observations, and what is to be stored."""
    total = unit_count(sizes)
    units = np.empty(total, given.actors.dtype)
    for seed in range(len(given.actors)):
        if given.ended[seed]:
            continue
        inverse = inverse_temperature(rule, given.episodes[seed])
        for copy in range(given.observation.shape[1]):
            units[: sizes[0]] = given.observation[seed, copy]
            act_forward(given.actors[seed], sizes, rule.discrete, inverse, units)
            given.output[seed, copy] = units[total - sizes[-1] :]
            given.stored[seed, copy] = units[sizes[0] : sizes[0] + given.stored.shape[2]]


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
        action = transitions[:, columns.action : columns.reward]
        samples = Samples(transitions[:, : sizes[0]], action, advantages, transitions[:, columns.stored :])
        inverse = inverse_temperature(rule, given.episodes[seed])
        follow_scores(given.actors[seed], sizes, given.rates, rule, inverse, samples)


@step(LearnFromBatch, Rule, allocating=True)
def learn_from_batch(sizes: Any, given: Any, rule: Any) -> None:
    """One update of every seed's actor on a single-step task."""
    dtype = given.actors.dtype
    nothing = np.empty((given.reward.shape[1], 0), dtype)
    for seed in range(len(given.actors)):
        normalise(given.reward[seed], dtype.type(ADVANTAGE_EPSILON))
        samples = Samples(given.observation[seed], given.action[seed], given.reward[seed], nothing)
        follow_scores(given.actors[seed], sizes, given.rates, rule, rule.high_inverse, samples)


class Fused(FusedReplay):
    """A feedforward actor."""

    hyperparameters: Hyperparameters

    def rule_numbers(self) -> Rule:
        *inverses, drop = self.hyperparameters.inverse_temperatures(self.problem)
        high, low = as_dtype(self._dtype, *inverses)
        return Rule(self.problem.discrete, high, low, drop, self.hyperparameters.actor_biases == "learned")

    @property
    def stored_size(self) -> int:
        return self.hyperparameters.stored_size(self.problem)
