"""MAP propagation, fused: one compiled call advances every seed by one agent step (see algorithms/map_propagation.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.fused.driver import step
from algorithms.fused.shared.flat import flatten
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING
from algorithms.fused.shared.output import Output, sample_output, write_action
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
    unit_count,
    updates_of,
)
from algorithms.fused.traces.ascent import Ascent, Climber, ascend, ascend_by_echo, echo, refresh_output, transpose_upper
from algorithms.fused.traces.team import add_scores, sample_hidden, sample_team
from algorithms.fused.traces.team_learner import FusedTeam
from algorithms.map_propagation import Hyperparameters
from algorithms.shared.noise import glorot_uniform


class Rule(NamedTuple):
    """What only this rule's steps take."""

    variances: Any
    critic_variances: Any
    backward: Any
    """[S, parameters], the actor's fixed feedback weights; [S, 0] where feedback is symmetric"""
    critic_backward: Any
    steps: int
    """N"""
    rate: Any
    """alpha_h in units of sigma^2"""
    sequential: bool
    product_rule: bool
    supervised: bool
    mean_samples: int
    """K; 0: mu itself takes the place of E[A | S]"""
    baselines: Any
    """[S, B], estimates of E[A | S] from an action to its update"""
    critic_output: Any
    """[4], the numbers of its `Output`"""
    transposed: Any
    """[parameters], a buffer"""
    echoed: Any
    """[n_2 n_2], a buffer"""
    second: Any
    """[4, n_2], buffers"""


@njit(**SLICING)
def residual(value: Any, mean: Any, unit: Any) -> Any:
    """A - mu; where rounding makes it 0, one unit of that rounding (`unit` is the dtype's epsilon)."""
    difference = value - mean
    return difference if difference != 0 else unit * max(abs(mean), unit / unit)


@njit(**SLICING)
def climber_of(weights: Array, sizes: Any, variances: Array, backward: Any, transposed: Array, feedback: Array) -> Climber:
    """A network ready to climb; without fixed weights in `backward`, its feedback takes its own."""
    transpose_upper(weights, sizes, transposed)
    return Climber(weights, transposed, backward if len(backward) > 0 else transposed, variances, feedback)


@step(AgentStep, Rule)
def agent_step(sizes: Any, given: Any, rule: Any) -> None:
    """Algorithm 2 for the actor, with the critic of Appendix C: one step of every seed, in the released order."""
    output, settings, updates = output_of(given.output), settings_of(given.settings), updates_of(given.updates, sizes)
    critic_output, ascent = output_of(rule.critic_output), Ascent(rule.steps, rule.rate, rule.sequential)
    dtype = given.value.dtype.type
    one = dtype(1)
    unit = np.finfo(given.value.dtype).eps
    values = critic_sizes(sizes)
    b, critic_b = buffers(given.scratch, 0, sizes), buffers(given.scratch, 4, values)
    feedback = given.scratch[8]
    noise = given.normal.shape[1] - len(critic_b.units) + values[0]
    for seed in range(len(given.value)):
        actor, critic = given.actors[seed], given.critics[seed]
        observation, normal, transition = given.observation[seed], given.normal[seed], given.transition[seed]
        # 1. Both networks sample on the new observation.
        copy_observation(observation, b.units)
        copy_observation(observation, critic_b.units)
        sample_hidden(actor[WEIGHTS], sizes, rule.variances, normal, b.units, b.mean)
        chosen = given.uniform[seed, 0] if output.discrete else one
        action = sample_output(output, sizes[-1], normal[:noise], chosen, b.units, b.mean)
        sample_hidden(critic[WEIGHTS], values, rule.critic_variances, normal[noise:], critic_b.units, critic_b.mean)
        sample_output(critic_output, 1, normal, one, critic_b.units, critic_b.mean)
        factor = critic_b.units[-1] - critic_b.mean[-1]
        # 2. Both follow their old traces.
        new_value = critic_b.mean[-1]
        error = td_error(transition, new_value, given.value[seed], settings)
        given.value[seed] = new_value
        rates, moments = updates.actor_rates, updates.moments
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], actor[TRACE], error, sizes, rates, moments)
        rates = updates.critic_rates
        adam.ascend(critic[WEIGHTS], critic[FIRST], critic[SECOND], critic[TRACE], error, values, rates, moments)
        # 3. Both climb, 4. and add their scores to the traces, which an episode's end has cleared.
        keep = dtype(0) if transition[3] > 0 else settings.trace_keep
        fixed = rule.critic_backward[seed]
        climber = climber_of(critic[WEIGHTS], values, rule.critic_variances, fixed, rule.transposed, feedback)
        ascend(values, climber, ascent, critic_output, 0, critic_b)
        if not rule.product_rule:
            factor = one / residual(critic_b.units[-1], critic_b.mean[-1], unit)
        add_scores(critic[TRACE], values, keep, factor, critic_b.units, critic_b.score)
        climber = climber_of(actor[WEIGHTS], sizes, rule.variances, rule.backward[seed], rule.transposed, feedback)
        ascend(sizes, climber, ascent, output, action, b)
        add_scores(actor[TRACE], sizes, keep, one, b.units, b.score)
        write_action(output, action, b.units, given.actions[seed, 0])


