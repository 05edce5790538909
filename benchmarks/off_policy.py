"""Updates of DDPG and of the decentralised rule by width: microseconds a seed, and operations (guss2016)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
import torch

from algorithms.ddpg import Hyperparameters
from algorithms.interface import Problem, create, hyperparameters_of
from benchmarks.plain_ddpg import PlainDdpg

PROBLEM = Problem(observation_size=8, action_size=2, discrete=False)
WIDTHS: dict[tuple[int, int], tuple[int, int]] = {(10, 10): (32, 200), (64, 64): (64, 60), (400, 300): (64, 6)}
"""Hidden units: their minibatch, and how many updates are timed at once."""
SEEDS, MEMORY, REPEATS = 10, 512, 5
AIMS = {(10, 10): (10, 10, ""), (64, 64): (5, 1.3, 5), (400, 300): (1.2, 1.3, "")}
"""Times that batched DDPG should beat the plain one by, the decentralised rule batched DDPG, and it the plain one."""
Row = tuple[str, str, str]


def rows() -> list[Row]:
    """One row for each quantity, at every width; ratios are of this run."""
    found: list[Row] = []
    for widths, (samples, updates) in WIDTHS.items():
        name = "-".join(map(str, widths))
        plain = plain_microseconds(widths, samples, updates)
        batched = batched_microseconds("ddpg", widths, samples, updates)
        local = batched_microseconds("decentralised_ddpg", widths, samples, updates)
        done, done_locally = ddpg_operations(widths, samples), decentralised_operations(widths, samples)
        aims = [f"≥ {aim}" if aim else "" for aim in AIMS[widths]]
        speed = f"{done / batched / 1e3:.1f} GFLOP/s"
        found += [
            (f"an update of DDPG, {name}, plain PyTorch, 1 seed", timed(plain, samples), ""),
            (f"… our reference, {SEEDS} seeds", timed(batched, samples), ""),
            ("… its operations", f"{done / 1e6:.2f} million, {speed}", "≥ 40 GFLOP/s" if widths == (400, 300) else ""),
            ("… plain / ours", f"{plain / batched:.1f}", aims[0]),
            (f"an update of the decentralised rule, {name}, fused, {SEEDS} seeds", timed(local, samples), ""),
            ("… its operations", f"{done_locally / 1e6:.2f} million, {done_locally / local / 1e3:.1f} GFLOP/s", ""),
            ("… our DDPG / decentralised", f"{batched / local:.1f}, {done / done_locally:.1f} in operations", aims[1]),
            ("… plain DDPG / decentralised", f"{plain / local:.1f}", aims[2]),
        ]
    return found


def timed(microseconds: float, samples: int) -> str:
    """The time of an update, and the samples of the minibatch a second."""
    return f"{microseconds:,.1f} µs, {1e6 * samples / microseconds:,.0f} samples/s"


def ddpg_operations(widths: Sequence[int], samples: int) -> int:
    """Additions and multiplications in the matrix products of one update of DDPG, with a critic of the actor's widths.

    Each matrix is used forwards and, against the error, backwards and for its gradient. No error goes below a first layer. The
    critic's step passes both targets and the critic, forwards and backwards; the actor's passes both networks, the critic without
    gradients of its weights and down to the action alone.
    """
    inputs, outputs = PROBLEM.observation_size, PROBLEM.action_size
    actor = [below * above for below, above in pairwise((inputs, *widths, outputs))]
    into = [inputs, widths[0] + outputs, *widths[1:]]
    critic = [below * above for below, above in zip(into, (*widths, 1), strict=True)]
    without_action = critic[1] - outputs * widths[1]
    by_error = sum(critic[1:]) - critic[1] + without_action
    critics_step = sum(actor) + 3 * sum(critic) + by_error
    down_to_action = sum(critic[2:]) + outputs * widths[1]
    actors_step = sum(actor) + sum(critic) + down_to_action + sum(actor) + sum(actor[1:])
    return 2 * samples * (critics_step + actors_step)


def decentralised_operations(widths: Sequence[int], samples: int) -> int:
    """Additions and multiplications in the matrix products of one update of the printed rule.

    Neurons, their critics and both targets pass forwards, and neurons and critics get a gradient; nothing passes backwards.
    """
    sizes = (PROBLEM.observation_size, *widths, PROBLEM.action_size)
    return 2 * samples * 6 * sum(below * above for below, above in pairwise(sizes))


def learner(method: str, widths: tuple[int, ...], samples: int, seeds: int = SEEDS) -> Any:
    """A learner of these widths whose memory holds random transitions."""
    settings: dict[str, Any] = {"hidden_sizes": widths, "minibatch_size": samples, "warm_up": samples, "replay_size": MEMORY}
    if method == "ddpg":
        settings["critic_hidden_sizes"] = widths
    engine = "reference" if method == "ddpg" else "fused"
    sequences = np.random.SeedSequence(0).spawn(seeds)
    made: Any = create(method, PROBLEM, hyperparameters_of(method)(**settings), sequences, engine, "float32")  # type: ignore[arg-type]
    width = made._memory.rows.shape[2]
    generator = np.random.default_rng(0)
    for _ in range(MEMORY):
        made._memory.add(0.3 * generator.standard_normal((seeds, width)).astype(np.float32), np.arange(seeds))
    return made


def batched_microseconds(method: str, widths: tuple[int, int], samples: int, updates: int) -> float:
    """An update's time a seed, minibatch drawn and all."""
    made = learner(method, widths, samples)
    draws = np.random.default_rng(1).random((updates, SEEDS, samples), dtype=np.float32)
    learning = np.ones(SEEDS, np.bool_)

    def update() -> None:
        for uniform in draws:
            if made.learn_from_memory(learning, uniform).any():
                raise RuntimeError("diverged while being timed")

    return fastest(update) / (updates * SEEDS)


def plain_microseconds(widths: tuple[int, int], samples: int, updates: int) -> float:
    """An update's time of the plain program, minibatch drawn and all."""
    settings = Hyperparameters(hidden_sizes=widths, critic_hidden_sizes=widths, minibatch_size=samples, warm_up=samples)
    agent = PlainDdpg(PROBLEM.observation_size, PROBLEM.action_size, settings)
    parts = [PROBLEM.observation_size, PROBLEM.action_size, 1, 1, PROBLEM.observation_size]
    memory = 0.3 * torch.randn(MEMORY, sum(parts), generator=torch.Generator().manual_seed(0))
    generator = np.random.default_rng(1)

    def update() -> None:
        for _ in range(updates):
            agent.update(*memory[generator.choice(MEMORY, samples, replace=False)].split(parts, dim=1))

    return fastest(update) / updates


def fastest(work: Callable[[], None]) -> float:
    """Microseconds of the fastest of several timings, after one that is not counted."""
    work()
    taken = []
    for _ in range(REPEATS):
        begin = perf_counter()
        work()
        taken.append(perf_counter() - begin)
    return 1e6 * min(taken)
