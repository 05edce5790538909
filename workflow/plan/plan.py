"""From configuration and papers to runs, their blocks of seeds, and the folders they are written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from algorithms.interface import Dtype, Engine
from envs.tasks import TASKS
from records.errors import Refusal
from records.scales import SCALES
from workflow.plan.backends import backend_of
from workflow.plan.configuration import (
    CONFIGURATION_FILE,
    Configuration,
    EnvBackend,
    available_papers,
    read_configuration,
)
from workflow.plan.paths import RESULTS, result_path
from workflow.plan.room import BYTES_OF_RECORDS, estimated_bytes
from workflow.plan.runs_file import Paper
from workflow.plan.sources import has_fused_twin
from workflow.plan.stopping import StepBudget, StoppingRule, stop_of
from workflow.plan.untuned import Cell, Origin, Searched, settle
from workflow.plan.validation import SEARCH_SEEDS
from workflow.process.disk import check_room

_SHORT_EPISODE = 8  # steps: CartPole's pole falls no sooner, and no other task's episodes are as short


@dataclass(frozen=True)
class Run:
    """One method on one task with one set of hyperparameters: all that decides its results."""

    paper: str
    task: str
    method: str
    variant: str
    label: str
    """Name in legends."""
    hyperparameters: Mapping[str, Any]
    """Every field of the method's `Hyperparameters`."""
    length: int
    """Episodes of an episodic task, the fewest where `stop` goes on; updates of a single-step one."""
    batch_size: int
    """B, samples an update is averaged over."""
    options: Mapping[str, int]
    """Settings of the task."""
    record_trajectories: tuple[int, ...]
    """Episodes (from 1) of which every observation is kept."""
    stop: StoppingRule | StepBudget | None
    """When to end an episodic run that has had its episodes; None: at once."""
    root_seed: int
    engine: Engine
    dtype: Dtype
    env_backend: EnvBackend
    native: bool
    """Whether it is computed with all instructions of the processor, and not with `workflow.process.instructions.TARGET`."""

    @property
    def key(self) -> tuple[str, str, str]:
        """(task, method, variant)."""
        return self.task, self.method, self.variant

    @property
    def budget(self) -> dict[str, Any]:
        """What is done per seed, as run.json has it."""
        if isinstance(self.stop, StepBudget):
            return {"env_steps": self.stop.env_steps}
        if self.stop is not None:
            return {"episodes": self.length, "stop_mean": self.stop.mean, "most_episodes": self.longest}
        if TASKS[self.task].kind == "episodic":
            return {"episodes": self.length}
        return {"updates": self.length, "batch_size": self.batch_size}

    @property
    def episodes(self) -> int | None:
        """Episodes of a seed, as the learner is told; None where the budget is in steps."""
        return None if isinstance(self.stop, StepBudget) else self.length

    @property
    def longest(self) -> int:
        """The most episodes or updates that a seed can have; where the budget is in steps, so many episodes are short ones."""
        if isinstance(self.stop, StepBudget):
            return max(1, self.stop.env_steps // _SHORT_EPISODE)
        return self.length if self.stop is None else max(self.length, self.stop.most_episodes)

    @property
    def most(self) -> int:
        """The most that a seed can have of what its budget counts: steps, episodes or updates."""
        return self.stop.env_steps if isinstance(self.stop, StepBudget) else self.longest

    @property
    def most_steps(self) -> int:
        """The most steps, or updates, that a seed can have."""
        limit = TASKS[self.task].time_limit or 1
        return self.most + limit if isinstance(self.stop, StepBudget) else self.longest * limit

    @property
    def size(self) -> int:
        """A rough measure of how long a seed takes."""
        return self.most_steps * self.batch_size

    def settings(self) -> dict[str, Any]:
        """As plain data, which Snakemake can compare and hand to a job; `from_settings` undoes it."""
        return asdict(self)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Run:
        """The run that `settings()` described."""
        stop = settings["stop"] and stop_of(settings["stop"])
        return cls(**{**settings, "record_trajectories": tuple(settings["record_trajectories"]), "stop": stop})


@dataclass(frozen=True)
class Plan:
    """All that one call of the pipeline is asked for."""

    configuration: Configuration
    papers: tuple[str, ...]
    runs: Mapping[tuple[str, str, str], Run]
    """By (task, method, variant), the longest first."""
    seeds: Mapping[tuple[str, str, str], tuple[int, ...]]
    """Seeds of each run, by its key."""
    reported: Mapping[str, tuple[tuple[str, str, str], ...]]
    """Runs that each paper's report shows."""
    origins: Mapping[tuple[str, str, str], Origin]
    """Where the settings are from of those runs that do not have their paper's own."""

    @property
    def budget(self) -> str:
        """Folder in results/ for runs of this length."""
        return SCALES[self.configuration.scale].budget

    def blocks(self, run: Run) -> list[tuple[int, ...]]:
        """The run's seeds, cut into what one job trains."""
        seeds, size = self.seeds[run.key], self.configuration.seeds_per_job
        return [seeds[start : start + size] for start in range(0, len(seeds), size)]

    def folders(self, runs: list[Run] | tuple[Run, ...]) -> list[str]:
        """The folder of every block of these runs."""
        return [block_folder(self.budget, run, block) for run in runs for block in self.blocks(run)]

    def reported_runs(self, paper: str) -> list[Run]:
        """Runs that the paper's report shows."""
        return [self.runs[key] for key in self.reported[paper]]


def block_name(seeds: tuple[int, ...]) -> str:
    """Name of the folder of a block of consecutive seeds, `seeds-000-009`."""
    return f"seeds-{seeds[0]:03d}-{seeds[-1]:03d}"


def seeds_of(block: str) -> tuple[int, ...]:
    """The seeds of a block by the name of its folder."""
    first, last = block.removeprefix("seeds-").split("-")
    return tuple(range(int(first), int(last) + 1))


def block_folder(budget: str, run: Run, seeds: tuple[int, ...]) -> str:
    """Where a block of seeds is written, relative to the working directory."""
    return result_path(budget, *run.key, block_name(seeds))


def make_plan(root: Path, overrides: Mapping[str, Any]) -> Plan:
    """Everything that config/config.yaml in `root`, with `overrides` on top, asks for.

    Refuses, before anything is computed, whatever is wrong with the configuration or a paper's runs.yaml, and too little disk.
    """
    plan = read_plan(root, overrides)
    less = "choose a smaller scale or fewer seeds"
    check_room(estimated_bytes(plan), root / RESULTS, f"{CONFIGURATION_FILE}: the results", less)
    check_room(BYTES_OF_RECORDS, root, f"{root.resolve()}: logs and Snakemake's records", "put the folder on another disk")
    return plan


def read_plan(root: Path, overrides: Mapping[str, Any]) -> Plan:
    """Read the plan without checking disk space."""
    configuration = read_configuration(root, overrides)
    names = configuration.paper_names(available_papers(root))
    scale = SCALES[configuration.scale]
    runs: dict[tuple[str, str, str], Run] = {}
    seeds: dict[tuple[str, str, str], tuple[int, ...]] = {}
    reported: dict[str, tuple[tuple[str, str, str], ...]] = {}
    origins: dict[tuple[str, str, str], Origin] = {}
    for name in names:
        paper = Paper.read(root, name)
        searched = Searched(root, name) if paper.borrows else None
        count = scale.seeds or paper.entries.seeds
        shown: list[tuple[str, str, str]] = []
        for index, entry in enumerate(paper.entries.runs):
            for run, origin in _expand(paper, index, configuration, searched):
                if run.key in runs:
                    taken = f"{'/'.join(run.key)} is already in {runs[run.key].paper}"
                    raise Refusal(f"{paper.file}: runs.{index}.variant: {taken}; give it another variant")
                if entry.extended_only and configuration.scale != "extended":
                    continue
                shown.append(run.key)
                runs[run.key] = run
                origins |= {run.key: origin} if origin else {}
                number = configuration.seeds or min(count, entry.most_seeds or count)
                seeds[run.key] = scale.seeds_from(number, paper.entries.fresh_from)
                if seeds[run.key][-1] >= SEARCH_SEEDS:
                    kept = f"seeds from {SEARCH_SEEDS} on are those of searches"
                    raise Refusal(f"{paper.file}: fresh_from: {number} seeds from {seeds[run.key][0]} on are too many; {kept}")
        reported[name] = tuple(shown)
    longest_first = dict(sorted(runs.items(), key=lambda item: -item[1].size))
    return Plan(configuration, tuple(names), longest_first, seeds, reported, origins)


def _expand(
    paper: Paper, index: int, configuration: Configuration, searched: Searched | None
) -> Iterator[tuple[Run, Origin | None]]:
    """The runs of one entry in runs.yaml, and where the settings of each are from."""
    for cell in cells(paper, index):
        settled = settle(paper, cell, searched)
        yield run_of(paper, cell, settled.hyperparameters, configuration), settled.origin


def cells(paper: Paper, index: int) -> list[Cell]:
    """The cells of one entry in runs.yaml."""
    entry, where = paper.entries.runs[index], f"{paper.file}: runs.{index}.hyperparameters"
    return [Cell(task, method, entry, where) for task in entry.tasks for method in entry.methods]


def run_of(paper: Paper, cell: Cell, hyperparameters: Any, configuration: Configuration) -> Run:
    """The run of a cell with these hyperparameters, at the configuration's scale."""
    task, method, entry, _ = cell
    return make_run(
        paper,
        Named(task, method, entry.variant or paper.name, entry.label or paper.label(method)),
        hyperparameters,
        configuration,
        length=entry.episodes and SCALES[configuration.scale].length(entry.episodes),
        options=entry.options,
        env_backend=entry.env_backend,
    )


class Named(NamedTuple):
    """What a run is called."""

    task: str
    method: str
    variant: str
    label: str
    """Name in legends."""


def make_run(
    paper: Paper,
    named: Named,
    hyperparameters: Any,
    configuration: Configuration,
    *,
    length: int | None = None,
    options: Mapping[str, int] | None = None,
    env_backend: EnvBackend | None = None,
) -> Run:
    """A run at the configuration's scale, or of `length` episodes or updates where that is given.

    `options` are settings of the task, over those that the paper gives it; `env_backend` goes before the configuration's.
    """
    entry = paper.task(named.task)
    scale = SCALES[configuration.scale]
    stop: StoppingRule | StepBudget | None = None
    if length is None:
        length = scale.length(entry.episodes or entry.updates or 1)
        if entry.stop:
            stop = StoppingRule(entry.stop.mean, scale.length(entry.stop.most_episodes))
        elif entry.env_steps:
            stop = StepBudget(scale.length(entry.env_steps))
    return Run(
        paper=paper.name,
        **named._asdict(),
        hyperparameters=_plain(asdict(hyperparameters)),
        length=length,
        batch_size=entry.batch_size,
        options={**TASKS[named.task].options, **entry.options, **(options or {})},
        record_trajectories=tuple(episode for episode in entry.record_trajectories if episode <= length),
        stop=stop,
        root_seed=configuration.root_seed,
        engine=configuration.engine if has_fused_twin(named.method) else "reference",
        dtype=configuration.dtype,
        env_backend=backend_of(TASKS[named.task], env_backend, configuration.env_backend),
        native=configuration.native,
    )


def _plain(value: Any) -> Any:
    """Tuples as lists, so that what is written as JSON reads back equal."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
