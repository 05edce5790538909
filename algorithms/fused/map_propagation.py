"""MAP propagation, fused: one compiled call advances every seed by one agent step (see algorithms/map_propagation.py)."""

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
    as_dtype,
    copy_observation,
    td_error,
    unit_count,
)
from algorithms.fused.traces.ascent import Ascent, ascend, ascend_by_echo, echo, refresh_output, transpose_upper
from algorithms.fused.traces.team import add_scores, sample_hidden, sample_team
from algorithms.fused.traces.team_learner import FusedTeam
from algorithms.map_propagation import Hyperparameters
from algorithms.shared.noise import glorot_uniform


@njit(**INLINED)
def residual(value: Any, mean: Any, unit: Any) -> Any:
    """A - mu; where rounding makes it 0, one unit of that rounding (`unit` is the dtype's epsilon)."""
    difference = value - mean
    return difference if difference != 0 else unit * max(abs(mean), unit / unit)


@njit(**INLINED)
def agent_step(
    actor_sizes: Any,
    critic_sizes: Any,
    actors: Any,
    critics: Any,
    actor_variances: Array,
    critic_variances: Array,
    backward: Any,
    critic_backward: Any,
    ascent: Ascent,
    product_rule: bool,
    settings: StepSettings,
    actor_output: Output,
    critic_output: Output,
    updates: Updates,
    observation: Any,
    normal: Any,
    uniform: Any,
    transition: Any,
    value: Array,
    actions: Any,
) -> None:
    """Algorithm 2 for the actor, with the critic of Appendix C: one step of every seed, in the released order.

    The networks' fixed feedback weights are `backward` and `critic_backward` [S, parameters]; without any, feedback is symmetric.
    """
    dtype = value.dtype.type
    one = dtype(1)
    unit = np.finfo(value.dtype).eps
    units = np.empty(unit_count(actor_sizes), value.dtype)
    mean, score = np.empty_like(units), np.empty_like(units)
    critic_units = np.empty(unit_count(critic_sizes), value.dtype)
    critic_mean, critic_score = np.empty_like(critic_units), np.empty_like(critic_units)
    feedback = np.empty_like(units)
    transposed = np.empty(actors.shape[2], value.dtype)
    critic_transposed = np.empty(critics.shape[2], value.dtype)
    noise = normal.shape[1] - len(critic_units) + critic_sizes[0]
    for seed in range(len(value)):
        actor, critic = actors[seed], critics[seed]
        # 1. Both networks sample on the new observation.
        copy_observation(observation[seed], units)
        copy_observation(observation[seed], critic_units)
        sample_hidden(actor[WEIGHTS], actor_sizes, actor_variances, normal[seed], units, mean)
        chosen = uniform[seed, 0] if actor_output.discrete else one
        action = sample_output(actor_output, actor_sizes[-1], normal[seed, :noise], chosen, units, mean)
        sample_hidden(critic[WEIGHTS], critic_sizes, critic_variances, normal[seed, noise:], critic_units, critic_mean)
        sample_output(critic_output, 1, normal[seed], one, critic_units, critic_mean)
        factor = critic_units[-1] - critic_mean[-1]
        # 2. Both follow their old traces.
        new_value = critic_mean[-1]
        error = td_error(transition[seed], new_value, value[seed], settings)
        value[seed] = new_value
        adam.ascend(
            actor[WEIGHTS], actor[FIRST], actor[SECOND], actor[TRACE], error, actor_sizes, updates.actor_rates, updates.moments
        )
        adam.ascend(
            critic[WEIGHTS],
            critic[FIRST],
            critic[SECOND],
            critic[TRACE],
            error,
            critic_sizes,
            updates.critic_rates,
            updates.moments,
        )
        # 3. Both climb, 4. and add their scores to the traces, which an episode's end has cleared.
        keep = dtype(0) if transition[seed, 3] > 0 else settings.trace_keep
        transpose_upper(critic[WEIGHTS], critic_sizes, critic_transposed)
        ascend(
            critic[WEIGHTS],
            critic_transposed,
            critic_backward[seed] if critic_backward.shape[1] > 0 else critic_transposed,
            critic_sizes,
            critic_variances,
            ascent,
            critic_output,
            0,
            critic_units,
            critic_mean,
            critic_score,
            feedback,
        )
        if not product_rule:
            factor = one / residual(critic_units[-1], critic_mean[-1], unit)
        add_scores(critic[TRACE], critic_sizes, keep, factor, critic_units, critic_score)
        transpose_upper(actor[WEIGHTS], actor_sizes, transposed)
        ascend(
            actor[WEIGHTS],
            transposed,
            backward[seed] if backward.shape[1] > 0 else transposed,
            actor_sizes,
            actor_variances,
            ascent,
            actor_output,
            action,
            units,
            mean,
            score,
            feedback,
        )
        add_scores(actor[TRACE], actor_sizes, keep, one, units, score)
        write_action(actor_output, action, units, actions[seed, 0])


