"""The figures of guss2016's report: what the experiments measured, and runs on the tasks."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures import layouts
from reports.figures.panels import learning_curves, legend_above, legend_over, single_runs
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, graded_styles, line_styles, use_theme
from reports.guss2016 import (
    CARTPOLE,
    CONTROL,
    LEARNED_PENDULUM,
    METHODS,
    MOUNTAIN_CAR,
    NOISE_ONLY,
    PENDULUM,
    PLAIN,
    REPAIRED,
    SINGLE_STEP,
    SIZES,
    SOLVED_CAR,
    STANDARD,
    SUITE,
    TASKS,
    UNTRAINED,
    WINDOWS,
    critics,
    small_networks,
    theorem,
)
from reports.guss2016.speed import read_speed
from reports.runs.load import ReportData
from reports.runs.variants import of_keys

DDPG, RULE, TD = METHODS
COMPARED = ((DDPG, STANDARD), (RULE, STANDARD), (RULE, REPAIRED), (TD, STANDARD))
"""What the figures of all tasks show."""
Key = tuple[str, str]
"""Method and variant."""


def readings(data: ReportData) -> Figure:
    """The neurons' gradients beside the agent's by depth, in every reading of a neuron's Q."""
    return theorem.readings_figure(data)


def sub_critic_values(data: ReportData) -> Figure:
    """Q of the sub-critics and of the agent over both phases of experiment 1."""
    return critics.values_figure(data)


def sub_critic_correlations(data: ReportData) -> Figure:
    """Pearson's r of sub-critics with the agent's critic: values, slopes and their changes."""
    return critics.correlations_figure(data)


def world(data: ReportData) -> Figure:
    """Share of policies at the goal of the one-dimensional world, untrained and trained, by depth."""
    return small_networks.world_figure(data)


def divergence(data: ReportData) -> Figure:
    """Share of networks whose local critics diverge, by rate, depth, activation and optimiser."""
    return critics.divergence_figure(data)


def returns(data: ReportData) -> Figure:
    """All methods on the suite's tasks with episodes: return, mean ± SD over the runs."""
    return layouts.returns(of_keys(data, COMPARED), SUITE, METHODS, WINDOWS["episodic"], "sd", columns=len(SUITE))


def rewards(data: ReportData) -> Figure:
    """All methods on the tasks without episodes: reward, mean ± SD over the runs."""
    return layouts.single_step_rewards(of_keys(data, COMPARED), SINGLE_STEP, METHODS, WINDOWS["single_step"])


def cartpole(data: ReportData) -> Figure:
    """CartPole-v0: both slopes beside DDPG, untrained networks and plain steps; and other depths and widths of either."""
    use_theme()
    figure, axes = plt.subplots(1, 3, figsize=(TEXT_WIDTH, ROW_HEIGHT + 1.1), sharey=True)
    _curves(axes[0], data, CARTPOLE, [*COMPARED[:-1], (RULE, UNTRAINED), (RULE, PLAIN)])
    looks = graded_styles(len(SIZES))
    for panel, first, title in zip(axes[1:], (STANDARD, REPAIRED), ("As drafted", "Repaired"), strict=True):
        names = {f"{first}-{size}" if size else first: name for size, name in SIZES.items()}
        keys = [(RULE, variant) for variant in names]
        own = of_keys(data, keys).curves
        own = own[own["task"] == CARTPOLE]
        own = own.assign(label=own["variant"].map(names))
        learning_curves(panel, own, METHODS, "sd", dict(zip(keys, looks, strict=True)))
        panel.set_title(title)
    axes[0].set_title("Rules")
    for panel in axes:
        panel.set_xlabel("Episode")
        legend_over(panel, columns=1)
    axes[0].set_ylabel(f"Return (running mean over {WINDOWS['episodic']})")
    return figure


