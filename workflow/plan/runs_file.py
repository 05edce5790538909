"""reports/<paper>/runs.yaml: which method on which task with which hyperparameters a paper needs.

A hyperparameter is taken from the most special place that sets it: the run, else the method on this task, else the task, else
the method, else the default in algorithms/<method>.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from annotated_types import Ge, Le, Lt
from pydantic import BaseModel, Field

from algorithms.interface import hyperparameters_of, methods
from envs.tasks import TASKS
from records.errors import Refusal
from records.refusals import check_name, check_unique, read_yaml, validate
from records.scales import FRESH
from workflow.plan.configuration import MODEL_CONFIG, PAPERS_FOLDER, EnvBackend, available_papers
from workflow.plan.hyperparameters import make_hyperparameters
from workflow.plan.paths import input_path
from workflow.plan.validation import MOST_ROWS, MOST_SEEDS, SEARCH_SEEDS, check_options

ALL = ["all"]
"""In place of a run's methods: every file in algorithms/; in place of its tasks: every task of the file."""
OWN, FIRST = "own", "first"

Count = Annotated[int, Ge(1), Le(MOST_ROWS)]
Label = Annotated[str, Field(pattern=r"^[^$\\\p{Cc}]{1,80}$")]  # what figures would take for a formula cannot be in a name


class MethodEntry(BaseModel):
    """A method as the paper uses it."""

    model_config = MODEL_CONFIG

    label: Label
    """Its name in legends and tables."""
    hyperparameters: dict[str, Any] = {}
    """What it sets on every task."""


class StopEntry(BaseModel):
    """A run of an episodic task that goes on until the task is solved."""

    model_config = MODEL_CONFIG

    mean: float
    """Beyond its episodes a run goes on until the mean return of its last 100 is at least this."""
    most_episodes: Count
    """It ends here in any case."""


class TaskEntry(BaseModel):
    """A task as the paper uses it."""

    model_config = MODEL_CONFIG

    episodes: Count | None = None
    """Episodes of a run, for an episodic task; with `stop`, the fewest."""
    env_steps: Count | None = None
    """In place of episodes: steps of a run, which ends with the episode in which it reaches them."""
    stop: StopEntry | None = None
    """When a run of an episodic task ends; after its episodes where this is left out."""
    updates: Count | None = None
    """Updates of a run, for a single-step task."""
    batch_size: Annotated[int, Ge(1), Le(10**5)] = 1
    """B, samples an update is averaged over, for a single-step task."""
    options: dict[str, int] = {}
    """Settings of the task itself, such as address_bits of the multiplexer."""
    record_trajectories: list[Count] = []
    """Episodes (from 1) of which every observation is kept."""
    hyperparameters: dict[str, Any] = {}
    """Hyperparameters of every method on this task; each method takes those that it has."""
    methods: dict[str, dict[str, Any]] = {}
    """Hyperparameters of one method on this task, by method."""


class RunEntry(BaseModel):
    """Every one of `methods` on every one of `tasks`."""

    model_config = MODEL_CONFIG

    tasks: Annotated[list[str], Field(min_length=1)]
    """Tasks of this file; [all]: every one of them."""
    methods: Annotated[list[str], Field(min_length=1)]
    """Files in algorithms/, without .py; [all]: every one of them, where settings are not the file's own."""
    variant: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)] | None = None
    """Distinguishes runs of one method on one task, and names their folder; the paper's name where it is left out."""
    label: Label | None = None
    """Name in legends; the method's where it is left out."""
    episodes: Count | None = None
    """Episodes of these runs, in place of their tasks'."""
    settings: str | None = None
    """Whose hyperparameters these runs have, in place of the file's `settings`."""
    hyperparameters: dict[str, Any] = {}
    """What these runs set otherwise."""
    options: dict[str, int] = {}
    """Settings of the task itself that these runs set otherwise."""
    env_backend: EnvBackend | None = None
    """What steps their environments; as the configuration has it where this is left out."""
    most_seeds: Annotated[int, Ge(1), Le(MOST_SEEDS)] | None = None
    """No more seeds than this at any scale, for runs that take long; a number of seeds in the configuration goes before it."""
    extended_only: bool = False
    """Beyond what the paper prints, such as an ablation: trained at the extended scale only, so that `paper` is the paper."""


class PaperRuns(BaseModel):
    """The keys of runs.yaml."""

    model_config = MODEL_CONFIG

    title: str
    """The paper's title."""
    seeds: Annotated[int, Ge(1), Le(MOST_SEEDS)]
    """Independent runs in the paper."""
    settings: str = OWN
    """Whose hyperparameters runs have: own, of this file; first, of the first other paper that runs the method on the task, or
    that has both, or else the method's defaults; or of the paper of this name. What this file sets goes before theirs."""
    failures: Literal["error", "outcome"] = "error"
    """What a training that ends with an error is: an error, without which there is no report; or an outcome that this shows."""
    fresh_from: Annotated[int, Ge(FRESH), Lt(SEARCH_SEEDS)] = FRESH
    """The first seed that verdicts rest on; later than usual where earlier ones were looked at before the claims were frozen."""
    methods: dict[str, MethodEntry]
    """By name of the file in algorithms/, without .py."""
    tasks: dict[str, TaskEntry]
    """By name of envs/tasks."""
    runs: Annotated[list[RunEntry], Field(min_length=1)]
    """What is run."""


