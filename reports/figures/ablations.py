"""The experiments beside a paper's own runs: each variant against the one it departs from, as a table and as figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reports.figures.panels import cut_losses, learning_curves, legend_above, legend_over, note, thousands
from reports.figures.theme import ROW_HEIGHT, TEXT_WIDTH, graded_styles, line_styles, use_theme
from reports.runs.load import KEYS, ReportData
from reports.runs.lookup import runs_of
from reports.runs.variants import Experiment, doses, merged, settings_changed
from reports.statistics.inference import Difference, Sample, mean_interval, standard_deviation
from reports.tables.settings import value_text

_PANELS = 3
"""In one row of `alternatives`."""


def ablations(data: ReportData, experiments: Sequence[Experiment]) -> pd.DataFrame:
    """One row per variant of the experiments, after a row of the standard it departs from, with the columns

    * group, task, method, variant, label, standard (whether this is the standard), setting (what is changed, `ascent_steps: 5`);
    * n, mean, sd (ddof = 1) of the mean return over all episodes or updates;
    * difference, low, high: from the standard, with its 95 % Welch interval.
    """
    labels = data.labels()
    rows: list[dict[str, Any]] = []
    for experiment in experiments:
        standard = _means(data, experiment, experiment.standard)
        for variant in experiment.all_variants:
            values = _means(data, experiment, variant)
            row: dict[str, Any] = {
                "group": experiment.group,
                "task": experiment.task,
                "method": experiment.method,
                "variant": variant,
                "label": labels[experiment.task, experiment.method, variant],
                "standard": variant == experiment.standard,
                "setting": setting_text(data, experiment, variant),
                "n": len(values),
                "mean": values.mean(),
                "sd": standard_deviation(values) if len(values) > 1 else math.nan,
            }
            if variant != experiment.standard:
                bounds = Difference.between(Sample.of(values), Sample.of(standard)).interval(0.95)
                row |= {"difference": bounds.estimate, "low": bounds.low, "high": bounds.high}
            rows.append(row)
    columns = ["group", *KEYS, "label", "standard", "setting", "n", "mean", "sd", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def setting_text(data: ReportData, experiment: Experiment, variant: str) -> str:
    """What a variant changes: `ascent_steps: 5; noise: none`; of the standard, the values that its variants change."""
    if variant != experiment.standard:
        changed = {name: other for name, (_, other) in settings_changed(data, experiment, variant).items()}
    else:
        changed = {
            name: standard
            for other in experiment.variants
            for name, (standard, _) in settings_changed(data, experiment, other).items()
        }
    return "; ".join(f"{name}: {value_text(value)}" for name, value in sorted(changed.items()))


def dose_response(data: ReportData, experiments: Sequence[Experiment], tasks: Mapping[str, str]) -> Figure:
    """Variants that differ in one number: learning curves (top), and mean return by that number (bottom).

    A column for each experiment; mean ± SEM over the runs in the curves, mean with its 95 % t-interval below them, a diamond for
    the paper's own value. Experiments whose variants differ in more than a number are left out.
    """
    use_theme()
    found = [(experiment, *by_value) for experiment in experiments if (by_value := doses(data, experiment)) is not None]
    if not found:
        return _nothing()
    figure, axes = plt.subplots(2, len(found), figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT + 0.2), squeeze=False)
    values = sorted({value for _, _, dose in found for value in dose.values()})
    colours = graded_styles(len(values))
    for (above, below), (experiment, name, dose) in zip(axes.T, found, strict=True):
        styles = {variant: colours[values.index(value)] for variant, value in dose.items()}
        _curves_of(above, data, experiment, styles, {variant: f"{value:g}" for variant, value in dose.items()})
        above.set_title(tasks.get(experiment.task, experiment.task))
        for variant, value in dose.items():
            interval = mean_interval(_means(data, experiment, variant))
            below.errorbar(
                values.index(value),
                interval.estimate,
                interval.high - interval.estimate,
                color=styles[variant]["color"],
                marker="D" if variant == experiment.standard else "o",
                markersize=4,
                capsize=2,
            )
        below.set_xticks(range(len(values)), [f"{value:g}" for value in values])
        below.set(xlabel=name.replace("_", " ").capitalize(), xlim=(-0.5, len(values) - 0.5))
    axes[0, 0].set_ylabel("Running mean")
    axes[1, 0].set_ylabel("Mean over a run")
    legend_above(figure, list(axes[0]), columns=len(values))
    return figure


def alternatives(data: ReportData, experiments: Sequence[Experiment], tasks: Mapping[str, str]) -> Figure:
    """Learning curves of variants beside their standard, a panel for each method on a task, mean ± SEM over the runs."""
    use_theme()
    if not experiments:
        return _nothing()
    experiments = merged(experiments)
    rows = -(-len(experiments) // _PANELS)
    figure, axes = plt.subplots(rows, _PANELS, figsize=(TEXT_WIDTH, rows * (ROW_HEIGHT + 0.25)), squeeze=False)
    for panel, experiment in zip(axes.flat, experiments, strict=False):
        names = {variant: _brief(data, experiment, variant) for variant in experiment.all_variants}
        styles = line_styles((experiment.method, variant) for variant in names)
        _curves_of(panel, data, experiment, {variant: styles[experiment.method, variant] for variant in names}, names)
        panel.set_title(tasks.get(experiment.task, experiment.task))
        thousands(panel, ticks=3)
        legend_over(panel, columns=1)
        if legend := panel.get_legend():
            legend.set(in_layout=False)  # a long name would else make its panel narrow; the title keeps the place free
    for panel in axes.flat[len(experiments) :]:
        panel.set_visible(False)
    for panel in axes[:, 0]:
        panel.set_ylabel("Running mean")
    return figure


def _nothing() -> Figure:
    figure, panel = plt.subplots(figsize=(TEXT_WIDTH, ROW_HEIGHT / 3))
    note(panel, "no runs")
    return figure


def _curves_of(
    panel: Axes, data: ReportData, experiment: Experiment, styles: Mapping[str, dict[str, Any]], names: Mapping[str, str]
) -> None:
    """The learning curves of an experiment's variants, in the order of `styles`, under `names`."""
    table = data.curves
    own = (table["task"] == experiment.task) & (table["method"] == experiment.method) & table["variant"].isin(list(styles))
    curves = table[own].assign(label=table.loc[own, "variant"].map(names))
    keyed = {(experiment.method, variant): style for variant, style in styles.items()}
    learning_curves(panel, curves, [experiment.method], "sem", keyed)
    cut_losses(panel, curves)
    panel.set_xlabel("Episode" if (curves["kind"] == "episodic").all() else "Update")


def _brief(data: ReportData, experiment: Experiment, variant: str) -> str:
    """A variant's name where its standard stands beside it: what its label has beyond the standard's."""
    labels = data.labels()
    standard = labels[experiment.task, experiment.method, experiment.standard]
    label = labels[experiment.task, experiment.method, variant]
    return label if variant == experiment.standard else label.removeprefix(standard).lstrip(", ")


def _means(data: ReportData, experiment: Experiment, variant: str) -> NDArray[np.float64]:
    return runs_of(data.summary, experiment.task, experiment.method, variant)["mean_return"].to_numpy(float)
