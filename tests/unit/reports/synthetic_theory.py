"""Tables as `experiments` writes them, with invented but plausible numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments import experiments
from tests.unit.reports import synthetic_guss2016, synthetic_kungl2021

_LAYERS = ("1", "2", "3", "all")
_STAGES = ("untrained", "trained")
_RULES = ("reinforce", "backprop", "map_propagation")
_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 1000)


def write_theory(folder: Path, paper: str) -> None:
    """theory_<experiment>.parquet of every experiment of a paper, in its report's data folder."""
    tables = {"alignment": _alignment, "unbiasedness": _unbiasedness, "variance": _variance}
    tables |= {"equilibrium_gradient": _gradient, "nudged_steps": _nudged, "free_steps": _free}
    tables |= synthetic_kungl2021.TABLES | synthetic_guss2016.TABLES
    for name in experiments().get(paper, {}):
        pd.DataFrame(tables[name]()).to_parquet(folder / f"theory_{name}.parquet", index=False)


def _row(mean: float, half: float, n: int = 10, **keys: Any) -> dict[str, Any]:
    return {**keys, "mean": mean, "low": mean - half, "high": mean + half, "n": n}


def _alignment() -> Iterator[dict[str, Any]]:
    networks = (("CartPole-v1", "actor"), ("CartPole-v1", "critic"), ("Multiplexer-v0", "actor"))
    references = ("stationary", "sampled")
    keys: dict[str, Any]
    for (task, network), stage, layer, steps, reference in product(networks, _STAGES, _LAYERS, _STEPS, references):
        keys = {"task": task, "network": network, "stage": stage, "layer": layer, "steps": steps, "reference": reference}
        rest = float(np.exp(-steps / 8))
        limit = 1 - 1e-12 if reference == "stationary" else 0.9
        yield _row(limit * (1 - rest), 0.05 * rest, **keys, quantity="pooled_cosine")
        yield _row(1 + 50 * rest, 5 * rest, **keys, quantity="pooled_norm_ratio")
        if layer == "all":
            yield _row(0.95, 0.02, **keys, quantity="resolved")
            if reference == "stationary":
                yield _row(rest, 0.1 * rest, **{**keys, "reference": "none"}, quantity="energy_gradient")


def _unbiasedness() -> Iterator[dict[str, Any]]:
    keys: dict[str, Any]
    for stage, rule, layer in product(_STAGES, _RULES, _LAYERS):
        keys = {"task": "Multiplexer-v0", "stage": stage, "rule": rule, "layer": layer}
        bias = -0.15 if rule == "map_propagation" else 0.0
        yield _row(bias, 0.02, 32, **keys, quantity="bias_along")
        yield _row(bias**2, 0.01, 32, **keys, quantity="squared_bias")
        yield _row(0.94 if bias == 0 else 0.2, np.nan, 32, **keys, quantity="covered")


def _variance() -> Iterator[dict[str, Any]]:
    keys: dict[str, Any]
    for task, stage, rule, layer in product(("CartPole-v1", "Multiplexer-v0"), _STAGES, _RULES, _LAYERS):
        keys = {"task": task, "stage": stage, "rule": rule, "layer": layer}
        total = 1000.0 if rule == "reinforce" and layer != "3" else 2.0
        share = {"reinforce": 0.99, "backprop": 0.2, "map_propagation": 1e-5}[rule]
        yield _row(total, 0.2 * total, **keys, quantity="total")
        yield _row(share * total, 0.2 * share * total, **keys, quantity="internal")
        yield _row(share, 0.01, **keys, quantity="internal_share")
        yield _row(total / 1000 if layer != "3" else 1.0, 1e-4, **keys, quantity="total_to_reinforce")


_KUBO_TASKS = ("CartPole-v0", "Acrobot-v1", "LunarLander-v2")
_BETAS = (1.0, 0.3, 0.1, 0.03, 0.02, 0.01, 3e-3, 1e-3, 3e-4, 1e-4)


def _gradient() -> Iterator[dict[str, Any]]:
    keys: dict[str, Any]
    for task, stage, rule, layer, dtype in product(_KUBO_TASKS, _STAGES, ("S5", "S6"), ("1", "2", "all"), ("float64", "float32")):
        keys = {"task": task, "stage": stage, "rule": rule, "layer": layer, "dtype": dtype}
        # One case is less close than the others, and has fewer actors with something to learn.
        certain = (task, stage) == ("LunarLander-v2", "trained")
        slope, n = (20.0, 3) if certain else (1.5, 8)
        for beta in _BETAS:
            error = slope * beta + (1e-6 / beta if dtype == "float32" else 0.0)
            own = {**keys, "phases": "settled", "beta": beta}
            yield _row(error, error / 5, n, **own, quantity="relative_error")
            yield _row(1 / (1 + error**2), 0.0, n, **own, quantity="cosine")
        if dtype == "float32":
            own = {**keys, "phases": "as trained", "beta": 0.02}
            yield _row(0.05, 0.01, n, **own, quantity="relative_error")
            yield _row(0.998, 0.001, n, **own, quantity="cosine")
    for task, stage in product(_KUBO_TASKS, _STAGES):
        keys = {"task": task, "stage": stage, "rule": "none", "layer": "all", "phases": "settled"}
        yield _row(0.8, 0.1, 8, **keys, dtype="none", beta=1.0, quantity="settled")
        yield _row(0.97, 0.01, 8, **keys, dtype="float64", beta=0.0, quantity="rules_cosine")
        yield _row(0.2, 0.01, 8, **keys, dtype="float64", beta=0.0, quantity="rules_relative_error")


def _nudged() -> Iterator[dict[str, Any]]:
    for task, stage, rule, steps in product(_KUBO_TASKS, _STAGES, ("S5", "S6"), (1, 2, 5, 10, 25, 50, 100, 400)):
        keys: dict[str, Any] = {"task": task, "stage": stage, "rule": rule, "layer": "all", "steps": steps}
        left = max(0.85**steps, 1e-17)
        yield _row(left, 0.1 * left, 8, **keys, gradient="backprop", beta=0.0, quantity="relative_error")
        for beta in (0.02, 1e-4):
            own = {**keys, "gradient": "equilibrium", "beta": beta}
            yield _row(left + beta, 0.1 * beta, 8, **own, quantity="relative_error")
            yield _row(2 * beta * (1 - left), 0.1 * beta * (1 - left), 8, **own, quantity="from_truncated")


def _free() -> Iterator[dict[str, Any]]:
    for task, stage in product(_KUBO_TASKS, _STAGES):
        keys: dict[str, Any] = {"task": task, "stage": stage, "layer": "all"}
        for steps in (1, 5, 20, 50, 100, 150, 250, 400):
            left = max(0.8**steps, 1e-17)
            for dtype, floor in (("float64", 0.0), ("float32", 1e-7)):
                own = {**keys, "dtype": dtype, "beta": np.nan, "steps": steps}
                yield _row(left + floor, 0.1 * left, 8, **own, quantity="distance")
            for beta in (0.02, 1e-4):
                own = {**keys, "dtype": "float64", "beta": beta, "steps": steps}
                yield _row(left / beta + beta, 0.1 * beta, 8, **own, quantity="relative_error")
        own = {**keys, "dtype": "float32", "beta": np.nan, "steps": 0}
        yield _row(99.4, 2.0, 8, **own, quantity="still_from")
        yield _row(119.6 if stage == "untrained" else np.nan, 4.0, 8, **own, quantity="still_from_last")
