"""The figures of kungl2021's report: what the experiments measured, and the suite's tasks."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures import layouts
from reports.figures.panels import learning_curves, legend_over
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, use_theme
from reports.kungl2021 import (
    EPISODIC,
    FEEDBACK,
    FROZEN,
    METHODS,
    NO_TRACE,
    NOISE_ONLY,
    OWN_VARIANTS,
    QUIET,
    SINGLE_STEP,
    STANDARD,
    TASKS,
    WINDOWS,
    bandits,
    dynamics,
    supervised,
)
from reports.runs.load import ReportData
from reports.runs.variants import of_keys, own_runs

TRACES, CRITIC = METHODS
MOUNTAIN_CAR = "MountainCarContinuous-v0"
CONDITIONS = (
    ("Multiplexer-v0", TRACES, (STANDARD, FROZEN, *FEEDBACK)),
    ("CartPole-v1", CRITIC, (STANDARD, *FEEDBACK)),
    ("CartPole-v1", TRACES, (STANDARD, NO_TRACE)),
    ("Acrobot-v1", TRACES, (STANDARD, NO_TRACE)),
)
"""The panels of `conditions`: task, method and its variants."""


def accuracy(data: ReportData) -> Figure:
    """Test accuracy on digits by pictures shown, with and without look-ahead, beside backpropagation."""
    return supervised.accuracy_figure(data)


def angle_by_depth(data: ReportData) -> Figure:
    """1 − cosine of the weight change with backpropagation's by nudging and depth, settled and streamed."""
    return supervised.depth_figure(data)


def angle_by_presentation(data: ReportData) -> Figure:
    """Cosine of the weight change with backpropagation's by presentation time, layer by layer."""
    return supervised.presentation_figure(data)


def bandit_blocks(data: ReportData) -> Figure:
    """The bandit's mean reward per 150 trials beside the released twin's, and with one thing changed."""
    return bandits.blocks_figure(data)


def bandit_delayed(data: ReportData) -> Figure:
    """The bandit's mean reward per 150 trials with delayed and scrambled rewards, by the trace's time constant."""
    return bandits.delayed_figure(data)


def hill_climbing(data: ReportData) -> Figure:
    """Share of updates that lead uphill on the expected reward, and how much of them reaches each layer."""
    return dynamics.climbing_figure(data)


def residual(data: ReportData) -> Figure:
    """|F| beside e^(−t/τ) under three inputs, and one network over two trials."""
    return dynamics.residual_figure(data)


def lagged(data: ReportData) -> Figure:
    """Where the form that looks ahead by the last step's velocity follows the exact one, and where it does not."""
    return dynamics.lagged_figure(data)


def returns(data: ReportData) -> Figure:
    """Both methods on the tasks with episodes: return, mean ± SD over the runs."""
    own = own_runs(data, OWN_VARIANTS)
    return layouts.returns(own, EPISODIC, METHODS, WINDOWS["episodic"], "sd", columns=len(EPISODIC))


def rewards(data: ReportData) -> Figure:
    """Both methods on the tasks without episodes, and learning by a cost on the regression: reward, mean ± SD over the runs."""
    return layouts.single_step_rewards(own_runs(data, OWN_VARIANTS), SINGLE_STEP, METHODS, WINDOWS["single_step"])


def conditions(data: ReportData) -> Figure:
    """One thing changed: a hidden layer that stands still, other feedback weights, no trace; mean ± SD over the runs."""
    use_theme()
    figure, axes = plt.subplots(2, 2, figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT + 1.2))
    for panel, (task, method, variants) in zip(axes.flat, CONDITIONS, strict=True):
        _curves(panel, data, task, [(method, variant) for variant in variants])
        panel.set_title(TASKS[task])
        step = task in SINGLE_STEP
        panel.set_xlabel("Update" if step else "Episode")
        panel.set_ylabel(f"{'Reward' if step else 'Return'} (running mean over {WINDOWS['single_step' if step else 'episodic']})")
        legend_over(panel)
    return figure


def mountain_car(data: ReportData) -> Figure:
    """MountainCar: learning with noise, without noise after half of the episodes, and noise alone; mean ± SD over the runs."""
    use_theme()
    figure, panel = plt.subplots(figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.6))
    _curves(panel, data, MOUNTAIN_CAR, [(CRITIC, variant) for variant in (STANDARD, QUIET, NOISE_ONLY)])
    for run in data.runs:
        if run["task"] == MOUNTAIN_CAR and run["variant"] == QUIET:
            place = run["hyperparameters"]["quiet_from"] * run["budget"]["episodes"]
            panel.axvline(place, color=PAPER_COLOUR, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
    panel.set(title=TASKS[MOUNTAIN_CAR], xlabel="Episode", ylabel=f"Return (running mean over {WINDOWS['episodic']})")
    legend_over(panel, columns=3)
    return figure


def _curves(panel: Axes, data: ReportData, task: str, keys: list[tuple[str, str]]) -> None:
    curves = of_keys(data, keys).curves
    learning_curves(panel, curves[curves["task"] == task], METHODS, "sd")
