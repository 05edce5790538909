"""The figures of kubo2022's supplement, under its numbers, and two on backprop done honestly."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.layouts import returns
from reports.figures.panels import learning_curves, legend_above, note, point_down, single_runs, thousands
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, line_styles, use_theme
from reports.kubo2022 import (
    EP_ONLY,
    EPISODIC,
    HONEST,
    LOW_TEMPERATURE,
    METHODS,
    OF_2017,
    OTHER_RATES,
    RATES,
    STANDARD,
    WINDOWS,
    theory,
)
from reports.runs.load import ReportData
from reports.runs.lookup import runs_of
from reports.runs.variants import of_keys
from reports.tables.last_quarter import LEVEL, VARIABILITY, Key, endings

EP, BP, BPTT = METHODS
CARTPOLE = "CartPole-v0"
OF_EP: tuple[Key, ...] = ((EP, STANDARD), (EP, OF_2017))
"""What Figures S3 to S5 show."""
OF_TEMPERATURE: tuple[Key, ...] = ((EP, STANDARD), (BP, STANDARD), *((BP, variant) for variant in LOW_TEMPERATURE))
"""What Figures S6 to S8 show."""
OF_RATES: tuple[Key, ...] = ((EP, STANDARD), (BP, STANDARD), *((BP, variant) for variant in RATES))
"""What Figures S9 and S10 show."""
OF_HONEST: tuple[Key, ...] = ((EP, STANDARD), (BP, STANDARD), (BP, LOW_TEMPERATURE[0]), *((BP, variant) for variant in HONEST))
ORIGINAL = {(BP, STANDARD): "BP (orig)"}
"""What the paper calls BP beside other learning rates."""


def figure_s1(data: ReportData) -> Figure:
    """CartPole, equilibrium propagation only: return of every run (thin), of the best one, and mean ± SD over the runs."""
    use_theme()
    found = [variant for variant in EP_ONLY if len(runs_of(data.summary, CARTPOLE, EP, variant))] or [EP_ONLY[0]]
    figure, axes = plt.subplots(1, len(found), figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.4), squeeze=False, sharey=True)
    for panel, variant in zip(axes[0], found, strict=True):
        _runs_and_best(panel, data, [(EP, variant)], (EP, variant))
    axes[0, 0].set_ylabel(f"Return (running mean over {WINDOWS['episodic']})")
    legend_above(figure, list(axes[0]))
    return figure


def figure_s2(data: ReportData) -> Figure:
    """EP-BP with the paper's learning rates and with others: return, mean ± SD over the runs."""
    return _curves(data, ((EP, STANDARD), (EP, OTHER_RATES)))


def figure_s3(data: ReportData) -> Figure:
    """EP-BP with the paper's update rule and with that of 2017: return, mean ± SD over the runs."""
    return _curves(data, OF_EP)


def figure_s4(data: ReportData) -> Figure:
    """EP-BP with either update rule: mean return over the last 25 % of episodes, mean ± SEM over the runs."""
    return endings(data, EPISODIC, OF_EP, (LEVEL,))


def figure_s5(data: ReportData) -> Figure:
    """EP-BP with either update rule: SD of the return over the last 25 % of episodes, mean ± SEM over the runs."""
    return endings(data, EPISODIC, OF_EP, (VARIABILITY,))


def figure_s6(data: ReportData) -> Figure:
    """EP-BP, BP, and BP with a low temperature from the arrows on: return, mean ± SD over the runs."""
    figure = _curves(data, OF_TEMPERATURE)
    _mark_drops(figure, data, OF_TEMPERATURE)
    return figure


def figure_s7(data: ReportData) -> Figure:
    """EP-BP, BP, and BP with a low temperature: mean return over the last 25 % of episodes, mean ± SEM over the runs."""
    return endings(data, EPISODIC, OF_TEMPERATURE, (LEVEL,))


def figure_s8(data: ReportData) -> Figure:
    """EP-BP, BP, and BP with a low temperature: SD of the return over the last 25 % of episodes, mean ± SEM over the runs."""
    return endings(data, EPISODIC, OF_TEMPERATURE, (VARIABILITY,))


def figure_s9(data: ReportData) -> Figure:
    """EP-BP, and BP with all learning rates of Table S2: mean return over the last 25 % of episodes, mean ± SEM over runs."""
    return endings(data, EPISODIC, OF_RATES, (LEVEL,), ORIGINAL)