class Paper:
    """One paper's runs.yaml, checked as far as it can be without the values of its hyperparameters."""

    def __init__(self, name: str, entries: PaperRuns, lenders: Sequence[Paper] = ()) -> None:
        """`lenders`: the papers whose settings its runs may have in place of its own.

        Refuses names of methods, tasks, options and hyperparameters that do not exist, and budgets that do not fit.
        """
        self.name = name
        self.file = PAPERS_FOLDER / name / "runs.yaml"
        self.entries = _spelt_out(entries)
        self._lenders = lenders
        self._check_names()
        self._check_tasks()

    @classmethod
    def read(cls, root: Path, name: str) -> Paper:
        """The paper of that name in `root`. Refuses what its file does not say rightly."""
        file = PAPERS_FOLDER / name / "runs.yaml"
        entries = validate(PaperRuns, read_yaml(input_path(root, file)), str(file))
        others = [other for other in available_papers(root) if other != name] if _borrow(entries) else []
        return cls(name, entries, [paper for paper in (cls.read(root, other) for other in others) if not paper.borrows])

    @classmethod
    def none(cls) -> Paper:
        """No paper: every method with its own defaults."""
        return cls("defaults", PaperRuns.model_construct(title="", seeds=1, methods={}, tasks={}, runs=[]))

    @property
    def borrows(self) -> bool:
        """Whether its settings are other papers'."""
        return _borrow(self.entries)

    def has(self, method: str, task: str) -> bool:
        """Whether the paper has settings of its own for this method and for this task."""
        return not self.borrows and method in self.entries.methods and task in self.entries.tasks

    def task(self, name: str) -> TaskEntry:
        """How the paper uses a task; a task that it does not have is used with its own defaults."""
        return self.entries.tasks.get(name, TaskEntry())

    def label(self, method: str) -> str:
        """The paper's name for a method, or that of the first whose settings it may have, or the method's own."""
        named = (paper.entries.methods[method].label for paper in (self, *self._lenders) if method in paper.entries.methods)
        return next(named, method)

    def hyperparameters(self, method: str, task: str, run: Mapping[str, Any], where: str, settings: str | None = None) -> Any:
        """The method's `Hyperparameters` on this task, with `run`'s (which stand at the key `where`) on top.

        `settings` as in `RunEntry`. A method or a task that the paper does not have gets the defaults. Refuses unknown names and
        unfitting values.
        """
        return make_hyperparameters(method, TASKS[task], [*self.layers(method, task, settings), (where, run)])

    def layers(self, method: str, task: str, settings: str | None = None) -> list[tuple[str, Mapping[str, Any]]]:
        """(file and key, settings) of all that the paper sets for the method on this task, the more special ones later.

        `settings` as in `RunEntry`.
        """
        return [*self._borrowed(method, task, settings or self.entries.settings), *self._own_layers(method, task)]

    def lent(self, method: str, task: str, settings: str | None = None) -> Lent | None:
        """The other paper whose settings the method has on this task; None: no paper's. `settings` as in `RunEntry`."""
        settings = settings or self.entries.settings
        lenders = [paper for paper in self._lenders if settings in (FIRST, paper.name)]
        for paper in lenders:
            for index, entry in enumerate(paper.entries.runs):
                if entry.variant is None and not entry.extended_only and method in entry.methods and task in entry.tasks:
                    return Lent(paper, index)
        return next((Lent(paper, None) for paper in lenders if paper.has(method, task)), None)

    def _borrowed(self, method: str, task: str, settings: str) -> list[tuple[str, Mapping[str, Any]]]:
        """What other papers set for the method on this task."""
        if (lent := self.lent(method, task, settings)) is None:
            return []
        layers = lent.paper.layers(method, task)
        if lent.run is None:
            return layers
        where = f"{lent.paper.file}: runs.{lent.run}.hyperparameters"
        return [*layers, (where, lent.paper.entries.runs[lent.run].hyperparameters)]

    def _own_layers(self, method: str, task: str) -> list[tuple[str, Mapping[str, Any]]]:
        method_entry, task_entry = self.entries.methods.get(method), self.entries.tasks.get(task)
        own = set(hyperparameters_of(method).__pydantic_fields__)
        layers: list[tuple[str, Mapping[str, Any]]] = []
        if method_entry:
            layers.append((f"{self.file}: methods.{method}.hyperparameters", method_entry.hyperparameters))
        if task_entry:
            shared = {key: value for key, value in task_entry.hyperparameters.items() if key in own}
            layers.append((f"{self.file}: tasks.{task}.hyperparameters", shared))
            layers.append((f"{self.file}: tasks.{task}.methods.{method}", task_entry.methods.get(method, {})))
        return layers

    def _check_names(self) -> None:
        entries = self.entries
        for method in entries.methods:
            check_name(method, methods(), "method", f"{self.file}: methods")
        for task, entry in entries.tasks.items():
            check_name(task, TASKS, "task", f"{self.file}: tasks")
            for method in entry.methods:
                check_name(method, entries.methods, "method", f"{self.file}: tasks.{task}.methods")
        lenders = [paper.name for paper in self._lenders]
        if entries.settings not in (OWN, FIRST):
            check_name(entries.settings, [OWN, FIRST, *lenders], "paper", f"{self.file}: settings")
        for index, run in enumerate(entries.runs):
            if run.settings is not None:
                check_name(run.settings, [OWN, FIRST, *lenders], "paper", f"{self.file}: runs.{index}.settings")
            known = entries.methods if (run.settings or entries.settings) == OWN else methods()
            check_unique(run.tasks, f"{self.file}: runs.{index}.tasks")
            check_unique(run.methods, f"{self.file}: runs.{index}.methods")
            for task in run.tasks:
                check_name(task, entries.tasks, "task", f"{self.file}: runs.{index}.tasks")
                for option in run.options:
                    check_name(option, TASKS[task].options, "option", f"{self.file}: runs.{index}.options")
                check_options(run.options, f"{self.file}: runs.{index}.options")
                if run.episodes is not None and (TASKS[task].kind == "single_step" or entries.tasks[task].stop):
                    what = "has no episodes" if TASKS[task].kind == "single_step" else "stops once it is solved"
                    raise Refusal(f"{self.file}: runs.{index}.episodes: {task} {what}; give it an entry without episodes")
            for method in run.methods:
                check_name(method, known, "method", f"{self.file}: runs.{index}.methods")

    def _check_tasks(self) -> None:
        known = {name for method in self.entries.methods for name in hyperparameters_of(method).__pydantic_fields__}
        for name, entry in self.entries.tasks.items():
            where = f"{self.file}: tasks.{name}"
            task = TASKS[name]
            wanted, unwanted = ("episodes", "updates") if task.kind == "episodic" else ("updates", "episodes")
            in_steps = entry.env_steps is not None and task.kind == "episodic"
            if (getattr(entry, wanted) is None and not in_steps) or getattr(entry, unwanted) is not None:
                raise Refusal(f"{where}: {name} is {task.kind.replace('_', '-')} and needs {wanted}, not {unwanted}")
            if entry.env_steps is not None and not (in_steps and entry.episodes is None and entry.stop is None):
                raise Refusal(f"{where}.env_steps: needs an episodic task without episodes and stop; leave out one of them")
            longest = entry.stop.most_episodes if entry.stop else entry.episodes or 0
            if task.kind == "episodic" and entry.batch_size != 1:
                raise Refusal(f"{where}.batch_size: must be 1 for an episodic task")
            if entry.stop and (task.kind == "single_step" or entry.stop.most_episodes < (entry.episodes or 0)):
                raise Refusal(f"{where}.stop: needs an episodic task, and no fewer most_episodes than its episodes")
            if task.kind == "single_step" and entry.record_trajectories:
                raise Refusal(f"{where}.record_trajectories: a single-step task has no trajectories; leave this key out")
            if beyond := [episode for episode in entry.record_trajectories if episode > longest]:
                raise Refusal(f"{where}.record_trajectories: {beyond[0]} should be at most {longest}, the number of episodes")
            for option in entry.options:
                check_name(option, task.options, "option", f"{where}.options")
            check_options(entry.options, f"{where}.options")
            for hyperparameter in entry.hyperparameters:
                check_name(hyperparameter, known, "hyperparameter", f"{where}.hyperparameters")


class Lent(NamedTuple):
    """Whose settings a method has on a task where they are another paper's."""

    paper: Paper
    run: int | None
    """Which of its runs is of the method on that task, and no variant; None: it has both, but no such run."""


def _borrow(entries: PaperRuns) -> bool:
    """Whether some run may have another paper's settings."""
    return any((run.settings or entries.settings) != OWN for run in entries.runs)


def _spelt_out(entries: PaperRuns) -> PaperRuns:
    """With names in place of `ALL`; the methods are all where their settings need not be this file's."""
    runs = []
    for run in entries.runs:
        every = methods() if (run.settings or entries.settings) != OWN else entries.methods
        names = {"tasks": [*entries.tasks], "methods": [*every]}
        runs.append(run.model_copy(update={key: value for key, value in names.items() if getattr(run, key) == ALL}))
    return entries.model_copy(update={"runs": runs})
