"""Settings of a paper's runs that are other papers', and what a search chose where none of them runs the method on the task.

A search scales the learning rates that a run would have otherwise. Its outcome counts once it is committed, as
reports/<paper>/measured/sweep.csv, and as long as its first candidate, the rates unscaled, is what the run would have.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from envs.tasks import TASKS
from records.errors import Refusal
from workflow.plan.configuration import PAPERS_FOLDER
from workflow.plan.hyperparameters import make_hyperparameters
from workflow.plan.paths import input_path
from workflow.plan.runs_file import OWN, Paper, RunEntry

_RATE = re.compile(r"(^|_)learning_rates?(_|$)")
_DIGITS = 6  # of a scaled rate, so that it reads well


class Cell(NamedTuple):
    """One run of an entry of runs.yaml."""

    task: str
    method: str
    entry: RunEntry
    where: str
    """File and key of the hyperparameters that the entry sets."""


class Origin(NamedTuple):
    """Where settings are from that are not the paper's own, in words."""

    whose: str
    search: str
    """What a search made of them; empty where another paper runs the method on the task."""


class Settled(NamedTuple):
    """The settings of a run, and where they are from."""

    hyperparameters: Any
    """The method's `Hyperparameters`."""
    origin: Origin | None
    """None: they are the paper's own."""


class Found(NamedTuple):
    """What a committed search says of a run."""

    settings: Mapping[str, Any]
    """The learning rates that it chose; empty: those that the run has anyway."""
    said: str


class Searched:
    """The committed outcome of a paper's searches."""

    def __init__(self, root: Path, paper: str) -> None:
        """Read measured/sweep.csv of the paper, if it is there. Refuses a file that is no such table."""
        self.file = PAPERS_FOLDER / paper / "measured" / "sweep.csv"
        self._candidates: dict[str, list[tuple[Mapping[str, Any], bool]]] = {}
        path = input_path(root, self.file)
        if not path.is_file():
            return
        try:
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    candidate = dict(json.loads(row["candidate"]))
                    self._candidates.setdefault(row["sweep"], []).append((candidate, row["chosen"] == "True"))
        except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
            what = f"not the table of a search ({error}); run `make sweep PAPER={paper}` again to make it"
            raise Refusal(f"{self.file}: {what}") from None

    def of(self, name: str, rates: Mapping[str, Any]) -> Found:
        """What the search of this name chose for a run that would have these learning rates."""
        candidates = self._candidates.get(name)
        if candidates is None:
            return Found({}, "not searched")
        (first, _), *_ = candidates
        if first != rates:
            return Found({}, "not searched: the search that is committed began from other rates")
        chosen = next((settings for settings, is_chosen in candidates if is_chosen), None)
        if chosen is None:
            return Found({}, "searched: every candidate broke down")
        return Found(chosen, f"searched: learning rates × {_factor(first, chosen):g}")


def settle(paper: Paper, cell: Cell, searched: Searched | None) -> Settled:
    """The settings of a run: the paper's own, or those that it borrows, with what a search chose where that counts.

    Nothing is looked up where `searched` is None. Refuses what does not fit, naming its file and key.
    """
    task, method, entry, where = cell
    setter = paper if paper.borrows or paper.has(method, task) else Paper.none()
    settings = setter.hyperparameters(method, task, entry.hyperparameters, where, entry.settings)
    if (entry.settings or paper.entries.settings) == OWN:
        return Settled(settings, None)
    lent = paper.lent(method, task, entry.settings)
    whose = "the method's defaults" if lent is None else lent.paper.name
    rates = learning_rates(asdict(settings))
    if searched is None or not rates or not is_untuned(paper, cell):
        return Settled(settings, Origin(whose, "" if rates or not is_untuned(paper, cell) else "no learning rates"))
    found = searched.of(search_name(paper, cell), rates)
    if found.settings:
        layers = [(where, asdict(settings)), (f"{searched.file}: {search_name(paper, cell)}", found.settings)]
        settings = make_hyperparameters(method, TASKS[task], layers)
    return Settled(settings, Origin(whose, found.said))


def is_untuned(paper: Paper, cell: Cell) -> bool:
    """Whether a run borrows its settings, and no paper that it may borrow from runs the method on the task as its own."""
    if (cell.entry.settings or paper.entries.settings) == OWN:
        return False
    lent = paper.lent(cell.method, cell.task, cell.entry.settings)
    return lent is None or lent.run is None


def search_name(paper: Paper, cell: Cell) -> str:
    """The name of a run's search: words with hyphens between them."""
    variant = (cell.entry.variant or paper.name).removeprefix(paper.name)
    return re.sub("[^a-z0-9]+", "-", f"{cell.task} {cell.method} {variant}".lower()).strip("-")


def learning_rates(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a method's hyperparameters that are learning rates, by their names, and are set; tuples as lists."""
    rates = {name: value for name, value in hyperparameters.items() if _RATE.search(name) and value is not None}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in rates.items()}


def scaled(rates: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Learning rates times a factor; unchanged where it is 1."""
    return {name: _scaled(value, factor) for name, value in rates.items()}


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, list):
        return [_scaled(item, factor) for item in value]
    return value if factor == 1 else float(f"{value * factor:.{_DIGITS}g}")


def _factor(first: Mapping[str, Any], chosen: Mapping[str, Any]) -> float:
    """What the first rate that is not 0 was multiplied by."""
    pairs = [(old, new) for name in first for old, new in zip(_listed(first[name]), _listed(chosen.get(name)), strict=False)]
    return next((float(f"{new / old:.3g}") for old, new in pairs if old), 1.0)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
