"""The deterministic critic with traces by backpropagation, one seed at a time (see algorithms/shared/traces/critic.py)."""

from __future__ import annotations

from typing import Any

from numba import njit

from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import INLINED
from algorithms.fused.traces import adam
from algorithms.fused.traces.actor_critic import FIRST, SECOND, TRACE, WEIGHTS, Updates, copy_observation
from algorithms.fused.traces.perceptron import backpropagate, forward
from algorithms.fused.traces.team import add_scores


@njit(**INLINED)
def evaluate(critic: Any, sizes: Any, observation: Array, units: Array, slope: Array, mean: Array) -> Any:
    """The value of the observation; leaves the units and slopes that its gradient needs."""
    copy_observation(observation, units)
    nothing = units[:0]  # a critic is deterministic
    forward(critic[WEIGHTS], sizes, nothing, nothing, units, slope, mean)
    return mean[-1]


@njit(**INLINED)
def learn_and_trace(
    critic: Any,
    sizes: Any,
    td_error: Any,
    keep: Any,
    updates: Updates,
    observation: Array,
    units: Array,
    slope: Array,
    mean: Array,
    score: Array,
) -> None:
    """Follow the old traces, then add the gradient of the value at the new parameters."""
    adam.ascend(
        critic[WEIGHTS], critic[FIRST], critic[SECOND], critic[TRACE], td_error, sizes, updates.critic_rates, updates.moments
    )
    evaluate(critic, sizes, observation, units, slope, mean)
    score[-1] = 1
    backpropagate(critic[WEIGHTS], sizes, slope, score)
    add_scores(critic[TRACE], sizes, keep, score.dtype.type(1), units, score)
