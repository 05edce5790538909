"""Bandits in continuous time: a network learns from rewards which of three images, or of four patterns, it is shown.

The networks are this experiment's own, untrained at first, with settings of `StreamedSettings` and `Protocol` but for what a
condition changes. Blocks have 150 trials. All rows have stage "training" and layer "all". Further columns:

* condition: full; without_homeostasis (nor border); without_noise; without_winner (noise alone nudges); settled (no time passes);
  without_look_ahead; released_beta (.01, see docs/kungl2021.md#streamed-trials).
* network: deep (100 hidden neurons) or shallow (none).
* delay: immediate, next_trial or scrambled.
* trace: time constant of the eligibility trace.
* block: from 1; 0 in rows about whole runs.

Quantities:

* mean_reward: over a block's trials; the interval is over the runs that have not diverged by its end.
* last_reward: mean reward in the last block. A run that diverged counts with that of a wrong choice, -1.
* reached: share of runs with a mean reward of .95 or more in the last block. One that diverged has not reached it.
* diverged: share of runs that diverged.
* diverged_at: the trial, from 0, in which those that did diverge did so; there is no such row where none did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from algorithms.shared.lookahead.streamed_settings import StreamedSettings
from envs.pattern_bandit import PatternBandit
from envs.seeding import learner_sequence
from envs.tasks.four_patterns import FourPatterns
from envs.tasks.three_images import ThreeImages
from experiments.kungl2021.trials.bandit import Bandit, Delay, Outcome, Protocol
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "least_action", "variant": "kungl2021", "tasks": (), "trained": False}

SEEDS: dict[Budget, range] = {"full": range(200, 220), "tenth": range(100, 104), "tiny": range(100, 102)}
TRIALS: dict[Budget, int] = {"full": 3000, "tenth": 600, "tiny": 4}
"""With an immediate reward; twice as many with a delayed one."""
BLOCK = 150
ENOUGH = 0.95
"""Mean reward in the last block of a run that has learned."""
TASKS: dict[str, Callable[[], PatternBandit]] = {"ThreeImages-v0": ThreeImages, "FourPatterns-v0": FourPatterns}
HIDDEN = {"deep": (100,), "shallow": ()}
TRACES = (0.1, 10.0, 40.0, 160.0)
"""Time constants of the trace that are tried with a delayed reward; the released one is 40."""


@dataclass(frozen=True)
class Condition:
    """What is tried."""

    name: str
    network: str = "deep"
    task: str = "ThreeImages-v0"
    delay: Delay = "immediate"
    trace: float = 0.1
    changed: dict[str, Any] = field(default_factory=dict)
    """Settings that differ."""


CONDITIONS = (
    Condition("full"),
    Condition("full", network="shallow"),
    Condition("full", network="shallow", task="FourPatterns-v0"),
    Condition("without_homeostasis", changed={"homeostasis_rate": 0.0, "border_rate": 0.0}),
    Condition("without_noise", changed={"noise": 0.0}),
    Condition("without_winner", changed={"winner_gain": 0.0}),
    Condition("without_look_ahead", changed={"form": "without_look_ahead"}),
    Condition("released_beta", changed={"beta": 0.01}),
    Condition("settled", changed={"form": "settled"}),
    *(Condition("full", delay="next_trial", trace=trace) for trace in TRACES),
    *(Condition("full", delay="scrambled", trace=trace) for trace in TRACES),
)


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every condition; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for condition in CONDITIONS:
        trials = TRIALS[budget] * (1 if condition.delay == "immediate" else 2)
        keys = {
            "task": condition.task,
            "stage": "training",
            "layer": LAYERS_TOGETHER,
            "condition": condition.name,
            "network": condition.network,
            "delay": condition.delay,
            "trace": condition.trace,
        }
        rows += [{**keys, **line} for line in described(learned(condition, SEEDS[budget], trials))]
    return pd.DataFrame(rows)


def learned(condition: Condition, seeds: Sequence[int], trials: int) -> Outcome:
    """Let the networks of these seeds learn; a seed meets the same trials in every condition on a task."""
    settings = StreamedSettings(**{"trace_time_constant": condition.trace, **condition.changed})
    sequences = [learner_sequence(0, condition.task, "streamed_bandit", seed) for seed in seeds]
    patterns = TASKS[condition.task]().patterns
    return Bandit(patterns, HIDDEN[condition.network], settings, Protocol(delay=condition.delay), sequences).run(trials)


def described(outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Yield the rows of one condition, without its keys."""
    length = min(BLOCK, outcome.rewards.shape[1])
    blocks = outcome.rewards.shape[1] // length
    means = outcome.rewards[:, : blocks * length].reshape(len(outcome.rewards), blocks, length).mean(axis=2)
    for block in range(blocks):
        going = means[np.isfinite(means[:, block]), block]
        if len(going):
            yield {"block": block + 1, **row(going, "mean_reward")}
    diverged = outcome.diverged[:, 0] >= 0
    last = means[:, -1]
    yield {"block": 0, **row(np.nan_to_num(last, nan=-1.0), "last_reward", each=True)}
    yield {"block": 0, **row(last >= ENOUGH, "reached")}
    yield {"block": 0, **row(diverged, "diverged")}
    if diverged.any():
        yield {"block": 0, **row(outcome.diverged[diverged, 0], "diverged_at")}
