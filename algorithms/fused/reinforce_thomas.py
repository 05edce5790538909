"""REINFORCE with Thomas's variance reduction, fused: one compiled call an agent step (see algorithms/reinforce_thomas.py)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import COMPILED, INLINED, Kernels
from algorithms.fused.shared.output import Output, largest, sample_output, write_action
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
from algorithms.fused.traces.team import add_scores, refresh, sample_hidden, score_drawn
from algorithms.fused.traces.team_learner import FusedTeam
from algorithms.reinforce_thomas import Hyperparameters


@njit(**INLINED)
def sample_exploring(
    weights: Array,
    sizes: Any,
    variances: Array,
    probability: Any,
    output: Output,
    normal: Array,
    uniform: Array,
    units: Array,
    mean: Array,
    noise: Array,
    exploring: Array,
) -> int:
    """Draw the team's units, silencing the noise of those that rest; `exploring` is 1 or 0 for each unit and output decision.

    Returns a discrete action's number, 0 for a continuous action.
    """
    for i in range(len(normal)):
        exploring[i] = uniform[i] < probability
        noise[i] = normal[i] * exploring[i]
    sample_hidden(weights, sizes, variances, noise, units, mean)
    action = sample_output(output, sizes[-1], noise, uniform[-1], units, mean)
    if output.discrete:
        decides = uniform[len(normal)] < probability
        exploring[len(normal)] = decides
        if not decides:
            action = largest(mean, len(mean) - sizes[-1], sizes[-1])
    return action


@njit(**INLINED)
def rest(sizes: Any, output: Output, exploring: Array, score: Array) -> None:
    """Scores become 0 for the units that rested."""
    hidden = len(score) - sizes[0] - sizes[-1]
    for i in range(hidden):
        score[sizes[0] + i] *= exploring[i]
    for j in range(sizes[-1]):
        # A softmax decides as one unit, each dimension of a Gaussian output for itself.
        score[sizes[0] + hidden + j] *= exploring[hidden] if output.discrete else exploring[hidden + j]


@njit(**INLINED)
def agent_step(
    actor_sizes: Any,
    critic_sizes: Any,
    actors: Any,
    critics: Any,
    variances: Array,
    probability: Any,
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
    """One step of every seed: a team of which few explore for the actor, backpropagation for the critic."""
    dtype = value.dtype.type
    one = dtype(1)
    units = np.empty(unit_count(actor_sizes), value.dtype)
    mean, score, exploring, noise = np.empty_like(units), np.empty_like(units), np.empty_like(units), np.empty_like(normal[0])
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
        action = sample_exploring(
            actor[WEIGHTS],
            actor_sizes,
            variances,
            probability,
            output,
            normal[seed],
            uniform[seed],
            units,
            mean,
            noise,
            exploring,
        )
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
        rest(actor_sizes, output, exploring, score)
        add_scores(actor[TRACE], actor_sizes, keep, one, units, score)
        write_action(output, action, units, actions[seed, 0])


@njit(**INLINED)
def sample_step(
    sizes: Any,
    actors: Any,
    variances: Array,
    probability: Any,
    output: Output,
    observation: Any,
    normal: Any,
    uniform: Any,
    units: Any,
    means: Any,
    exploring: Any,
    actions: Any,
) -> None:
    """Every seed and copy of a single-step task acts.

    `units`, `means` and `exploring` [S, B, units] keep what was drawn, by which pre-activations, and who explored.
    """
    copies = units.shape[1]
    normals, uniforms = normal.shape[1] // copies, uniform.shape[1] // copies
    noise = np.empty(normals, units.dtype)
    for seed in range(len(actors)):
        for copy in range(copies):
            drawn, mean = units[seed, copy], means[seed, copy]
            copy_observation(observation[seed, copy], drawn)
            action = sample_exploring(
                actors[seed, WEIGHTS],
                sizes,
                variances,
                probability,
                output,
                normal[seed, copy * normals : (copy + 1) * normals],
                uniform[seed, copy * uniforms : (copy + 1) * uniforms],
                drawn,
                mean,
                noise,
                exploring[seed, copy],
            )
            write_action(output, action, drawn, actions[seed, copy])


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
    exploring: Any,
    actions: Any,
) -> None:
    """Every seed's update on a single-step task: the mean over the copies of reward · score of the units that explored."""
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
            rest(sizes, output, exploring[seed, copy], score)
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
        sample_step((inputs, *hidden, outputs), *arguments)

    @njit(**COMPILED)
    def update(inputs, outputs, *arguments):  # type: ignore[no-untyped-def]
        update_step((inputs, *hidden, outputs), *arguments)

    return Kernels(agent, sample, update)


class Fused(FusedTeam):
    """REINFORCE with few explorers at a time, in compiled code."""

    hyperparameters: Hyperparameters
    compile_for = staticmethod(compile_for)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._probability = self._dtype.type(self.hyperparameters.explore_probability)
        self._exploring = np.zeros_like(self._units)

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        normals, _ = super().count_actor_noise(hidden_units)
        # A decision for each noisy unit; a softmax adds its own decision and the number that draws its action.
        return normals, normals + 2 if self.problem.discrete else normals

    def agent_step(self, observation: NDArray[Any], normal: NDArray[Any], uniform: NDArray[Any], updates: Updates) -> None:
        self._kernels.agent_step(
            *self._ends,
            *self._networks,
            self._actor_variances,
            self._probability,
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

    def sample_step(self, observation: NDArray[Any], normal: NDArray[Any], uniform: NDArray[Any]) -> None:
        self._kernels.sample_step(
            *self._ends,
            self._networks[0],
            self._actor_variances,
            self._probability,
            self._output,
            observation,
            normal,
            uniform,
            self._units,
            self._kept,
            self._exploring,
            self._actions,
        )

    def update_step(self, reward: NDArray[Any], target: NDArray[Any], updates: Updates) -> None:
        self._kernels.update_step(
            *self._ends,
            self._networks[0],
            self._actor_variances,
            self._output,
            updates,
            reward,
            self._units,
            self._kept,
            self._exploring,
            self._actions,
        )

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._exploring = np.zeros_like(self._units)
