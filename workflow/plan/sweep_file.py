"""reports/<paper>/sweep.yaml: open searches for settings that a paper does not record, on seeds that no result uses.

A search trains every candidate of a declared grid at a reduced budget. It chooses the one with the highest mean, over its seeds,
of the mean return over all episodes, which is what chung2021, Appendix D says was tuned for; or its first, unless that one leads
clearly. In place of a grid, `cells` searches the learning rates of runs that no paper has settings for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel, Field

from algorithms.interface import methods
from envs.tasks import TASKS
from records.errors import Refusal
from records.refusals import check_name, read_yaml, validate
from workflow.plan.configuration import MODEL_CONFIG, PAPERS_FOLDER, Configuration
from workflow.plan.hyperparameters import make_hyperparameters
from workflow.plan.paths import input_path
from workflow.plan.plan import Named, Run, cells, make_run, run_of
from workflow.plan.runs_file import Count, Paper
from workflow.plan.stopping import StepBudget
from workflow.plan.untuned import Cell, is_untuned, learning_rates, scaled, search_name, settle
from workflow.plan.validation import SEARCH_SEEDS

_MOST_CANDIDATES = 1000
NAME_PATTERN = "[a-z0-9]+(-[a-z0-9]+)+"

Axis = Annotated[list[dict[str, Any]], MinLen(2)]
"""Values that are tried in place of one another; each sets one or more hyperparameters."""


class SweepEntry(BaseModel):
    """One search: candidates for some settings of a method on a task."""

    model_config = MODEL_CONFIG

    name: Annotated[str, Field(pattern=f"^{NAME_PATTERN}$", max_length=80)]
    """Names its files: words with hyphens between them, as in cartpole-backprop."""
    task: str
    """A task of envs/tasks."""
    method: str
    """A file in algorithms/, without .py."""
    length: Count
    """Episodes or updates of each training."""
    reason: str | None = None
    """Why it is searched for, and why among these."""
    lead: Annotated[float, Ge(0), Le(100)] = 0.0
    """The first candidate is chosen unless the best lies ahead of it by more standard errors of their difference than this."""
    variant: dict[str, Any] = {}
    """Settings common to all candidates, on top of the paper's."""
    candidates: Axis | None = None
    """What is tried, one after the other."""
    axes: Annotated[list[Axis], MinLen(1)] | None = None
    """In place of candidates: every combination of one value from each axis is tried."""


class CellsEntry(BaseModel):
    """One search for each run that borrows its settings, and that none of the papers it may borrow from has as its own.

    A candidate multiplies all of the method's learning rates by one factor. What has none is not searched.
    """

    model_config = MODEL_CONFIG

    divisor: Annotated[int, Ge(1), Le(1000)]
    """A training has the run's budget at the scale `paper`, divided by this."""
    factors: Annotated[list[Annotated[float, Gt(0), Le(10**6)]], MinLen(2), MaxLen(_MOST_CANDIDATES)]
    """The first is 1: it is chosen where others are no better."""


class Sweeps(BaseModel):
    """The keys of sweep.yaml."""

    model_config = MODEL_CONFIG

    first_seed: Annotated[int, Ge(SEARCH_SEEDS), Le(10**6)]
    """The searches' seeds begin here, beyond all that results use."""
    seeds: Annotated[int, Ge(2), Le(1000)]
    """Seeds for each candidate."""
    sweeps: list[SweepEntry] = []
    """All searches."""
    cells: CellsEntry | None = None
    """In place of sweeps: searches for runs that no paper has settings for."""


@dataclass(frozen=True)
class Candidate:
    """One point of a grid."""

    settings: Mapping[str, Any]
    """The hyperparameters that are searched for, and no others."""
    edge: bool
    """Whether it lies at an end of an axis that has an order."""
    run: Run


