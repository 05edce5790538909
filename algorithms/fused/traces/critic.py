"""The deterministic critic with traces by backpropagation, one seed at a time (see algorithms/shared/traces/critic.py)."""

from __future__ import annotations

from typing import Any

from numba import njit

from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING
from algorithms.fused.traces import adam
from algorithms.fused.traces.actor_critic import FIRST, SECOND, TRACE, WEIGHTS, Buffers, Updates, copy_observation
from algorithms.fused.traces.perceptron import backpropagate, forward
from algorithms.fused.traces.team import add_scores


@njit(**SLICING)
def evaluate(critic: Any, sizes: Any, observation: Array, b: Buffers, rectified: Any = False) -> Any:
    """The value of the observation; leaves the units and slopes that its gradient needs."""
    copy_observation(observation, b.units)
    nothing = b.units[:0]  # a critic is deterministic
    forward(critic[WEIGHTS], sizes, nothing, nothing, b.units, b.slope, b.mean, rectified)
    return b.mean[-1]


@njit(**SLICING)
def learn_and_trace(
    critic: Any, sizes: Any, td_error: Any, keep: Any, updates: Updates, observation: Array, b: Buffers, rectified: Any = False
) -> None:
    """Follow the old traces, then add the gradient of the value at the new parameters."""
    adam.ascend(
        critic[WEIGHTS], critic[FIRST], critic[SECOND], critic[TRACE], td_error, sizes, updates.critic_rates, updates.moments
    )
    evaluate(critic, sizes, observation, b, rectified)
    b.score[-1] = 1
    backpropagate(critic[WEIGHTS], sizes, b.slope, b.score)
    add_scores(critic[TRACE], sizes, keep, b.score.dtype.type(1), b.units, b.score)
