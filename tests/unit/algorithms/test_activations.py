"""The hidden units' activations: single-precision polynomials against double precision, and both rectifiers against torch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numba import njit
from scipy.special import expit

from algorithms.fused.shared.activations import exponential, softplus_and_slope
from algorithms.fused.traces.perceptron import rectify
from algorithms.shared.activation import activate, slope


@njit
def tabulate(x: Any, exponentials: Any, values: Any, slopes: Any) -> None:
    for i in range(len(x)):
        exponentials[i] = exponential(-abs(x[i]))
        values[i], slopes[i] = softplus_and_slope(x[i])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2.5e-7), ("float64", 1e-15)])
def test_relative_errors_are_of_the_order_of_rounding(dtype: str, tolerance: float) -> None:
    x = np.concatenate([np.linspace(-80, 80, 400_001), np.linspace(-1, 1, 100_001)]).astype(dtype)
    exponentials, values, slopes = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    tabulate(x, exponentials, values, slopes)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(exponentials, np.exp(-abs(exact)), rtol=tolerance)
    np.testing.assert_allclose(values, np.logaddexp(0, exact), rtol=2 * tolerance)
    np.testing.assert_allclose(slopes, expit(exact), rtol=2 * tolerance)


def test_not_a_number_stays_so() -> None:
    x = np.array([np.nan], np.float32)
    exponentials, values, slopes = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    tabulate(x, exponentials, values, slopes)
    assert np.isnan(values[0])
    assert np.isnan(slopes[0])


def test_rectifiers_have_torchs_value_and_slope_also_at_zero() -> None:
    x = torch.tensor([-2.0, -0.0, 0.0, 3.0, -torch.inf, torch.inf], requires_grad=True)
    expected = torch.relu(x)
    (slopes,) = torch.autograd.grad(expected.sum(), [x])
    numbers = x.detach()
    torch.testing.assert_close(activate("relu", numbers), expected.detach(), rtol=0, atol=0)
    torch.testing.assert_close(slope("relu", numbers), slopes, rtol=0, atol=0)
    values, derivatives = np.empty(len(x), np.float32), np.empty(len(x), np.float32)
    rectify(numbers.numpy(), values, derivatives)
    np.testing.assert_array_equal(values, expected.detach().numpy())
    np.testing.assert_array_equal(derivatives, slopes.numpy())


def test_a_rectified_nan_stays_so() -> None:
    x, values, slopes = np.array([np.nan]), np.empty(1), np.empty(1)
    rectify(x, values, slopes)
    assert np.isnan(values[0])
    assert torch.isnan(activate("relu", torch.from_numpy(x))).all()
