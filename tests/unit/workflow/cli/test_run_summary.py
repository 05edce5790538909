"""The line that a training by hand ends with."""

from __future__ import annotations

import numpy as np

from workflow.cli.run import summary


def log(*returns: list[float]) -> dict[str, object]:
    """The log of seeds with these returns."""
    seeds = [np.full(len(own), seed) for seed, own in enumerate(returns)]
    return {"seed": np.concatenate(seeds), "return": np.concatenate(returns)}


def test_seeds_of_one_length() -> None:
    assert summary(log([1.0, 3.0], [5.0, 7.0])) == "mean return 4.00 (SD 2.83, n = 2 seeds) over 2 episodes"


def test_seeds_of_several_lengths_weigh_alike() -> None:
    said = summary(log([0.0] * 50 + [2.0] * 100, [1.0] * 120))
    assert said == "mean return 1.17 (SD 0.24, n = 2 seeds) over 120 to 150 episodes, 1.50 over the last 100"


def test_one_seed_of_a_task_without_episodes() -> None:
    rewards = {"seed": np.zeros(20), "mean_reward": np.arange(20.0)}
    assert summary(rewards) == "mean reward 9.50 over 20 updates, 14.50 over the last 10"
