"""What the page shows, as plain data: curves, tables and the record of every cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reports.figures.theme import line_styles
from reports.page.room import MOST_PLACES
from reports.runs.load import KEYS, ReportData
from reports.runs.lookup import variants_of
from reports.statistics.aggregates import on_grid
from reports.statistics.inference import Sample
from reports.tables.settings import environment_name, value_text

DIGITS = 4
"""Significant digits of every number on the page."""
_NOISE = 1e-12
"""What is smaller than this is what rounding leaves of 0."""
_DASHES = {"-": "solid", "--": "dashed", ":": "dotted", "-.": "dashdot"}
_MARKERS = (
    *(("circle", "●"), ("square", "■"), ("triangle", "▲"), ("diamond", "◆"), ("inverted_triangle", "▼"), ("star", "★")),
    *(("hex", "⬢"), ("cross", "+"), ("x", "✕"), ("asterisk", "✱"), ("circle_x", "⊗"), ("square_x", "⊠"), ("diamond_cross", "❖")),
    *(("circle_cross", "⊕"), ("square_cross", "⊞"), ("circle_dot", "⊙"), ("square_dot", "⊡"), ("triangle_dot", "◬")),
    *(("y", "Y"), ("dash", "−")),
)
"""Bokeh's markers, which tell methods apart in grey, and the characters that stand for them in the text."""

CellName = tuple[str, str, str]
"""Task, method and variant."""


class Films(NamedTuple):
    """What there is to watch of one cell."""

    gifs: Sequence[tuple[str, str]] = ()
    """Captions, and films in base64."""
    why: str = ""
    """Why there is none, where there is none."""


def contents(
    title: str, data: ReportData, tables: Mapping[str, pd.DataFrame], films: Mapping[CellName, Films] | None = None
) -> dict[str, Any]:
    """All that the page shows, as JSON has it: title, tasks, methods, curves, tables and cells.

    `tables` has their titles and their rows; rows with task, method and variant lead to their cell. `films` are of some cells.
    """
    methods = _methods(data)
    return {
        "title": title,
        "tasks": [{"name": task, "unit": _unit(data, task)} for task in sorted({str(run["task"]) for run in data.runs})],
        "methods": methods,
        "curves": _curves(data.curves),
        "tables": [{"title": name, **_table(table)} for name, table in tables.items()],
        "cells": {"/".join(key): _cell(data, key, (films or {}).get(key)) for key in data.labels()},
    }


def rounded(value: Any) -> Any:
    """A number with `DIGITS` significant digits; None where it is missing, and a word where it is unbounded."""
    if value is None or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return None
        if math.isinf(number):
            return "∞" if number > 0 else "−∞"
        return 0.0 if abs(number) < _NOISE else float(f"{number:.{DIGITS}g}")
    return str(value)


def _unit(data: ReportData, task: str) -> str:
    """What a task's curves run over."""
    budgets = [run["budget"] for run in data.runs if run["task"] == task]
    if any("env_steps" in budget for budget in budgets):
        return "Step"
    return "Episode" if any("episodes" in budget for budget in budgets) else "Update"


def _methods(data: ReportData) -> list[dict[str, Any]]:
    """Every (method, variant) with its shortest label and its look."""
    labels: dict[tuple[str, str], str] = {}
    for (_, method, variant), label in data.labels().items():
        labels[method, variant] = min(labels.get((method, variant), label), label, key=len)
    styles = line_styles(labels)
    found = []
    for place, (key, label) in enumerate(sorted(labels.items(), key=lambda item: item[1].casefold())):
        marker, sign = _MARKERS[place % len(_MARKERS)]
        look = {"colour": styles[key]["color"], "dash": _DASHES[styles[key]["linestyle"]], "marker": marker, "sign": sign}
        found.append({"id": "/".join(key), "label": label, **look})
    return found


