"""REINFORCE on every unit, fused: one compiled call advances every seed by one agent step (see algorithms/reinforce.py)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import COMPILED, INLINED, Kernels
from algorithms.fused.shared.output import Output, sample_output, write_action
from algorithms.fused.traces import adam
from algorithms.fused.traces.actor_critic import (
    FIRST,
    SECOND,
    TRACE,
    WEIGHTS,
    StepSettings,
    Updates,
    copy_observation,
    td_error,
    unit_count,
)
from algorithms.fused.traces.critic import evaluate, learn_and_trace
from algorithms.fused.traces.team import add_scores, refresh, sample_hidden, sample_team, score_drawn
from algorithms.fused.traces.team_learner import FusedTeam
from algorithms.reinforce import Hyperparameters


@njit(**INLINED)
def agent_step(
    actor_sizes: Any,
    critic_sizes: Any,
    actors: Any,
    critics: Any,
    variances: Array,
    settings: StepSettings,
    output: Output,
    updates: Updates,
    observation: Any,
    normal: Any,
    uniform: Any,
    transition: Any,
    value: Array,
    actions: Any,
) -> None:
    """One step of every seed: a team for the actor, a network trained by backpropagation for the critic."""
    dtype = value.dtype.type
    one = dtype(1)
    units = np.empty(unit_count(actor_sizes), value.dtype)
    mean, score = np.empty_like(units), np.empty_like(units)
    critic_units = np.empty(unit_count(critic_sizes), value.dtype)
    critic_slope, critic_mean, critic_score = (
        np.empty_like(critic_units),
        np.empty_like(critic_units),
        np.empty_like(critic_units),
    )
    for seed in range(len(value)):
        actor, critic = actors[seed], critics[seed]
        # 1. Both networks look at the new observation.
        copy_observation(observation[seed], units)
        sample_hidden(actor[WEIGHTS], actor_sizes, variances, normal[seed], units, mean)
        chosen = uniform[seed, 0] if output.discrete else one
        action = sample_output(output, actor_sizes[-1], normal[seed], chosen, units, mean)
        new_value = evaluate(critic, critic_sizes, observation[seed], critic_units, critic_slope, critic_mean)
        # 2. Both follow their old traces, 3. and add this step to them.
        error = td_error(transition[seed], new_value, value[seed], settings)
        value[seed] = new_value
        keep = dtype(0) if transition[seed, 3] > 0 else settings.trace_keep
        learn_and_trace(
            critic, critic_sizes, error, keep, updates, observation[seed], critic_units, critic_slope, critic_mean, critic_score
        )
        adam.ascend(
            actor[WEIGHTS], actor[FIRST], actor[SECOND], actor[TRACE], error, actor_sizes, updates.actor_rates, updates.moments
        )
        refresh(actor[WEIGHTS], actor_sizes, variances, output, action, units, mean, score)
        add_scores(actor[TRACE], actor_sizes, keep, one, units, score)
        write_action(output, action, units, actions[seed, 0])


@njit(**INLINED)
def update_step(
    sizes: Any,
    actors: Any,
    variances: Array,
    output: Output,
    updates: Updates,
    reward: Any,
    units: Any,
    means: Any,
    actions: Any,
) -> None:
    """Every seed's update on a single-step task: the mean over the copies of reward · score."""
    one = units.dtype.type(1)
    copies = units.shape[1]
    score = np.empty(units.shape[2], units.dtype)
    for seed in range(len(actors)):
        actor = actors[seed]
        gradient = actor[TRACE]
        gradient[:] = 0
        for copy in range(copies):
            drawn, mean = units[seed, copy], means[seed, copy]
            action = int(actions[seed, copy, 0]) if output.discrete else 0
            score_drawn(actor[WEIGHTS], sizes, variances, output, action, drawn, mean, score)
            add_scores(gradient, sizes, one, reward[seed, copy], drawn, score)
        share = one / units.dtype.type(copies)
        adam.ascend(actor[WEIGHTS], actor[FIRST], actor[SECOND], gradient, share, sizes, updates.actor_rates, updates.moments)


@cache
def compile_for(hidden: tuple[int, ...]) -> Kernels:
    """The kernels for these hidden layers: as constants, their sizes reach every loop."""

    @njit(**COMPILED)
    def agent(inputs, outputs, *arguments):  # type: ignore[no-untyped-def]
        agent_step((inputs, *hidden, outputs), (inputs, *hidden, 1), *arguments)

    @njit(**COMPILED)
    def sample(inputs, outputs, *arguments):  # type: ignore[no-untyped-def]
        sample_team((inputs, *hidden, outputs), *arguments)

    @njit(**COMPILED)
    def update(inputs, outputs, *arguments):  # type: ignore[no-untyped-def]
        update_step((inputs, *hidden, outputs), *arguments)

    return Kernels(agent, sample, update)


class Fused(FusedTeam):
    """REINFORCE of the actor in compiled code."""

    hyperparameters: Hyperparameters
    compile_for = staticmethod(compile_for)

    def agent_step(self, observation: NDArray[Any], normal: NDArray[Any], uniform: NDArray[Any], updates: Updates) -> None:
        self._kernels.agent_step(
            *self._ends,
            *self._networks,
            self._actor_variances,
            self._settings,
            self._output,
            updates,
            observation,
            normal,
            uniform,
            self._transition,
            self._value,
            self._actions,
        )

    def update_step(self, reward: NDArray[Any], target: NDArray[Any] | None, updates: Updates) -> None:
        drawn = (self._units, self._kept, self._actions)
        self._kernels.update_step(*self._ends, self._networks[0], self._actor_variances, self._output, updates, reward, *drawn)