@dataclass(frozen=True)
class Search:
    """All that one job does."""

    name: str
    first_seed: int
    seeds: int
    lead: float
    """What another candidate needs to displace the first, in standard errors of their difference."""
    candidates: tuple[Candidate, ...]
    may_fail: bool = False
    """Whether every candidate may break down; then none is chosen."""

    @property
    def size(self) -> int:
        """A rough measure of how long it takes."""
        return self.seeds * sum(candidate.run.size for candidate in self.candidates)

    def settings(self) -> dict[str, Any]:
        """As plain data, which Snakemake can compare and hand to a job; `from_settings` undoes it."""
        candidates = [{**vars(candidate), "run": candidate.run.settings()} for candidate in self.candidates]
        settings = {**vars(self), "candidates": candidates}
        if not self.may_fail:
            del settings["may_fail"]  # a search from before there was this setting has not changed
        return settings

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Search:
        """The search that `settings()` described."""
        candidates = (Candidate(**{**item, "run": Run.from_settings(item["run"])}) for item in settings["candidates"])
        return cls(**{**settings, "candidates": tuple(candidates)})


def sweep_file(paper: str) -> Path:
    """Where a paper's searches are declared, relative to the repository."""
    return PAPERS_FOLDER / paper / "sweep.yaml"


def read_searches(root: Path, name: str, configuration: Configuration) -> dict[str, Search]:
    """The searches of a paper by name, in their file's order. Refuses, naming the key, what the file does not say rightly."""
    file = sweep_file(name)
    declared = validate(Sweeps, read_yaml(input_path(root, file)), str(file))
    if bool(declared.sweeps) == (declared.cells is not None):
        raise Refusal(f"{file}: it needs either sweeps or cells")
    paper = Paper.read(root, name)
    searches: dict[str, Search] = {}
    if declared.cells is not None:
        return _searches_of_cells(paper, declared, declared.cells, configuration)
    for index, entry in enumerate(declared.sweeps):
        where = f"{file}: sweeps.{index}"
        if entry.name in searches:
            raise Refusal(f"{where}.name: {entry.name!r} is taken by another search")
        check_name(entry.task, TASKS, "task", f"{where}.task")
        check_name(entry.method, methods(), "method", f"{where}.method")
        candidates = _candidates(paper, entry, configuration, where)
        searches[entry.name] = Search(entry.name, declared.first_seed, declared.seeds, entry.lead, candidates)
    return searches


def _searches_of_cells(paper: Paper, declared: Sweeps, entry: CellsEntry, configuration: Configuration) -> dict[str, Search]:
    """A search for each run of the paper whose settings no paper made for its task, by name, in the order of runs.yaml."""
    where = f"{sweep_file(paper.name)}: cells.factors"
    if entry.factors[0] != 1:
        raise Refusal(f"{where}.0: {entry.factors[0]} should be 1, for the rates as they are")
    if (
        twice := next((place for place, factor in enumerate(entry.factors) if factor in entry.factors[:place]), None)
    ) is not None:
        raise Refusal(f"{where}.{twice}: {entry.factors[twice]} is there twice")
    whole = configuration.model_copy(update={"scale": "paper"})
    searches: dict[str, Search] = {}
    for index, run_entry in enumerate(paper.entries.runs):
        for cell in cells(paper, index):
            if run_entry.extended_only or not is_untuned(paper, cell):
                continue
            run = run_of(paper, cell, settle(paper, cell, None).hyperparameters, whole)
            if candidates := _scaled_rates(_shortened(run, entry.divisor), cell, entry.factors, where):
                name = search_name(paper, cell)
                if name in searches:
                    raise Refusal(
                        f"{paper.file}: runs.{index}.variant: the search {name!r} is another run's too; rename the variant"
                    )
                searches[name] = Search(name, declared.first_seed, declared.seeds, 0.0, candidates, may_fail=True)
    return searches


