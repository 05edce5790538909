"""Backpropagation through the relaxation of a network of one hidden layer (see unrolled.py for any depth).

Only the hidden units that answer to the output are computed (see shallow_relaxation.py): the others have no slope, so that no
gradient passes through them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.fused.replay.relaxation import Relaxation
from algorithms.fused.replay.shallow_relaxation import Scratch, relax_shallow
from algorithms.fused.shared.linear import Array, dot
from algorithms.fused.shared.options import CALLED


class History(NamedTuple):
    """What a relaxation's steps leave for the way back; with U steps, n outputs, and hidden units filled up to M."""

    hidden: Any
    """[U, M]: the units that are computed, before each step"""
    saturated: Any
    """[U]: the state of the saturated units, before each step"""
    output: Any
    """[U, n]: the output, before each step"""
    pull: Any
    """[U, n]: what the step drew the output to"""
    error: Any
    """[M]: the gradient at the units that are computed"""
    change: Any
    """[M]: that at their inputs"""
    pulled: Any
    """[M]: the sum of these over all steps"""
    rows: Any
    """[n, M]: the gradient at their weights to the output"""


def history(steps: int, hidden: int, outputs: int, dtype: np.dtype[Any]) -> History:
    """Buffers for so many steps."""
    units = (steps, hidden), (steps,), (steps, outputs), (steps, outputs), (hidden,), (hidden,), (hidden,), (outputs, hidden)
    return History(*(np.zeros(shape, dtype) for shape in units))


@njit(**CALLED)
def unroll(biases: Array, relaxation: Relaxation, steps: int, count: int, saturated: Any, s: Scratch, past: History) -> None:
    """So many Euler steps of the free phase, as `relax_shallow` takes them, and what they leave behind."""
    zero = saturated - saturated
    for step in range(steps):
        for j in range(count):
            past.hidden[step, j] = s.hidden[0, j]
        past.saturated[step] = saturated
        for k in range(len(biases)):
            past.output[step, k] = s.output[k]
        saturated, _ = relax_shallow(biases, relaxation, 1, zero, s.output, count, saturated, s)
        for k in range(len(biases)):
            past.pull[step, k] = s.inputs[2, k]


@njit(**CALLED)
def unroll_back(relaxation: Relaxation, steps: int, count: int, s: Scratch, past: History, error: Array, sums: Array) -> None:
    """From `error` [n], the gradient at the last output, those at weights and inputs, in `past.rows` and `past.pulled`.

    `sums` [2, n] takes the gradients at the output's biases and at the weights of a saturated unit; `error` is overwritten.
    """
    dt, outputs = relaxation.step_size, len(error)
    zero = dt - dt
    one = zero + error.dtype.type(1)
    drive, units, change, pulled = s.drive[:count], past.error[:count], past.change[:count], past.pulled[:count]
    for j in range(count):
        units[j] = 0
        pulled[j] = 0
    for k in range(outputs):
        sums[0, k] = 0
        sums[1, k] = 0
        for j in range(count):
            past.rows[k, j] = 0
    for step in range(steps - 1, -1, -1):
        hidden = past.hidden[step, :count]
        # The gradient at the inputs, of the hidden units and of the output.
        for j in range(count):
            change[j] = drive[j]
        for k in range(outputs):
            row, value = s.rows[k, :count], past.output[step, k]
            for j in range(count):
                change[j] += value * row[j]
        for j in range(count):
            change[j] = dt * units[j] if (change[j] >= zero) & (change[j] <= one) else zero
        for j in range(count):
            pulled[j] += change[j]
            units[j] *= one - dt
        mean = zero
        for k in range(outputs):
            mean += past.pull[step, k] * error[k]
        for k in range(outputs):
            slope = past.pull[step, k] * (error[k] - mean) if relaxation.softmax else error[k]
            upward, downward = dt * slope, past.output[step, k]
            row, gradient = s.rows[k, :count], past.rows[k, :count]
            # The weights lead upwards, W h, and downwards, W^T o: both uses count.
            for j in range(count):
                gradient[j] += upward * hidden[j] + downward * change[j]
            for j in range(count):
                units[j] += upward * row[j]
            sums[0, k] += upward
            sums[1, k] += upward * past.saturated[step]
            error[k] = (one - dt) * error[k] + dot(row, change)
