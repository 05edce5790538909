"""Products of flat, row-major matrices with vectors, written so that the inner loops vectorise without reassociation.

What the compiler needs for that, all measured: loops that count from zero over a slice (an index with an offset might be
negative, and numba then wraps it), and row lengths known when it compiles (else it checks every row for overlap with the
result, which takes as long as the arithmetic).
"""

from __future__ import annotations

from typing import Any

from numba import njit

from algorithms.fused.shared.options import REORDERED_SLICING, SLICING

Array = Any  # a one-dimensional numpy array of the engine's dtype, inside compiled code


@njit(**SLICING)
def add_product(matrix: Array, start: int, rows: int, columns: int, x: Array, x0: int, out: Array, out0: int) -> None:
    """out[out0 : +columns] += x[x0 : +rows] · M, with M [rows, columns] at `start`."""
    m, source, sums = matrix[start : start + rows * columns], x[x0 : x0 + rows], out[out0 : out0 + columns]
    # Eight rows at a time: their sum stays in registers before it is added to the result in memory.
    blocked = rows - rows % 8
    for i in range(0, blocked, 8):
        a, b, c, d = source[i], source[i + 1], source[i + 2], source[i + 3]
        e, f, g, h = source[i + 4], source[i + 5], source[i + 6], source[i + 7]
        for j in range(columns):
            low = (a * m[i * columns + j] + b * m[(i + 1) * columns + j]) + (
                c * m[(i + 2) * columns + j] + d * m[(i + 3) * columns + j]
            )
            high = (e * m[(i + 4) * columns + j] + f * m[(i + 5) * columns + j]) + (
                g * m[(i + 6) * columns + j] + h * m[(i + 7) * columns + j]
            )
            sums[j] += low + high
    paired = rows - rows % 2
    for i in range(blocked, paired, 2):
        a, b = source[i], source[i + 1]
        for j in range(columns):
            sums[j] += a * m[i * columns + j] + b * m[(i + 1) * columns + j]
    for i in range(paired, rows):
        a = source[i]
        for j in range(columns):
            sums[j] += a * m[i * columns + j]


@njit(**SLICING)
def affine(weights: Array, start: int, inputs: int, outputs: int, x: Array, x0: int, out: Array, out0: int) -> None:
    """out[out0 : +outputs] = W x + b, with W [inputs, outputs] at `start` and b behind it."""
    biases, sums = weights[start + inputs * outputs : start + (inputs + 1) * outputs], out[out0 : out0 + outputs]
    for j in range(outputs):
        sums[j] = biases[j]
    add_product(weights, start, inputs, outputs, x, x0, out, out0)


@njit(**REORDERED_SLICING)
def dot(x: Array, y: Array) -> Any:
    """x · y, summed in the order that suits the registers: the same on every call, but not from left to right."""
    total = x.dtype.type(0)
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@njit(**SLICING)
def affine_by_rows(rows: Array, biases: Array, inputs: int, outputs: int, x: Array, out: Array) -> None:
    """out = W x + b for few outputs, from the transposed weights [outputs, inputs] in `rows`."""
    for j in range(outputs):
        out[j] = biases[j] + dot(x, rows[j * inputs : (j + 1) * inputs])


@njit(inline="always")
def _add_outer(block: Array, inputs: int, outputs: int, keep: Any, weight: Any, x: Array, error: Array) -> None:
    # Four rows at a time, so that each error is loaded once for four products.
    blocked = inputs - inputs % 4
    for i in range(0, blocked, 4):
        a, b, c, d = weight * x[i], weight * x[i + 1], weight * x[i + 2], weight * x[i + 3]
        for j in range(outputs):
            value = error[j]
            first = keep * block[i * outputs + j] + a * value
            second = keep * block[(i + 1) * outputs + j] + b * value
            third = keep * block[(i + 2) * outputs + j] + c * value
            fourth = keep * block[(i + 3) * outputs + j] + d * value
            block[i * outputs + j] = first
            block[(i + 1) * outputs + j] = second
            block[(i + 2) * outputs + j] = third
            block[(i + 3) * outputs + j] = fourth
    for i in range(blocked, inputs):
        factor = weight * x[i]
        for j in range(outputs):
            block[i * outputs + j] = keep * block[i * outputs + j] + factor * error[j]


@njit(**SLICING)
def add_outer(layer: Array, inputs: int, outputs: int, keep: Any, weight: Any, x: Array, error: Array) -> None:
    """A layer's weights and biases become keep · layer + weight · (x error^T, error)."""
    block, biases = layer[: inputs * outputs], layer[inputs * outputs : (inputs + 1) * outputs]
    # This piece is optimised once before it is inlined, when its row length is not yet known: hence the papers' widths by name.
    if outputs == 64:
        _add_outer(block, inputs, 64, keep, weight, x, error)
    elif outputs == 32:
        _add_outer(block, inputs, 32, keep, weight, x, error)
    else:
        _add_outer(block, inputs, outputs, keep, weight, x, error)
    for j in range(outputs):
        biases[j] = keep * biases[j] + weight * error[j]


@njit(**SLICING)
def transpose(matrix: Array, start: int, rows: int, columns: int, out: Array) -> None:
    """out[start :] = M^T [columns, rows], of M [rows, columns] at `start`."""
    source, target = matrix[start : start + rows * columns], out[start : start + rows * columns]
    for j in range(columns):
        for i in range(rows):
            target[j * rows + i] = source[i * columns + j]
