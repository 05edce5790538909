"""What a paper's folder declares in its `__init__.py`, and what all papers have the same names for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from records.errors import ResultError


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A condition of an experiment that claims can be about: which row of the experiment's table has its networks' values."""

    label: str
    quantity: str
    where: Mapping[str, str | float]
    """Values of further columns that pick one row."""


class Paper(Protocol):
    """The package of one paper; nothing heavy is imported there, as the workflow reads it before anything is computed."""

    FIGURES: tuple[str, ...]
    """Functions of its figures.py: results in, matplotlib Figure out."""
    TABLES: tuple[str, ...]
    """Functions of its tables.py or of reports/tables/common.py."""
    WINDOWS: Mapping[str, int]
    """Trailing windows of running means: "episodic" in episodes, "single_step" in updates."""
    CHECKPOINTS: tuple[int, ...]
    """Updates at which single-step rewards are read off, beside the last one."""
    METHODS: tuple[str, ...]
    """In the order of its tables and of every legend; episodes to an event are tested against the first."""
    OWN_VARIANTS: tuple[str, ...]
    """What the paper itself ran; its figures and tables show nothing else."""
    EXPERIMENTS: Mapping[str, tuple[str, ...]]
    """Groups of the other variants, and how their names go on after that of the variant they depart from and a hyphen."""
    SINGLE_STEP: Mapping[str, str]
    """Its tasks without episodes, and its names for them, in its order."""
    EPISODIC: Mapping[str, str]
    """Its tasks with episodes."""
    TASKS: Mapping[str, str]
    """All of these."""
    THRESHOLDS: Mapping[str, float]
    """By task, where the paper states one: the return of a perfect episode, and the mean over 100 that solves the task."""
    MEASURED: Mapping[tuple[str, str, str], Measured]
    """What claims can be about beside runs: by task, experiment and the name of a condition, which stand for task, method and
    variant."""
    LOOKS: Mapping[tuple[str, str], tuple[str, str]]
    """Colour and line of those (method, variant) that look alike wherever they are shown; for others reports/figures/theme.py
    chooses."""
    VERDICT_SCALE: str
    """The scale that its measured tables, and so its verdicts, rest on."""
    MAIN_FIGURE: str
    """The figure that is kept with them."""
    CHOICES: tuple[str, ...]
    """The keys of its choices.yaml, which are the columns of a table, beside the topic and a switch."""


def papers() -> list[str]:
    """Names of all papers: the folders in reports/ with a runs.yaml."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/runs.yaml"))


def declared(paper: str) -> Paper:
    """The declarations of reports/<paper>/__init__.py. Raises ResultError where there are none, or one is missing."""
    file = f"reports/{paper}/__init__.py"
    try:
        package = importlib.import_module(f"reports.{paper}")
    except ModuleNotFoundError as error:
        raise ResultError(f"{file}: {error}; add it, as other papers have it") from error
    for name in Paper.__annotations__:
        if not hasattr(package, name):
            raise ResultError(f"{file}: {name} is not declared; reports/paper.py says what it is")
    return cast(Paper, package)
