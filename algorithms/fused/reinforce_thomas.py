"""REINFORCE with Thomas's variance reduction, fused: one compiled call an agent step (see algorithms/reinforce_thomas.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.fused.driver import step
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING
from algorithms.fused.shared.output import Output, largest, sample_output, write_action
from algorithms.fused.traces import adam
from algorithms.fused.traces.actor_critic import (
    FIRST,
    SECOND,
    TRACE,
    WEIGHTS,
    AgentStep,
    Buffers,
    SampleStep,
    UpdateStep,
    buffers,
    copy_observation,
    critic_sizes,
    output_of,
    settings_of,
    td_error,
    updates_of,
)
from algorithms.fused.traces.critic import evaluate, learn_and_trace
from algorithms.fused.traces.team import add_scores, refresh, sample_hidden, score_drawn
from algorithms.fused.traces.team_learner import FusedTeam
from algorithms.reinforce_thomas import Hyperparameters


class Rule(NamedTuple):
    """What only this rule's steps take."""

    variances: Any
    probability: Any
    exploring: Any
    """[S, B, units]: 1 or 0 for each unit and output decision of a single-step task"""


@njit(**SLICING)
def sample_exploring(
    weights: Array, sizes: Any, rule: Rule, output: Output, normal: Array, uniform: Array, b: Buffers, exploring: Array
) -> int:
    """Draw the team's units, silencing the noise of those that rest; `exploring` is 1 or 0 for each unit and output decision.

    `b.slope` is a buffer for the noise. Returns a discrete action's number, 0 for a continuous action.
    """
    noise = b.slope[: len(normal)]
    for i in range(len(normal)):
        exploring[i] = uniform[i] < rule.probability
        noise[i] = normal[i] * exploring[i]
    sample_hidden(weights, sizes, rule.variances, noise, b.units, b.mean)
    action = sample_output(output, sizes[-1], noise, uniform[-1], b.units, b.mean)
    if output.discrete:
        decides = uniform[len(normal)] < rule.probability
        exploring[len(normal)] = decides
        if not decides:
            action = largest(b.mean, len(b.mean) - sizes[-1], sizes[-1])
    return action


@njit(**SLICING)
def rest(sizes: Any, output: Output, exploring: Array, score: Array) -> None:
    """Scores become 0 for the units that rested."""
    hidden = len(score) - sizes[0] - sizes[-1]
    for i in range(hidden):
        score[sizes[0] + i] *= exploring[i]
    for j in range(sizes[-1]):
        # A softmax decides as one unit, each dimension of a Gaussian output for itself.
        score[sizes[0] + hidden + j] *= exploring[hidden] if output.discrete else exploring[hidden + j]


@step(AgentStep, Rule)
def agent_step(sizes: Any, given: Any, rule: Any) -> None:
    """One step of every seed: a team of which few explore for the actor, backpropagation for the critic."""
    output, settings, updates = output_of(given.output), settings_of(given.settings), updates_of(given.updates, sizes)
    dtype = given.value.dtype.type
    values = critic_sizes(sizes)
    b, critic_b = buffers(given.scratch, 0, sizes), buffers(given.scratch, 4, values)
    exploring = given.scratch[8]
    for seed in range(len(given.value)):
        actor, critic = given.actors[seed], given.critics[seed]
        observation, transition = given.observation[seed], given.transition[seed]
        # 1. Both networks look at the new observation.
        copy_observation(observation, b.units)
        action = sample_exploring(actor[WEIGHTS], sizes, rule, output, given.normal[seed], given.uniform[seed], b, exploring)
        new_value = evaluate(critic, values, observation, critic_b)
        # 2. Both follow their old traces, 3. and add this step to them.
        error = td_error(transition, new_value, given.value[seed], settings)
        given.value[seed] = new_value
        keep = dtype(0) if transition[3] > 0 else settings.trace_keep
        learn_and_trace(critic, values, error, keep, updates, observation, critic_b)
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], actor[TRACE], error, sizes, updates.actor_rates, updates.moments)
        refresh(actor[WEIGHTS], sizes, rule.variances, output, action, b.units, b.mean, b.score)
        rest(sizes, output, exploring, b.score)
        add_scores(actor[TRACE], sizes, keep, dtype(1), b.units, b.score)
        write_action(output, action, b.units, given.actions[seed, 0])


@step(SampleStep, Rule)
def sample_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed and copy of a single-step task acts; `rule.exploring` keeps who explored, `given.kept` pre-activations."""
    copies = given.units.shape[1]
    normals, uniforms = given.normal.shape[1] // copies, given.uniform.shape[1] // copies
    noise, output = given.scratch[0], output_of(given.output)
    for seed in range(len(given.actors)):
        weights = given.actors[seed, WEIGHTS]
        for copy in range(copies):
            units = given.units[seed, copy]
            b = Buffers(units, given.kept[seed, copy], noise, noise)
            normal = given.normal[seed, copy * normals : (copy + 1) * normals]
            uniform = given.uniform[seed, copy * uniforms : (copy + 1) * uniforms]
            copy_observation(given.observation[seed, copy], units)
            action = sample_exploring(weights, sizes, rule, output, normal, uniform, b, rule.exploring[seed, copy])
            write_action(output, action, units, given.actions[seed, copy])


@step(UpdateStep, Rule)
def update_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed's update on a single-step task: the mean over the copies of reward · score of the units that explored."""
    output, updates = output_of(given.output), updates_of(given.updates, sizes)
    copies = given.units.shape[1]
    one = given.units.dtype.type(1)
    score = buffers(given.scratch, 0, sizes).score
    for seed in range(len(given.actors)):
        actor = given.actors[seed]
        gradient = actor[TRACE]
        gradient[:] = 0
        for copy in range(copies):
            units, mean = given.units[seed, copy], given.kept[seed, copy]
            action = int(given.actions[seed, copy, 0]) if output.discrete else 0
            score_drawn(actor[WEIGHTS], sizes, rule.variances, output, action, units, mean, score)
            rest(sizes, output, rule.exploring[seed, copy], score)
            add_scores(gradient, sizes, one, given.wanted[seed, copy], units, score)
        share = one / given.units.dtype.type(copies)
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], gradient, share, sizes, updates.actor_rates, updates.moments)


class Fused(FusedTeam):
    """REINFORCE with few explorers at a time, in compiled code."""

    hyperparameters: Hyperparameters

    def rule_numbers(self) -> Rule:
        probability = self._dtype.type(self.hyperparameters.explore_probability)
        return Rule(self.actor_variances, probability, np.zeros_like(self._units))

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        normals, _ = super().count_actor_noise(hidden_units)
        # A decision for each noisy unit; a softmax adds its own decision and the number that draws its action.
        return normals, normals + 2 if self.problem.discrete else normals

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._rule = self.rule_numbers()
