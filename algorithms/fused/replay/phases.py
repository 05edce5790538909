"""The two phases of equilibrium propagation of one sample, in the form that suits the network's depth."""

from __future__ import annotations

from typing import Any

from numba import njit

from algorithms.fused.replay.relaxation import Relaxation, drive_of, relax
from algorithms.fused.replay.shallow_relaxation import Scratch, expand, gather, relax_shallow, rest
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import CALLED


@njit(**CALLED)
def phases(
    weights: Array,
    sizes: Any,
    relaxation: Relaxation,
    nudged_steps: int,
    strength: Any,
    target: Array,
    drive: Array,
    free: Array,
    nudged: Array,
    total: Array,
    s: Scratch,
) -> None:
    """Fill `free` with the state at the end of the free phase, whose layer 0 holds the observation, and `nudged` with that of
    the nudged phase, which goes on from there; with no nudged steps `nudged` is left alone.

    `drive` [n_1] and `total` (as long as `free`) are buffers; `s.bound` must be that of these weights.
    """
    zero = strength - strength
    drive_of(weights, sizes, free[: sizes[0]], drive)
    first, last = sizes[0], len(free) - sizes[-1]
    if len(sizes) > 3:
        for j in range(first, len(free)):
            free[j] = 0
        relax(weights, sizes, relaxation, relaxation.free_steps, zero, target, drive, free, total)
        if nudged_steps > 0:
            for j in range(len(free)):
                nudged[j] = free[j]
            relax(weights, sizes, relaxation, nudged_steps, strength, target, drive, nudged, total)
        return
    biases = weights[len(weights) - sizes[-1] :]
    everything = False
    while True:
        count = gather(weights, sizes, drive, everything, s)
        rest(biases, count, s)
        saturated, within = relax_shallow(biases, relaxation, relaxation.free_steps, zero, target, count, zero, s)
        expand(s, saturated, free[first:last])
        for k in range(sizes[-1]):
            free[last + k] = s.output[k]
        if nudged_steps > 0:
            saturated, still_within = relax_shallow(biases, relaxation, nudged_steps, strength, target, count, saturated, s)
            within &= still_within
            expand(s, saturated, nudged[first:last])
            for k in range(sizes[-1]):
                nudged[last + k] = s.output[k]
        if within or everything:
            return
        everything = True
