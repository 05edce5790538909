"""The score 0 of a task is what uniformly drawn actions give."""

from __future__ import annotations

import numpy as np
import pytest

from envs.tasks import task
from envs.vector import make_vector
from reports.chung2021 import ANCHORS

ROWS = 40


@pytest.mark.parametrize("name", sorted(ANCHORS))
def test_random_actions_score_about_zero(name: str) -> None:
    of = task(name)
    environment = make_vector(of, range(ROWS))
    environment.reset()
    generator = np.random.default_rng(0)
    returns, going = np.zeros(ROWS), np.ones(ROWS, dtype=bool)
    while going.any():
        actions = generator.integers(0, of.action_size, ROWS) if of.discrete else generator.uniform(-1, 1, (ROWS, of.action_size))
        _, reward, terminated, truncated = environment.step(actions.astype(np.int32 if of.discrete else np.float32))
        returns += np.where(going, reward, 0)
        going &= ~(terminated | truncated)
    environment.close()
    low, high = ANCHORS[name]
    error = returns.std(ddof=1) / ROWS**0.5
    assert abs(returns.mean() - low) < max(3 * error, 0.01 * (high - low))
