"""The figures of chung2021, under the paper's numbers; `survival` takes the place of its Figure 3, which is an illustration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reports.chung2021 import METHODS, TASKS
from reports.chung2021.selection import TASK, Group, select_runs
from reports.data import ReportData
from reports.panels import learning_curves, legend_above, legend_over, note, thousands
from reports.panels import survival as survival_panel
from reports.theme import ROW_HEIGHT, TEXT_WIDTH, line_styles, use_theme

_EPISODIC = ("Acrobot-v1", "CartPole-v1", "LunarLander-v2", "MountainCarContinuous-v0")
_RECORDED = (1, 50, 100)
"""Episodes of Figure 5."""
_GOAL = 0.45
"""Position from which on the car has reached the goal."""
REGRESSION_CUT = 0.1
"""The regression's axis starts at this quantile of all values in the panel."""


def figure_1(data: ReportData) -> Figure:
    """Multiplexer and scalar regression: reward, running mean over 10 updates, mean ± SD over the runs."""
    use_theme()
    figure, axes = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.5))
    for panel, task in zip(axes, ("Multiplexer-v0", "ScalarRegression-v0"), strict=True):
        curves = _curves(data, task)
        learning_curves(panel, curves, METHODS, "sd")
        panel.set(title=TASKS[task], xlabel="Update", ylabel="Reward (running mean over 10)")
        if task == "ScalarRegression-v0" and not curves.empty:
            # The first updates are far below the rest and would flatten it.
            low = float(curves["value"].quantile(REGRESSION_CUT))
            panel.set_ylim(1.05 * low, -0.05 * low)
        legend_over(panel)  # one each: MAP propagation has two names in the regression
    return figure


def figure_2(data: ReportData) -> Figure:
    """The four RL tasks: return, running mean over 100 episodes, mean ± SEM over the runs."""
    use_theme()
    figure, axes = plt.subplots(2, 2, figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT + 0.3))
    for panel, task in zip(axes.flat, _EPISODIC, strict=True):
        learning_curves(panel, _curves(data, task), METHODS, "sem")
        panel.set_title(TASKS[task])
    for panel in axes[-1]:
        panel.set_xlabel("Episode")
    for panel in axes[:, 0]:
        panel.set_ylabel("Return (running mean over 100)")
    legend_above(figure, list(axes.flat))
    return figure


def survival(data: ReportData) -> Figure:
    """Share of runs without a perfect score (top) and without having solved the task (bottom), by episode."""
    use_theme()
    figure, axes = plt.subplots(2, 4, figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT - 0.3), sharey=True, sharex="col")
    for column, task in enumerate(_EPISODIC):
        summary = data.summary[(data.summary["task"] == task) & data.summary["variant"].eq("chung2021")]
        for row, event in enumerate(("first_perfect", "solved")):
            survival_panel(axes[row, column], summary, event, METHODS)
        axes[0, column].set_title(TASKS[task])
        axes[1, column].set_title("", loc="right")
        axes[1, column].set_xlabel("Episode")
        thousands(axes[1, column], ticks=3)
    axes[0, 0].set_ylabel("Runs without a\nperfect score")
    axes[1, 0].set_ylabel("Runs that have not\nsolved the task")
    legend_above(figure, list(axes.flat))
    return figure


def figure_4(data: ReportData) -> Figure:
    """MountainCar: running mean over 100 episodes of the selected runs, the other runs of their methods behind them."""
    use_theme()
    figure, panel = plt.subplots(figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.1))
    curves = _curves(data, TASK)
    for method in ("map_propagation", "backprop_traces"):
        for _, run in curves[curves["method"] == method].groupby("seed"):
            panel.plot(run["x"], run["value"], color=_colour(method), alpha=0.22, linewidth=0.6, zorder=1)
    for group, style in _groups(data):
        run = curves[(curves["method"] == group.method) & (curves["seed"] == group.seed)]
        runs = f"seed {group.seed}, of {group.size} runs" if group.size else f"none of {group.total} runs"
        label = f"{group.name}\n({runs})"
        panel.plot(run["x"], run["value"], label=label, linewidth=1.5, **style)
    panel.set(xlabel="Episode", ylabel="Return (running mean over 100)")
    if curves.empty:
        note(panel, "no runs")
    else:
        panel.set_xlim(0, curves["x"].max())
        thousands(panel)
        figure.legend(loc="outside right center", handlelength=2.6, labelspacing=1.0)
    return figure


def figure_5(data: ReportData) -> Figure:
    """MountainCar: position and velocity throughout episodes 1, 50 and 100 of the selected runs."""
    use_theme()
    figure, axes = plt.subplots(1, 3, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.3), sharex=True, sharey=True)
    recorded = data.trajectories[data.trajectories["task"] == TASK]
    for panel, episode in zip(axes, _RECORDED, strict=True):
        for group, style in _groups(data):
            states = _states(recorded, group, episode)
            if states is not None:
                panel.plot(states[:, 0], states[:, 1], label=group.name, linewidth=0.8, **style)
                panel.plot(states[-1, 0], states[-1, 1], marker="o", markersize=2.5, color=style["color"], linestyle="none")
        panel.set(title=f"Episode {episode}", xlabel="Position", xlim=(-1.25, 0.65), ylim=(-0.075, 0.075))
        if not panel.lines:
            panel.text(-0.3, 0.0, "not in these runs", ha="center", va="center", color="#777777")
        panel.set_yticks([-0.05, 0.0, 0.05])
        panel.axvline(_GOAL, color="#999999", linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
    axes[0].set_ylabel("Velocity")
    axes[0].text(_GOAL - 0.04, 0.07, "goal", rotation=90, ha="right", va="top", color="#777777", fontsize=7)
    legend_above(figure, list(axes), columns=3)
    return figure


def _curves(data: ReportData, task: str) -> pd.DataFrame:
    return data.curves[(data.curves["task"] == task) & data.curves["variant"].str.startswith("chung2021")]


def _groups(data: ReportData) -> Iterator[tuple[Group, dict[str, Any]]]:
    for group, line in zip(select_runs(data.summary), ("-", "-", "--"), strict=True):
        colour = "#8C3A00" if group.name == "Backprop, failed" else _colour(group.method)
        yield group, {"color": colour, "linestyle": line}


def _colour(method: str) -> str:
    return str(line_styles([(method, "chung2021")])[method, "chung2021"]["color"])


def _states(recorded: pd.DataFrame, group: Group, episode: int) -> NDArray[np.float64] | None:
    """Positions and velocities [length + 1, 2] of an episode of a group's run, or None where it was not recorded."""
    rows = recorded[(recorded["method"] == group.method) & (recorded["seed"] == group.seed) & (recorded["episode"] == episode)]
    return np.asarray(rows["trajectory"].iloc[0], dtype=float).reshape(-1, 2) if len(rows) else None
