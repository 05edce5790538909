"""How few nudged steps suffice: the update after K of them, beside backpropagation through the last K steps.

The theorem of Ernoult et al. (2019) says that both are equal as beta goes to 0, where the free phase has settled; for these
dynamics see `equilibrium_gradient`. Everything is in double precision and compared with the gradient through all time.

All rows have layer "all". Further columns: rule; steps, K; gradient, "equilibrium" (the update after K nudged steps) or
"backprop" (the gradient through the last K steps, beta 0); beta. Quantities, besides cosine and relative_error of
`equilibrium_gradient`:

* from_truncated [g]: distance of the update from the gradient through as many steps, in units of the latter's norm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from experiments.shared.relaxation import RULES, SAMPLES, Gradients, Minibatch, comparison, minibatches, settings_of
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER
from records.run_folder import Budget

RUNS = {"method": "equilibrium_propagation", "variant": "kubo2022", "tasks": ("CartPole-v0", "Acrobot-v1", "LunarLander-v2")}

STEPS = (1, 2, 3, 5, 10, 25, 50, 100, 200, 400)
SMALL_BETA = 1e-4


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every run; the module's docstring describes the table."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        betas = (SMALL_BETA, settings_of(run).beta)
        for keys, minibatch in minibatches(run, SAMPLES[budget], "nudged_steps"):
            rows += [{**keys, **line} for line in by_steps(minibatch, betas)]
    return pd.DataFrame(rows)


def by_steps(minibatch: Minibatch, betas: Sequence[float], steps: Sequence[int] = STEPS) -> Iterator[dict[str, Any]]:
    """Yield rows for every K, rule and beta, all layers as one vector; backpropagation's rows have beta 0."""
    free, _ = minibatch.settle(minibatch.rest())
    whole = minibatch.gradient_through_all_time(free)
    nudged, done = dict.fromkeys(betas, free), 0
    for number, truncated in minibatch.gradients_through_time(free, steps):
        for rule in RULES:
            keys: dict[str, Any] = {"gradient": "backprop", "rule": rule, "beta": 0.0, "steps": number}
            yield from _together(truncated[rule], whole[rule], **keys)
        for beta in betas:
            nudged[beta] = minibatch.relax(nudged[beta], number - done, beta)
            found = minibatch.equilibrium_gradients(free, nudged[beta], beta)
            for rule in RULES:
                keys = {"gradient": "equilibrium", "rule": rule, "beta": beta, "steps": number}
                yield from _together(found[rule], whole[rule], **keys)
                for line in _together(found[rule], truncated[rule], **keys):
                    if line["quantity"] == "relative_error":
                        yield {**line, "quantity": "from_truncated"}
        done = number


def _together(ours: Gradients, reference: Gradients, **keys: Any) -> list[dict[str, Any]]:
    return [{**line, **keys} for line in comparison(ours, reference) if line["layer"] == LAYERS_TOGETHER]
