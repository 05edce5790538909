"""Import PyTorch when a reference learner first computes: compiled learners never need it, and start a second sooner."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch as torch
    from torch import Tensor as Tensor
else:

    class _Torch:
        def __getattr__(self, name: str) -> Any:
            value = getattr(importlib.import_module("torch"), name)
            setattr(self, name, value)  # found without this method from now on
            return value

    torch = _Torch()
    Tensor = Any  # in annotations alone