def mountain_car(data: ReportData) -> Figure:
    """MountainCar: all rules beside the noise alone, and a single neuron beside its noise."""
    use_theme()
    figure, (left, right) = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.7), sharey=True)
    _curves(left, data, MOUNTAIN_CAR, [*COMPARED, (DDPG, NOISE_ONLY)])
    small_networks.neuron_panel(right, data)
    for panel in (left, right):
        panel.axhline(SOLVED_CAR, color=PAPER_COLOUR, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
        panel.set_title(TASKS[MOUNTAIN_CAR] if panel is left else "A single neuron")
    legend_above(figure, [left, right])
    left.set(xlabel="Episode", ylabel=f"Return (running mean over {WINDOWS['episodic']})")
    right.set_xlabel("Tenth of the run")
    return figure


def pendulum(data: ReportData) -> Figure:
    """Pendulum: each run of DDPG (left), and all rules beside untrained networks (right)."""
    use_theme()
    figure, (left, right) = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.8), sharey=True)
    own = of_keys(data, [(DDPG, STANDARD)]).curves
    own = own[own["task"] == PENDULUM]
    learning_curves(left, own, METHODS, "sd")
    if len(own):
        single_runs(left, own, line_styles([(DDPG, STANDARD)])[DDPG, STANDARD]["color"])
    _curves(right, data, PENDULUM, [*COMPARED, (DDPG, UNTRAINED), (RULE, UNTRAINED)])
    for panel, title in ((left, "DDPG, each run"), (right, "All rules")):
        panel.axhline(LEARNED_PENDULUM, color=PAPER_COLOUR, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
        panel.set(title=title, xlabel="Episode")
    legend_above(figure, [left, right], columns=3)
    left.set_ylabel(f"Return (running mean over {WINDOWS['episodic']})")
    return figure


def control_suite(data: ReportData) -> Figure:
    """DDPG and both slopes on tasks of the DeepMind Control Suite: return, mean ± SD over the runs."""
    return layouts.returns(of_keys(data, COMPARED[:-1]), CONTROL, METHODS[:-1], WINDOWS["episodic"], "sd", columns=4)


def speed(data: ReportData) -> Figure:
    """Samples per second of an update by width (left), and how many times more than DDPG's the decentralised rule has (right).

    From speed.csv, which `python -m benchmarks --widths` writes; no run is needed.
    """
    use_theme()
    table = read_speed()
    figure, (left, right) = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.7))
    looks = line_styles([(DDPG, STANDARD), (RULE, STANDARD)])
    by_method = table.pivot(index="width", columns=["cores", "method"]).sort_index(axis="columns")
    for cores, marks, words in ((1, "o-", "1 core"), (2, "s:", "2 cores")):
        samples = by_method["samples_per_second", cores]
        for method, name in ((DDPG, "DDPG"), (RULE, "decentralised")):
            colour = looks[method, STANDARD]["color"]
            left.plot(samples.index, samples[method], marks, color=colour, markersize=3, label=f"{name}, {words}")
        right.plot(samples.index, samples[RULE] / samples[DDPG], marks, color="black", markersize=3, label=f"measured, {words}")
    operations = by_method["operations", 1]
    fewer = operations[DDPG] / operations[RULE]
    right.plot(fewer.index, fewer, color=PAPER_COLOUR, linestyle="--", label="by operations")
    left.set(xscale="log", yscale="log", xlabel="Units of a hidden layer", ylabel="Samples per second")
    right.set(xscale="log", yscale="log", xlabel="Units of a hidden layer", ylabel="Decentralised / DDPG")
    widths = [int(width) for width in table["width"].drop_duplicates()]
    for panel in (left, right):
        panel.set_xticks(widths, labels=[str(width) for width in widths])
        panel.minorticks_off()
        panel.legend(fontsize="small")
    return figure


def _curves(panel: Axes, data: ReportData, task: str, keys: Sequence[Key]) -> None:
    curves = of_keys(data, keys).curves
    learning_curves(panel, curves[curves["task"] == task], METHODS, "sd")
