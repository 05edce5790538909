"""Ernoult et al. (2019) for kubo2022: equilibrium propagation's update becomes the gradient through time as beta shrinks.

Let s = (h, o) be the units and s = rho(W s + input) the free phase's fixed point. W is symmetric, since weights and feedback are
tied, and so is Sigma = rho': the hard sigmoids' slopes, and the softmax's Jacobian J. To first order

* the nudge beta A (a - o) moves the fixed point by beta (I - Sigma W)^-1 A (a - o);
* the gradient of L = A log o_a reaches the units' pre-activations as Sigma (I - W Sigma)^-1 grad L.

The two are equal, because J grad L = A (a - o) and (I - Sigma W)^-1 Sigma = Sigma (I - W Sigma)^-1. So as beta goes to 0 the rule
S6 is exactly the gradient with respect to weights that serve in both directions. S5 leaves out how the feedback's presynaptic
units change; it is the part of the gradient through the weights' forward use. The dynamics need not be the gradient of an energy,
and these are not. A linear output has J = I and L = - A |a - o|^2 / 2. After K steps both sides are still equal, with sums of the
first K powers of I + dt (Sigma W - I) and of its transpose in place of the inverses: K nudged steps are backpropagation through
K steps (see `nudged_steps`).

Where beta A is near -1 or below, the nudge outweighs the output's own pull -o and drives it away without bound. Such transitions
have no update, and both sides leave them out.

The minibatch of each seed holds states that its actor visits, with actions and advantages drawn. Every update is compared with
the gradient of the mean of A log o_a through the whole free phase. Further columns: rule, S5 (beside the gradient with the
feedback held) or S6 (beside the gradient); beta; dtype, the precision of the update; phases, "settled" (both phases at rest) or
"as trained" (the run's own numbers of steps). The gradient is in double precision. Quantities:

* cosine [z]: of the angle between update and gradient. relative_error [g]: their distance in units of the gradient's norm. Seeds
  whose gradient is lost in rounding are left out, so n may be less than the seeds.
* settled (layer "all", rule "none"): share of transitions whose nudged phase comes to rest; the others are left out.
* rules_cosine [z], rules_relative_error [g] (beta 0): of the gradient with the feedback held, beside the gradient without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import torch

from experiments.shared.relaxation import RULES, SAMPLES, Gradients, Minibatch, comparison, minibatches, settings_of
from experiments.shared.runs import Run
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "equilibrium_propagation", "variant": "kubo2022", "tasks": ("CartPole-v0", "Acrobot-v1", "LunarLander-v2")}

BETAS = (1.0, 0.3, 0.1, 0.03, 0.02, 0.01, 3e-3, 1e-3, 3e-4, 1e-4)
DTYPES = {"float64": torch.float64, "float32": torch.float32}


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every run; the module's docstring describes the table."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        settings = settings_of(run)
        for keys, minibatch in minibatches(run, SAMPLES[budget], "equilibrium_gradient"):
            rows += [{**keys, "phases": "settled", **line} for line in settled(minibatch)]
            # The update of training: single precision, and the run's numbers of steps.
            single = minibatch.to(torch.float32)
            free = single.relax(single.rest(), settings.free_steps)
            nudged = single.relax(free, settings.nudged_steps, settings.beta)
            found = single.equilibrium_gradients(free, nudged, settings.beta)
            reference = minibatch.gradient_through_all_time(minibatch.settle(minibatch.rest())[0])
            own = {"phases": "as trained", "dtype": "float32", "beta": settings.beta}
            rows += [{**keys, **own, **line} for line in compared(found, reference)]
    return pd.DataFrame(rows)


def settled(minibatch: Minibatch, betas: Sequence[float] = BETAS) -> Iterator[dict[str, Any]]:
    """Yield rows for every beta, precision, rule and layer, for phases that have come to rest."""
    free, _ = minibatch.settle(minibatch.rest())
    whole = minibatch.gradient_through_all_time(free)
    for line in comparison(whole["S5"], whole["S6"]):
        yield {**line, "quantity": f"rules_{line['quantity']}", "rule": "none", "dtype": "float64", "beta": 0.0}
    owns = {name: minibatch.to(dtype) for name, dtype in DTYPES.items()}
    starts = {name: own.settle(own.rest())[0] for name, own in owns.items()}
    for beta in betas:
        nudged = {name: own.settle(starts[name], beta) for name, own in owns.items()}
        lost = torch.stack([without_rest for _, without_rest in nudged.values()]).any(dim=0)
        kept = (~lost).double().mean(dim=-1)
        yield row(kept, "settled", beta=beta, dtype="none", rule="none", layer=LAYERS_TOGETHER)
        reference = minibatch.without(lost).gradient_through_all_time(free) if bool(lost.any()) else whole
        for name, own in owns.items():
            pairs = zip(starts[name], nudged[name][0], strict=True)
            rested = [torch.where(lost[..., None], before, after) for before, after in pairs]
            found = own.equilibrium_gradients(starts[name], rested, beta)
            yield from ({**line, "dtype": name, "beta": beta} for line in compared(found, reference))


def compared(ours: dict[str, Gradients], reference: dict[str, Gradients]) -> Iterator[dict[str, Any]]:
    """Yield rows that compare each rule's update with its gradient, by layer."""
    for rule in RULES:
        yield from ({**line, "rule": rule} for line in comparison(ours[rule], reference[rule]))
