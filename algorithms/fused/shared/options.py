"""How the kernels are compiled."""

from __future__ import annotations

from typing import Any

# Division without a branch for zero (which would prevent vectorising), and products contracted into sums. Nothing else of
# fastmath: sums keep their order, and NaN stays NaN.
_ARITHMETIC: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract"}}

# The pieces are inlined into the kernel that a method compiles, so that the layer sizes, constants there, reach every loop.
INLINED: dict[str, Any] = {**_ARITHMETIC, "forceinline": True}
# For a sum that may be taken in any order, as many partial sums as a register holds.
REORDERED: dict[str, Any] = {**INLINED, "fastmath": {"contract", "reassoc"}}
# For pieces that make no arrays: slices of arrays given to them are then not counted as references. Each count is an atomic
# operation, and a dozen of them takes as long as the arithmetic on a hundred units.
_UNCOUNTED: dict[str, Any] = {"_nrt": False}
SLICING: dict[str, Any] = {**INLINED, **_UNCOUNTED}
REORDERED_SLICING: dict[str, Any] = {**REORDERED, **_UNCOUNTED}
# For a piece so large that a second copy of it takes longer to compile than all its calls take longer to run.
CALLED: dict[str, Any] = {**_ARITHMETIC, **_UNCOUNTED}
COMPILED: dict[str, Any] = {**_ARITHMETIC, "cache": True}
# For kernels all of whose pieces make no arrays: no array given to them is counted either.
COMPILED_SLICING: dict[str, Any] = {**COMPILED, **_UNCOUNTED}
