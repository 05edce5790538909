"""The two phases of equilibrium propagation of one sample, in the form that suits the network's depth."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.replay.relaxation import Nudge, Relaxation, drive_of, relax
from algorithms.fused.replay.shallow_relaxation import Scratch, expand, gather, relax_shallow, rest
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import CALLED


class States(NamedTuple):
    """The units of both phases of one sample, and buffers."""

    free: Array
    nudged: Array
    drive: Array
    """[n_1], a buffer"""
    total: Array
    """a buffer as long as the units"""


@njit(**CALLED)
def phases(weights: Array, sizes: Any, relaxation: Relaxation, nudge: Nudge, states: States, s: Scratch) -> None:
    """Fill `states.free` with the state at the end of the free phase, whose layer 0 holds the observation, and `states.nudged`
    with that of the nudged phase, which goes on from there; with no nudged steps it is left alone.

    `s.bound` must be that of these weights.
    """
    free, nudged, drive, total = states.free, states.nudged, states.drive, states.total
    zero = nudge.strength - nudge.strength
    resting = Nudge(relaxation.free_steps, zero, nudge.target)
    drive_of(weights, sizes, free[: sizes[0]], drive)
    first, last = sizes[0], len(free) - sizes[-1]
    if len(sizes) > 3:
        for j in range(first, len(free)):
            free[j] = 0
        relax(weights, sizes, relaxation, resting, drive, free, total)
        if nudge.steps > 0:
            for j in range(len(free)):
                nudged[j] = free[j]
            relax(weights, sizes, relaxation, nudge, drive, nudged, total)
        return
    biases = weights[len(weights) - sizes[-1] :]
    everything = False
    while True:
        count = gather(weights, sizes, drive, everything, s)
        rest(biases, count, s)
        saturated, within = relax_shallow(biases, relaxation, relaxation.free_steps, zero, nudge.target, count, zero, s)
        expand(s, saturated, free[first:last])
        for k in range(sizes[-1]):
            free[last + k] = s.output[k]
        if nudge.steps > 0:
            steps, strength, target = nudge
            saturated, still_within = relax_shallow(biases, relaxation, steps, strength, target, count, saturated, s)
            within &= still_within
            expand(s, saturated, nudged[first:last])
            for k in range(sizes[-1]):
                nudged[last + k] = s.output[k]
        if within or everything:
            return
        everything = True
