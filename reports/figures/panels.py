"""Panels that the figures of several papers are made of: each draws into one matplotlib Axes and returns nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures.theme import line_styles
from reports.runs.lookup import event_times, ordered, variants_of
from reports.runs.summarise import across_seeds
from reports.statistics.times import survival_curve

Styles = Mapping[tuple[str, str], Mapping[str, Any]]
"""Colour and line style by (method, variant)."""

REGRESSION_CUT = 0.1
"""The axis of a reward without a lower bound starts at this quantile of all values in the panel."""


def learning_curves(axes: Axes, curves: pd.DataFrame, order: Sequence[str], band: str, styles: Styles | None = None) -> None:
    """Mean over the seeds of each method's curve, ± `band` ("sd" or "sem", ddof = 1; none with one seed).

    `curves` is of one task, as `reports.runs.summarise.curves` makes it; `order` gives the methods' order in the legend. `styles`
    replaces the methods' own looks, and its order theirs.
    """
    keys = ordered(curves, order) if styles is None else [key for key in styles if key in variants_of(curves)]
    styles = styles or line_styles(keys)
    for method, variant in keys:
        curve = curves[(curves["method"] == method) & (curves["variant"] == variant)]
        mean = across_seeds(curve)
        style = styles[method, variant]
        axes.plot(mean["x"], mean["mean"], label=curve["label"].iloc[0], **style)
        if mean[band].notna().any():
            low, high = mean["mean"] - mean[band], mean["mean"] + mean[band]
            axes.fill_between(mean["x"], low, high, color=style["color"], alpha=0.18, linewidth=0)
    _finish(axes, curves, "x")


def single_runs(axes: Axes, curves: pd.DataFrame, colour: Any) -> None:
    """Every run's own curve, thin and behind all others; `curves` is of one method on one task."""
    for _, run in curves.groupby("seed"):
        axes.plot(run["x"], run["value"], color=colour, alpha=0.35, linewidth=0.6, zorder=1)


def point_down(axes: Axes, x: float, colour: Any) -> None:
    """An arrow onto a place of the x axis, from within the panel."""
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=(x, 0.0), xytext=(x, 0.17), xycoords=axes.get_xaxis_transform(), arrowprops=arrow)


def survival(axes: Axes, summary: pd.DataFrame, event: str, order: Sequence[str]) -> None:
    """Kaplan–Meier estimate, for each method, of the share of runs in which `event` has not yet happened.

    `summary` is of one task. A cross at the right end marks curves with censored runs, those that never got there.
    """
    styles = line_styles(variants_of(summary))
    for method, variant in ordered(summary, order):
        runs = summary[(summary["method"] == method) & (summary["variant"] == variant)]
        times, reached = event_times(runs, event)
        x, y = survival_curve(times, reached)
        style = styles[method, variant]
        axes.step(x, y, where="post", label=runs["label"].iloc[0], clip_on=False, **style)
        if not reached.all():
            axes.plot(x[-1], y[-1], marker="x", markersize=4, clip_on=False, color=style["color"], linestyle="none")
    axes.set_ylim(0, 1.04)
    _finish(axes, summary, "steps")


def cut_losses(axes: Axes, curves: pd.DataFrame) -> None:
    """Start the axis of a single-step task's reward that is nowhere positive, a loss, at the quantile `REGRESSION_CUT`.

    The first updates are far below the rest and would flatten it.
    """
    if not curves.empty and (curves["kind"] == "single_step").all() and curves["value"].max() <= 0:
        low = float(curves["value"].quantile(REGRESSION_CUT))
        axes.set_ylim(1.05 * low, -0.05 * low)


def legend_above(figure: Figure, axes: Sequence[Axes], columns: int = 4) -> None:
    """One legend above all panels with each label once, in the order of first appearance."""
    entries: Mapping[str, Any] = {
        label: handle for panel in axes for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    if entries:
        labels = list(entries)
        figure.legend(
            [entries[label] for label in labels],
            labels,
            loc="outside upper center",
            ncols=min(columns, len(labels)),
            handlelength=2.6,
        )


def legend_over(axes: Axes, columns: int = 2) -> None:
    """A legend between a panel and its title, for panels whose entries differ from their neighbours'."""
    entries = len(axes.get_legend_handles_labels()[1])
    rows = -(-entries // columns)
    if entries:
        axes.legend(
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=columns,
            handlelength=2.6 if columns > 1 else 1.8,
            columnspacing=1.2,
            fontsize=None if columns > 1 else "small",
        )
        for place in ("left", "right"):
            axes.set_title(axes.get_title(loc=place), loc=place, pad=6 + 12 * rows)


def runs_text(table: pd.DataFrame) -> str:
    """`n = 10`, or `n = 2–10` where not every method of a table has results of equally many seeds."""
    counts = table.groupby(["method", "variant"])["seed"].nunique()
    return f"n = {counts.min()}" if counts.nunique() == 1 else f"n = {counts.min()}\u2013{counts.max()}"


def thousands(axes: Axes, ticks: int = 5) -> None:
    """At most `ticks` intervals on the x axis, at whole numbers, with thin spaces between the thousands."""
    axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}".replace(",", "\u2009")))


def note(axes: Axes, text: str) -> None:
    """Say in an otherwise empty panel why it is empty, and take away its scales unless other panels use them too."""
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    if len(axes.get_shared_y_axes().get_siblings(axes)) == 1:
        axes.tick_params(axis="y", left=False, labelleft=False)
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="#777777", fontsize=7.5)


def _finish(axes: Axes, table: pd.DataFrame, x: str) -> None:
    if table.empty:
        note(axes, "no runs")
        return
    axes.set_xlim(0, table[x].max())
    thousands(axes)
    axes.set_title(runs_text(table), loc="right", color="#777777")
