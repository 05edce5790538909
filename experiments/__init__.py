"""The papers' theory as experiments on the rules that train: what is measured, and the columns of what comes out.

An experiment is a file experiments/<paper>/<experiment>.py with a literal `RUNS`, the arguments of `Experiment`, and a
function `measure`. Its table is results/theory/<budget>/<experiment>.parquet, which the paper's report reads as
`ReportData.theory[<experiment>]`. The networks are those of one method in double precision, with the settings of `RUNS`: as
training starts with them ("untrained") and as it left them ("trained"), for the first `SEEDS` seeds of the run. Tables are
long, one quantity a row:

==================  =====================================================================================================
every table         meaning
==================  =====================================================================================================
task                the task whose networks these are
stage               untrained or trained
layer               "1" (next to the input) to "L", weights and biases together; "all": all layers as one vector
quantity            what the row is about; see below
mean, low, high     mean and 95 % t-interval; of quantities marked [g] the geometric mean, with the interval of its logarithm, of
                    those marked [z] both of Fisher's z. nan bounds: fewer than two values, or no interval known
n                   what the interval is over: seeds, in `unbiasedness` independent batches of samples
==================  =====================================================================================================

The theorems of chung2021 about MAP propagation:

`alignment`: Theorem 2 (network "actor") and Theorem 3 ("critic", whose score is divided by A - mu). Further columns: network;
steps, N, the number of ascent steps; reference, the noise at which the gradient by backpropagation is taken: "stationary" (of
the point at which the ascent comes to rest, as the theorems have it) or "sampled" (drawn as the network acted, the practical
comparison). A sample is one state, one draw of hidden values and one action; a seed's value is a mean over its samples.

* cosine [z]: of the angle between the two updates of a sample. norm_ratio [g]: norm of MAP's update / norm of backpropagation's.
* pooled_cosine [z], pooled_norm_ratio [g]: the same of all samples' updates as one long vector, so that samples that teach more
  count for more: in a trained network most actions are as good as certain and teach next to nothing.
* resolved (layer "all"): share of samples whose backpropagation update is not lost in rounding; the others have no cosine.
* energy_gradient [g] (layer "all", reference "none"): root mean square over the hidden units of sigma_l · dE/dH^l after N steps;
  about 1 for sampled values, 0 at a stationary point.

`unbiasedness`: Theorem 1 on the multiplexer with one address bit and hidden layers of 3 and 2 units, where the gradient of E[G]
is known from numerical integration. "trained": after 300 updates by MAP propagation. Further columns: rule ("reinforce",
"backprop" or "map_propagation"), networks (how many, their gradients being one long vector). In units of the gradient's norm:

* bias_along: (E[update] - gradient) along the gradient; 0 if unbiased, -0.2 if a fifth too short.
* squared_bias: squared norm of E[update] - gradient, an unbiased estimate that may lie below 0, with a jackknife interval.
* cosine: of the angle between E[update] and the gradient, norm corrected for noise (so at times above 1); jackknife interval.
* covered: share of the gradient's components in the 95 % t-interval of their estimate; .95 if unbiased. No interval.
* expected_return (rule "none", layer "all"): E[G] by quadrature; its interval is over the networks.

`variance`: B.6 of chung2021, eq. 4 of chung2020. Updates are weighted by G: the multiplexer's reward, or CartPole's TD error by
the network's own critic. Variances are traces of covariances over states, hidden noise and actions. Further column: rule.

* total [g], internal [g], external: Var(update) = E[Var(update | S, A)] + Var(E[update | S, A]); `external` is what is left,
  so that noise may make it negative where nearly all is internal, as REINFORCE's is ("backprop" has the same expectation, hence
  the same external part, and shows it with less noise).
* internal_share: internal / total.
* total_to_reinforce [g]: variance in units of REINFORCE's.

Equilibrium propagation in kubo2022 (Ernoult et al., 2019), on one minibatch a seed of states that its actor visits, with
actions and advantages drawn. Every update is compared with the gradient of the mean of A log o_a through time: the whole free
phase, where nothing else is said. Further column: rule, S5 (beside the gradient with the feedback
held) or S6 (beside the gradient).

* cosine [z]: of the angle between update and gradient. relative_error [g]: their distance in units of the gradient's norm. Seeds
  whose gradient is lost in rounding are left out, so that n may be less than the seeds.

`equilibrium_gradient`: by beta. Further columns: beta; dtype, the precision that the update is computed in; phases, "settled"
(both phases at rest) or "as trained" (the run's own numbers of steps). The gradient is in double precision.

* settled (layer "all", rule "none"): share of transitions whose nudged phase comes to rest; the others are left out.
* rules_cosine [z], rules_relative_error [g] (beta 0): of the gradient with the feedback held, beside that without.

`nudged_steps`, layer "all", double precision: by K. Further columns: steps, K; gradient, "equilibrium" (the update after K nudged
steps) or "backprop" (the gradient through the last K steps, beta 0); beta.

* from_truncated [g]: distance of the update from the gradient through as many steps, in units of the latter's norm.

`free_steps`, layer "all": by T. Further columns: steps, T; dtype; beta.

* distance [g]: of all units from their fixed point in double precision, in units of its norm.
* still: share of transitions in which single precision changes no unit any more; units at 0 in the fixed point are left out.
* still_from, still_from_last (steps 0): from which step on that is so, for the median and for the last transition of a seed.
* relative_error [g]: of the update (S6) after T free steps, beside the gradient through as many settled steps as are nudged.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SEEDS = 10
"""Experiments measure at most this many seeds of a run, counted from its first."""
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Experiment:
    """The runs whose networks an experiment measures."""

    method: str
    variant: str
    tasks: tuple[str, ...]
    """It takes the settings of this method's runs of this variant on these tasks."""
    trained: bool = True
    """Whether it takes these runs' trained networks as well."""

    @property
    def keys(self) -> list[tuple[str, str, str]]:
        """(task, method, variant) of each run."""
        return [(task, self.method, self.variant) for task in self.tasks]


@cache
def experiments() -> dict[str, dict[str, Experiment]]:
    """Every experiment by paper and name. Raises ValueError where a file has no literal `RUNS`, or two files have one name."""
    found: dict[str, dict[str, Experiment]] = {}
    for file in sorted(_HERE.glob("*/*.py")):
        paper = file.parent.name
        if paper == "shared" or file.name == "__init__.py":
            continue
        if any(file.stem in others for others in found.values()):
            raise ValueError(f"experiments/{paper}/{file.name}: another paper has an experiment of this name")
        found.setdefault(paper, {})[file.stem] = _declared(file)
    return found


def module_of(experiment: str) -> str:
    """The dotted name of an experiment's module. Raises KeyError for an unknown experiment."""
    for paper, names in experiments().items():
        if experiment in names:
            return f"experiments.{paper}.{experiment}"
    raise KeyError(experiment)


def _declared(file: Path) -> Experiment:
    """Read `RUNS` without importing the module: planning a run must not wait a second for PyTorch."""
    for node in ast.parse(file.read_text(encoding="utf-8"), str(file)).body:
        if isinstance(node, ast.Assign) and any(isinstance(name, ast.Name) and name.id == "RUNS" for name in node.targets):
            return Experiment(**ast.literal_eval(node.value))
    raise ValueError(f"{file}: RUNS is missing; experiments/__init__.py says what it is")
