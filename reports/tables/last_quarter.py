"""The last quarter of the runs: how high the returns are there, and how much they vary, as figures and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.panels import note, runs_text
from reports.figures.theme import ROW_HEIGHT, TEXT_WIDTH, line_styles, use_theme
from reports.runs.load import KEYS, ReportData
from reports.runs.lookup import runs_of
from reports.statistics.inference import Sample

LEVEL, VARIABILITY = "last_quarter_mean", "last_quarter_sd"
_AXES = {LEVEL: "Mean return,\nlast 25 % of episodes", VARIABILITY: "SD of the return,\nlast 25 % of episodes"}

_LETTER = 0.055
"""Width of a letter under a panel, in inches."""
_LINES = 0.3
"""Room that a turned name needs to have several lines."""

Key = tuple[str, str]
"""Method and variant."""


def endings(
    data: ReportData,
    tasks: Mapping[str, str],
    keys: Sequence[Key],
    columns: Sequence[str],
    names: Mapping[Key, str] | None = None,
) -> Figure:
    """Mean ± SEM over the runs (ddof = 1) of each of `columns`, a row of panels each, and every run as a small dot beside it.

    `tasks` maps names to titles; a panel shows those of `keys` that its task has runs of, in this order, under the names of the
    legends or those given here.
    """
    use_theme()
    shown = {task: _present(data, task, keys) for task in tasks}
    widths = [max(2.0, len(found)) + 1.5 for found in shown.values()]
    size = (TEXT_WIDTH, len(columns) * (ROW_HEIGHT + 0.1) + 0.35)
    figure, axes = plt.subplots(
        len(columns), len(tasks), figsize=size, squeeze=False, sharex="col", gridspec_kw={"width_ratios": widths}
    )
    for place, (task, title) in enumerate(tasks.items()):
        for panel, column in zip(axes[:, place], columns, strict=True):
            _points(panel, data, task, shown[task], column)
        axes[0, place].set_title(title)
        axes[0, place].set_title(runs_text(_of(data, task, shown[task])) if shown[task] else "", loc="right", color="#777777")
        room = 0.85 * TEXT_WIDTH * widths[place] / sum(widths) / max(1, len(shown[task]))
        _name(axes[-1, place], [(names or {}).get(key, data.labels()[task, *key]) for key in shown[task]], room)
    for panel, column in zip(axes[:, 0], columns, strict=True):
        panel.set_ylabel(_AXES[column])
    return figure


def endings_table(data: ReportData, tasks: Sequence[str], keys: Sequence[Key]) -> pd.DataFrame:
    """What `endings` shows, one row per task × method × variant, with the columns

    task, method, variant, label; n; mean, mean_sem, variability, variability_sem (over the runs; no error with one).
    """
    labels = data.labels()
    rows = []
    for task in tasks:
        for key in _present(data, task, keys):
            runs = runs_of(data.summary, task, *key)
            level, variability = (Sample.of(runs[column]) for column in (LEVEL, VARIABILITY))
            row = dict(zip(KEYS, (task, *key), strict=True)) | {"label": labels[task, *key], "n": level.n}
            row |= {"mean": level.mean, "mean_sem": level.sem}
            rows.append(row | {"variability": variability.mean, "variability_sem": variability.sem})
    columns = [*KEYS, "label", "n", "mean", "mean_sem", "variability", "variability_sem"]
    return pd.DataFrame(rows, columns=columns)


def _points(panel: Axes, data: ReportData, task: str, keys: Sequence[Key], column: str) -> None:
    if not keys:
        note(panel, "no runs")
        return
    styles = line_styles(keys)
    for place, key in enumerate(keys):
        values = runs_of(data.summary, task, *key)[column].to_numpy(float)
        sample, colour = Sample.of(values), styles[key]["color"]
        beside = place + 0.28 + np.linspace(-0.08, 0.08, len(values))
        panel.plot(beside, values, marker=".", markersize=3, linestyle="none", color=colour, alpha=0.4, markeredgewidth=0)
        error = sample.sem if sample.n > 1 else None
        panel.errorbar(place, sample.mean, error, color=colour, marker="o", markersize=4, capsize=2.5, linewidth=1.2)
    panel.set_xlim(-0.6, len(keys) - 0.4)


def _name(panel: Axes, names: Sequence[str], room: float) -> None:
    """Names under the places of a panel that have so much room each, in inches: turned, or in several lines, as that asks for."""
    broken = [name.replace(" (", "\n(").replace(", ", ",\n") for name in names]
    longest = max((len(line) for name in broken for line in name.splitlines()), default=0)
    turned = longest * _LETTER > room
    panel.set_xticks(range(len(names)), names if turned and room < _LINES else broken, rotation=90 if turned else 0)


def _present(data: ReportData, task: str, keys: Sequence[Key]) -> list[Key]:
    return [key for key in keys if len(runs_of(data.summary, task, *key))]


def _of(data: ReportData, task: str, keys: Sequence[Key]) -> pd.DataFrame:
    return pd.concat([runs_of(data.summary, task, *key) for key in keys])
