"""Result folders as the workflow writes them, with invented but plausible numbers, at any size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# Task: gymnasium id, time limit, length of a run, worst return, best return.
EPISODIC: dict[str, tuple[str, int, int, float, float]] = {
    "Acrobot-v1": ("Acrobot-v1", 500, 500, -500.0, -80.0),
    "CartPole-v1": ("CartPole-v1", 500, 1000, 20.0, 520.0),
    "LunarLander-v2": ("LunarLander-v3", 1000, 2500, -180.0, 240.0),
    "MountainCarContinuous-v0": ("MountainCarContinuous-v0", 999, 500, -40.0, 88.0),
}
SINGLE_STEP = {"Multiplexer-v0": (31_250, -0.02, 0.99), "ScalarRegression-v0": (7_812, -9.0, -0.02)}
LABELS = {
    "map_propagation": "MAP propagation",
    "reinforce": "REINFORCE",
    "reinforce_thomas": "REINFORCE with Thomas",
    "backprop_traces": "Backprop",
}
# Method: how much of the range between worst and best it learns, and how many tenths of a run that takes.
SKILL = {"map_propagation": (1.0, 0.6), "reinforce": (0.15, 3.0), "reinforce_thomas": (0.3, 3.0), "backprop_traces": (0.97, 0.7)}
_STOPS = {"CartPole-v1": 500.0, "LunarLander-v2": 200.0}
"""Mean return of the last 100 episodes at which chung2020's runs stop."""
_ON_RL_TASKS = [(task, method, "chung2021", label) for task in (*EPISODIC, "Multiplexer-v0") for method, label in LABELS.items()]
_CHUNG2021 = [
    *_ON_RL_TASKS,
    ("ScalarRegression-v0", "map_propagation", "chung2021", "MAP propagation (RL)"),
    ("ScalarRegression-v0", "map_propagation", "chung2021-supervised", "MAP propagation (SL)"),
    ("ScalarRegression-v0", "backprop_traces", "chung2021", "Backprop"),
]
_CHUNG2020 = [
    ("Multiplexer-v0", "map_propagation", "chung2020", "MAP propagation"),
    ("Multiplexer-v0", "backprop_traces", "chung2020", "Backprop"),
    ("Multiplexer-v0", "reinforce", "chung2020", "REINFORCE"),
    ("ScalarRegression-v0", "map_propagation", "chung2020", "MAP propagation (RL)"),
    ("ScalarRegression-v0", "map_propagation", "chung2020-supervised", "MAP propagation"),
    ("ScalarRegression-v0", "backprop_traces", "chung2020", "Backprop"),
    *((task, "map_propagation", "chung2020", "MAP propagation") for task in ("CartPole-v1", "LunarLander-v2")),
    *((task, "backprop_traces", "chung2020", "Backprop") for task in ("CartPole-v1", "LunarLander-v2")),
    *(
        (task, "backprop_traces", "chung2020-no-entropy", "Backprop without entropy")
        for task in ("CartPole-v1", "LunarLander-v2")
    ),
]
_LENGTHS = {"Multiplexer-v0": 15_625, "ScalarRegression-v0": 6_250, "CartPole-v1": 1000, "LunarLander-v2": 3000}
"""Of chung2020's runs."""
Variant = tuple[str, str, str, str, Mapping[str, Any]]
_MAP, _CARTPOLE, _MOUNTAIN_CAR = "map_propagation", "CartPole-v1", "MountainCarContinuous-v0"
VARIANTS: tuple[Variant, ...] = (
    (_CARTPOLE, _MAP, "chung2021-steps-50", "MAP propagation, N = 50", {"ascent_steps": 50}),
    (_CARTPOLE, _MAP, "chung2021-steps-5", "MAP propagation, N = 5", {"ascent_steps": 5}),
    ("Multiplexer-v0", _MAP, "chung2021-steps-5", "MAP propagation, N = 5", {"ascent_steps": 5}),
    (_CARTPOLE, _MAP, "chung2021-sequential", "MAP propagation, layer by layer", {"ascent_order": "sequential"}),
    (_MOUNTAIN_CAR, "backprop_traces", "chung2021-unslipped", "without the slip of a sign", {"action_map": "identity"}),
    ("Acrobot-v1", _MAP, "chung2021-printed", "MAP propagation as printed", {"temperature_form": "multiply"}),
    ("LunarLander-v2", "reinforce", "chung2021-map-rates", "at MAP's rates", {"actor_learning_rates": [4e-3], "discount": 0.9}),
)
"""Some of chung2021's variants."""
DIVISORS = {"full": 1, "tenth": 10, "tiny": 100}


