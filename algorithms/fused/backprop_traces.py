"""Actor-critic with traces by backpropagation, fused: one compiled call an agent step (see algorithms/backprop_traces.py)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.backprop_traces import Hyperparameters
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import COMPILED, INLINED, Kernels
from algorithms.fused.shared.output import Output, entropy_score, sample_output, score_output, write_action
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
from algorithms.fused.traces.learner import FusedActorCritic
from algorithms.fused.traces.perceptron import backpropagate, forward
from algorithms.fused.traces.team import add_scores, refresh_output_layer


@njit(**INLINED)
def agent_step(
    actor_sizes: Any,
    critic_sizes: Any,
    actors: Any,
    critics: Any,
    deviations: Array,
    entropy: Any,
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
    """One step of every seed; of the actor the output is drawn, and hidden layers that have `deviations`."""
    dtype = value.dtype.type
    one = dtype(1)
    units = np.empty(unit_count(actor_sizes), value.dtype)
    slope, mean, score = np.empty_like(units), np.empty_like(units), np.empty_like(units)
    critic_units = np.empty(unit_count(critic_sizes), value.dtype)
    critic_slope, critic_mean, critic_score = (
        np.empty_like(critic_units),
        np.empty_like(critic_units),
        np.empty_like(critic_units),
    )
    direction = np.empty(actors.shape[2], value.dtype)
    for seed in range(len(value)):
        actor, critic = actors[seed], critics[seed]
        # 1. Both networks look at the new observation.
        copy_observation(observation[seed], units)
        forward(actor[WEIGHTS], actor_sizes, deviations, normal[seed], units, slope, mean)
        chosen = uniform[seed, 0] if output.discrete else one
        action = sample_output(output, actor_sizes[-1], normal[seed], chosen, units, mean)
        new_value = evaluate(critic, critic_sizes, observation[seed], critic_units, critic_slope, critic_mean)
        # 2. Both follow their old traces, 3. and add this step's gradients to them.
        error = td_error(transition[seed], new_value, value[seed], settings)
        value[seed] = new_value
        keep = dtype(0) if transition[seed, 3] > 0 else settings.trace_keep
        learn_and_trace(
            critic, critic_sizes, error, keep, updates, observation[seed], critic_units, critic_slope, critic_mean, critic_score
        )
        for i in range(len(direction)):
            direction[i] = error * actor[TRACE, i]
        if entropy > 0:
            entropy_score(mean, len(mean) - actor_sizes[-1], actor_sizes[-1], output.softmax_scale, score)
            backpropagate(actor[WEIGHTS], actor_sizes, slope, score)
            add_scores(direction, actor_sizes, one, entropy, units, score)
        adam.ascend(
            actor[WEIGHTS], actor[FIRST], actor[SECOND], direction, one, actor_sizes, updates.actor_rates, updates.moments
        )
        forward(actor[WEIGHTS], actor_sizes, deviations, normal[seed], units, slope, mean)
        score_output(output, actor_sizes[-1], action, units, mean, score)
        backpropagate(actor[WEIGHTS], actor_sizes, slope, score)
        add_scores(actor[TRACE], actor_sizes, keep, one, units, score)
        write_action(output, action, units, actions[seed, 0])


@njit(**INLINED)
def sample_step(
    sizes: Any,
    actors: Any,
    deviations: Array,
    output: Output,
    observation: Any,
    normal: Any,
    uniform: Any,
    units: Any,
    slopes: Any,
    actions: Any,
) -> None:
    """Every seed and copy of a single-step task acts; `units` and `slopes` [S, B, units] keep the forward pass."""
    mean = np.empty(units.shape[2], units.dtype)
    width = normal.shape[1] // units.shape[1]
    for seed in range(len(actors)):
        for copy in range(units.shape[1]):
            drawn, slope = units[seed, copy], slopes[seed, copy]
            copy_observation(observation[seed, copy], drawn)
            numbers = normal[seed, copy * width : (copy + 1) * width]
            forward(actors[seed, WEIGHTS], sizes, deviations, numbers, drawn, slope, mean)
            chosen = uniform[seed, copy] if output.discrete else units.dtype.type(0)
            action = sample_output(output, sizes[-1], numbers, chosen, drawn, mean)
            write_action(output, action, drawn, actions[seed, copy])


@njit(**INLINED)
def update_step(
    sizes: Any,
    actors: Any,
    entropy: Any,
    output: Output,
    updates: Updates,
    wanted: Any,
    supervised: bool,
    units: Any,
    slopes: Any,
    actions: Any,
) -> None:
    """Every seed's update on a single-step task; `wanted` [S, B] is the reward, or the target of the output if supervised."""
    one = units.dtype.type(1)
    copies = units.shape[1]
    mean = np.empty(units.shape[2], units.dtype)
    score = np.empty_like(mean)
    for seed in range(len(actors)):
        actor = actors[seed]
        gradient = actor[TRACE]
        gradient[:] = 0
        for copy in range(copies):
            drawn, slope = units[seed, copy], slopes[seed, copy]
            action = int(actions[seed, copy, 0]) if output.discrete else 0
            if supervised:
                score[-1] = wanted[seed, copy] - drawn[-1]
            else:
                refresh_output_layer(actor[WEIGHTS], sizes, output, action, drawn, mean, score)
            backpropagate(actor[WEIGHTS], sizes, slope, score)
            add_scores(gradient, sizes, one, one if supervised else wanted[seed, copy], drawn, score)
            if entropy > 0:
                entropy_score(mean, len(mean) - sizes[-1], sizes[-1], output.softmax_scale, score)
                backpropagate(actor[WEIGHTS], sizes, slope, score)
                add_scores(gradient, sizes, one, entropy, drawn, score)
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


class Fused(FusedActorCritic):
    """Backpropagation of actor and critic in compiled code."""

    hyperparameters: Hyperparameters
    compile_for = staticmethod(compile_for)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._deviations = np.sqrt(np.array(self.hyperparameters.actor_hidden_variances, self._dtype))
        self._entropy = self._dtype.type(self.hyperparameters.entropy_coefficient)

    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        hidden = hidden_units if self.hyperparameters.actor_hidden_variances else 0
        return (hidden, 1) if self.problem.discrete else (hidden + self.problem.action_size, 0)

    def output_variances(self) -> tuple[float, float]:
        variance = self.hyperparameters.output_variance
        return variance, 1.0 if self.hyperparameters.output_score == "unscaled" else variance

    def agent_step(self, observation: NDArray[Any], normal: NDArray[Any], uniform: NDArray[Any], updates: Updates) -> None:
        self._kernels.agent_step(
            *self._ends,
            *self._networks,
            self._deviations,
            self._entropy,
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
        numbers = (observation, normal, uniform)
        drawn = (self._units, self._kept, self._actions)
        self._kernels.sample_step(*self._ends, self._networks[0], self._deviations, self._output, *numbers, *drawn)

    def update_step(self, reward: NDArray[Any], target: NDArray[Any], updates: Updates) -> None:
        supervised = self.hyperparameters.signal == "target"
        wanted = target if supervised else reward
        settings = (self._entropy, self._output, updates)
        drawn = (self._units, self._kept, self._actions)
        self._kernels.update_step(*self._ends, self._networks[0], *settings, wanted, supervised, *drawn)
