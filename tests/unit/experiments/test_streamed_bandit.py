"""Trials of the bandit in continuous time (kungl2021): what is shown, when rewards come, and both engines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from algorithms.shared.lookahead.streamed_settings import StreamedSettings
from envs.tasks.four_patterns import FourPatterns
from experiments.kungl2021 import bandit
from experiments.kungl2021.trials.bandit import Bandit, Outcome, Protocol, Rewards
from experiments.kungl2021.trials.presentation import OrnsteinUhlenbeck, fading
from tests.unit.experiments.test_documentation import unexplained


def test_a_pattern_fades_in_and_out() -> None:
    window = fading(60, 0.5, 5.0)
    assert (window[0], window[-1]) == (0, 0)
    np.testing.assert_allclose(window[5], 0.5)
    assert (window[10:51] == 1).all()
    assert (np.diff(window[:11]) > 0).all()
    np.testing.assert_allclose(window, window[::-1])
    assert (fading(4, 0.5, 0.0) == 1).all()


def test_the_noise_is_stationary_and_goes_on() -> None:
    generators = [np.random.default_rng(seed) for seed in range(4000)]
    noise = OrnsteinUhlenbeck(generators, 1, 30.0)
    first, second = noise.next(100, 0.3), noise.next(1, 30.0)
    assert np.array_equal(first[:, -1], second[:, 0])
    for path in (first[:, 0], first[:, -1], second[:, -1]):
        assert path.std() == pytest.approx(1, abs=0.05)
    for path in (first, second):
        assert np.mean(path[:, 0] * path[:, -1]) == pytest.approx(math.exp(-1), abs=0.06)


def test_rewards_come_when_they_are_due_and_move_the_baseline() -> None:
    rewards = Rewards(Protocol(baseline_form="mean"), 1)
    rewards.due[0] = [(7, 1.0), (3, -1.0), (3, 1.0)]
    found = rewards.modulators(2, 3)
    # Both come at step 3: -1 against 0, then 1 against -.1.
    assert found[0].tolist() == pytest.approx([0, -1 + 1.1, 0])
    assert rewards.due == [[(7, 1.0)]]
    baseline = -0.1 + 0.1 * 1.1
    assert rewards.modulators(5, 3)[0].tolist() == pytest.approx([0, 0, 1 - baseline])


def test_the_released_baseline_is_never_below_zero() -> None:
    rewards = Rewards(Protocol(), 1)
    rewards.due[0] = [(0, -1.0), (1, -1.0)]
    assert rewards.modulators(0, 2)[0].tolist() == [-1, -1]


@pytest.mark.parametrize("delay", ["immediate", "next_trial", "scrambled"])
def test_both_engines_run_the_same_trials(delay: Any) -> None:
    settings = StreamedSettings(tolerance=1e-12, sweeps=60, step=0.5, trace_time_constant=10.0)
    sequences = [np.random.SeedSequence([9, seed]) for seed in range(2)]
    runs = [Bandit(FourPatterns().patterns, (5,), settings, Protocol(delay=delay), sequences, engine, "float64") for engine in
            ("reference", "fused")]  # fmt: skip
    outcomes = [run.run(3) for run in runs]
    assert np.array_equal(outcomes[0].rewards, outcomes[1].rewards)
    for (wanted, _), (found, _) in zip(runs[0].network.layers(), runs[1].network.layers(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)


def test_a_diverged_run_is_counted_with_its_place() -> None:
    rewards = np.ones((3, 300))
    rewards[1, 200:] = np.nan
    rewards[2] = -1
    lines = list(bandit.described(Outcome(rewards, np.array([[-1, -1], [200, 2], [-1, -1]]))))
    found = {(line["quantity"], line["block"]): (line["mean"], line["n"]) for line in lines}
    assert found["mean_reward", 1] == (pytest.approx(1 / 3), 3)
    assert found["mean_reward", 2] == (0, 2)
    assert found["reached", 0] == (pytest.approx(1 / 3), 3)
    assert found["diverged", 0] == (pytest.approx(1 / 3), 3)
    assert found["diverged_at", 0] == (200, 1)
    assert next(line["each"] for line in lines if line["quantity"] == "last_reward") == [1, -1, -1]


def test_the_table_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bandit, "CONDITIONS", (bandit.Condition("settled", changed={"form": "settled"}),))
    table = bandit.measure([], "tiny")
    assert unexplained(table, bandit.__doc__ or "") == []
    assert set(table["block"]) == {0, 1}
