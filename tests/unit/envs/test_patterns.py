"""The bandits whose patterns must be told apart (kungl2021)."""

from __future__ import annotations

import numpy as np
import pytest

from envs.pattern_bandit import PatternBandit
from envs.tasks import TASKS
from envs.tasks.four_patterns import FourPatterns
from envs.tasks.three_images import ThreeImages


@pytest.mark.parametrize(("bandit", "name"), [(ThreeImages(), "ThreeImages-v0"), (FourPatterns(), "FourPatterns-v0")])
def test_each_pattern_has_its_own_answer_and_zero_mean(bandit: PatternBandit, name: str) -> None:
    count, size = bandit.patterns.shape
    assert (TASKS[name].action_size, TASKS[name].observation_size) == (count, size)
    np.testing.assert_allclose(bandit.patterns.mean(axis=1), 0, atol=1e-7)
    assert bandit.answer(bandit.patterns).tolist() == list(range(count))
    assert bandit.reward(np.arange(count)[::-1], bandit.answer(bandit.patterns)).sum() == 2 * (count % 2) - count
    shown = bandit.observe(np.random.default_rng(0), 3000)
    assert np.abs(np.bincount(bandit.answer(shown)) / 3000 - 1 / count).max() < 0.03


def test_the_images_are_as_large_as_the_released_ones() -> None:
    assert ThreeImages().patterns.shape == (3, 100)
    # Ink is 1 above paper, whatever the mean.
    np.testing.assert_allclose(np.ptp(ThreeImages().patterns, axis=1), 1, atol=1e-6)


def test_the_four_patterns_are_the_released_ones() -> None:
    assert FourPatterns().patterns.tolist()[1] == pytest.approx([-0.3, 0.9, -0.3, -0.3])
