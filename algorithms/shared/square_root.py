"""A square root that every processor rounds alike."""

from __future__ import annotations

from algorithms.shared.tensors import Tensor, torch


def square_root(x: Tensor) -> Tensor:
    """The square root of every element; 0 for 0.

    PyTorch's own comes from MKL, which begins with the processor's approximation of 1 / sqrt(x): Intel's and AMD's differ.
    """
    return torch.rsqrt(x).reciprocal()
