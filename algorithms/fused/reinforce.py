"""REINFORCE on every unit, fused: one compiled call advances every seed by one agent step (see algorithms/reinforce.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

from algorithms.fused.driver import step
from algorithms.fused.shared.output import sample_output, write_action
from algorithms.fused.traces import adam
from algorithms.fused.traces.actor_critic import (
    FIRST,
    SECOND,
    TRACE,
    WEIGHTS,
    AgentStep,
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
from algorithms.fused.traces.team import add_scores, refresh, sample_hidden, sample_team, score_drawn
from algorithms.fused.traces.team_learner import FusedTeam
from algorithms.reinforce import Hyperparameters


class Rule(NamedTuple):
    """What only this rule's steps take."""

    variances: Any


@step(AgentStep, Rule)
def agent_step(sizes: Any, given: Any, rule: Any) -> None:
    """One step of every seed: a team for the actor, a network trained by backpropagation for the critic."""
    output, settings, updates = output_of(given.output), settings_of(given.settings), updates_of(given.updates, sizes)
    variances = rule.variances
    dtype = given.value.dtype.type
    one = dtype(1)
    values = critic_sizes(sizes)
    b, critic_b = buffers(given.scratch, 0, sizes), buffers(given.scratch, 4, values)
    for seed in range(len(given.value)):
        actor, critic = given.actors[seed], given.critics[seed]
        observation, normal, transition = given.observation[seed], given.normal[seed], given.transition[seed]
        # 1. Both networks look at the new observation.
        copy_observation(observation, b.units)
        sample_hidden(actor[WEIGHTS], sizes, variances, normal, b.units, b.mean)
        chosen = given.uniform[seed, 0] if output.discrete else one
        action = sample_output(output, sizes[-1], normal, chosen, b.units, b.mean)
        new_value = evaluate(critic, values, observation, critic_b)
        # 2. Both follow their old traces, 3. and add this step to them.
        error = td_error(transition, new_value, given.value[seed], settings)
        given.value[seed] = new_value
        keep = dtype(0) if transition[3] > 0 else settings.trace_keep
        learn_and_trace(critic, values, error, keep, updates, observation, critic_b)
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], actor[TRACE], error, sizes, updates.actor_rates, updates.moments)
        refresh(actor[WEIGHTS], sizes, variances, output, action, b.units, b.mean, b.score)
        add_scores(actor[TRACE], sizes, keep, one, b.units, b.score)
        write_action(output, action, b.units, given.actions[seed, 0])


@step(SampleStep, Rule)
def sample_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed and copy of a single-step task acts."""
    sample_team(sizes, given, rule.variances)


@step(UpdateStep, Rule)
def update_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed's update on a single-step task: the mean over the copies of reward · score."""
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
            add_scores(gradient, sizes, one, given.wanted[seed, copy], units, score)
        share = one / given.units.dtype.type(copies)
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], gradient, share, sizes, updates.actor_rates, updates.moments)


class Fused(FusedTeam):
    """REINFORCE of the actor in compiled code."""

    hyperparameters: Hyperparameters

    def rule_numbers(self) -> Rule:
        return Rule(self.actor_variances)
