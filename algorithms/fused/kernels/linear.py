"""Products of flat, row-major matrices with vectors, written so that the inner loops vectorise without reassociation.

What the compiler needs for that, all measured: inner loops that count from zero over a slice (an index with an offset might be
negative, and numba then wraps it), and row lengths that it knows (else it checks every row for overlap with the result, which
takes as long as the arithmetic). Hence the slices at each start, and the choice among common widths.
"""

from __future__ import annotations

from typing import Any

from numba import njit

Array = Any  # a one-dimensional numpy array of the engine's dtype, inside compiled code


@njit(inline="always", error_model="numpy")
def _add_product(matrix: Array, rows: int, columns: int, x: Array, out: Array) -> None:
    # Eight rows at a time: their sum stays in registers before it is added to the result in memory.
    blocked = rows - rows % 8
    for i in range(0, blocked, 8):
        a, b, c, d, e, f, g, h = x[i], x[i + 1], x[i + 2], x[i + 3], x[i + 4], x[i + 5], x[i + 6], x[i + 7]
        for j in range(columns):
            low = (a * matrix[i * columns + j] + b * matrix[(i + 1) * columns + j]) + (
                c * matrix[(i + 2) * columns + j] + d * matrix[(i + 3) * columns + j]
            )
            high = (e * matrix[(i + 4) * columns + j] + f * matrix[(i + 5) * columns + j]) + (
                g * matrix[(i + 6) * columns + j] + h * matrix[(i + 7) * columns + j]
            )
            out[j] += low + high
    for i in range(blocked, rows):
        a = x[i]
        for j in range(columns):
            out[j] += a * matrix[i * columns + j]


@njit(cache=True, error_model="numpy")
def add_product(matrix: Array, start: int, rows: int, columns: int, x: Array, x0: int, out: Array, out0: int) -> None:
    """out[out0 : +columns] += x[x0 : +rows] · M, with M [rows, columns] at `start`."""
    m, source, sums = matrix[start : start + rows * columns], x[x0 : x0 + rows], out[out0 : out0 + columns]
    if columns == 64:
        _add_product(m, rows, 64, source, sums)
    elif columns == 32:
        _add_product(m, rows, 32, source, sums)
    else:
        _add_product(m, rows, columns, source, sums)


@njit(cache=True, error_model="numpy")
def affine(weights: Array, start: int, inputs: int, outputs: int, x: Array, x0: int, out: Array, out0: int) -> None:
    """out[out0 : +outputs] = W x + b, with W [inputs, outputs] at `start` and b behind it."""
    bias = start + inputs * outputs
    out[out0 : out0 + outputs] = weights[bias : bias + outputs]
    add_product(weights, start, inputs, outputs, x, x0, out, out0)


@njit(inline="always", error_model="numpy")
def _add_outer(total: Array, inputs: int, outputs: int, keep: Any, weight: Any, x: Array, error: Array) -> None:
    for i in range(inputs):
        factor = weight * x[i]
        for j in range(outputs):
            total[i * outputs + j] = keep * total[i * outputs + j] + factor * error[j]


@njit(cache=True, error_model="numpy")
def add_outer(
    total: Array, start: int, inputs: int, outputs: int, keep: Any, weight: Any, x: Array, x0: int, error: Array, error0: int
) -> None:
    """Weights' and biases' block at `start`: keep · block + weight · (x error^T, error)."""
    bias = start + inputs * outputs
    weights, biases = total[start:bias], total[bias : bias + outputs]
    source, errors = x[x0 : x0 + inputs], error[error0 : error0 + outputs]
    if outputs == 64:
        _add_outer(weights, inputs, 64, keep, weight, source, errors)
    elif outputs == 32:
        _add_outer(weights, inputs, 32, keep, weight, source, errors)
    else:
        _add_outer(weights, inputs, outputs, keep, weight, source, errors)
    for j in range(outputs):
        biases[j] = keep * biases[j] + weight * errors[j]


@njit(cache=True, error_model="numpy")
def transpose(matrix: Array, start: int, rows: int, columns: int, out: Array) -> None:
    """out[start :] = M^T [columns, rows], of M [rows, columns] at `start`."""
    source, target = matrix[start : start + rows * columns], out[start : start + rows * columns]
    for j in range(columns):
        for i in range(rows):
            target[j * rows + i] = source[i * columns + j]
