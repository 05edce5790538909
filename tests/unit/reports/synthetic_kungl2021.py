"""Tables as the experiments of kungl2021 write them, with invented but plausible numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

Rows = Iterator[dict[str, Any]]
IMAGES = "ThreeImages-v0"
TWENTY = 20
LATE = ("without_look_ahead", 1.0)
"""Form and presentation in which networks diverge."""


def _row(mean: float, half: float, n: int = 10, each: bool = False, **keys: Any) -> dict[str, Any]:
    kept = {"each": [mean + half * math.sin(network) for network in range(n)]} if each else {}
    return {**keys, "mean": mean, "low": mean - half, "high": mean + half, "n": n, **kept}


def accuracy() -> Rows:
    """The table of supervised_accuracy."""
    conditions = [("backpropagation", 0.0, "symmetric"), *(("settled", 0.0, f) for f in ("symmetric", "random", "learned"))]
    conditions += product(("exact", "without_look_ahead"), (1.0, 3.0, 10.0, 30.0), ("symmetric", "random", "learned"))
    for (form, time, feedback), shown in product(conditions, (0, 100, 200, 700, 1400)):
        keys: dict[str, Any] = {"task": "digits", "stage": "training", "form": form, "presentation": time, "feedback": feedback}
        keys |= {"presentations": shown}
        late, lost = form == LATE[0], (form, time) == LATE and shown > 0
        best = {"symmetric": 0.82, "random": 0.63, "learned": 0.75}[feedback] - (0.9 / time if late else 0.0)
        value = max(0.1, 0.1 + (best - 0.1) * (1 - math.exp(-shown / 400)))
        yield {**_row(float(lost), 0.0, **keys, quantity="diverged"), "layer": "all"}
        yield {**_row(0.0 if lost else value, 0.02, each=True, **keys, quantity="success"), "layer": "all"}
        if not lost:
            yield {**_row(value, 0.02, **keys, quantity="accuracy"), "layer": "all"}
            if form != "backpropagation":
                yield {**_row(value - 0.82, 0.02, **keys, quantity="advantage"), "layer": "all"}
                for layer in (1, 2, 3) if shown else ():
                    yield {**_row(0.9 + 0.03 * layer, 0.01, **keys, quantity="path_cosine"), "layer": str(layer)}


def angles() -> Rows:
    """The table of backprop_angle."""
    keys: dict[str, Any]
    for form, hidden, beta in product(("settled", "exact"), (1, 2, 4, 8), (1.0, 0.1, 0.01, 0.001)):
        keys = {"form": form, "hidden": hidden, "beta": beta, "presentation": 0.0 if form == "settled" else 3.0}
        gap = min(0.9, 0.04 * hidden * beta**2 + (1e-5 / beta**2 if form == "exact" else 0.0))
        yield from _angle([1 - gap] * (hidden + 1), feedback="symmetric", **keys)
    for form, time, feedback in product(("exact", "without_look_ahead"), (1.0, 3.0, 10.0, 30.0), ("symmetric", "random")):
        if (form, time, feedback) != ("exact", 3.0, "symmetric"):
            late = form == LATE[0]
            found = [1 - (0.7 - 0.2 * layer) / math.sqrt(time) if late else 0.99 for layer in range(3)]
            keys = {"form": form, "hidden": 2, "beta": 0.1, "presentation": time, "feedback": feedback}
            yield from _angle(found, lost=(form, time) == LATE, **keys)


def _angle(found: list[float], lost: bool = False, **keys: Any) -> Rows:
    keys = {"task": "digits", "stage": "untrained", **keys}
    yield _row(float(lost), 0.0, **keys, layer="all", quantity="diverged")
    if not lost:
        for layer, cosine in enumerate(found):
            yield _row(cosine, (1 - cosine) / 5, **keys, layer=str(layer + 1), quantity="cosine")
        yield _row(min(found), (1 - min(found)) / 5, **keys, layer="all", quantity="worst_cosine")


def bandit() -> Rows:
    """The table of bandit."""
    conditions = [("full", "deep", IMAGES, "immediate", 0.1), ("full", "shallow", IMAGES, "immediate", 0.1)]
    conditions += [("full", "shallow", "FourPatterns-v0", "immediate", 0.1)]
    changed = ("without_homeostasis", "without_noise", "without_winner", "without_look_ahead", "released_beta", "settled")
    conditions += [(name, "deep", IMAGES, "immediate", 0.1) for name in changed]
    conditions += [("full", "deep", IMAGES, delay, t) for delay in ("next_trial", "scrambled") for t in (0.1, 10.0, 40.0, 160.0)]
    for condition, network, task, delay, trace in conditions:
        keys: dict[str, Any] = {"task": task, "stage": "training", "layer": "all", "condition": condition, "network": network}
        keys |= {"delay": delay, "trace": trace}
        fails = condition in ("without_noise", "without_look_ahead") or (delay != "immediate" and trace != 40)
        lost = condition == "released_beta"
        blocks = 20 if delay == "immediate" else 40
        for block in range(1, blocks + 1):
            if not lost or block < 5:
                mean = -0.33 if fails else 1 - 1.3 * math.exp(-block / 3)
                yield _row(mean, 0.05, TWENTY, **keys, block=block, quantity="mean_reward")
        last = -1.0 if lost else -0.33 if fails else 1 - 1.3 * math.exp(-blocks / 3)
        yield _row(last, 0.05, TWENTY, each=True, **keys, block=0, quantity="last_reward")
        yield _row(0.0 if fails or lost else 0.95, 0.1, TWENTY, **keys, block=0, quantity="reached")
        yield _row(float(lost), 0.0, TWENTY, **keys, block=0, quantity="diverged")
        if lost:
            yield _row(700.0, 50.0, TWENTY, **keys, block=0, quantity="diverged_at")


def climbing() -> Rows:
    """The table of hill_climbing."""
    conditions = [(f, n, h, s) for f in ("settled", "exact") for n in ("noise", "winner", "both") for h in (1, 2) for s in _SIDES]
    for stage, (form, nudge, hidden, feedback) in product(("untrained", "trained"), conditions):
        if (form, nudge) == ("exact", "winner"):
            continue
        keys: dict[str, Any] = {"task": IMAGES, "stage": stage, "form": form, "nudge": nudge, "hidden": hidden}
        keys |= {"feedback": feedback}
        layers = [str(layer) for layer in range(1, hidden + 2)]
        for layer in (*layers, "all"):
            own = {**keys, "layer": layer}
            uphill = {"noise": 1.0, "both": 0.9, "winner": 0.7}[nudge] - (0.1 if form == "exact" else 0.0)
            yield _row(uphill, 0.02, **own, quantity="uphill")
            yield _row(0.5, 0.05, **own, quantity="cosine")
            yield _row(-0.1, 0.05, each=True, **own, quantity="least_cosine")
            yield _row(0.9, 0.02, each=True, **own, quantity="mean_cosine")
            if layer != "all":
                share = 1 / len(layers)
                yield _row(share, 0.02, **own, quantity="norm_share")
                yield _row(share, 0.02, **own, quantity="gradient_norm_share")
        if form == "settled":
            yield _row(-1.0, 0.0, **keys, layer="all", quantity="flip_cosine")
            yield _row(-0.98, 0.01, **keys, layer="all", quantity="flip_cosine_homeostasis")
        yield _row(0.0, 0.1, **keys, layer="all", quantity="expected_reward")


_SIDES = ("symmetric", "random")


def decay() -> Rows:
    """The table of residual_decay."""
    shortest = 0.001
    forms = ("exact", "without_look_ahead")
    for form, stimulus, step in product(forms, ("still", "moving", "trials", "far"), (0.1, 0.01, shortest)):
        keys: dict[str, Any] = {"task": IMAGES, "stage": "untrained", "form": form, "stimulus": stimulus, "step": step}
        for tenth in range(60):
            time = tenth / 10
            own = {**keys, "time": time, "neuron": -1}
            floor = 0.2 if form != "exact" and stimulus != "still" else 0.05 * step
            yield _row(math.exp(-time) + floor, 0.1 * floor, **own, layer="all", quantity="residual")
            yield _row(math.exp(-time), math.nan, 1, **own, layer="all", quantity="expected")
            if step == shortest:
                yield _row(3 * math.exp(-time) + 0.1, math.nan, 1, **own, layer="all", quantity="energy")
                for layer, neuron in product(range(4), range(3)):
                    quantity = "rate" if layer else "drive"
                    yield _row(
                        0.2 * layer + 0.1 * neuron + 0.1 * math.sin(time), math.nan, 1,
                        **{**own, "neuron": neuron}, layer=str(layer), quantity=quantity,
                    )  # fmt: skip
        yield _row(1.1, 0.02, **keys, time=-1.0, neuron=-1, layer="all", quantity="largest_excess")


def lagged() -> Rows:
    """The table of lagged_form."""
    for scale, step in product((0.2, 0.7, 1.0), (0.1, 0.01)):
        keys: dict[str, Any] = {"task": IMAGES, "stage": "untrained", "layer": "all", "scale": scale, "step": step}
        value = 1 + 0.6 * scale
        yield _row(value, 0.01, each=True, **keys, quantity="singular_value")
        yield _row(1e-5 if value < math.sqrt(2) else 0.3, 1e-6, each=True, **keys, quantity="distance")
        yield _row(float(value > math.sqrt(2)), 0.0, **keys, quantity="unstable")


TABLES = {
    "supervised_accuracy": accuracy,
    "backprop_angle": angles,
    "bandit": bandit,
    "hill_climbing": climbing,
    "residual_decay": decay,
    "lagged_form": lagged,
}
"""By experiment."""
