"""Experiment 1: critics of single neurons and of layers, trained beside DDPG, against its own critic.

Phase "first": DDPG with the released networks learns, and sub-critics learn beside it from each transition. Phase "second": a new
actor starts with the first phase's critic, which goes on learning with it, and with new sub-critics. The draft does not say
whether that critic then stands still. At every step, all critics judge the state and the action just taken, and the agent's Q is
differentiated through the actor. All rows have stage "training"; layer is the actor's, or "all". Further columns:

* phase: first or second.
* form: linear, as released, with gamma .9, or three_layers, as printed, with the agent's gamma.
* per: neuron or layer, whose inputs and outputs a sub-critic sees.
* span: steps over which values are averaged before they are compared; 0 in rows about blocks.
* block: tenth of the phase, from 1; 0 in rows about the whole of it.

Quantities; a seed's value is the mean over the critics of the layer, without those of constant values:

* value_r [z]: Pearson's r of a sub-critic's Q with the agent's over the phase. value_rate_r [z]: that of their changes from one
  span to the next.
* slope_r, slope_rate_r [z]: those of the slopes with respect to the neuron's output.
* counted_value_r, counted_value_rate_r, counted_slope_r, counted_slope_rate_r (layer all, span 1): the same, as a plain mean over
  all networks; one whose critics all have constant values, or none, counts with 0.
* value: Q of the sub-critics in a block. agent_value: the agent's Q there.
* error: mean absolute difference of the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from algorithms.ddpg import Hyperparameters, Reference
from algorithms.interface import create
from envs.seeding import learner_sequence
from envs.tasks import TASKS
from experiments.shared.driving import Moved, drive
from experiments.shared.runs import Run
from experiments.shared.sub_critics import Moment, SubCritics, SubCriticSettings, ddpg_voltages
from experiments.shared.tables import LAYERS_TOGETHER, row
from records.run_folder import Budget

RUNS = {"method": "ddpg", "variant": "guss2016", "tasks": (), "trained": False}

TASK = "MountainCarContinuous-v0"
ACTOR = (10, 10)
SEEDS: dict[Budget, range] = {"full": range(200, 210), "tenth": range(100, 103), "tiny": range(100, 102)}
STEPS: dict[Budget, int] = {"full": 30_000, "tenth": 3_000, "tiny": 200}
"""Agent steps of each phase."""
CRITIC: dict[Budget, tuple[int, ...]] = {"full": (400, 300), "tenth": (400, 300), "tiny": (20, 10)}
SPANS = (1, 10, 100)
BLOCKS = 10
THREE_LAYERS = (20, 20)
"""Hidden units of a sub-critic of three layers; the draft does not say how many."""
AGENTS_DISCOUNT = Hyperparameters().discount
KINDS: dict[tuple[str, Literal["neuron", "layer"]], dict[str, Any]] = {
    ("linear", "neuron"): {},
    ("linear", "layer"): {},
    ("three_layers", "neuron"): {"hidden_sizes": THREE_LAYERS, "discount": AGENTS_DISCOUNT},
    ("three_layers", "layer"): {"hidden_sizes": THREE_LAYERS, "discount": AGENTS_DISCOUNT},
}
"""By form and per: what its sub-critics have otherwise than the released ones (docs/guss2016.md#sub-critics)."""


@dataclass
class Course:
    """What was judged at each step of a phase, float32[T, S, critics], by quantity."""

    value: list[NDArray[np.float32]] = field(default_factory=list)
    slope: list[NDArray[np.float32]] = field(default_factory=list)
    agent_value: list[NDArray[np.float32]] = field(default_factory=list)
    agent_slope: list[NDArray[np.float32]] = field(default_factory=list)

    def note(self, **judged: Tensor) -> None:
        """Append one step's numbers, each [S, 1, critics]."""
        for name, tensor in judged.items():
            getattr(self, name).append(tensor[:, 0].numpy().astype(np.float32))

    def whole(self, name: str) -> NDArray[np.float64]:
        """The course of one quantity, [T, S, critics]."""
        return np.stack(getattr(self, name)).astype(np.float64)


Courses = dict[tuple[str, str, int], Course]
"""By form, per and layer."""


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Run both phases; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    critic: tuple[Tensor, Tensor] | None = None
    for phase in ("first", "second"):
        learner = ddpg(phase, SEEDS[budget], CRITIC[budget])
        if critic is not None:
            learner._critic.rows.copy_(critic[0])
            learner._critic.target_rows.copy_(critic[1])
        courses = trained(learner, phase, SEEDS[budget], STEPS[budget])
        critic = (learner._critic.rows.clone(), learner._critic.target_rows.clone())
        for (form, per, layer), course in courses.items():
            keys = {"task": TASK, "stage": "training", "layer": str(layer), "phase": phase, "form": form, "per": per}
            rows += [{**keys, **line} for line in described(course)]
        for (form, per), course in together(courses).items():
            keys = {"task": TASK, "stage": "training", "layer": LAYERS_TOGETHER, "phase": phase, "form": form, "per": per}
            rows += [{**keys, **line} for line in (*described(course), *counted(course))]
    return pd.DataFrame(rows)


def ddpg(phase: str, seeds: Sequence[int], critic: tuple[int, ...]) -> Reference:
    """DDPG with the released actor, for one phase."""
    sequences = [learner_sequence(0, TASK, f"sub_critics/{phase}", seed) for seed in seeds]
    settings = Hyperparameters(hidden_sizes=ACTOR, critic_hidden_sizes=critic)
    learner = create("ddpg", TASKS[TASK].problem(1), settings, sequences, "reference")
    assert isinstance(learner, Reference)
    return learner


def trained(learner: Reference, phase: str, seeds: Sequence[int], steps: int) -> Courses:
    """Train DDPG and every kind of sub-critic for so many steps, and return what they judged."""
    sizes = learner.hyperparameters.layer_sizes(learner.problem.observation_size, learner.problem.action_size)
    beside = {
        (form, per): SubCritics(
            sizes,
            SubCriticSettings(per=per, **settings),
            [np.random.default_rng(learner_sequence(0, TASK, f"sub_critics/{phase}/{form}/{per}", seed)) for seed in seeds],
        )
        for (form, per), settings in KINDS.items()
    }
    courses: Courses = {(*kind, layer): Course() for kind in beside for layer in range(1, len(sizes))}
    for moved in drive(learner, TASK, seeds, steps):
        _step(learner, beside, courses, moved)
    return courses


def _step(learner: Reference, beside: dict[Any, SubCritics], courses: Courses, moved: Moved) -> None:
    assert learner._acted is not None
    seen, reward, after = (
        learner._tensor(part[:, None]) for part in (moved.observation, moved.reward[:, None], moved.next_observation)
    )
    worthless = learner._tensor(moved.terminated[:, None, None])
    actor = learner._actor.parameters
    before = ddpg_voltages(actor, seen, learner._tensor(learner._acted[1]))
    agent_value = learner._critic.forward(*_judged(before))[-1]
    agent_slopes = slopes_through(learner, before)
    for (form, per), critics in beside.items():
        for layer, (value, slope) in enumerate(zip(critics.values(before), critics.slopes(before), strict=True), start=1):
            courses[form, per, layer].note(
                value=value[: learner.seeds],
                slope=slope[: learner.seeds],
                agent_value=agent_value[: learner.seeds],
                agent_slope=agent_slopes[layer - 1][: learner.seeds],
            )
        critics.learn(before, reward, worthless, ddpg_voltages(actor, after), learner._padded(moved.lived))


def slopes_through(learner: Reference, moment: Moment) -> list[Tensor]:
    """The derivative of the agent's Q with respect to the outputs of layers 1 to L, [S, K, n_l], as all downstream responds."""
    actor, units = learner._actor.parameters, moment.voltages
    slopes = [learner._critic.slope(*_judged(moment))]
    for layer in range(actor.layers, 1, -1):
        above = units[layer]
        if layer == actor.layers:  # noise does not change the slope of the output's own tanh
            above = torch.tanh(actor.affine(layer, units[layer - 1]))
            error = slopes[0] * (1 - above * above)
        else:
            error = slopes[0] * (above > 0)
        slopes.insert(0, actor.transposed(layer, error))
    return slopes


def _judged(moment: Moment) -> tuple[Tensor, Tensor]:
    return moment.voltages[0], moment.voltages[-1]


def together(courses: Courses) -> dict[tuple[str, str], Course]:
    """Join the courses of all layers, by form and per."""
    layers: dict[tuple[str, str], list[Course]] = {}
    for (form, per, _), course in courses.items():
        layers.setdefault((form, per), []).append(course)
    return {kind: Course(*(_joined(own, name) for name in vars(own[0]))) for kind, own in layers.items()}


def _joined(courses: Sequence[Course], name: str) -> list[NDArray[np.float32]]:
    """One quantity at each step; the agent's value is the same in every layer's course."""
    parts = [getattr(course, name) for course in courses]
    return list(parts[0]) if name == "agent_value" else [np.concatenate(step, axis=-1) for step in zip(*parts, strict=True)]


def described(course: Course) -> Iterator[dict[str, Any]]:
    """Yield the rows of one kind of critics of one layer, without its keys."""
    values, agent_values = course.whole("value"), course.whole("agent_value")
    for span in SPANS:
        for quantity, found in correlations(course, span):
            if len(finite := mean_of_finite(found)):
                yield {"span": span, "block": 0, **row(finite, quantity, mean_of="fisher_z")}
    length = len(values) // BLOCKS
    for block in range(BLOCKS):
        part = slice(block * length, (block + 1) * length)
        keys = {"span": 0, "block": block + 1}
        yield {**keys, **row(values[part].mean(axis=(0, 2)), "value", each=True)}
        yield {**keys, **row(agent_values[part].mean(axis=(0, 2)), "agent_value", each=True)}
        yield {**keys, **row(np.abs(values[part] - agent_values[part]).mean(axis=(0, 2)), "error")}


def counted(course: Course) -> Iterator[dict[str, Any]]:
    """Yield the rows about all networks, those without an r included."""
    for quantity, found in correlations(course, 1):
        plain = [mean_of_finite(seed[None]).sum() for seed in found]  # a sum over no number is 0
        yield {"span": 1, "block": 0, **row(plain, f"counted_{quantity}", each=True)}


def correlations(course: Course, span: int) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield each quantity with its r [S, critics], of means over so many steps."""
    for name in ("value", "slope"):
        ours, theirs = (averaged(course.whole(part), span) for part in (name, f"agent_{name}"))
        yield f"{name}_r", pearson(ours, theirs)
        yield f"{name}_rate_r", pearson(np.diff(ours, axis=0), np.diff(theirs, axis=0))


def averaged(course: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Means over spans of so many steps: [T, …] -> [T // span, …]."""
    count = len(course) // span
    return course[: count * span].reshape(count, span, *course.shape[1:]).mean(axis=1)


def pearson(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's r along the first axis, [S, critics]; NaN where either is constant or there are too few numbers."""
    if len(left) < 3:
        return np.full(np.broadcast_shapes(left.shape[1:], right.shape[1:]), np.nan)
    left, right = left - left.mean(axis=0), right - right.mean(axis=0)
    spread = np.sqrt(np.square(left).sum(axis=0) * np.square(right).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((left * right).sum(axis=0) / spread)


def mean_of_finite(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over each seed's critics of what is finite: [S, critics] -> one number for each seed that has any."""
    return np.array([seed[np.isfinite(seed)].mean() for seed in found if np.isfinite(seed).any()])
