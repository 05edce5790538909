"""Whole figures that several papers have; each takes one paper's own runs and gives a matplotlib Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from reports.figures.panels import cut_losses, learning_curves, legend_above, legend_over, survival, thousands
from reports.figures.theme import ROW_HEIGHT, TEXT_WIDTH, use_theme
from reports.runs.load import ReportData


def single_step_rewards(data: ReportData, tasks: Mapping[str, str], methods: Sequence[str], window: int) -> Figure:
    """Reward by update of each single-step task, running mean over `window` updates, mean ± SD over the runs.

    `tasks` maps names to titles. The axis of a loss is cut, as `reports.figures.panels.cut_losses` says.
    """
    use_theme()
    figure, axes = plt.subplots(1, len(tasks), figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.5), squeeze=False)
    for panel, (task, title) in zip(axes[0], tasks.items(), strict=True):
        curves = data.curves[data.curves["task"] == task]
        learning_curves(panel, curves, methods, "sd")
        panel.set(title=title, xlabel="Update", ylabel=f"Reward (running mean over {window})")
        cut_losses(panel, curves)
        legend_over(panel)  # one each: a rule may have different names in its panels
    return figure


def returns(
    data: ReportData, tasks: Mapping[str, str], methods: Sequence[str], window: int, band: str, columns: int = 2
) -> Figure:
    """Return by episode of each task, so many panels a row, running mean over `window` episodes, mean ± `band` ("sd" or "sem").

    Where runs differ in length, the axis ends with the shortest: beyond it the mean would be over other runs than before it.
    """
    use_theme()
    rows = -(-len(tasks) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(TEXT_WIDTH, rows * ROW_HEIGHT + 0.3), squeeze=False)
    panels = list(axes.flat)[: len(tasks)]
    for unused in list(axes.flat)[len(tasks) :]:
        unused.remove()
    for panel, (task, title) in zip(panels, tasks.items(), strict=True):
        curves = data.curves[data.curves["task"] == task]
        shortest = curves.groupby(["method", "variant", "seed"])["x"].max().min() if len(curves) else 0
        learning_curves(panel, curves[curves["x"] <= shortest], methods, band)
        panel.set_title(title)
        if columns > 2:
            thousands(panel, ticks=3)
    for panel in panels[-columns:]:
        panel.set_xlabel("Episode")
    for panel in axes[:, 0]:
        panel.set_ylabel(f"Return (running mean over {window})")
    legend_above(figure, panels)
    return figure


def survival_by_task(data: ReportData, tasks: Mapping[str, str], methods: Sequence[str]) -> Figure:
    """Share of runs without a perfect score (top) and without having solved the task (bottom), by episode."""
    use_theme()
    size = (TEXT_WIDTH, 2 * ROW_HEIGHT - 0.3)
    figure, axes = plt.subplots(2, len(tasks), figsize=size, sharey=True, sharex="col", squeeze=False)
    for column, (task, title) in enumerate(tasks.items()):
        summary = data.summary[data.summary["task"] == task]
        for row, event in enumerate(("first_perfect", "solved")):
            survival(axes[row, column], summary, event, methods)
        axes[0, column].set_title(title)
        axes[1, column].set_title("", loc="right")
        axes[1, column].set_xlabel("Episode")
        thousands(axes[1, column], ticks=3 if len(tasks) > 2 else 5)
    axes[0, 0].set_ylabel("Runs without a\nperfect score")
    axes[1, 0].set_ylabel("Runs that have not\nsolved the task")
    legend_above(figure, list(axes.flat))
    return figure
