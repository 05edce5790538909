"""Tables as the experiments of guss2016 write them, with invented but plausible numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

Rows = Iterator[dict[str, Any]]
TWENTY = 20
CAR, CARTPOLE, WORLD = "MountainCarContinuous-v0", "CartPole-v0", "OneDimensionalWorld-v0"


def _row(mean: float, half: float, n: int = 10, each: bool = False, **keys: Any) -> dict[str, Any]:
    kept = {"each": [mean + half * math.sin(network) for network in range(n)]} if each else {}
    return {**keys, "mean": mean, "low": mean - half, "high": mean + half, "n": n, **kept}


def gradients() -> Rows:
    """The table of theorem."""
    readings = {"responds": 1 - 1e-15, "held": 0.0, "linear": 0.2, "state_slope": 0.7, "aliased": 0.4, "aliased_mean": 1 - 1e-15}
    for task, hidden, (reading, agreement) in product(("plant", "regulator"), (1, 2, 3, 4), readings.items()):
        for layer in range(1, hidden + 2):
            keys: dict[str, Any] = {"task": task, "stage": "untrained", "hidden": hidden, "layer": str(layer), "reading": reading}
            found = 1 - 1e-15 if reading == "held" and layer == hidden + 1 else agreement - 0.1 * (hidden - 1) * (agreement < 0.9)
            found = max(found, 0.0) if reading == "held" else found
            yield _row(found, 0.0 if found > 0.99 else 0.05, TWENTY, each=True, **keys, quantity="agreement")
            yield _row(1 - found, 0.0 if found > 0.99 else 0.05, TWENTY, **keys, quantity="distance")
            yield _row(found, 0.0, TWENTY, **keys, quantity="norm_ratio")
            if found == 0.0:
                continue
            yield _row(math.sqrt(max(found, 0.01)), 0.03, TWENTY, **keys, quantity="cosine")
            yield _row(found, 0.03, TWENTY, **keys, quantity="mean_cosine")
            spread = 0.0 if found > 0.99 else 1.2
            yield _row(max(found - spread, -0.98), 0.05, TWENTY, **keys, quantity="least_cosine")
            yield _row(min(found + spread, 1.0), 0.02, TWENTY, **keys, quantity="greatest_cosine")
            yield _row((1 - found) / 3, 0.02, TWENTY, **keys, quantity="contradicted")


def policies() -> Rows:
    """The table of linear_q."""
    blank: dict[str, Any] = {"task": CARTPOLE, "stage": "untrained", "layer": "all", "hidden": -1, "slope": "none"}
    blank |= {"policy": "none"}
    yield _row(0.93, math.nan, 1, **blank, quantity="decided")
    yield _row(0.49, math.nan, 1, **blank, quantity="best_constant")
    for hidden, slope in product((0, 1, 2), ("constant", "state")):
        for layer in range(1, hidden + 2):
            keys = {**blank, "hidden": hidden, "slope": slope, "layer": str(layer)}
            yield _row(0.5 if slope == "constant" else 0.11, 0.01, TWENTY, **keys, quantity="contradicted")
    for policy, steps in {"left": 9.4, "right": 9.3, "best": 199.6}.items():
        yield _row(steps, 0.3, 100, **{**blank, "policy": policy}, quantity="mean_return")


def critics() -> Rows:
    """The table of sub_critics."""
    r = {"value_r": 0.8, "value_rate_r": 0.35, "slope_r": 0.2, "slope_rate_r": 0.1}
    kinds = product(("first", "second"), ("linear", "three_layers"), ("neuron", "layer"), ("1", "2", "3", "all"))
    for phase, form, per, layer in kinds:
        keys: dict[str, Any] = {"task": CAR, "stage": "training", "layer": layer, "phase": phase, "form": form, "per": per}
        better = 0.1 * (form == "three_layers")
        for span, (quantity, value) in product((1, 10, 100), r.items()):
            own = {**keys, "span": span, "block": 0}
            yield _row(min(value + better + 0.05 * math.log10(span), 0.99), 0.05, **own, quantity=quantity)
            if layer == "all" and span == 1:
                yield _row(value + better, 0.05, each=True, **own, quantity=f"counted_{quantity}")
        for block in range(1, 11):
            own = {**keys, "span": 0, "block": block}
            agent = -1.4 * (1 - math.exp(-block / 3) if phase == "first" else 1.0)
            local = -0.2 * (1 - math.exp(-block / 3)) - (0.1 * int(layer) if layer != "all" else 0.2)
            yield _row(local, 0.05, each=True, **own, quantity="value")
            yield _row(agent, 0.1, each=True, **own, quantity="agent_value")
            yield _row(abs(local - agent), 0.1, **own, quantity="error")


def divergences() -> Rows:
    """The table of divergence."""
    tried = product((CARTPOLE, CAR), ("constant", "state"), (1, 2, 3), ("tanh", "relu"), ("adam", "gradient"))
    for task, slope, hidden, activation, optimiser in tried:
        for rate, decay in product((1e-3, 1e-2, 0.1, 0.3, 1.0), (0.3, 0.0)):
            keys: dict[str, Any] = {"task": task, "stage": "training", "layer": "all", "slope": slope, "hidden": hidden}
            keys |= {"activation": activation, "optimiser": optimiser, "critic_rate": rate, "critic_l2": decay}
            lost = 0.0 if optimiser == "adam" else min(1.0, max(0.0, rate - 0.2) * hidden / (1 if activation == "relu" else 2))
            yield _row(lost, 0.0, TWENTY, each=True, **keys, quantity="diverged")
            if lost:
                yield _row(3.0 + 10 * (1 - rate), 1.0, round(lost * TWENTY), **keys, quantity="diverged_at")
                yield _row(60.0 + 500 * (1 - rate), 20.0, round(lost * TWENTY), **keys, quantity="diverged_at_step")


def walks() -> Rows:
    """The table of one_dimensional_world."""
    for slope, hidden, stage in product(("constant", "state"), (0, 1, 2, 3), ("untrained", "trained")):
        keys: dict[str, Any] = {"task": WORLD, "layer": "all", "slope": slope, "hidden": hidden, "stage": stage}
        share = 0.96 - 0.02 * hidden if stage == "trained" else 0.5 - 0.05 * hidden
        yield _row(share, 0.04, 50, each=True, **keys, quantity="reached")
        yield _row(300 * share - 200, 20.0, 50, **keys, quantity="mean_return")
        if stage == "trained":
            yield _row(0.0, 0.0, 50, **keys, quantity="diverged")


def neurons() -> Rows:
    """The table of one_neuron."""
    for form in ("learning", "noise"):
        keys: dict[str, Any] = {"task": CAR, "stage": "training", "layer": "all", "form": form}
        best = 80.0 if form == "learning" else 20.0
        for block in range(1, 11):
            yield _row(best * (1 - math.exp(-block / 2)), 8.0, TWENTY, **keys, block=block, quantity="mean_return")
        yield _row(best, 15.0, TWENTY, each=True, **keys, block=0, quantity="last_return")
        yield _row(0.9 if form == "learning" else 0.3, 0.1, TWENTY, each=True, **keys, block=0, quantity="reached")
        yield _row(0.0, 0.0, TWENTY, **keys, block=0, quantity="diverged")


TABLES = {
    "theorem": gradients,
    "linear_q": policies,
    "sub_critics": critics,
    "divergence": divergences,
    "one_dimensional_world": walks,
    "one_neuron": neurons,
}
"""By experiment."""
