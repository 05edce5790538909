"""Equilibrium propagation in the actor-critic, fused: two compiled calls a step (see algorithms/equilibrium_propagation.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.equilibrium_propagation import Hyperparameters
from algorithms.fused.driver import step
from algorithms.fused.replay.learner import FusedReplay
from algorithms.fused.replay.minibatch import (
    WEIGHTS,
    Columns,
    Learn,
    LearnFromBatch,
    Respond,
    draw_transitions,
    follow,
    learn_values,
    normalise,
)
from algorithms.fused.replay.phases import States, phases
from algorithms.fused.replay.relaxation import Nudge, Relaxation, add_contrast
from algorithms.fused.replay.shallow_relaxation import Scratch, bound_feedback, scratch
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import INLINED
from algorithms.fused.traces.actor_critic import as_dtype, critic_sizes, unit_count
from algorithms.shared.replay.actor_critic import ADVANTAGE_EPSILON


class Rule(NamedTuple):
    """What only this rule's steps take."""

    relaxation: Relaxation
    scratch: Scratch
    critic_rates: Any
    critic_relaxation: Relaxation
    critic_scratch: Scratch
    relaxing_critic: bool


@step(Respond, Rule, allocating=True)
def respond(sizes: Any, given: Any, rule: Any) -> None:
    """The free phase's output for every seed's observations."""
    dtype = given.actors.dtype
    total = unit_count(sizes)
    units, sums, drive = np.empty(total, dtype), np.empty(total, dtype), np.empty(sizes[1], dtype)
    nudge = Nudge(0, dtype.type(0), np.zeros(sizes[-1], dtype))
    states = States(units, units, drive, sums)
    for seed in range(len(given.actors)):
        if given.ended[seed]:
            continue
        weights = given.actors[seed]
        bound_feedback(weights, sizes, rule.relaxation.softmax, rule.scratch.bound)
        for copy in range(given.observation.shape[1]):
            units[: sizes[0]] = given.observation[seed, copy]
            phases(weights, sizes, rule.relaxation, nudge, states, rule.scratch)
            given.output[seed, copy] = units[total - sizes[-1] :]


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
    gradient = np.zeros(len(weights), dtype)
    wanted = np.empty(sizes[-1], dtype)  # contiguous, so that `phases` is compiled for one kind of array only
    states = States(free, nudged, np.empty(sizes[1], dtype), sums)
    bound_feedback(weights, sizes, relaxation.softmax, s.bound)
    for sample in range(len(observation)):
        free[: sizes[0]] = observation[sample]
        nudged[: sizes[0]] = observation[sample]
        wanted[:] = target[sample]
        phases(weights, sizes, relaxation, Nudge(relaxation.nudged_steps, strengths[sample], wanted), states, s)
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
    nudge = Nudge(0, dtype.type(0), np.zeros(1, dtype))
    states = States(units, units, drive, sums)
    for sample in range(len(transitions)):
        row = transitions[sample]
        target[sample, 0] = row[columns.reward]
        if row[columns.worthless] == 0:
            units[:inputs] = row[columns.next_observation : columns.next_observation + inputs]
            phases(weights, sizes, relaxation, nudge, states, s)
            target[sample, 0] += discount * units[-1]
        units[:inputs] = row[:inputs]
        phases(weights, sizes, relaxation, nudge, states, s)
        values[sample] = units[-1]
    return values


@step(Learn, Rule, allocating=True)
def learn(sizes: Any, given: Any, rule: Any) -> None:
    """One update of critic and actor of every seed that is learning."""
    dtype, columns, updates, discount = given.actors.dtype, given.columns, given.updates, given.discount
    relaxation, critic_relaxation, s = rule.relaxation, rule.critic_relaxation, rule.critic_scratch
    values_of = critic_sizes(sizes)
    count = given.draws.shape[1]
    transitions = np.empty((count, given.memory.shape[2]), dtype)
    advantages, target, strengths = np.empty(count, dtype), np.empty((count, 1), dtype), np.empty(count, dtype)
    for seed in range(len(given.actors)):
        if not given.learning[seed]:
            continue
        draw_transitions(given.draws[seed], given.memory[seed], given.memory_sizes[seed], transitions)
        observation = transitions[:, : sizes[0]]
        updates[seed] += 1
        block = given.critics[seed]
        if rule.relaxing_critic:
            critic, rates = block[WEIGHTS], rule.critic_rates
            values = relax_values(critic, values_of, discount, critic_relaxation, columns, transitions, s, target)
            strengths[:] = critic_relaxation.beta
            follow_contrasts(critic, values_of, rates, critic_relaxation, observation, target, strengths, s)
            for sample in range(count):
                advantages[sample] = target[sample, 0] - values[sample]
        else:
            learn_values(block, values_of, discount, given.adam, updates[seed], columns, transitions, advantages)
        normalise(advantages, dtype.type(ADVANTAGE_EPSILON))
        for sample in range(count):
            strengths[sample] = relaxation.beta * advantages[sample]
        action = transitions[:, columns.action : columns.reward]
        follow_contrasts(given.actors[seed], sizes, given.rates, relaxation, observation, action, strengths, rule.scratch)


@step(LearnFromBatch, Rule, allocating=True)
def learn_from_batch(sizes: Any, given: Any, rule: Any) -> None:
    """One update of every seed's actor on a single-step task."""
    relaxation, rates = rule.relaxation, given.rates
    for seed in range(len(given.actors)):
        strengths = given.reward[seed]
        normalise(strengths, strengths.dtype.type(ADVANTAGE_EPSILON))
        for copy in range(len(strengths)):
            strengths[copy] *= relaxation.beta
        observation, action = given.observation[seed], given.action[seed]
        follow_contrasts(given.actors[seed], sizes, rates, relaxation, observation, action, strengths, rule.scratch)


class Fused(FusedReplay):
    """Actor, and critic if it relaxes, by the kernels of phases.py."""

    hyperparameters: Hyperparameters

    def rule_numbers(self) -> Rule:
        settings, hidden = self.hyperparameters, self._sizes[1]
        return Rule(
            self._relaxation_of(settings.beta, self.problem.discrete),
            scratch(hidden, self.problem.action_size, self._dtype),
            np.array(settings.critic_learning_rates, self._dtype),
            self._relaxation_of(settings.critic_beta, False),
            scratch(hidden, 1, self._dtype),
            settings.critic == "equilibrium_propagation",
        )

    def _relaxation_of(self, beta: float, softmax: bool) -> Relaxation:
        settings = self.hyperparameters
        step_size, strength = as_dtype(self._dtype, settings.step_size, beta)
        tied = settings.update_rule == "S6"
        return Relaxation(softmax, step_size, settings.free_steps, settings.nudged_steps, strength, tied, True)
