"""The square root that every processor rounds alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from algorithms.shared.square_root import square_root


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_one_within_two_units_of_the_last_place(dtype: type[np.floating]) -> None:
    x = np.random.default_rng(3).lognormal(0, 20, 10_001).astype(dtype)
    x = np.concatenate([x, np.array([1, 4, 0.25], dtype)])
    ours, exact = square_root(torch.from_numpy(x)).numpy(), np.sqrt(x)
    assert ours.dtype == dtype
    assert (np.abs(ours - exact) <= 2 * np.spacing(exact)).all()
    reciprocal = dtype(1) / exact
    assert (ours == dtype(1) / reciprocal).all(), "it is made of operations that are rounded correctly"


def test_of_nothing_it_is_nothing() -> None:
    assert square_root(torch.zeros(9)).tolist() == [0.0] * 9
