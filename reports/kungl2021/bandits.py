"""What the experiment on bandits found: panels and a table."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reports.figures.experiments import banded, chosen, mean_of, measured
from reports.figures.panels import legend_above, legend_over, note
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, graded_styles, use_theme
from reports.kungl2021 import TWIN
from reports.runs.load import ReportData

IMAGES, PATTERNS = "ThreeImages-v0", "FourPatterns-v0"
NAMES = {IMAGES: "three images", PATTERNS: "four patterns"}
CONDITIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "full": ("full model", {"color": "#0072B2", "linestyle": "-"}),
    "settled": ("settled", {"color": "#56B4E9", "linestyle": "-."}),
    "without_homeostasis": ("no homeostasis", {"color": "#E69F00", "linestyle": "-."}),
    "without_noise": ("no noise", {"color": "#CC79A7", "linestyle": "--"}),
    "without_winner": ("no winner", {"color": "#009E73", "linestyle": ":"}),
    "without_look_ahead": ("no look-ahead", {"color": "#D55E00", "linestyle": "--"}),
    "released_beta": ("released β", {"color": "#666666", "linestyle": ":"}),
}
"""Names and looks of what was tried, in the order of tables."""
DELAYS = {"next_trial": "In the next trial", "scrambled": "Scrambled"}
_COLUMNS = ("condition", "network", "delay", "trace", "block")
_KEYS = ["task", "condition", "network", "delay", "trace"]


def blocks_figure(data: ReportData) -> Figure:
    """Mean reward by block of trials: the full model and the released twin, ablations, and networks without a hidden layer."""
    table = chosen(measured(data, "bandit", *_COLUMNS), delay="immediate", quantity="mean_reward")
    deep = chosen(table, task=IMAGES, network="deep")
    use_theme()
    figure, axes = plt.subplots(1, 3, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.8), sharey=True)
    for condition in ("full", "settled"):
        _line(axes[0], chosen(deep, condition=condition), *CONDITIONS[condition])
    twin = {"color": PAPER_COLOUR, "marker": "o", "markersize": 3, "linestyle": "none", "zorder": 4}
    axes[0].plot(list(TWIN), list(TWIN.values()), label="released twin", **twin)
    for condition in list(CONDITIONS)[2:]:
        _line(axes[1], chosen(deep, condition=condition), *CONDITIONS[condition])
    for task, look in zip(NAMES, graded_styles(3)[:2], strict=True):
        _line(axes[2], chosen(table, task=task, network="shallow", condition="full"), NAMES[task], look)
    for panel, title in zip(axes, ("Deep", "Deep, one thing changed", "Without hidden layer"), strict=True):
        panel.set_title(title)
        _finished(panel)
        legend_over(panel, columns=2 if panel is axes[1] else 1)
    axes[0].set_ylabel("Mean reward")
    return figure


def delayed_figure(data: ReportData) -> Figure:
    """Mean reward by block of trials with a delayed and with a scrambled reward, a line for each time constant of the trace."""
    table = chosen(measured(data, "bandit", *_COLUMNS), condition="full", quantity="mean_reward")
    use_theme()
    figure, axes = plt.subplots(1, len(DELAYS), figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.5), sharey=True)
    for panel, (delay, title) in zip(axes, DELAYS.items(), strict=True):
        own = chosen(table, delay=delay)
        traces = sorted(set(own["trace"]))
        for trace, look in zip(traces, graded_styles(len(traces)), strict=True):
            _line(panel, chosen(own, trace=trace), f"trace {trace:g}", look)
        panel.set_title(title)
        _finished(panel)
    axes[0].set_ylabel("Mean reward")
    legend_above(figure, list(axes))
    return figure


def bandits(data: ReportData) -> pd.DataFrame:
    """The last block of everything that was tried, one row each, with the columns

    * task, condition, network, delay, trace; blocks; n, mean, low, high: over the runs that go on, in the last block;
    * reached: share of all `runs` with a mean reward of .95 or more there; diverged: share of them; diverged_at: the trial,
      from 0, in which those that did diverged, on average.
    """
    table = measured(data, "bandit", *_COLUMNS)
    rows: list[dict[str, Any]] = []
    for key, own in table.groupby(_KEYS, sort=False):
        keys = dict(zip(_KEYS, key, strict=True))
        blocks = int(chosen(table, delay=keys["delay"])["block"].max())
        last = chosen(own, quantity="mean_reward", block=blocks)
        row: dict[str, Any] = {**keys, "blocks": blocks, "n": int(last["n"].iloc[0]) if len(last) else 0}
        row |= {name: float(last[name].iloc[0]) if len(last) else float("nan") for name in ("mean", "low", "high")}
        row["runs"] = int(chosen(own, quantity="reached")["n"].max())
        row |= {name: mean_of(own, quantity=name) for name in ("reached", "diverged", "diverged_at")}
        rows.append(row)
    names = [*_KEYS, "blocks", "n", "mean", "low", "high", "runs", "reached", "diverged", "diverged_at"]
    return pd.DataFrame(rows, columns=names)


def outcomes(data: ReportData) -> dict[str, Any]:
    """What the report's sentences say of the bandit: the twin's last block, and each deep condition; none: not made."""
    table = chosen(bandits(data), task=IMAGES, network="deep", delay="immediate")
    if table.empty:
        return {}
    last = max(TWIN)
    rows = {
        row["condition"]: {name: row[name] for name in ("mean", "reached", "runs", "diverged")}
        for row in table.to_dict("records")
    }
    return {"twin": TWIN[last], "twin_block": last, "blocks": int(table["blocks"].max()), "conditions": rows}


def _line(panel: Axes, table: pd.DataFrame, label: str, look: dict[str, Any]) -> None:
    if len(table):
        table = table.sort_values("block")
        # A line through one block would not be seen.
        banded(panel, table["block"], table, label=label, marker="." if len(table) == 1 else None, **look)


def _finished(panel: Axes) -> None:
    panel.set_ylim(-1.05, 1.05)
    panel.set_xlabel("Block of 150 trials")
    panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    if not panel.lines:
        note(panel, "not measured")
