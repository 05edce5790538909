"""One row of a table: a quantity with its 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from torch import Tensor

from reports.statistics.inference import mean_interval

LAYERS_TOGETHER = "all"
"""Value of the column `layer` in rows about all parameters of a network."""
NEAREST = float(np.finfo(float).eps)
"""Least distance of a cosine from 1 that is told from 0."""
Scale = Literal["values", "logarithms", "fisher_z"]


def row(values: ArrayLike, quantity: str, *, mean_of: Scale = "values", **keys: Any) -> dict[str, Any]:
    """`keys`, quantity, mean, low, high and n for n independent values: mean and t-interval; bounds are nan where n < 2.

    Both are taken on a scale, and brought back from it. logarithms: the mean is geometric; for ratios and for what spans orders
    of magnitude. A value that is not above 0 makes them nan. fisher_z (Fisher 1921): of cosines, whose interval then stays within
    -1 and 1; one nearer to these than rounding tells is taken to be `NEAREST` away.
    """
    array = np.asarray(values, dtype=float)
    if mean_of == "logarithms":
        with np.errstate(divide="ignore", invalid="ignore"):
            array = np.where(array > 0, np.log(array), math.nan)
    elif mean_of == "fisher_z":
        array = np.arctanh(np.clip(array, NEAREST - 1, 1 - NEAREST))
    interval = mean_interval(array)
    back = {"values": float, "logarithms": math.exp, "fisher_z": math.tanh}[mean_of]
    mean, low, high = (back(bound) for bound in (interval.estimate, interval.low, interval.high))
    return {**keys, "quantity": quantity, "mean": mean, "low": low, "high": high, "n": array.size}


def jackknife_row(statistic: Callable[[NDArray[np.intp]], float], count: int, quantity: str) -> dict[str, Any]:
    """The same for a statistic of `count` independent batches, given the indices of those that it may use.

    The standard error is the jackknife's (Efron and Stein, 1981), the interval a t-interval; at least 3 batches.
    """
    everything = np.arange(count)
    estimate = statistic(everything)
    without_one = np.array([statistic(np.delete(everything, index)) for index in everything])
    error = math.sqrt((count - 1) / count * np.square(without_one - without_one.mean()).sum())
    half = float(stats.t.ppf(0.975, count - 1)) * error
    return {"quantity": quantity, "mean": estimate, "low": estimate - half, "high": estimate + half, "n": count}


def layer_names(layers: int) -> list[str]:
    """`1` to `L` and `all`."""
    return [*(str(layer) for layer in range(1, layers + 1)), LAYERS_TOGETHER]


def with_sum(layers: Tensor) -> Tensor:
    """Something [L, …] that adds up over the layers, and its sum: [L + 1, …]."""
    return torch.cat([layers, layers.sum(dim=0, keepdim=True)])