@njit(**INLINED)
def update_step(
    sizes: Any,
    actors: Any,
    variances: Array,
    backward: Any,
    ascent: Ascent,
    output: Output,
    updates: Updates,
    wanted: Any,
    supervised: bool,
    product_rule: bool,
    units: Any,
    means: Any,
    actions: Any,
) -> None:
    """Algorithm 1 for an episode of one step; `wanted` [S, B] is the reward, or the target A* if supervised."""
    one = units.dtype.type(1)
    unit = np.finfo(units.dtype).eps
    copies = units.shape[1]
    score = np.empty(units.shape[2], units.dtype)
    feedback = np.empty_like(score)
    transposed = np.empty(actors.shape[2], units.dtype)
    echoed, scratch = np.empty(sizes[2] * sizes[2], units.dtype), np.empty((4, sizes[2]), units.dtype)
    for seed in range(len(actors)):
        actor = actors[seed]
        gradient = actor[TRACE]
        gradient[:] = 0
        weights = actor[WEIGHTS]
        transpose_upper(weights, sizes, transposed)
        fed = backward[seed] if backward.shape[1] > 0 else transposed
        if len(sizes) > 3:
            echo(weights, fed, sizes, echoed)
        for copy in range(copies):
            drawn, mean = units[seed, copy], means[seed, copy]
            action = int(actions[seed, copy, 0]) if output.discrete else 0
            weight = wanted[seed, copy]
            if supervised and product_rule:
                refresh_output(weights, transposed, sizes, output, action, drawn, mean, score)
                weight = (weight - mean[-1]) * (drawn[-1] - mean[-1])
            given = (weights, transposed, fed)
            state = (sizes, variances, ascent, output, action, drawn, mean, score, feedback)
            if len(sizes) > 3:
                ascend_by_echo(*given, echoed, *state, scratch)
            else:
                ascend(*given, *state)
            if supervised and not product_rule:
                weight = (weight - mean[-1]) / residual(drawn[-1], mean[-1], unit)
            add_scores(gradient, sizes, one, weight, drawn, score)
        share = one / units.dtype.type(copies)
        adam.ascend(weights, actor[FIRST], actor[SECOND], gradient, share, sizes, updates.actor_rates, updates.moments)


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
    """MAP propagation of actor and critic in compiled code."""

    hyperparameters: Hyperparameters
    compile_for = staticmethod(compile_for)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        settings = self.hyperparameters
        self._critic_variances = np.array(settings.critic_variances, self._dtype)
        last = settings.critic_variances[-1]
        self._critic_output = Output(False, *as_dtype(self._dtype, 1.0, last**0.5, last))
        self._ascent = Ascent(
            settings.ascent_steps, self._dtype.type(settings.ascent_rate), settings.ascent_order == "sequential"
        )
        self._product_rule = settings.critic_rule == "product"
        self._backward = [self._fixed_feedback(sizes) for sizes in self._sizes]

    def count_critic_normals(self, hidden_units: int) -> int:
        return hidden_units + 1

    def agent_step(self, observation: NDArray[Any], normal: NDArray[Any], uniform: NDArray[Any], updates: Updates) -> None:
        self._kernels.agent_step(
            *self._ends,
            *self._networks,
            self._actor_variances,
            self._critic_variances,
            *self._backward,
            self._ascent,
            self._product_rule,
            self._settings,
            self._output,
            self._critic_output,
            updates,
            observation,
            normal,
            uniform,
            self._transition,
            self._value,
            self._actions,
        )

    def update_step(self, reward: NDArray[Any], target: NDArray[Any] | None, updates: Updates) -> None:
        supervised = self.hyperparameters.signal == "target"
        wanted = target if supervised else reward
        self._kernels.update_step(
            *self._ends,
            self._networks[0],
            self._actor_variances,
            *self._backward,
            self._ascent,
            self._output,
            updates,
            wanted,
            supervised,
            self._product_rule,
            self._units,
            self._kept,
            self._actions,
        )

    def _fixed_feedback(self, sizes: tuple[int, ...]) -> NDArray[Any]:
        """Random feedback weights [S, parameters], laid out as the transposed ones are; [S, 0] where feedback is symmetric."""
        if self.hyperparameters.feedback == "symmetric":
            return np.zeros((self.seeds, 0), self._dtype)
        layers = glorot_uniform(self._noise.fixed, sizes, self._dtype.name)
        return np.concatenate(
            [
                array.reshape(self.seeds, -1)
                for weights, biases in layers
                for array in (np.ascontiguousarray(weights.transpose(0, 2, 1)), biases)
            ],
            axis=1,
        )

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._backward = [np.ascontiguousarray(weights[rows]) for weights in self._backward]

    def state(self) -> dict[str, NDArray[Any]]:
        return super().state() | {f"backward/{i}": weights.copy() for i, weights in enumerate(self._backward)}

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        super().load(state)
        self._backward = [state[f"backward/{i}"].copy() for i in range(len(self._backward))]
