"""Actor-critic with traces by backpropagation, fused: one compiled call an agent step (see algorithms/backprop_traces.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from algorithms.backprop_traces import Hyperparameters
from algorithms.fused.driver import step
from algorithms.fused.shared.output import entropy_score, sample_output, score_output, write_action
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
from algorithms.fused.traces.learner import FusedActorCritic
from algorithms.fused.traces.perceptron import backpropagate, forward
from algorithms.fused.traces.team import add_scores, refresh_output_layer


class Rule(NamedTuple):
    """What only this rule's steps take."""

    deviations: Any
    """of the hidden layers that are drawn; none where they are deterministic"""
    entropy: Any
    """the entropy gradient's weight"""
    supervised: bool
    rectified: bool
    """hidden units are max(x, 0) instead of softplus"""
    direction: Any
    """[parameters], a buffer"""


@step(AgentStep, Rule)
def agent_step(sizes: Any, given: Any, rule: Any) -> None:
    """One step of every seed; of the actor the output is drawn, and hidden layers that have deviations."""
    output, settings, updates = output_of(given.output), settings_of(given.settings), updates_of(given.updates, sizes)
    deviations, entropy, direction = rule.deviations, rule.entropy, rule.direction
    dtype = given.value.dtype.type
    one = dtype(1)
    values = critic_sizes(sizes)
    b, critic_b = buffers(given.scratch, 0, sizes), buffers(given.scratch, 4, values)
    for seed in range(len(given.value)):
        actor, critic = given.actors[seed], given.critics[seed]
        observation, normal, transition = given.observation[seed], given.normal[seed], given.transition[seed]
        # 1. Both networks look at the new observation.
        copy_observation(observation, b.units)
        forward(actor[WEIGHTS], sizes, deviations, normal, b.units, b.slope, b.mean, rule.rectified)
        chosen = given.uniform[seed, 0] if output.discrete else one
        action = sample_output(output, sizes[-1], normal, chosen, b.units, b.mean)
        new_value = evaluate(critic, values, observation, critic_b, rule.rectified)
        # 2. Both follow their old traces, 3. and add this step's gradients to them.
        error = td_error(transition, new_value, given.value[seed], settings)
        given.value[seed] = new_value
        keep = dtype(0) if transition[3] > 0 else settings.trace_keep
        learn_and_trace(critic, values, error, keep, updates, observation, critic_b, rule.rectified)
        for i in range(len(direction)):
            direction[i] = error * actor[TRACE, i]
        if entropy > 0:
            entropy_score(b.mean, len(b.mean) - sizes[-1], sizes[-1], output.softmax_scale, b.score)
            backpropagate(actor[WEIGHTS], sizes, b.slope, b.score)
            add_scores(direction, sizes, one, entropy, b.units, b.score)
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], direction, one, sizes, updates.actor_rates, updates.moments)
        forward(actor[WEIGHTS], sizes, deviations, normal, b.units, b.slope, b.mean, rule.rectified)
        score_output(output, sizes[-1], action, b.units, b.mean, b.score)
        backpropagate(actor[WEIGHTS], sizes, b.slope, b.score)
        add_scores(actor[TRACE], sizes, keep, one, b.units, b.score)
        write_action(output, action, b.units, given.actions[seed, 0])


@step(SampleStep, Rule)
def sample_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed and copy of a single-step task acts; `given.kept` keeps the slopes."""
    output = output_of(given.output)
    copies = given.units.shape[1]
    width = given.normal.shape[1] // copies
    mean = buffers(given.scratch, 0, sizes).mean
    for seed in range(len(given.actors)):
        for copy in range(copies):
            units, slope = given.units[seed, copy], given.kept[seed, copy]
            copy_observation(given.observation[seed, copy], units)
            normal = given.normal[seed, copy * width : (copy + 1) * width]
            forward(given.actors[seed, WEIGHTS], sizes, rule.deviations, normal, units, slope, mean, rule.rectified)
            chosen = given.uniform[seed, copy] if output.discrete else units.dtype.type(0)
            action = sample_output(output, sizes[-1], normal, chosen, units, mean)
            write_action(output, action, units, given.actions[seed, copy])


@step(UpdateStep, Rule)
def update_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed's update on a single-step task, towards reward or, if supervised, the target of the output."""
    output, updates, entropy = output_of(given.output), updates_of(given.updates, sizes), rule.entropy
    copies = given.units.shape[1]
    one = given.units.dtype.type(1)
    b = buffers(given.scratch, 0, sizes)
    mean, score = b.mean, b.score
    for seed in range(len(given.actors)):
        actor = given.actors[seed]
        gradient = actor[TRACE]
        gradient[:] = 0
        for copy in range(copies):
            units, slope, wanted = given.units[seed, copy], given.kept[seed, copy], given.wanted[seed, copy]
            action = int(given.actions[seed, copy, 0]) if output.discrete else 0
            if rule.supervised:
                score[-1] = wanted - units[-1]
            else:
                refresh_output_layer(actor[WEIGHTS], sizes, output, action, units, mean, score)
            backpropagate(actor[WEIGHTS], sizes, slope, score)
            add_scores(gradient, sizes, one, one if rule.supervised else wanted, units, score)
            if entropy > 0:
                entropy_score(mean, len(mean) - sizes[-1], sizes[-1], output.softmax_scale, score)
                backpropagate(actor[WEIGHTS], sizes, slope, score)
                add_scores(gradient, sizes, one, entropy, units, score)
        share = one / given.units.dtype.type(copies)
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], gradient, share, sizes, updates.actor_rates, updates.moments)


class Fused(FusedActorCritic):
    """Backpropagation of actor and critic in compiled code."""

    hyperparameters: Hyperparameters

    def rule_numbers(self) -> Rule:
        deviations = np.sqrt(np.array(self.hyperparameters.actor_hidden_variances, self._dtype))
        entropy = self._dtype.type(self.hyperparameters.entropy_coefficient)
        rectified = self.hyperparameters.activation == "relu"
        return Rule(deviations, entropy, self.supervised, rectified, np.empty_like(self._networks[0][0, 0]))

    @property
    def supervised(self) -> bool:
        return self.hyperparameters.signal == "target"

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        hidden = hidden_units if self.hyperparameters.actor_hidden_variances else 0
        return (hidden, 1) if self.problem.discrete else (hidden + self.problem.action_size, 0)

    def output_variances(self) -> tuple[float, float]:
        variance = self.hyperparameters.output_variance
        return variance, 1.0 if self.hyperparameters.output_score == "unscaled" else variance