def write_results(
    root: Path,
    budget: str = "full",
    seeds: Sequence[int] = range(10),
    only: Iterable[tuple[str, str]] | None = None,
    paper: str = "chung2021",
) -> list[Path]:
    """All run folders of a paper (or those of the (task, method) pairs in `only`) under `root`; returns them."""
    wanted = set(only) if only is not None else None
    folders = []
    for task, method, variant, label in all_runs(paper):
        if wanted is None or (task, method) in wanted:
            folder = root / budget / task / method / variant / f"seeds-{min(seeds):03d}-{max(seeds):03d}"
            folders.append(write_run(folder, task, method, variant, label, DIVISORS[budget], seeds))
    return folders


def all_runs(paper: str = "chung2021") -> list[tuple[str, str, str, str]]:
    """(task, method, variant, label) of everything that a paper itself has run."""
    return [*_CHUNG2020] if paper == "chung2020" else [*_CHUNG2021]


def write_variants(root: Path, budget: str, seeds: Sequence[int], variants: Iterable[Variant]) -> list[Path]:
    """Run folders of further variants of chung2021: (task, method, variant, label, the hyperparameters that it changes)."""
    folders = []
    for task, method, variant, label, changes in variants:
        folder = root / budget / task / method / variant / f"seeds-{min(seeds):03d}-{max(seeds):03d}"
        folders.append(write_run(folder, task, method, variant, label, DIVISORS[budget], seeds, changes))
    return folders


