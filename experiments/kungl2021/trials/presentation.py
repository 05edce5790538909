"""What a network is shown during a trial: a pattern that fades in and out, and noise that goes on from trial to trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter


def fading(steps: int, step: float, ramp: float) -> NDArray[Any]:
    """Factor on the pattern at the beginning of each of K Euler steps and at the end of the last, [K + 1].

    It rises from 0 to 1 within `ramp` as half a cosine, and falls back at the end. With less than two ramps it stays below 1.
    """
    times = step * np.arange(steps + 1)
    if ramp <= 0:
        return np.ones(steps + 1)
    nearest = np.minimum(times, times[-1] - times)
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(nearest / ramp, 0, 1))


class OrnsteinUhlenbeck:
    """Stationary noise of variance 1 on n outputs of every seed, exact at the ends of Euler steps of any length."""

    def __init__(self, generators: Sequence[np.random.Generator], outputs: int, correlation_time: float) -> None:
        """Start from the stationary distribution; `generators` has one for each seed."""
        self._generators = list(generators)
        self._correlation_time = correlation_time
        self._last = np.stack([generator.standard_normal(outputs) for generator in self._generators])

    def next(self, steps: int, step: float) -> NDArray[Any]:
        """The noise now and at the end of each of the next steps, [S, K + 1, n]."""
        kept = math.exp(-step / self._correlation_time)
        fresh = math.sqrt(1 - kept**2)
        path = np.empty((len(self._generators), steps + 1, self._last.shape[1]))
        path[:, 0] = self._last
        for row, generator in enumerate(self._generators):
            path[row, 1:] = fresh * generator.standard_normal(path[row, 1:].shape)
        path[:] = lfilter([1.0], [1.0, -kept], path, axis=1)
        self._last = path[:, -1]
        return path
