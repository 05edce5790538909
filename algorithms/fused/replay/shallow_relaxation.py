"""The relaxation of a network of one hidden layer, which nearly all the time of equilibrium propagation goes into.

Two things make it fast, and neither changes the rule:

* A hidden unit whose input is so low, or so high, that no feedback can lift it above 0, or press it below 1, never answers to the
  output. It stays at 0, or goes the way that all such units go, and only the others are computed (about half of them).
* A free phase ends once nothing that it computes can change any more, bit for bit (see `_only_decays`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from algorithms.fused.replay.relaxation import Relaxation, output_step
from algorithms.fused.shared.linear import Array, dot
from algorithms.fused.shared.options import CALLED, REORDERED_SLICING, SLICING

_LANES = 16
"""Computed units are filled up to a multiple of this, so that every loop runs over whole registers."""
_REACH = 1.25
"""Outputs lie within ± this, or the sample is computed anew with all units: a softmax that is not nudged stays within 1."""
OFF, SATURATED = -1, -2
_PATIENCE = 8
"""Euler steps between two attempts to show that a free phase is settled."""


class Scratch(NamedTuple):
    """Buffers of one sample; with H hidden units and n outputs, rows of hidden units are filled up to M, a multiple of 16."""

    place: Any
    """int64 [H]: where a unit is computed, or that it is off or saturated"""
    bound: Any
    """[H]: the largest feedback that outputs within reach can give"""
    drive: Any
    """[M]: input from the observation of the units that are computed"""
    rows: Any
    """[n, M]: their weights to the output"""
    saturated_weights: Any
    """[n]: sums of the saturated units' weights"""
    hidden: Any
    """[4, M]: the state of the units that are computed, old and new; what a proof supposes of it, and what becomes of that"""
    output: Any
    """[n]"""
    inputs: Any
    """[3, n]: what the output takes from the state, of the next state, and a copy to be overwritten"""


