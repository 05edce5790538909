"""What all tests share. Compiled kernels are cached by their contents: numba alone would miss edits of what a kernel calls."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from workflow.process.threads import prepare_process

prepare_process()  # before any test module imports numba or torch

pytest_plugins = ["tests.parallel", "tests.summary"]

# In CI the same examples every time, and no clock: a failure there is a failure everywhere.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A training in this process takes denormal numbers as zero from then on, and hypothesis insists on having them."""
    import torch

    torch.set_flush_denormal(False)
