"""All tasks of a paper together: how fast each method learns, and how its runs are spread, in normalised scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reports.figures.panels import legend_above, note
from reports.figures.theme import ROW_HEIGHT, TEXT_WIDTH, line_styles, use_theme
from reports.runs.load import ReportData
from reports.runs.lookup import runs_of
from reports.statistics.aggregates import (
    Anchors,
    enough_for_bootstrap,
    interquartile_mean_curve,
    mean_curve,
    on_grid,
    performance_profile,
)
from reports.tables.facts import span

_PLACES = 100
"""Points of a curve over the length of a run."""
_THRESHOLDS = np.linspace(-0.25, 1.05, 131)

Key = tuple[str, str]
"""Method and variant."""


def compared(data: ReportData, anchors: Mapping[str, Anchors], keys: Sequence[Key]) -> dict[str, Any]:
    """What is taken together: tasks, those on which every method has runs; n, runs a method and task (`10`, or `10–50`);
    bootstrap, whether these are enough for one.
    """
    counts = {task: [len(runs_of(data.summary, task, *key)) for key in keys] for task in anchors}
    tasks = [task for task, runs in counts.items() if min(runs, default=0) > 0]
    return {
        "tasks": tasks,
        "n": span(pd.Series([n for task in tasks for n in counts[task]], dtype=int)),
        "bootstrap": bool(tasks) and all(enough_for_bootstrap(runs) for runs in zip(*(counts[t] for t in tasks), strict=True)),
    }


def normalised_scores(data: ReportData, anchors: Mapping[str, Anchors], keys: Sequence[Key]) -> Figure:
    """Normalised score by share of a run (left), and the share of runs whose mean score is above a threshold (right).

    All runs count, and all tasks alike. With enough runs the curve is their interquartile mean with its stratified bootstrap
    interval; with fewer it is the mean over the tasks, with Welch's interval. Bands on the right are made of the tasks' Wilson
    intervals; all are 95 %.
    """
    use_theme()
    figure, (left, right) = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.4))
    found = compared(data, anchors, keys)
    if not found["tasks"]:
        for panel in (left, right):
            note(panel, "no runs")
        return figure
    styles, labels = line_styles(keys), data.labels()
    share = np.linspace(0, 1, _PLACES)
    for key in keys:
        style, label = styles[key], labels[found["tasks"][0], *key]
        scores = [_curves(data, task, key, share, anchors[task]) for task in found["tasks"]]
        curve = (interquartile_mean_curve if found["bootstrap"] else mean_curve)(scores, share)
        left.plot(curve["x"], curve["estimate"], label=label, **style)
        left.fill_between(curve["x"], curve["low"], curve["high"], color=style["color"], alpha=0.18, linewidth=0)
        means = [anchors[task].normalised(runs_of(data.summary, task, *key)["mean_return"]) for task in found["tasks"]]
        profile = performance_profile(means, _THRESHOLDS)
        right.plot(profile["threshold"], profile["share"], label=label, **style)
        right.fill_between(profile["threshold"], profile["low"], profile["high"], color=style["color"], alpha=0.18, linewidth=0)
    left.set(xlabel="Share of a run", ylabel="Normalised score", xlim=(0, 1), ylim=(min(-0.1, left.get_ylim()[0]), 1.05))
    right.set(xlabel="Normalised mean score", ylabel="Share of runs above it", xlim=_THRESHOLDS[[0, -1]], ylim=(0, 1.02))
    legend_above(figure, [left])
    return figure


def _curves(data: ReportData, task: str, key: Key, share: NDArray[np.float64], anchors: Anchors) -> NDArray[np.float64]:
    """Normalised running means of a method's runs at shares of a run's length, [n, X]."""
    table = data.curves
    own = table[(table["task"] == task) & (table["method"] == key[0]) & (table["variant"] == key[1])]
    return anchors.normalised(on_grid(own, 1 + share * (own["x"].max() - 1)))
