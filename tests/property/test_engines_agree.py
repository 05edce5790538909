"""Fused equals reference: same noise in, same actions and parameters out, over episode ends, for every rule and task type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.learners import CASES, PROBLEMS, advance, make, simulate

STEPS = 520
SEEDS = [3, 5, 8]


@pytest.mark.parametrize(("method", "problem", "settings"), CASES)
def test_the_engines_agree_in_double_precision(method: str, problem: str, settings: dict[str, Any]) -> None:
    task = PROBLEMS[problem]
    fused = make(method, task, settings, SEEDS, "fused")
    reference = make(method, task, settings, SEEDS, "reference")
    start = {name: parameters.copy() for name, parameters in reference.policy().items()}
    for step in simulate(task, SEEDS, STEPS):
        np.testing.assert_allclose(advance(fused, step), advance(reference, step), rtol=0, atol=1e-9)
    assert fused.policy().keys() == start.keys()
    for name, parameters in reference.policy().items():
        np.testing.assert_allclose(fused.policy()[name], parameters, rtol=0, atol=1e-9, err_msg=name)
        fixed = "feedback" in name and settings.get("feedback") == "random"
        assert (np.abs(parameters - start[name]).max() > 0) != fixed, f"{name} {'moved' if fixed else 'did not move'}"
