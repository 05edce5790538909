"""What every fused learner with a replay memory does with a minibatch: draw it, normalise advantages, follow gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.fused.replay.hard_sigmoid_network import add_gradients, forward
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import INLINED, SLICING
from algorithms.fused.traces import adam
from algorithms.fused.traces.actor_critic import unit_count

WEIGHTS, FIRST, SECOND = range(3)  # rows of a critic's block [S, 3, parameters]


class Columns(NamedTuple):
    """Where the parts of a transition lie in its row (see ReplayLearner.transition_width)."""

    action: int
    reward: int
    worthless: int
    next_observation: int
    stored: int


class AdamSettings(NamedTuple):
    """Adam's constants, in the engine's dtype; beta^t is taken in double precision."""

    rate: Any
    beta1: Any
    beta2: Any
    epsilon: Any
    exact_beta1: float
    exact_beta2: float


class Respond(NamedTuple):
    """What every rule's response takes: arrays by seed, [S, …]."""

    actors: Any
    """[S, parameters]"""
    observation: Any
    """[S, B, d]"""
    ended: Any
    """bool [S]: seeds that need no response"""
    episodes: Any
    output: Any
    """[S, B, n], to be written"""
    stored: Any
    """[S, B, m], to be written: what is stored with the transition"""


class Learn(NamedTuple):
    """What every rule's update from the memory takes: arrays by seed, [S, …]."""

    actors: Any
    critics: Any
    """[S, 3, parameters]"""
    rates: Any
    discount: Any
    adam: AdamSettings
    updates: Any
    columns: Columns
    episodes: Any
    learning: Any
    """bool [S]: seeds that take part"""
    draws: Any
    """uniform numbers [S, K]"""
    memory: Any
    memory_sizes: Any


class LearnFromBatch(NamedTuple):
    """What every rule's update takes on a single-step task: arrays by seed and copy, [S, B, …]."""

    actors: Any
    rates: Any
    observation: Any
    action: Any
    reward: Any
    """[S, B], to be overwritten"""


class Samples(NamedTuple):
    """What one seed learns from."""

    observation: Any
    """[K, d]"""
    action: Any
    """[K, n]"""
    advantages: Any
    """[K]"""
    stored: Any
    """[K, m]"""


@njit(**SLICING)
def draw_without_replacement(uniform: Array, population: int, drawn: Array) -> None:
    """As algorithms.shared.replay.memory.draw_without_replacement, into `drawn`, int64 [K]."""
    count = len(drawn)
    for i in range(count):
        last = population - count + i
        candidate = min(int(uniform[i] * uniform.dtype.type(last + 1)), last)
        for earlier in range(i):
            if drawn[earlier] == candidate:
                candidate = last
                break
        drawn[i] = candidate


@njit(**INLINED)
def draw_transitions(uniform: Array, memory: Any, population: int, transitions: Any) -> None:
    """Different rows of `memory`, among the first `population` of them, into `transitions` [K, width]."""
    drawn = np.empty(len(transitions), np.int64)
    draw_without_replacement(uniform, population, drawn)
    for sample in range(len(transitions)):
        transitions[sample] = memory[drawn[sample]]


@njit(**SLICING)
def normalise(advantages: Array, epsilon: Any) -> None:
    """(A - mean) / (standard deviation + epsilon), in place, with ddof = 1; of a single advantage nothing is left."""
    count = advantages.dtype.type(len(advantages))
    mean = count - count
    for i in range(len(advantages)):
        mean += advantages[i]
    mean /= count
    variance = count - count
    for i in range(len(advantages)):
        advantages[i] -= mean
        variance += advantages[i] * advantages[i]
    deviation = np.sqrt(variance / advantages.dtype.type(max(1, len(advantages) - 1))) + epsilon
    for i in range(len(advantages)):
        advantages[i] /= deviation


@njit(**SLICING)
def follow(weights: Array, sizes: Any, rates: Array, gradient: Array, scale: Any) -> None:
    """Plain steps along scale · gradient, with a rate a layer."""
    start = 0
    for layer in range(1, len(sizes)):
        count = (sizes[layer - 1] + 1) * sizes[layer]
        rate = rates[layer - 1] * scale
        w, slope = weights[start : start + count], gradient[start : start + count]
        for i in range(count):
            w[i] += rate * slope[i]
        start += count


@njit(**INLINED)
def learn_values(
    block: Any,
    sizes: Any,
    discount: Any,
    settings: AdamSettings,
    updates: int,
    columns: Columns,
    transitions: Any,
    advantages: Array,
) -> None:
    """One step of a critic by backpropagation on transitions [K, width]; leaves their advantages [K] of before the step."""
    dtype = advantages.dtype
    weights = block[WEIGHTS]
    inputs, total = sizes[0], unit_count(sizes)
    units, error = np.empty(total, dtype), np.empty(total, dtype)
    gradient = np.zeros(len(weights), dtype)
    for sample in range(len(transitions)):
        row = transitions[sample]
        target = row[columns.reward]
        if row[columns.worthless] == 0:
            units[:inputs] = row[columns.next_observation : columns.next_observation + inputs]
            forward(weights, sizes, units)
            target += discount * units[-1]
        units[:inputs] = row[:inputs]
        forward(weights, sizes, units)
        advantages[sample] = target - units[-1]
        error[-1] = units[-1] - target
        add_gradients(weights, sizes, units, error, gradient)
    rates = np.full(len(sizes) - 1, settings.rate * dtype.type(1.0 / (1.0 - settings.exact_beta1**updates)), dtype)
    correction = dtype.type(1.0 / (1.0 - settings.exact_beta2**updates))
    moments = (settings.beta1, settings.beta2, settings.epsilon, correction)
    # Against the gradient of the mean squared error.
    factor = dtype.type(-2) / dtype.type(len(transitions))
    adam.ascend(weights, block[FIRST], block[SECOND], gradient, factor, sizes, rates, moments)
