"""How the kernels are compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

# Division without a branch for zero (which would prevent vectorising), and products contracted into sums. Nothing else of
# fastmath: sums keep their order, and NaN stays NaN.
_ARITHMETIC: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract"}}

# The pieces are inlined into the kernel that a method compiles, so that the layer sizes, constants there, reach every loop.
INLINED: dict[str, Any] = {**_ARITHMETIC, "forceinline": True}
# For a sum that may be taken in any order, as many partial sums as a register holds.
REORDERED: dict[str, Any] = {**INLINED, "fastmath": {"contract", "reassoc"}}
COMPILED: dict[str, Any] = {**_ARITHMETIC, "cache": True}


class Kernels(NamedTuple):
    """A method's compiled functions; each takes the numbers of inputs and outputs first, then the arrays."""

    agent_step: Any
    """one agent step of every seed, on an episodic task"""
    sample_step: Any
    """every seed and copy acts on a single-step task"""
    update_step: Any
    """every seed's update on a single-step task"""