def write_run(
    folder: Path,
    task: str,
    method: str,
    variant: str,
    label: str,
    divisor: int,
    seeds: Sequence[int],
    changes: Mapping[str, Any] | None = None,
) -> Path:
    """One run folder with episodes.parquet and run.json; `changes`: hyperparameters other than the usual."""
    folder.mkdir(parents=True)
    full = _length(task, variant)
    budget = max(1, full // divisor)
    stop = _STOPS.get(task) if variant.startswith("chung2020") else None
    make = _episodes if task in EPISODIC else _updates
    logs = [make(task, method, variant, seed, budget if stop is None else budget + 7 * (seed % 3), full) for seed in seeds]
    pd.concat(logs, ignore_index=True).to_parquet(folder / "episodes.parquet", index=False)
    info = run_record(task, method, variant, label, budget, seeds)
    if stop is not None:
        info["budget"] |= {"stop_mean": stop, "most_episodes": 5 * budget}
    info["hyperparameters"] |= changes or {}
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


def run_record(
    task: str, method: str, variant: str, label: str, budget: int, seeds: Sequence[int], env_backend: str = "envpool"
) -> dict[str, Any]:
    """The contents of a run.json."""
    episodic = task in EPISODIC
    environment = {
        "id": EPISODIC[task][0] if episodic and env_backend == "gymnasium" else task,
        "time_limit": EPISODIC[task][1] if episodic else None,
    }
    return {
        "paper": variant.partition("-")[0], "task": task, "method": method, "variant": variant, "label": label,
        "hyperparameters": {
            "hidden_sizes": [64, 32], "temperature": 2.0, "temperature_form": "divide", "discount": 0.98, "trace_decay": 0.95,
            "actor_learning_rates": [1e-2, 1e-5, 1e-6], "actor_learning_rates_end": [1e-3, 1e-6, 1e-8] if "C" in task else None,
            "critic_learning_rates": [2e-2, 2e-5, 2e-6], "anneal_steps": 50_000 if "C" in task else None,
            "action_map": "sign_slip" if "Mountain" in task else "identity", "adam_epsilon": 1e-9,
            "adam_bias_correction": "until_1000", "ascent_steps": 20, "ascent_order": "parallel",
        },
        "hyperparameter_descriptions": {
            "hidden_sizes": "Units in each hidden layer (chung2021, section 5).",
            "temperature": "T of the softmax output (chung2021, Table 3).",
            "temperature_form": "Softmax of (W h + b) / T, as released, or of T (W h + b), as printed in chung2021, section 5.",
            "discount": "gamma (chung2021, Appendix D).",
            "trace_decay": "lambda (chung2021, Table 3).",
            "actor_learning_rates": "alpha of the actor's layers, input side first, at the start (chung2021, Table 3).",
            "actor_learning_rates_end": "alpha of the actor's layers once annealed; none: not annealed.",
            "critic_learning_rates": "alpha of the critic's layers at the start (chung2021, Table 3).",
            "anneal_steps": "Agent steps over which the learning rates fall linearly to their end; none: not annealed.",
            "action_map": "Which of the task's affine maps leads from a sampled continuous action to the environment's.",
            "adam_epsilon": "Adam's epsilon (released code).",
            "ascent_steps": "N (chung2021, Algorithm 1).",
            "ascent_order": "Whether layers move at once or one after the other.",
            "adam_bias_correction": "Adam's bias correction: dropped from update 1000 on, as released, or kept.",
        },
        "seeds": list(seeds), "budget": {"episodes" if episodic else "updates": budget},
        "engine": "fused", "dtype": "float32", "env_backend": env_backend, "native": False,
        "options": {},
        "environment": environment,
        "versions": {"numpy": "2.4.6", "torch": "2.13.0", "numba": "0.68.0", "envpool": "1.2.5", "gymnasium": "1.4.0"},
        "python": "3.11.7", "platform": "Linux-6.1-x86_64",
        "sources": {f"algorithms/{method}.py": f"{hash_of(method):064x}", "algorithms/interface.py": f"{hash_of('i'):064x}"},
        "source_fingerprint": f"{hash_of(method + task):064x}", "git": {"commit": f"{hash_of('commit'):064x}", "dirty": False},
        "instructions": "x86-64-v3", "cpu": "Invented CPU 3.0 GHz", "threads": 1,
        "wall_seconds": 61.5, "cpu_seconds": 60.25, "peak_memory_mib": 412.5,
        "agent_steps": 1_234_567, "started": "2026-01-01T10:00:00+00:00", "finished": "2026-01-01T10:01:01+00:00",
    }  # fmt: skip


def _length(task: str, variant: str) -> int:
    if variant.startswith("chung2020"):
        return _LENGTHS[task]
    return EPISODIC[task][2] if task in EPISODIC else SINGLE_STEP[task][0]


def hash_of(text: str) -> int:
    """A number that depends on the text alone (Python's own hash differs between processes)."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def _episodes(task: str, method: str, variant: str, seed: int, budget: int, full: int) -> pd.DataFrame:
    _, limit, _, worst, best = EPISODIC[task]
    rng = np.random.default_rng(hash_of(task + method) + seed)
    share, tenths = SKILL[method]
    if task.startswith("MountainCar"):
        share, tenths = {"map_propagation": (1.0, 2.0), "backprop_traces": (1.03 if seed % 3 == 0 else 0.31, 0.8)}.get(
            method, (0, 1)
        )
    time = np.arange(1, budget + 1) / (full / 10) / (tenths * rng.uniform(0.7, 1.3))
    level = worst + (best - worst) * share * (1 - np.exp(-(time**1.5)))
    returns = level + rng.normal(0, 0.06 * (best - worst), budget) * (1 + np.exp(-time))
    if task == "CartPole-v1":
        returns = np.clip(np.round(returns), 8, 500)
    length = np.clip(np.abs(np.round(returns)), 1, limit).astype("int32")
    table = pd.DataFrame(
        {
            "seed": np.int32(seed),
            "episode": np.arange(1, budget + 1, dtype="int32"),
            "env_steps": np.cumsum(length, dtype="int64"),
            "length": length,
            "return": returns,
            "ended": np.where(returns > 30, "terminated", "truncated") if task.startswith("Mountain") else "terminated",
        }
    )
    if task.startswith("MountainCar"):
        swings = [
            _swing(rng, int(n), share) if episode in (1, 50, 100) else None
            for episode, n in zip(table["episode"], table["length"], strict=True)
        ]
        table["trajectory"] = pd.Series(swings, dtype=object)
    return table


def _swing(rng: np.random.Generator, length: int, share: float) -> list[float]:
    phase = np.linspace(0, 25, length + 1)
    size = np.linspace(0.1, 0.2 + 0.8 * share, length + 1) * rng.uniform(0.8, 1)
    states = np.stack([-0.5 + 0.6 * size * np.sin(phase), 0.06 * size * np.cos(phase)], axis=1)
    return [float(x) for x in states.astype("float32").ravel()]


def _updates(task: str, method: str, variant: str, seed: int, budget: int, full: int) -> pd.DataFrame:
    _, worst, best = SINGLE_STEP[task]
    rng = np.random.default_rng(hash_of(task + method + variant) + seed)
    share = {"reinforce": 0.2, "reinforce_thomas": 0.22, "map_propagation": 0.985}.get(method, 1.0)
    speed = {"map_propagation": 14.0, "backprop_traces": 20.0}.get(method, 3.0) * rng.uniform(0.9, 1.1)
    if variant.endswith("-supervised"):
        share, speed = 0.99, 18.0
    level = worst + (best - worst) * share * (1 - np.exp(-speed * np.arange(1, budget + 1) / full))
    noise = rng.normal(0, 0.02 * (best - worst) / 4, budget)
    return pd.DataFrame(
        {"seed": np.int32(seed), "update": np.arange(1, budget + 1, dtype="int32"), "mean_reward": np.minimum(level + noise, 1.0)}
    )
