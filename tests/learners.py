"""What the tests of learners share: problems of every type, and an environment's side of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Dtype, Engine, Learner, Problem, create, engines, hyperparameters_of, methods

ENGINES: list[tuple[str, Engine]] = [(method, engine) for method in methods() for engine in engines(method)]
FUSED = [method for method, engine in ENGINES if engine == "fused"]

MAY_HAVE_ONE_LAYER = {"decentralised_ddpg", "decentralised_td"}
"""Methods whose networks need no hidden layer."""

PROBLEMS = {
    "discrete": Problem(observation_size=4, action_size=2, discrete=True, episodes=10),
    "four actions": Problem(observation_size=8, action_size=4, discrete=True),
    "continuous": Problem(observation_size=2, action_size=1, discrete=False),
    "two dimensions": Problem(observation_size=8, action_size=2, discrete=False),
    "single-step discrete": Problem(observation_size=37, action_size=2, discrete=True, episodic=False, batch_size=8),
    "single-step continuous": Problem(observation_size=8, action_size=1, discrete=False, episodic=False, batch_size=16),
}

THREE_HIDDEN: dict[str, Any] = {
    "hidden_sizes": (12, 9, 5),
    "actor_variances": (0.1, 0.2, 0.1),
    "actor_learning_rates": (1e-2, 1e-5, 1e-5, 1e-5),
}

TWO_HIDDEN: dict[str, Any] = {"hidden_sizes": (12, 9), "actor_learning_rates": (1e-3, 1e-3, 1e-3)}

# Settings per method that its defaults leave untried: the printed forms, other ends, annealing, clipping, other shapes.
VARIANTS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "map_propagation": [
        ("discrete", {"temperature_form": "multiply", "time_limit": "terminal", "adam_bias_correction": "always"}),
        ("continuous", {"reward_clip": 0.5, "time_limit": "bootstrap"}),
        ("discrete", {"actor_learning_rates_end": (1e-3, 1e-6, 1e-8), "anneal_steps": 100}),
        ("discrete", {"ascent_steps": 0}),
        ("discrete", {"ascent_order": "sequential", "feedback": "random"}),
        ("continuous", {"critic_rule": "product"}),
        ("single-step discrete", {"ascent_order": "sequential"}),
        ("single-step discrete", {"feedback": "random"}),
        ("single-step continuous", {"signal": "target", "critic_rule": "product", "actor_variances": (0.05, 0.05, 0.05)}),
        (
            "single-step continuous",
            {"signal": "target", "critic_rule": "product", "actor_variances": (0.05, 0.05, 0.05), "mean_samples": 3},
        ),
        ("single-step discrete", {**THREE_HIDDEN, "ascent_order": "sequential"}),
        ("single-step discrete", THREE_HIDDEN),
        ("discrete", {**THREE_HIDDEN, "critic_variances": (0.1,) * 4, "critic_learning_rates": (1e-2, 1e-5, 1e-5, 1e-5)}),
        ("single-step discrete", {"hidden_sizes": (13,), "actor_variances": (0.1,), "actor_learning_rates": (1e-2, 1e-5)}),
        (
            "single-step continuous",
            # At the released rate of 6e-2 every update moves every weight by some .06: chaos, which amplifies the last bit.
            {
                "signal": "target",
                "actor_variances": (0.0075, 0.025, 0.025),
                "actor_learning_rates": (1e-4, 1e-5, 1e-6),
            },
        ),
        (
            "discrete",
            {
                "hidden_sizes": (13,),
                "actor_variances": (0.1,),
                "critic_variances": (0.1, 0.1),
                "actor_learning_rates": (1e-2, 1e-5),
                "critic_learning_rates": (1e-2, 1e-5),
            },
        ),
    ],
    "backprop_traces": [
        ("single-step continuous", {"signal": "target"}),
        ("continuous", {"output_score": "scaled", "time_limit": "terminal"}),
        ("four actions", {"entropy_coefficient": 0.1}),
        ("discrete", {"actor_hidden_variances": (0.3, 0.2), "entropy_coefficient": 0.01}),
        ("continuous", {"actor_hidden_variances": (0.3, 0.2)}),
        ("single-step discrete", {"actor_hidden_variances": (0.3, 0.2), "entropy_coefficient": 0.1}),
        ("single-step continuous", {"signal": "target", "actor_hidden_variances": (0.3, 0.2)}),
        ("discrete", {"activation": "relu"}),
        ("single-step continuous", {"activation": "relu", "signal": "target", "actor_hidden_variances": (0.3, 0.2)}),
    ],
    "equilibrium_propagation": [
        ("four actions", {"update_rule": "S6", "time_limit": "bootstrap"}),
        ("discrete", {"critic": "equilibrium_propagation", "critic_learning_rates": (1e-3, 1e-3)}),
        ("discrete", TWO_HIDDEN),
        ("four actions", {**TWO_HIDDEN, "update_rule": "S6"}),
        # So strong a nudge that outputs leave the bounds within which hidden units may be left out.
        ("four actions", {"beta": 0.9}),
    ],
    "backprop_replay": [
        ("four actions", {"activations": "stored"}),
        ("discrete", TWO_HIDDEN),
        ("discrete", {"low_temperature_from": 0.5, "low_temperature": 0.5}),
    ],
    "backprop_through_time": [("four actions", {"backward_steps": 4}), ("discrete", TWO_HIDDEN)],
    "least_action": [
        ("single-step continuous", {"signal": "target", "feedback": "learned"}),
        ("four actions", {"feedback": "random", "reward": "step", "baseline_form": "positive", "border": 0.5}),
        ("single-step discrete", {"winner_gain": 1.0, "homeostasis_rate": 0.01, "noise_correlation": 0.9}),
        ("discrete", {"hidden_sizes": (9, 7), "actor_learning_rates": (0.02, 0.02, 0.02)}),
    ],
    "least_action_critic": [
        (
            "discrete",
            {
                "feedback": "learned",
                "winner_gain": 0.5,
                "noise_correlation": 0.5,
                "homeostasis_rate": 0.01,
                "border": 0.5,
                "time_limit": "terminal",
            },
        ),
        ("two dimensions", {"time_limit": "no_error", "observation_scales": (0.5,) * 8, "modulator_clip": None}),
    ],
    "decentralised_ddpg": [
        ("continuous", {"slope": "state"}),
        ("discrete", {"slope": "state", "hidden_sizes": (), "discrete_output": "sign"}),
        ("four actions", {"slope": "state", "activation": "relu", "hidden_sizes": (9, 7), "noise_on": "both"}),
        ("two dimensions", {"activation": "relu", "optimiser": "gradient", "noise_on": "both", "time_limit": "terminal"}),
        ("single-step discrete", {"slope": "state"}),
        ("single-step continuous", {"slope": "state", "optimiser": "gradient"}),
    ],
    "reinforce_thomas": [("discrete", {"explore_probability": 1.0}), ("two dimensions", {"explore_probability": 0.05})],
}

# What makes a method's reference quick enough for hundreds of steps, and lets every parameter learn; its defaults elsewhere.
_SMALL_REPLAY: dict[str, Any] = {
    "hidden_sizes": (21,),
    "minibatch_size": 6,
    "replay_size": 40,
    "actor_learning_rates": (1e-3, 1e-3),
}
_SMALL_OFF_POLICY: dict[str, Any] = {"minibatch_size": 6, "warm_up": 8, "replay_size": 40}
SMALL: dict[str, dict[str, Any]] = {
    "decentralised_ddpg": {**_SMALL_OFF_POLICY, "hidden_sizes": (9,)},
    "decentralised_td": {**_SMALL_OFF_POLICY, "hidden_sizes": (9,), "global_hidden_sizes": (7, 5)},
    "ddpg": {**_SMALL_OFF_POLICY, "hidden_sizes": (9, 7), "critic_hidden_sizes": (8, 6)},
    "equilibrium_propagation": {**_SMALL_REPLAY, "free_steps": 30, "nudged_steps": 6},
    "backprop_replay": {**_SMALL_REPLAY, "activations": "recomputed", "actor_biases": "learned"},
    "backprop_through_time": {**_SMALL_REPLAY, "free_steps": 15},
}

CASES: list[tuple[str, str, dict[str, Any]]] = [
    *((method, problem, SMALL.get(method, {})) for method in FUSED for problem in PROBLEMS),
    *(
        (method, problem, {**SMALL.get(method, {}), **settings})
        for method, cases in VARIANTS.items()
        for problem, settings in cases
    ),
]


@dataclass
class Step:
    """What a simulated task tells a learner, for every seed it simulates: all arrays [S, B, …]."""

    observation: NDArray[Any]
    reward: NDArray[Any]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    target: NDArray[Any] | None


def simulate(problem: Problem, seeds: list[int], steps: int) -> Iterator[Step]:
    """A task of random observations and rewards, each seed from its own generator, with both kinds of ends and reset steps."""
    generators = [np.random.default_rng([7, seed]) for seed in seeds]
    copies = problem.batch_size
    ended = np.zeros((len(seeds), copies), bool)
    for _ in range(steps):
        observation = np.stack([g.standard_normal((copies, problem.observation_size)) for g in generators])
        chance = np.stack([g.random((copies, 2)) for g in generators])
        terminated = (chance[..., 0] < 0.03) & ~ended
        truncated = (chance[..., 1] < 0.02) & ~ended & ~terminated
        reward = np.where(ended, 0.0, np.stack([g.standard_normal(copies) for g in generators]))
        ended = terminated | truncated
        target = None if problem.episodic or problem.discrete else np.tanh(observation[..., :3].sum(axis=-1))
        yield Step(observation, reward, terminated, truncated, target)


def make(
    method: str, problem: Problem, settings: dict[str, Any], seeds: list[int], engine: Engine, dtype: Dtype = "float64"
) -> Learner:
    """A learner whose seeds draw what they draw in any other company."""
    sequences = [np.random.SeedSequence([11, seed]) for seed in seeds]
    return create(method, problem, hyperparameters_of(method)(**settings), sequences, engine, dtype)


def advance(learner: Learner, step: Step, rows: slice | list[int] = slice(None)) -> NDArray[Any]:
    """One act and one learn; returns the action."""
    action = learner.act(step.observation[rows])
    if learner.problem.episodic:
        learner.learn(step.reward[rows], step.terminated[rows], step.truncated[rows], step.observation[rows])
    else:
        learner.learn(step.reward[rows], target=None if step.target is None else step.target[rows])
    return action
