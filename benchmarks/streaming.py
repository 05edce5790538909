"""A trial of the bandit in continuous time, beside dense solves of as many Euler steps (kungl2021)."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from algorithms.shared.lookahead.streamed_settings import StreamedSettings
from envs.tasks.three_images import ThreeImages
from experiments.kungl2021.trials.bandit import Bandit, Protocol

HIDDEN = 100
TRIALS, REPEATS = 10, 5
Row = tuple[str, str, str]


def rows() -> list[Row]:
    """Milliseconds of a trial of one seed, of the dense solves alone, and their ratio within this run."""
    patterns, settings = ThreeImages().patterns, StreamedSettings()
    bandit = Bandit(patterns, (HIDDEN,), settings, Protocol(), [np.random.SeedSequence(0)])
    steps, unknowns = settings.steps(settings.presentation), HIDDEN + len(patterns)
    trial = fastest(lambda: bandit.run(TRIALS)) / TRIALS
    alone = fastest(lambda: solve(unknowns, steps, forming=False))
    dense = fastest(lambda: solve(unknowns, steps, forming=True))
    shape = f"{patterns.shape[1]}-{HIDDEN}-{len(patterns)}"
    return [
        (f"least action, a trial of {shape} in {steps} exact Euler steps, fused, 1 seed", f"{trial:.1f} ms", "≤ 8 ms"),
        (f"… {steps} dense solves for its {unknowns} voltages, float32, nothing else", f"{alone:.1f} ms", ""),
        ("… and each matrix GᵀG formed", f"{dense:.1f} ms", ""),
        ("… dense / trial", f"{dense / trial:.1f}", "≥ 10"),
    ]


def solve(unknowns: int, times: int, forming: bool) -> None:
    """Solve a dense system so many times; what its numbers are does not matter to the time."""
    matrix = np.eye(unknowns, dtype=np.float32) + np.float32(0.01)
    right = np.ones(unknowns, np.float32)
    for _ in range(times):
        np.linalg.solve(matrix.T @ matrix if forming else matrix, right)


def fastest(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest of several timings, after one that is not counted."""
    work()
    taken = []
    for _ in range(REPEATS):
        begin = perf_counter()
        work()
        taken.append(perf_counter() - begin)
    return 1e3 * min(taken)
