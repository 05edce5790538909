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
"""Least distance of a cosine from 1 that differs from 0."""
Scale = Literal["values", "logarithms", "fisher_z"]


def row(values: ArrayLike, quantity: str, *, mean_of: Scale = "values", each: bool = False, **keys: Any) -> dict[str, Any]:
    """Make a row: `keys`, quantity, mean, t-interval and n of n independent values; bounds are nan where n < 2.

    With `each` the row keeps these values, of every network, so that a claim can be about them.

    `mean_of` names the scale on which mean and interval are computed, before they are converted back. "logarithms" gives a
    geometric mean, for ratios and quantities that span orders of magnitude; a value that is not above 0 makes it nan. "fisher_z"
    (Fisher, 1921) is for cosines and keeps the interval within -1 and 1; a cosine closer to these than `NEAREST` is moved that
    far away.
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
    kept = {"each": np.asarray(values, dtype=float).tolist()} if each else {}
    return {**keys, "quantity": quantity, "mean": mean, "low": low, "high": high, "n": array.size, **kept}


def jackknife_row(statistic: Callable[[NDArray[np.intp]], float], count: int, quantity: str) -> dict[str, Any]:
    """Make a row for a statistic of `count` independent batches; it takes the indices of the batches that it may use.

    The standard error is the jackknife's (Efron and Stein, 1981), and the interval a t-interval. There must be at least 3
    batches.
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
    """Append the sum over the layers: [L, …] -> [L + 1, …]."""
    return torch.cat([layers, layers.sum(dim=0, keepdim=True)])
