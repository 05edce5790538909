"""The figures of chung2021, under the paper's numbers; `survival` takes the place of its Figure 3, which is an illustration."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pandas import DataFrame

from reports.chung2021 import (
    ABLATIONS,
    ANCHORS,
    EPISODIC,
    EXPERIMENTS,
    FOLLOW_UPS,
    METHODS,
    OWN_VARIANTS,
    SINGLE_STEP,
    STEPS,
    TASKS,
    WINDOWS,
    theory,
)
from reports.chung2021.selection import TASK, Group, select_runs
from reports.figures.ablations import alternatives, dose_response
from reports.figures.across_tasks import normalised_scores
from reports.figures.layouts import returns, single_step_rewards, survival_by_task
from reports.figures.panels import legend_above, note, thousands
from reports.figures.theme import ROW_HEIGHT, TEXT_WIDTH, line_styles, use_theme
from reports.runs.load import ReportData
from reports.runs.variants import OTHER, Experiment, experiments, own_runs
from reports.statistics.aggregates import Anchors

SCORES = {task: Anchors(*pair) for task, pair in ANCHORS.items()}
COMPARED = [(method, OWN_VARIANTS[0]) for method in METHODS]
"""Methods that are compared over all tasks, each as in Table 1."""
REINFORCE = ("reinforce", "reinforce_thomas")
"""Methods whose follow-up experiments have a figure of their own."""
_RECORDED = (1, 50, 100)
"""Episodes of Figure 5."""
_GOAL = 0.45
"""Position from which on the car has reached the goal."""


def figure_1(data: ReportData) -> Figure:
    """Multiplexer and scalar regression: reward, running mean over 10 updates, mean ± SD over the runs."""
    return single_step_rewards(own_runs(data, OWN_VARIANTS), SINGLE_STEP, METHODS, WINDOWS["single_step"])


def figure_2(data: ReportData) -> Figure:
    """The four RL tasks: return, running mean over 100 episodes, mean ± SEM over the runs."""
    return returns(own_runs(data, OWN_VARIANTS), EPISODIC, METHODS, WINDOWS["episodic"], "sem")


def across_tasks(data: ReportData) -> Figure:
    """The four RL tasks together: normalised score by share of a run, and how the runs' mean scores are spread."""
    return normalised_scores(own_runs(data, OWN_VARIANTS), SCORES, COMPARED)


def survival(data: ReportData) -> Figure:
    """Share of runs without a perfect score (top) and without having solved the task (bottom), by episode."""
    return survival_by_task(own_runs(data, OWN_VARIANTS), EPISODIC, METHODS)


def figure_4(data: ReportData) -> Figure:
    """MountainCar: running mean over 100 episodes of the selected runs, the other runs of their methods behind them."""
    use_theme()
    figure, panel = plt.subplots(figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.1))
    data = own_runs(data, OWN_VARIANTS)
    curves = data.curves[data.curves["task"] == TASK]
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
    data = own_runs(data, OWN_VARIANTS)
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


def ablation_steps(data: ReportData) -> Figure:
    """The number of ascent steps: learning curves, and mean return by that number."""
    return dose_response(data, _experiments(data, {STEPS}), TASKS)


def ablation_curves(data: ReportData) -> Figure:
    """Learning curves of the other ablations beside the paper's own setting."""
    return alternatives(data, _experiments(data, set(ABLATIONS) - {STEPS}), TASKS)


def follow_ups(data: ReportData) -> Figure:
    """Learning curves of what was tried because a number differs, and of variants that belong to no group, but of REINFORCE."""
    return alternatives(data, [found for found in _tried(data) if found.method not in REINFORCE], TASKS)


def follow_ups_reinforce(data: ReportData) -> Figure:
    """Follow-up experiments of REINFORCE, with and without Thomas's method."""
    return alternatives(data, [found for found in _tried(data) if found.method in REINFORCE], TASKS)


def theory_alignment(data: ReportData) -> Figure:
    """Theorems 2 and 3: cosine and norm ratio of the updates of MAP propagation and backpropagation, by ascent steps."""
    return theory.alignment_figure(data)


def theory_unbiasedness(data: ReportData) -> Figure:
    """Theorem 1: bias of the expected update of each rule, by layer."""
    return theory.unbiasedness_figure(data)


def theory_variance(data: ReportData) -> Figure:
    """The variance of each rule's update, by layer."""
    return theory.variance_figure(data)


def _tried(data: ReportData) -> list[Experiment]:
    return _experiments(data, {*FOLLOW_UPS, OTHER})


def _experiments(data: ReportData, groups: Collection[str]) -> list[Experiment]:
    return [found for found in experiments(data, OWN_VARIANTS, EXPERIMENTS) if found.group in groups]


def _groups(data: ReportData) -> Iterator[tuple[Group, dict[str, Any]]]:
    for group, line in zip(select_runs(data.summary), ("-", "-", "--"), strict=True):
        colour = "#8C3A00" if group.name == "Backprop, failed" else _colour(group.method)
        yield group, {"color": colour, "linestyle": line}


def _colour(method: str) -> str:
    return str(line_styles([(method, "chung2021")])[method, "chung2021"]["color"])


def _states(recorded: DataFrame, group: Group, episode: int) -> NDArray[np.float64] | None:
    """Positions and velocities [length + 1, 2] of an episode of a group's run, or None where it was not recorded."""
    rows = recorded[(recorded["method"] == group.method) & (recorded["seed"] == group.seed) & (recorded["episode"] == episode)]
    return np.asarray(rows["trajectory"].iloc[0], dtype=float).reshape(-1, 2) if len(rows) else None