def figure_s10(data: ReportData) -> Figure:
    """EP-BP, and BP at Table S2's learning rates: SD of the return over the last 25 % of episodes, mean ± SEM over the runs."""
    return endings(data, EPISODIC, OF_RATES, (VARIABILITY,), ORIGINAL)


def figure_s11(data: ReportData) -> Figure:
    """CartPole: EP-BP and BPTT-BP, mean ± SD (left); EP-BP and every run of BPTT-BP, the best one thick (right)."""
    use_theme()
    figure, (left, right) = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.4), sharey=True)
    keys = ((EP, STANDARD), (BPTT, STANDARD))
    curves = of_keys(data, keys).curves
    learning_curves(left, curves[curves["task"] == CARTPOLE], METHODS, "sd")
    _runs_and_best(right, data, keys[:1], keys[1])
    left.set(title="All runs", xlabel="Episode", ylabel=f"Return (running mean over {WINDOWS['episodic']})")
    right.set_title("The best run of BPTT-BP")
    legend_above(figure, [left, right])
    return figure


def honest(data: ReportData) -> Figure:
    """BP as released and with recomputed activations and learned biases, and both with a low temperature from the arrows on."""
    figure = _curves(data, OF_HONEST)
    _mark_drops(figure, data, OF_HONEST)
    return figure


def honest_last_quarter(data: ReportData) -> Figure:
    """BP in both forms, and EP-BP: mean (top) and SD (bottom) of the last 25 % of episodes, mean ± SEM over the runs."""
    return endings(data, EPISODIC, OF_HONEST, (LEVEL, VARIABILITY))


def theory_gradient(data: ReportData) -> Figure:
    """Distance and 1 − cosine of the update of equilibrium propagation from its gradient through time, by beta."""
    return theory.gradient_figure(data)


def theory_nudged(data: ReportData) -> Figure:
    """Distance from the gradient after K nudged steps, and of backpropagation through the last K steps."""
    return theory.nudged_figure(data)


def theory_free(data: ReportData) -> Figure:
    """Distance of a free phase from its fixed point, and of the update from the gradient, by the free phase's length."""
    return theory.free_figure(data)


def _curves(data: ReportData, keys: Sequence[Key]) -> Figure:
    return returns(of_keys(data, keys), EPISODIC, METHODS, WINDOWS["episodic"], "sd", columns=3)


def _mark_drops(figure: Figure, data: ReportData, keys: Sequence[Key]) -> None:
    """An arrow where the temperature of a panel's runs drops, in their colour if they are of one variant."""
    styles = line_styles(keys)
    for panel, task in zip(figure.axes, EPISODIC, strict=True):
        drops: dict[float, set[str]] = {}
        for run in data.runs:
            key, share = (run["method"], run["variant"]), run["hyperparameters"].get("low_temperature_from")
            if run["task"] == task and key in keys and share is not None:
                drops.setdefault(share * run["budget"]["episodes"], set()).add(styles[key]["color"])
        for episode, colours in drops.items():
            point_down(panel, episode, colours.pop() if len(colours) == 1 else PAPER_COLOUR)


def _runs_and_best(panel: Axes, data: ReportData, means: Sequence[Key], key: Key) -> None:
    """CartPole: mean ± SD of `means`; each run of `key`, and thick the one with the highest mean over its last quarter."""
    curves = data.curves[data.curves["task"] == CARTPOLE]
    shown = of_keys(data, means).curves
    learning_curves(panel, shown[shown["task"] == CARTPOLE], METHODS, "sd")
    runs = runs_of(data.summary, CARTPOLE, *key)
    panel.set_xlabel("Episode")
    if runs.empty:
        if not panel.texts:
            note(panel, "no runs")
        return
    own = curves[(curves["method"] == key[0]) & (curves["variant"] == key[1])]
    colour = line_styles([key])[key]["color"]
    single_runs(panel, own, colour)
    seed = int(runs.sort_values(["last_quarter_mean", "seed"], ascending=[False, True])["seed"].iloc[0])
    best = own[own["seed"] == seed]
    panel.plot(best["x"], best["value"], color=colour, linewidth=1.6, label=f"{runs['label'].iloc[0]}, best run (seed {seed})")
    panel.set_xlim(0, own["x"].max())
    thousands(panel)
