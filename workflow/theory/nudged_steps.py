"""How few nudged steps suffice: the update after K of them, and beside it backpropagation through the last K steps.

That both are the same, as beta goes to 0 and where the free phase has settled, is the theorem of Ernoult et al. (2019); for
these dynamics see `equilibrium_gradient`. Everything is in double precision and compared with the gradient through all time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from workflow.configuration import Budget
from workflow.theory.relaxation import RULES, SAMPLES, Minibatch, compare, minibatches, settings_of
from workflow.theory.runs import Run
from workflow.theory.tables import LAYERS_TOGETHER, row

STEPS = (1, 2, 3, 5, 10, 25, 50, 100, 200, 400)
SMALL_BETA = 1e-4


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """The table of this experiment (columns: see the package)."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        betas = (SMALL_BETA, settings_of(run).beta)
        for keys, minibatch in minibatches(run, SAMPLES[budget], "nudged_steps"):
            rows += [{**keys, "layer": LAYERS_TOGETHER, **line} for line in by_steps(minibatch, betas)]
    return pd.DataFrame(rows)


def by_steps(minibatch: Minibatch, betas: Sequence[float], steps: Sequence[int] = STEPS) -> Iterator[dict[str, Any]]:
    """Rows for every K, rule and beta, all layers as one vector; beta is 0 of what backpropagation gives."""
    free, _ = minibatch.settle(minibatch.rest())
    whole = minibatch.gradient_through_all_time(free)
    nudged, done = dict.fromkeys(betas, free), 0
    for number, truncated in minibatch.gradients_through_time(free, steps):
        for rule in RULES:
            yield from _rows(truncated[rule], whole[rule], gradient="backprop", rule=rule, beta=0.0, steps=number)
        for beta in betas:
            nudged[beta] = minibatch.relax(nudged[beta], number - done, beta)
            found = minibatch.equilibrium_gradients(free, nudged[beta], beta)
            for rule in RULES:
                keys: dict[str, Any] = {"gradient": "equilibrium", "rule": rule, "beta": beta, "steps": number}
                yield from _rows(found[rule], whole[rule], **keys)
                _, apart = compare(found[rule], truncated[rule])
                yield row(apart[-1], "from_truncated", mean_of="logarithms", **keys)
        done = number


def _rows(ours: list[Any], reference: list[Any], **keys: Any) -> Iterator[dict[str, Any]]:
    cosine, error = compare(ours, reference)
    yield row(cosine[-1], "cosine", mean_of="fisher_z", **keys)
    yield row(error[-1], "relative_error", mean_of="logarithms", **keys)
