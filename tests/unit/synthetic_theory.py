"""Tables as `workflow.theory` writes them, with invented but plausible numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_LAYERS = ("1", "2", "3", "all")
_STAGES = ("untrained", "trained")
_RULES = ("reinforce", "backprop", "map_propagation")
_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 1000)


def write_theory(folder: Path) -> None:
    """theory_alignment.parquet, theory_unbiasedness.parquet and theory_variance.parquet in a report's data folder."""
    for name, rows in (("alignment", _alignment()), ("unbiasedness", _unbiasedness()), ("variance", _variance())):
        pd.DataFrame(rows).to_parquet(folder / f"theory_{name}.parquet", index=False)


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
