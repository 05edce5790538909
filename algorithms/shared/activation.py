"""The hidden units' activation functions."""

from __future__ import annotations

from typing import Literal

from algorithms.shared.tensors import Tensor, torch

Activation = Literal["softplus", "relu"]


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)), of x's shape; torch's own is either cut off early or overflows in single precision."""
    return torch.logaddexp(x, torch.zeros_like(x))


def activate(activation: Activation, x: Tensor) -> Tensor:
    """f(x), of x's shape."""
    return softplus(x) if activation == "softplus" else torch.relu(x)


def slope(activation: Activation, x: Tensor) -> Tensor:
    """f'(x), of x's shape; the rectifier's at 0 is 0, as torch has it."""
    return torch.sigmoid(x) if activation == "softplus" else (x > 0).to(x.dtype)
