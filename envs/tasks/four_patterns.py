"""Four patterns of four numbers, to be told apart by reward alone (docs/kungl2021.md#tasks)."""

from __future__ import annotations

import numpy as np

from envs.pattern_bandit import PatternBandit
from envs.task import Task

_SHOWN, _OTHERS = 0.9, -0.3


class FourPatterns(PatternBandit):
    """Pattern k is .9 at place k and -.3 elsewhere, so that its mean is zero; the right action is k."""

    def __init__(self) -> None:
        super().__init__(np.where(np.eye(4), _SHOWN, _OTHERS).astype(np.float32))


TASKS = (
    Task(
        name="FourPatterns-v0",
        title="Four patterns",
        gymnasium_id="FourPatterns-v0",
        kind="single_step",
        bandit=FourPatterns,
        observation_size=4,
        action_size=4,
        discrete=True,
    ),
)
