"""One linear system J x = y of a network in continuous time, for one seed: sweeps, and GMRES where these do not converge.

Twin of `algorithms.shared.lookahead.solve`; buffers hold a number for each unit of layers 0 to L, layer by layer.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.shared.linear import Array, add_product, dot
from algorithms.fused.shared.options import CALLED, SLICING


class System(NamedTuple):
    """J, the right-hand side, and buffers of one solve."""

    weights: Array
    feedback: Array
    sizes: Any
    """units of layers 0 to L, int64[L + 1]"""
    slopes: Array
    bends: Array
    """diagonal of D"""
    nudge_slopes: Array
    """of the winner's rates, [n_L]"""
    pull: Any
    gain: Any
    y: Array
    x: Array
    """a first guess, then the solution"""
    found: Array
    rest: Array
    passed: Array
    basis: Any
    """[krylov_steps + 1, units]"""
    small: Any
    """[krylov_steps + 4, krylov_steps + 1]"""


class Effort(NamedTuple):
    """How far to go."""

    tolerance: Any
    sweeps: int
    krylov_steps: int


@njit(**SLICING)
def norm(x: Array) -> Any:
    """|x|, NaN if any element is."""
    return math.sqrt(dot(x, x))


@njit(**CALLED)
def left_out(system: System, x: Array, out: Array) -> None:
    """(D + N) x: what one sweep does not see."""
    first, outputs = system.sizes[0], system.sizes[-1]
    last = len(x) - outputs
    for i in range(first, last):
        out[i] = system.bends[i] * x[i]
    for j in range(outputs):
        out[last + j] = -system.pull * x[last + j]
    if system.gain > 0:
        total = system.gain - system.gain
        for j in range(outputs):
            total += system.nudge_slopes[j] * x[last + j]
        for j in range(outputs):
            own = system.nudge_slopes[j] * x[last + j]
            out[last + j] += system.gain * (own - (total - own) / x.dtype.type(outputs - 1))


