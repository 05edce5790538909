"""The theorems of chung2021 as experiments on the rule that trains: what is measured, and the columns of what comes out.

Each experiment is a module with a function `measure`, and its table is results/theory/<budget>/<experiment>.parquet; a report
whose package names it in THEORY reads it as `ReportData.theory[<experiment>]`. The networks are MAP propagation's in double
precision, with the settings of the runs in `EXPERIMENTS`: as training starts with them ("untrained") and as it left them
("trained"), for the first `SEEDS` seeds of the run. Tables are long, one quantity a row:

==================  =====================================================================================================
every table         meaning
==================  =====================================================================================================
task                CartPole-v1 or Multiplexer-v0
stage               untrained or trained
layer               "1" (next to the input) to "L", weights and biases together; "all": all layers as one vector
quantity            what the row is about; see below
mean, low, high     mean and 95 % t-interval; of quantities marked [g] the geometric mean, with the interval of its logarithm, of
                    those marked [z] both of Fisher's z. nan bounds: fewer than two values, or no interval known
n                   what the interval is over: seeds, in `unbiasedness` independent batches of samples
==================  =====================================================================================================

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
"""

from __future__ import annotations

from typing import NamedTuple

METHOD, VARIANT = "map_propagation", "chung2021"
SEEDS = 10
"""No more seeds of a run than these, counted from its first, however many it has."""


class Experiment(NamedTuple):
    """What an experiment needs."""

    tasks: tuple[str, ...]
    """It takes the settings of this package's method and variant on these tasks."""
    trained: bool
    """Whether it takes these runs' trained networks as well."""


EXPERIMENTS = {
    "alignment": Experiment(("CartPole-v1", "Multiplexer-v0"), trained=True),
    "unbiasedness": Experiment(("Multiplexer-v0",), trained=False),
    "variance": Experiment(("CartPole-v1", "Multiplexer-v0"), trained=True),
}
