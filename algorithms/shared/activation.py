"""The hidden units' activation function."""

from __future__ import annotations

from algorithms.shared.tensors import Tensor, torch


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)), of x's shape; torch's own is either cut off early or overflows in single precision."""
    return torch.logaddexp(x, torch.zeros_like(x))