@njit(**CALLED)
def sweep(system: System, x: Array) -> None:
    """Solve (I - P B)(I - W P) x = y in place: one pass down through the layers and one up."""
    sizes, weights, feedback = system.sizes, system.weights, system.feedback
    layers = len(sizes) - 1
    parameter, unit = len(weights), len(x) - sizes[layers]
    for layer in range(layers, 1, -1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        parameter -= (inputs + 1) * outputs
        below = unit - inputs
        add_feedback(feedback, parameter, inputs, outputs, x[unit : unit + outputs], system.slopes, x, below)
        unit = below
    for layer in range(2, layers + 1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        pass_up(system, x, parameter, unit, inputs, outputs, x)
        parameter += (inputs + 1) * outputs
        unit += inputs


@njit(**CALLED)
def product(system: System, x: Array, out: Array) -> None:
    """out = J x."""
    sizes, feedback = system.sizes, system.feedback
    layers = len(sizes) - 1
    rest = system.rest
    left_out(system, x, rest)
    for i in range(sizes[0], len(x)):
        out[i] = x[i]
    parameter, unit = (sizes[0] + 1) * sizes[1], sizes[0]
    for layer in range(2, layers + 1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        for i in range(unit, unit + inputs):
            system.passed[i] = -system.slopes[i] * x[i]
        add_product(system.weights, parameter, inputs, outputs, system.passed, unit, out, unit + inputs)
        parameter += (inputs + 1) * outputs
        unit += inputs
    parameter, unit = (sizes[0] + 1) * sizes[1], sizes[0]
    for layer in range(1, layers):
        inputs, outputs = sizes[layer], sizes[layer + 1]
        above = out[unit + inputs : unit + inputs + outputs]
        for i in range(inputs):
            row = parameter + i * outputs
            out[unit + i] -= system.slopes[unit + i] * dot(feedback[row : row + outputs], above)
        parameter += (inputs + 1) * outputs
        unit += inputs
    for i in range(sizes[0], len(x)):
        out[i] -= rest[i]


@njit(**SLICING)
def add_feedback(
    feedback: Array, parameter: int, inputs: int, outputs: int, above: Array, slopes: Array, x: Array, below: int
) -> None:
    """x of a layer += slopes · B above."""
    for i in range(inputs):
        row = parameter + i * outputs
        x[below + i] += slopes[below + i] * dot(feedback[row : row + outputs], above)


@njit(**SLICING)
def pass_up(system: System, x: Array, parameter: int, unit: int, inputs: int, outputs: int, out: Array) -> None:
    """out of the layer above += W P x."""
    for i in range(unit, unit + inputs):
        system.passed[i] = system.slopes[i] * x[i]
    add_product(system.weights, parameter, inputs, outputs, system.passed, unit, out, unit + inputs)


@njit(**CALLED)
def solve(system: System, effort: Effort) -> None:
    """Improve x, the guess, until J x = y within the tolerance, or as far as the effort goes."""
    first, x, y = system.sizes[0], system.x, system.y
    found, rest = system.found, system.rest
    wanted = effort.tolerance * norm(y[first:])
    error = wanted + wanted + x.dtype.type(1)
    if not math.isfinite(wanted):  # the run has diverged, and must not seem to stand still
        for i in range(first, len(x)):
            x[i] = wanted - wanted
        return
    for _ in range(effort.sweeps):
        left_out(system, x, rest)
        for i in range(first, len(x)):
            found[i] = y[i] + rest[i]
        sweep(system, found)
        # J found - y is what D and N make of the difference of both: no product is needed to know the error.
        for i in range(first, len(x)):
            x[i] -= found[i]
        left_out(system, x, rest)
        for i in range(first, len(x)):
            x[i] = found[i]
        error = norm(rest[first:])
        if error <= wanted or not math.isfinite(error):
            break
    if error <= wanted or effort.krylov_steps == 0:
        return
    gmres(system, effort, found)
    product(system, found, system.basis[0])
    for i in range(first, len(x)):
        rest[i] = system.basis[0, i] - y[i]
    now = norm(rest[first:])
    if now < error or not math.isfinite(error):
        for i in range(first, len(x)):
            x[i] = found[i]


@njit(**CALLED)
def gmres(system: System, effort: Effort, out: Array) -> None:
    """GMRES from zero, preconditioned by one sweep; its solution goes to `out`."""
    first, basis, small = system.sizes[0], system.basis, system.small
    units = len(out)
    dimensions = min(effort.krylov_steps, units - first)
    cosines, sines, wanted = small[-3], small[-2], small[-1]
    for i in range(first, units):
        basis[0, i] = system.y[i]
        out[i] = 0
    sweep(system, basis[0])
    size = norm(basis[0, first:])
    if not size > 0:
        return
    for i in range(first, units):
        basis[0, i] /= size
    wanted[0] = size
    done = 0
    for step in range(dimensions):
        new = basis[step + 1]
        product(system, basis[step], new)
        sweep(system, new)
        for row in range(step + 1):
            share = dot(new[first:], basis[row, first:])
            small[row, step] = share
            for i in range(first, units):
                new[i] -= share * basis[row, i]
        length = norm(new[first:])
        if length > 0:
            for i in range(first, units):
                new[i] /= length
        # Givens rotations keep the small system triangular.
        for row in range(step):
            a, b = small[row, step], small[row + 1, step]
            small[row, step] = cosines[row] * a + sines[row] * b
            small[row + 1, step] = cosines[row] * b - sines[row] * a
        a = small[step, step]
        radius = math.sqrt(a * a + length * length)
        done = step + 1
        if not radius > 0:
            done = step
            break
        cosines[step], sines[step] = a / radius, length / radius
        small[step, step] = radius
        wanted[step + 1] = -sines[step] * wanted[step]
        wanted[step] = cosines[step] * wanted[step]
        if abs(wanted[step + 1]) <= effort.tolerance / 10 * size:
            break
    for row in range(done - 1, -1, -1):
        for column in range(row + 1, done):
            wanted[row] -= small[row, column] * wanted[column]
        wanted[row] /= small[row, row]
    for row in range(done):
        for i in range(first, units):
            out[i] += wanted[row] * basis[row, i]