@step(SampleStep, Rule)
def sample_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed and copy of a single-step task acts, and estimates E[A | S] if the rule wants it."""
    sample_team(sizes, given, rule.variances)
    if rule.mean_samples > 0:
        estimate_means(sizes, given, rule)


@njit(**SLICING)
def estimate_means(sizes: Any, given: SampleStep, rule: Rule) -> None:
    """Average mu over K further draws, whose numbers lie between those of the draw that acts and the output's own."""
    b = buffers(given.scratch, 0, sizes)
    copies = given.units.shape[1]
    width = given.normal.shape[1] // copies
    hidden = unit_count(sizes) - sizes[0] - sizes[-1]
    dtype = given.units.dtype.type
    for seed in range(len(given.actors)):
        for copy in range(copies):
            copy_observation(given.observation[seed, copy], b.units)
            total = dtype(0)
            for draw in range(1, rule.mean_samples + 1):
                first = copy * width + draw * hidden
                normal = given.normal[seed, first : first + hidden]
                sample_hidden(given.actors[seed, WEIGHTS], sizes, rule.variances, normal, b.units, b.mean)
                total += b.mean[-1]
            rule.baselines[seed, copy] = total / dtype(rule.mean_samples)


@step(UpdateStep, Rule)
def update_step(sizes: Any, given: Any, rule: Any) -> None:
    """Algorithm 1 for an episode of one step; what is wanted is the reward, or the target A* if supervised."""
    output, updates = output_of(given.output), updates_of(given.updates, sizes)
    one = given.units.dtype.type(1)
    unit = np.finfo(given.units.dtype).eps
    copies, ascent = given.units.shape[1], Ascent(rule.steps, rule.rate, rule.sequential)
    score, feedback = buffers(given.scratch, 0, sizes).score, given.scratch[8]
    for seed in range(len(given.actors)):
        actor = given.actors[seed]
        gradient = actor[TRACE]
        gradient[:] = 0
        climber = climber_of(actor[WEIGHTS], sizes, rule.variances, rule.backward[seed], rule.transposed, feedback)
        if len(sizes) > 3:
            echo(climber.weights, climber.backward, sizes, rule.echoed)
        for copy in range(copies):
            units, mean = given.units[seed, copy], given.kept[seed, copy]
            b = Buffers(units, mean, score, score)
            action = int(given.actions[seed, copy, 0]) if output.discrete else 0
            weight = given.wanted[seed, copy]
            if rule.supervised and rule.product_rule:
                refresh_output(sizes, climber, output, action, b)
                baseline = rule.baselines[seed, copy] if rule.mean_samples > 0 else mean[-1]
                weight = (weight - baseline) * (units[-1] - baseline)
            if len(sizes) > 3:
                ascend_by_echo(sizes, climber, ascent, output, action, b, rule.echoed, rule.second)
            else:
                ascend(sizes, climber, ascent, output, action, b)
            if rule.supervised and not rule.product_rule:
                weight = (weight - mean[-1]) / residual(units[-1], mean[-1], unit)
            add_scores(gradient, sizes, one, weight, units, score)
        share = one / given.units.dtype.type(copies)
        rates, moments = updates.actor_rates, updates.moments
        adam.ascend(climber.weights, actor[FIRST], actor[SECOND], gradient, share, sizes, rates, moments)


class Fused(FusedTeam):
    """MAP propagation of actor and critic in compiled code."""

    hyperparameters: Hyperparameters

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._backward = [self._rule.backward, self._rule.critic_backward]
        self._arrays.hold_all("backward", self._backward)

    def rule_numbers(self) -> Rule:
        settings = self.hyperparameters
        last = settings.critic_variances[-1]
        second = self._sizes[0][2]
        return Rule(
            variances=self.actor_variances,
            critic_variances=np.array(settings.critic_variances, self._dtype),
            backward=self._fixed_feedback(0),
            critic_backward=self._fixed_feedback(1),
            steps=settings.ascent_steps,
            rate=self._dtype.type(settings.ascent_rate),
            sequential=settings.ascent_order == "sequential",
            product_rule=settings.critic_rule == "product",
            supervised=self.supervised,
            mean_samples=settings.mean_samples,
            baselines=self._no_baselines(),
            critic_output=np.array(Output(False, 1.0, last**0.5, last), self._dtype),
            transposed=np.empty(max(block.shape[2] for block in self._networks), self._dtype),
            echoed=np.empty(second * second, self._dtype),
            second=np.empty((4, second), self._dtype),
        )

    @property
    def supervised(self) -> bool:
        return self.hyperparameters.signal == "target"

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        normals, uniforms = super().count_actor_noise(hidden_units)
        return normals + self.hyperparameters.mean_samples * hidden_units, uniforms

    def count_critic_normals(self, hidden_units: int) -> int:
        return hidden_units + 1

    def _fixed_feedback(self, network: int) -> NDArray[Any]:
        """Random feedback weights [S, parameters], laid out as the transposed ones are; [S, 0] where feedback is symmetric."""
        if self.hyperparameters.feedback == "symmetric" or network == len(self._sizes):
            return np.zeros((self.seeds, 0), self._dtype)
        return flatten(glorot_uniform(self._noise.fixed, self._sizes[network], self._dtype.name), transposed_from=1)

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        backward, critic_backward = self._backward
        self._rule = self._rule._replace(backward=backward, critic_backward=critic_backward, baselines=self._no_baselines())

    def _no_baselines(self) -> NDArray[Any]:
        return np.zeros(self._units.shape[:2], self._dtype)