def scratch(hidden: int, outputs: int, dtype: np.dtype[Any]) -> Scratch:
    """Buffers for networks of this size."""
    filled = -(-hidden // _LANES) * _LANES
    return Scratch(
        np.zeros(hidden, np.int64),
        np.zeros(hidden, dtype),
        _aligned((filled,), dtype),
        _aligned((outputs, filled), dtype),
        np.zeros(outputs, dtype),
        _aligned((4, filled), dtype),
        np.zeros(outputs, dtype),
        np.zeros((3, outputs), dtype),
    )


@njit(**SLICING)
def bound_feedback(weights: Array, sizes: Any, softmax: bool, bound: Array) -> None:
    """The largest feedback of outputs within reach to every hidden unit; a linear output has no bounds."""
    start = (sizes[0] + 1) * sizes[1]
    reach = bound.dtype.type(_REACH)
    for j in range(sizes[1]):
        bound[j] = 0 if softmax else np.inf
    if softmax:
        for k in range(sizes[2]):
            row = weights[start + k * sizes[1] : start + (k + 1) * sizes[1]]
            for j in range(sizes[1]):
                bound[j] += reach * abs(row[j])


@njit(**SLICING)
def gather(weights: Array, sizes: Any, drive: Array, everything: bool, s: Scratch) -> int:
    """Choose the units that are to be computed, and gather what belongs to them; returns their number, filled up."""
    hidden, outputs = sizes[1], sizes[2]
    start = (sizes[0] + 1) * hidden
    one = drive.dtype.type(1)
    s.saturated_weights[:] = 0
    count = 0
    for j in range(hidden):
        if drive[j] <= -s.bound[j] and not everything:
            s.place[j] = OFF
        elif drive[j] >= one + s.bound[j] and not everything:
            s.place[j] = SATURATED
            for k in range(outputs):
                s.saturated_weights[k] += weights[start + k * hidden + j]
        else:
            s.place[j] = count
            s.drive[count] = drive[j]
            for k in range(outputs):
                s.rows[k, count] = weights[start + k * hidden + j]
            count += 1
    filled = (count + _LANES - 1) // _LANES * _LANES
    for i in range(count, filled):
        s.drive[i] = -one
        for k in range(outputs):
            s.rows[k, i] = 0
    return filled


@njit(**SLICING)
def rest(biases: Array, count: int, s: Scratch) -> None:
    """The state that every free phase starts from: zero."""
    for j in range(count):
        s.hidden[0, j] = 0
    for k in range(len(biases)):
        s.output[k] = 0
        s.inputs[0, k] = biases[k]


@njit(**CALLED)
def relax_shallow(
    biases: Array, relaxation: Relaxation, steps: int, strength: Any, target: Array, count: int, saturated: Any, s: Scratch
) -> tuple[Any, bool]:
    """So many Euler steps of the gathered units in `s.hidden[0]` and of `s.output`, whose input is in `s.inputs[0]`.

    Returns the state of the saturated units, and whether all outputs were within reach.
    """
    zero = strength - strength
    one = zero + biases.dtype.type(1)
    dt, outputs = relaxation.step_size, len(biases)
    drive = s.drive[:count]
    within = True
    step, turn, probe, next_attempt = 0, 0, -1, 0
    while step < steps:
        probing = probe >= 0
        old = s.hidden[2 if probing else turn, :count]
        new = s.hidden[3 if probing else 1 - turn, :count]
        next_saturated = saturated if probing else saturated + dt * (one - saturated)
        # The only place where the output's inputs are summed, so that a proof sums them in the very same order; a step of size
        # 0 leaves what is supposed as it is.
        _hidden_step(s.rows, drive, s.output, zero if probing else dt, old, new, s.inputs[1])
        for k in range(outputs):
            s.inputs[1, k] += biases[k] + next_saturated * s.saturated_weights[k]
        if probing:
            if s.inputs[1, probe // 2] != s.inputs[0, probe // 2]:
                probe, next_attempt = -1, step + _PATIENCE
            elif probe + 1 == 2 * outputs:
                _decay(dt, steps - step, s.hidden[1 - turn, :count], s.hidden[turn, :count])
                break
            else:
                probe += 1
                _suppose(probe, s.rows, s.hidden[1 - turn, :count], s.hidden[turn, :count], s.hidden[2, :count])
            continue
        changed = next_saturated != saturated
        for k in range(outputs):
            changed |= s.inputs[1, k] != s.inputs[0, k]
            s.inputs[2, k] = s.inputs[0, k]
            s.inputs[0, k] = s.inputs[1, k]
        changed |= output_step(s.inputs[2], s.output, relaxation, strength, target)
        for k in range(outputs):
            within &= abs(s.output[k]) <= biases.dtype.type(_REACH)
        saturated = next_saturated
        turn = 1 - turn
        step += 1
        if relaxation.may_stop and not changed and step >= next_attempt:
            if _only_decays(s.rows, drive, s.output, old, new):
                probe = 0
                _suppose(probe, s.rows, old, new, s.hidden[2, :count])
            else:
                next_attempt = step + _PATIENCE
    if turn == 1:
        for j in range(count):
            s.hidden[0, j] = s.hidden[1, j]
    return saturated, within


@njit(**SLICING)
def expand(s: Scratch, saturated: Any, hidden: Array) -> None:
    """The state of all hidden units from that of those computed."""
    for j in range(len(hidden)):
        if s.place[j] == OFF:
            hidden[j] = 0
        elif s.place[j] == SATURATED:
            hidden[j] = saturated
        else:
            hidden[j] = s.hidden[0, s.place[j]]


@njit(**REORDERED_SLICING)
def _hidden_step(rows: Any, drive: Array, output: Array, dt: Any, old: Array, new: Array, inputs: Array) -> None:
    """One Euler step of the hidden units, and `inputs` [n] = W new; written out for the tasks' numbers of outputs."""
    zero = dt - dt
    one = zero + drive.dtype.type(1)
    count = len(drive)
    if len(output) == 1:
        a, row = output[0], rows[0, :count]
        total = zero
        for j in range(count):
            value = old[j] + dt * (min(max(drive[j] + a * row[j], zero), one) - old[j])
            new[j] = value
            total += row[j] * value
        inputs[0] = total
    elif len(output) == 2:
        a, b = output[0], output[1]
        row, row2 = rows[0, :count], rows[1, :count]
        total, total2 = zero, zero
        for j in range(count):
            feedback = a * row[j] + b * row2[j]
            value = old[j] + dt * (min(max(drive[j] + feedback, zero), one) - old[j])
            new[j] = value
            total += row[j] * value
            total2 += row2[j] * value
        inputs[0], inputs[1] = total, total2
    elif len(output) == 3:
        a, b, c = output[0], output[1], output[2]
        row, row2, row3 = rows[0, :count], rows[1, :count], rows[2, :count]
        total, total2, total3 = zero, zero, zero
        for j in range(count):
            feedback = a * row[j] + b * row2[j] + c * row3[j]
            value = old[j] + dt * (min(max(drive[j] + feedback, zero), one) - old[j])
            new[j] = value
            total += row[j] * value
            total2 += row2[j] * value
            total3 += row3[j] * value
        inputs[0], inputs[1], inputs[2] = total, total2, total3
    elif len(output) == 4:
        a, b, c, d = output[0], output[1], output[2], output[3]
        row, row2, row3, row4 = rows[0, :count], rows[1, :count], rows[2, :count], rows[3, :count]
        total, total2, total3, total4 = zero, zero, zero, zero
        for j in range(count):
            feedback = (a * row[j] + b * row2[j]) + (c * row3[j] + d * row4[j])
            value = old[j] + dt * (min(max(drive[j] + feedback, zero), one) - old[j])
            new[j] = value
            total += row[j] * value
            total2 += row2[j] * value
            total3 += row3[j] * value
            total4 += row4[j] * value
        inputs[0], inputs[1], inputs[2], inputs[3] = total, total2, total3, total4
    else:
        for j in range(count):
            new[j] = drive[j]
        for k in range(len(output)):
            row = rows[k, :count]
            for j in range(count):
                new[j] += output[k] * row[j]
        for j in range(count):
            new[j] = old[j] + dt * (min(max(new[j], zero), one) - old[j])
        for k in range(len(output)):
            inputs[k] = dot(rows[k, :count], new)


@njit(**SLICING)
def _only_decays(rows: Any, drive: Array, output: Array, before: Array, after: Array) -> bool:
    """Whether every unit that the last step changed is pulled to 0, as long as the output stays as it is.

    Such a unit can go on for hundreds of steps, ever closer to 0. The output, which has just stood still, goes on standing still
    if its inputs do. A rounded sum never falls when a term grows, whatever the order. So the inputs stay if they are the same,
    bit for bit, at both ends of what is still possible: every decaying unit where it was if its weight is positive and at 0 if it
    is negative, and the other way round. These ends are what `relax_shallow` tries, for one output after the other.
    """
    zero = drive.dtype.type(0)
    for j in range(len(drive)):
        if after[j] != before[j]:
            pull = drive[j]
            for k in range(len(output)):
                pull += output[k] * rows[k, j]
            # Far enough below 0 that the order of the sum does not matter.
            if not (pull < -drive.dtype.type(1e-4) and zero <= after[j] < before[j]):
                return False
    return True


@njit(**SLICING)
def _suppose(probe: int, rows: Any, before: Array, after: Array, supposed: Array) -> None:
    """The state at one end of what is possible for output probe // 2: the lower end if `probe` is even."""
    row, upper = rows[probe // 2], probe % 2 == 1
    for j in range(len(before)):
        gone = after[j] != before[j] and (row[j] > 0) != upper
        supposed[j] = 0 if gone else after[j]


@njit(**SLICING)
def _decay(dt: Any, steps: int, before: Array, after: Array) -> None:
    """The decaying units, those that the last step changed, after so many more steps; in place, in `after`."""
    zero = dt - dt
    for j in range(len(after)):
        if after[j] != before[j]:
            value = after[j]
            for _ in range(steps):
                value = value + dt * (zero - value)
            after[j] = value


def _aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Zeros that begin at a multiple of 64 bytes, as the widest registers like it."""
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(dtype).reshape(shape)
