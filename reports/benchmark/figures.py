"""The figures of the benchmark's report: all tasks together, and a page a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.benchmark import EPISODIC, GOALS, TASKS, THRESHOLDS, WINDOWS
from reports.benchmark.cells import survival
from reports.benchmark.curves import LEVELS, efficiency, profiles
from reports.benchmark.leaderboard import improvement as chances
from reports.benchmark.leaderboard import overall
from reports.benchmark.scores import FINAL, Key, anchors, cells
from reports.figures.panels import cut_losses, learning_curves, legend_above, note, thousands
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, use_theme
from reports.runs.load import ReportData
from reports.runs.lookup import variants_of

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666")
_LINES = ("-", "--", "-.", ":")
_LINE = 0.155
"""Inches for a row of a figure with a line for each rule."""


def scores(data: ReportData) -> Figure:
    """Mean normalised score over all tasks with its 95 % interval, best first; pale: rules without runs on some task."""
    table = overall(data.summary, anchors(data.summary, GOALS))
    return _forest(table.assign(estimate=table["score"], low=table["score_low"], high=table["score_high"]), "Mean score", 0.0)


def improvement(data: ReportData) -> Figure:
    """Chance that a run is better than one of the baseline on the same task, mean over the tasks, with its 95 % interval."""
    table = chances(data.summary)
    table = table[table["task"] == "all"].sort_values("probability", ascending=False)
    return _forest(table.assign(estimate=table["probability"], rank=1), "Probability of improvement", 0.5)


def across_tasks(data: ReportData) -> Figure:
    """Mean normalised score by share of the steps, and share of runs with a score above a level; rules with runs on all tasks."""
    use_theme()
    styles, labels = _styles(data.summary), _labels(data)
    scale = anchors(data.summary, GOALS)
    figure, (left, right) = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 1.6))
    learned = efficiency(data.curves, scale)
    learned = learned[learned["task"] == "all"]
    spread = profiles(data.summary, scale)
    for panel, table, x, y in ((left, learned, "x", "estimate"), (right, spread, "threshold", "share")):
        for key, style in styles.items():
            own = table[(table["method"] == key[0]) & (table["variant"] == key[1])]
            if len(own):
                panel.plot(own[x], own[y], label=labels[key], **style)
        if table.empty:
            note(panel, "no rule has runs on all tasks")
    left.set(xlabel="Share of the steps", ylabel="Normalised score", xlim=(0, 1))
    right.set(xlabel="Normalised mean score", ylabel="Share of runs above it", xlim=LEVELS[[0, -1]], ylim=(0, 1.02))
    legend_above(figure, [left], columns=3)
    return figure


def cartpole(data: ReportData) -> Figure:
    """CartPole: returns by step, who has not solved it, and the last episodes of every run."""
    return _page(data, "CartPole-v1")


def acrobot(data: ReportData) -> Figure:
    """Acrobot: returns by step, who has not solved it, and the last episodes of every run."""
    return _page(data, "Acrobot-v1")


def lunar_lander(data: ReportData) -> Figure:
    """LunarLander: returns by step, who has not solved it, and the last episodes of every run."""
    return _page(data, "LunarLander-v2")


def mountain_car(data: ReportData) -> Figure:
    """MountainCar: returns by step, who has not solved it, and the last episodes of every run."""
    return _page(data, "MountainCarContinuous-v0")


def multiplexer(data: ReportData) -> Figure:
    """Multiplexer: rewards by update, and the last updates of every run."""
    return _page(data, "Multiplexer-v0")


def scalar_regression(data: ReportData) -> Figure:
    """Scalar regression: rewards by update, and the last updates of every run."""
    return _page(data, "ScalarRegression-v0")


def _page(data: ReportData, task: str) -> Figure:
    """Learning curves (mean ± SEM) above; below, runs that have not solved the task yet, and every run's last mean."""
    use_theme()
    styles, episodic = _styles(data.summary), task in EPISODIC
    summary, curves = (table[table["task"] == task] for table in (data.summary, data.curves))
    figure, axes = plt.subplot_mosaic([["learning"] * 2, ["solving", "final"] if episodic else ["final"] * 2],
                                      figsize=(TEXT_WIDTH, 3.4 * ROW_HEIGHT))  # fmt: skip
    own = {key: style for key, style in styles.items() if key in variants_of(summary)}
    learning_curves(axes["learning"], curves, (), "sem", own)
    cut_losses(axes["learning"], curves)
    window = WINDOWS["episodic" if episodic else "single_step"]
    what = "Return" if episodic else "Reward"
    axes["learning"].set(
        title=TASKS[task], xlabel="Step" if episodic else "Update", ylabel=f"{what} (running mean over {window})"
    )
    if task in THRESHOLDS:
        axes["learning"].axhline(THRESHOLDS[task], color=PAPER_COLOUR, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
    if episodic:
        _unsolved(axes["solving"], summary, own)
    _last(axes["final"], summary, own, f"{what}, last {window}")
    legend_above(figure, [axes["learning"]], columns=3)
    return figure


def _unsolved(panel: Axes, summary: pd.DataFrame, styles: Mapping[Key, Mapping[str, Any]]) -> None:
    """Kaplan–Meier estimate of the share of runs that have not solved the task, by episode."""
    table = survival(summary)
    for key, style in styles.items():
        own = table[(table["method"] == key[0]) & (table["variant"] == key[1])]
        panel.step(own["x"], own["share"], where="post", clip_on=False, **style)
    if table.empty:
        note(panel, "no runs")
        return
    panel.set(xlabel="Episode", ylabel="Runs that have not\nsolved the task", ylim=(0, 1.04), xlim=(0, table["x"].max()))
    thousands(panel, ticks=3)


def _last(panel: Axes, summary: pd.DataFrame, styles: Mapping[Key, Mapping[str, Any]], xlabel: str) -> None:
    """The last mean of every run, a line for each rule, the highest mean on top."""
    found = sorted(cells(summary), key=lambda cell: cell.values(FINAL).mean())
    for place, cell in enumerate(found):
        values = cell.values(FINAL)
        panel.plot(values, [place] * len(values), "o", color=styles[cell.key]["color"], markersize=2.5, alpha=0.6)
        panel.plot([values.mean()], [place], "|", color=PAPER_COLOUR, markersize=8)
    panel.set_yticks(range(len(found)), [str(cell.names["label"]) for cell in found], fontsize=6)
    panel.set_xlabel(xlabel)


def _forest(table: pd.DataFrame, xlabel: str, none: float) -> Figure:
    """`estimate` with `low` and `high`, a line for each row, the first on top; `none` is marked; pale: rows without a rank."""
    use_theme()
    figure, panel = plt.subplots(figsize=(TEXT_WIDTH, 0.6 + _LINE * max(4, len(table))))
    if table.empty:
        note(panel, "no task has runs of the random policy, or of the baseline, and of others")
        return figure
    for place, row in enumerate(reversed(table.to_dict("records"))):
        alpha = 1.0 if pd.notna(row["rank"]) else 0.4
        panel.plot([row["low"], row["high"]], [place, place], color=_COLOURS[0], linewidth=1.2, alpha=alpha)
        panel.plot([row["estimate"]], [place], "o", color=_COLOURS[0], markersize=3.5, alpha=alpha)
    panel.set_yticks(range(len(table)), list(reversed(list(table["label"]))))
    panel.axvline(none, color=PAPER_COLOUR, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
    panel.set_xlabel(xlabel)
    return figure


def _styles(summary: pd.DataFrame) -> dict[Key, dict[str, Any]]:
    """A colour and a line of its own for each rule, by name: as many as there are colours times lines."""
    keys: Sequence[Key] = sorted(variants_of(summary))
    count = len(_COLOURS)
    return {
        key: {"color": _COLOURS[place % count], "linestyle": _LINES[place // count % len(_LINES)], "linewidth": 1.0}
        for place, key in enumerate(keys)
    }


def _labels(data: ReportData) -> dict[Key, str]:
    return {(method, variant): label for (_, method, variant), label in data.labels().items()}