def _scaled_rates(run: Run, cell: Cell, factors: Sequence[float], where: str) -> tuple[Candidate, ...]:
    """A candidate for each factor of all learning rates; none for a method that has no such rates."""
    rates = learning_rates(run.hyperparameters)
    candidates = []
    for place, factor in enumerate(factors if rates else ()):
        settings = scaled(rates, factor)
        hyperparameters = {**run.hyperparameters, **settings}
        make_hyperparameters(cell.method, TASKS[cell.task], [(f"{where}.{place}", hyperparameters)])  # refuses what does not fit
        edge = factor in (min(factors), max(factors))
        candidates.append(Candidate(settings, edge, replace(run, hyperparameters=hyperparameters)))
    return tuple(candidates)


def _shortened(run: Run, divisor: int) -> Run:
    """A run of a fraction of the budget, which records nothing."""
    if isinstance(run.stop, StepBudget):
        run = replace(run, stop=StepBudget(max(1, run.stop.env_steps // divisor)))
    elif run.stop is not None:
        run = replace(run, stop=None)  # as other searches, it stops after its episodes
    else:
        run = replace(run, length=max(1, run.length // divisor))
    return replace(run, variant="sweep", record_trajectories=())


def _candidates(paper: Paper, entry: SweepEntry, configuration: Configuration, where: str) -> tuple[Candidate, ...]:
    """Every combination of one value from each axis, the last axis running fastest."""
    if (entry.candidates is None) == (entry.axes is None):
        raise Refusal(f"{where}: it needs either candidates or axes")
    axes = entry.axes or [entry.candidates or []]
    keys = [f"{where}.axes.{number}" for number in range(len(axes))] if entry.axes else [f"{where}.candidates"]
    _check_axes(axes, keys)
    combinations = math.prod(map(len, axes))
    if combinations > _MOST_CANDIDATES:
        raise Refusal(f"{keys[0].rsplit('.', 1)[0]}: {combinations} candidates are too many to train; at most {_MOST_CANDIDATES}")
    ends = [(0, len(axis) - 1) if _has_order(axis) else () for axis in axes]
    candidates = []
    for point in product(*(range(len(axis)) for axis in axes)):
        values = [(f"{key}.{place}", axis[place]) for key, axis, place in zip(keys, axes, point, strict=True)]
        layers = [*paper.layers(entry.method, entry.task), (f"{where}.variant", entry.variant), *values]
        run = make_run(
            paper,
            Named(entry.task, entry.method, "sweep", paper.label(entry.method)),
            make_hyperparameters(entry.method, TASKS[entry.task], layers),
            configuration,
            length=entry.length,
        )
        settings = {name: value for _, value in values for name, value in value.items()}
        edge = any(place in end for place, end in zip(point, ends, strict=True))
        candidates.append(Candidate(settings, edge, replace(run, record_trajectories=())))
    return tuple(candidates)


def _check_axes(axes: list[Axis], keys: list[str]) -> None:
    """Refuse a value that stands twice on an axis and a hyperparameter that stands on two."""
    placed: dict[str, str] = {}
    for axis, key in zip(axes, keys, strict=True):
        for place, value in enumerate(axis):
            if value in axis[:place]:
                raise Refusal(f"{key}.{place}: {value} is there twice")
            for name in value:
                if placed.setdefault(name, key) != key:
                    raise Refusal(f"{key}.{place}.{name}: it is on another axis already, {placed[name]}")


def _has_order(axis: Axis) -> bool:
    """Whether an axis of three or more values has two ends: every number in them rises, falls or stays from each to the next."""
    if len(axis) < 3 or any(value.keys() != axis[0].keys() for value in axis):
        return False
    try:
        numbers = np.array([np.concatenate([np.ravel(value[name]) for name in axis[0]]) for value in axis])
    except ValueError:  # lists of unequal lengths
        return False
    if numbers.dtype.kind not in "iuf":
        return False
    with np.errstate(invalid="ignore"):  # of values that are not finite, which are refused by their keys
        steps = np.sign(np.diff(numbers, axis=0))
    return bool((steps == steps[0]).all())