def _curves(curves: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """By task and method/variant: the mean over its runs, as far as all of them go, and each run (seed, x, y)."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for task, of_task in curves.groupby("task"):
        for method, variant in variants_of(of_task):
            own = of_task[(of_task["method"] == method) & (of_task["variant"] == variant)]
            found.setdefault(str(task), {})[f"{method}/{variant}"] = {
                "mean": _mean(own),
                "runs": [{"seed": int(str(seed)), **_points(_thinned(run))} for seed, run in own.groupby("seed")],
            }
    return found


def _mean(runs: pd.DataFrame) -> dict[str, Any]:
    """Mean over the runs of one cell: x, y, sem (None with one run) and n. It ends where the first of the runs does."""
    ends = runs.groupby("seed")["x"].agg(["min", "max"])
    grid = np.unique(np.linspace(ends["min"].max(), ends["max"].min(), MOST_PLACES).round())
    samples = [Sample.of(values) for values in on_grid(runs, grid).T]
    curve = pd.DataFrame({"x": grid, "value": [sample.mean for sample in samples]})
    return {**_points(curve), "sem": [rounded(sample.sem) for sample in samples], "n": len(ends)}


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    chosen = np.unique(np.linspace(0, len(curve) - 1, min(MOST_PLACES, len(curve))).round().astype(int))
    return curve.sort_values("x").iloc[chosen]


def _points(curve: pd.DataFrame) -> dict[str, list[Any]]:
    return {"x": [int(x) for x in curve["x"]], "y": [rounded(float(y)) for y in curve["value"]]}


def _table(table: pd.DataFrame) -> dict[str, Any]:
    """Columns and rows, and for each row the cell that it leads to. A label stands for method and variant."""
    linked = set(KEYS) <= set(table.columns)
    links = ["/".join(map(str, key)) for key in table[KEYS].itertuples(index=False)] if linked else [""] * len(table)
    shown = table.drop(columns=["method", "variant"], errors="ignore") if "label" in table else table
    rows = [[rounded(value) for value in row] for row in shown.astype(object).itertuples(index=False)]
    return {"columns": list(map(str, shown.columns)), "rows": rows, "cells": links}


def _cell(data: ReportData, key: CellName, films: Films | None) -> dict[str, Any]:
    """Outcome, settings, provenance and films of one cell."""
    runs = [run for run in data.runs if (run["task"], run["method"], run["variant"]) == key]
    first = runs[0]
    films = films or Films(why=_no_film(first))
    described = first.get("hyperparameter_descriptions") or {}
    return {
        "label": first["label"],
        "outcome": [row for run in runs for row in _outcome(run)],
        "settings": [[name, value_text(value), described.get(name, "")] for name, value in sorted(_settings(first).items())],
        "provenance": [[name, value] for run in runs for name, value in _provenance(run)],
        "gifs": [[caption, f"data:image/gif;base64,{gif}"] for caption, gif in films.gifs],
        "no_film": films.why,
    }


def _no_film(run: Mapping[str, Any]) -> str:
    """Why there is nothing to watch of a cell that no film was asked of."""
    if "updates" in run["budget"]:
        return "its episodes have one step, so there is nothing to watch"
    return f"none was made for this page; `python -m workflow watch {run['method']} {run['task']} --seed K` makes one"


def _outcome(run: Mapping[str, Any]) -> list[list[str]]:
    """How the runs of one block of seeds ended: which of them did so, and how."""
    seeds = sorted(run["seeds"])
    if run.get("failed"):
        return [[_seeds(seeds), f"failed: {run['failed']}"]]
    diverged = {int(seed): when for seed, when in (run.get("diverged") or {}).items()}
    done = [[_seeds(rest), "done"]] if (rest := [seed for seed in seeds if seed not in diverged]) else []
    return done + [[_seeds([seed]), f"diverged in episode or update {when}"] for seed, when in sorted(diverged.items())]


def _seeds(seeds: Sequence[int]) -> str:
    return f"{'Seeds' if len(seeds) > 1 else 'Seed'} {', '.join(map(str, seeds))}"


def _settings(run: Mapping[str, Any]) -> dict[str, Any]:
    """All that was set, and, in words, where settings that are not the paper's own are from."""
    origin = run.get("origin") or {}
    said = {"settings from": "; ".join(filter(None, (origin["whose"], origin["search"])))} if origin else {}
    return {**run["hyperparameters"], **run["options"], **run["budget"], **said}


def _provenance(run: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Where the numbers of one block of seeds come from."""
    git = run.get("git") or {}
    versions = ", ".join(f"{name} {version}" for name, version in sorted((run.get("versions") or {}).items()))
    found = {
        "Seeds": ", ".join(map(str, sorted(run["seeds"]))),
        "Environment": environment_name(run),
        "Engine": " ".join(str(run[name]) for name in ("engine", "dtype") if name in run),
        "Commit": f"{git.get('commit') or 'unknown'}{' with changes' if git.get('dirty') else ''}",
        "Sources": str(run.get("source_fingerprint") or "unknown"),
        "Versions": versions,
    }
    return [(name, value) for name, value in found.items() if value]
