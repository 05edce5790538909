"""The theorems as experiments: panels and tables of what `experiments` measured; each experiment describes its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.chung2021 import TASKS
from reports.figures.experiments import LAYERS_TOGETHER, STAGES, banded, chosen, measured
from reports.figures.panels import legend_above, note
from reports.figures.theme import ROW_HEIGHT, TEXT_WIDTH, graded_styles, line_styles, use_theme
from reports.runs.load import ReportData

RULES = {"reinforce": "REINFORCE", "backprop": "Backprop", "map_propagation": "MAP propagation"}
"""Names of the rules in `unbiasedness` and `variance`."""
NETWORKS = (("CartPole-v1", "actor"), ("CartPole-v1", "critic"), ("Multiplexer-v0", "actor"))
STEPS_SHOWN = (0, 20, 1000)
"""Ascent steps in the table: none, the paper's, and as good as all."""
_METHODS = {"reinforce": "reinforce", "backprop": "backprop_traces", "map_propagation": "map_propagation"}


def alignment_figure(data: ReportData) -> Figure:
    """Cosine (two rows above) and norm ratio (below) of the updates of MAP propagation and backpropagation, by ascent steps."""
    use_theme()
    size = (TEXT_WIDTH, 4 * 0.82 * ROW_HEIGHT)
    figure, axes = plt.subplots(4, len(NETWORKS), figsize=size, sharex=True, sharey="row", squeeze=False)
    rows = [(quantity, stage) for quantity in ("pooled_cosine", "pooled_norm_ratio") for stage in STAGES]
    table = measured(data, "alignment", *_COLUMNS)
    for (quantity, stage), panels in zip(rows, axes, strict=True):
        for panel, (task, network) in zip(panels, NETWORKS, strict=True):
            own = chosen(table, task=task, network=network, stage=stage, quantity=quantity)
            _by_steps(panel, own)
            if quantity == "pooled_norm_ratio":
                panel.set_yscale("log")
            else:
                panel.set_ylim(-0.25, 1.1)
            panel.axhline(1, color="#999999", linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
        panels[0].set_ylabel(f"{'Cosine' if quantity == 'pooled_cosine' else 'Norm ratio'},\n{stage}")
    for panel, (task, network) in zip(axes[0], NETWORKS, strict=True):
        panel.set_title(f"{TASKS[task]}, {network}")
    for panel in axes[-1]:
        panel.set_xlabel("Steps of the ascent")
    legend_above(figure, list(axes.flat), columns=5)
    return figure


def unbiasedness_figure(data: ReportData) -> Figure:
    """Bias of the expected update along the gradient (top) and its squared norm (bottom), by layer, for each rule."""
    use_theme()
    figure, axes = plt.subplots(2, 2, figsize=(TEXT_WIDTH, 2 * 0.85 * ROW_HEIGHT), sharex=True, sharey="row")
    table = measured(data, "unbiasedness", *_COLUMNS)
    names = {"bias_along": "Bias along the gradient", "squared_bias": "Squared norm of the bias"}
    for panels, (quantity, name) in zip(axes, names.items(), strict=True):
        for panel, stage in zip(panels, STAGES, strict=True):
            _by_layer(panel, chosen(table, stage=stage, quantity=quantity))
            panel.axhline(0, color="#999999", linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
        panels[0].set_ylabel(name)
    for panel, stage in zip(axes[0], STAGES, strict=True):
        panel.set_title(stage.capitalize())
    for panel in axes[-1]:
        panel.set_xlabel("Layer")
    legend_above(figure, list(axes.flat))
    return figure


def variance_figure(data: ReportData) -> Figure:
    """Variance of an update by layer (filled) and the part of it that hidden noise makes (hollow), for each rule, log scale."""
    use_theme()
    tasks = ("CartPole-v1", "Multiplexer-v0")
    figure, axes = plt.subplots(2, 2, figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT), sharex=True, sharey="row")
    table = measured(data, "variance", *_COLUMNS)
    for panels, task in zip(axes, tasks, strict=True):
        for panel, stage in zip(panels, STAGES, strict=True):
            own = chosen(table, task=task, stage=stage)
            _by_layer(panel, chosen(own, quantity="total"))
            _by_layer(panel, chosen(own, quantity="internal"), hollow=True)
            panel.set_yscale("log")
            panel.set_title(f"{TASKS[task]}, {stage}")
        panels[0].set_ylabel("Variance of an update")
    for panel in axes[-1]:
        panel.set_xlabel("Layer")
    legend_above(figure, list(axes.flat))
    return figure


def alignment_table(data: ReportData) -> pd.DataFrame:
    """All layers together, against backpropagation at the stationary point: task, network, stage, steps, and for the cosine and
    the norm ratio of the pooled updates their mean, low, high (95 %) and n; mean_gap, low_gap, high_gap: 1 − the cosine, which
    few digits of a cosine near 1 do not show.
    """
    table = measured(data, "alignment", *_COLUMNS)
    own = chosen(table, layer=LAYERS_TOGETHER, reference="stationary")
    own = own[own["steps"].isin(STEPS_SHOWN)] if len(own) else own
    keys = ["task", "network", "stage", "steps"]
    cosine, ratio = (chosen(own, quantity=name)[[*keys, "mean", "low", "high", "n"]] for name in _POOLED)
    table = cosine.merge(ratio.drop(columns="n"), on=keys, suffixes=("_cosine", "_ratio"))
    return table.assign(mean_gap=1 - table["mean_cosine"], low_gap=1 - table["high_cosine"], high_gap=1 - table["low_cosine"])


def bias_table(data: ReportData) -> pd.DataFrame:
    """All layers together: rule, label, stage; bias_along and squared_bias with low and high (95 %), covered, n (batches)."""
    own = chosen(measured(data, "unbiasedness", *_COLUMNS), layer=LAYERS_TOGETHER)
    rows: list[dict[str, Any]] = []
    for stage in STAGES:
        for rule, label in RULES.items():
            found = chosen(own, stage=stage, rule=rule).set_index("quantity")
            if found.empty:
                continue
            row: dict[str, Any] = {"rule": rule, "label": label, "stage": stage, "covered": found.at["covered", "mean"]}
            for name in ("bias_along", "squared_bias"):
                row |= {
                    name: found.at[name, "mean"],
                    f"{name}_low": found.at[name, "low"],
                    f"{name}_high": found.at[name, "high"],
                }
            rows.append(row | {"n": found.at["bias_along", "n"]})
    names = [f"{name}{end}" for name in ("bias_along", "squared_bias") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["rule", "label", "stage", *names, "covered", "n"])


def variance_table(data: ReportData) -> pd.DataFrame:
    """By task, stage, layer: total (of REINFORCE) and n (seeds); for each rule <rule>_hidden, the share that hidden noise makes;
    for the others <rule>_ratio, the variance in units of REINFORCE's, with <rule>_low and <rule>_high (95 %).
    """
    table = measured(data, "variance", *_COLUMNS)
    keys = ["task", "stage", "layer"]
    total = chosen(table, rule="reinforce", quantity="total")[[*keys, "mean", "n"]].rename(columns={"mean": "total"})
    for rule in RULES:
        share = chosen(table, rule=rule, quantity="internal_share")[[*keys, "mean"]]
        total = total.merge(share.rename(columns={"mean": f"{rule}_hidden"}), on=keys)
        if rule != "reinforce":
            ratio = chosen(table, rule=rule, quantity="total_to_reinforce")[[*keys, "mean", "low", "high"]]
            names = {"mean": f"{rule}_ratio", "low": f"{rule}_low", "high": f"{rule}_high"}
            total = total.merge(ratio.rename(columns=names), on=keys)
    return total


_POOLED = ("pooled_cosine", "pooled_norm_ratio")
_COLUMNS = ("network", "rule", "steps", "reference")


def _layers(table: pd.DataFrame) -> list[str]:
    """`1` to `L` and `all`, as far as there are any."""
    return sorted(table["layer"].unique(), key=lambda layer: (layer == LAYERS_TOGETHER, layer))


def _by_steps(panel: Axes, table: pd.DataFrame) -> None:
    """One line a layer, with its 95 % band; and for all layers together, dotted, against backpropagation at sampled values."""
    if table.empty:
        note(panel, "not measured")
        return
    stationary = chosen(table, reference="stationary")
    layers, steps = _layers(stationary), sorted(stationary["steps"].unique())
    places = {step: place for place, step in enumerate(steps)}
    styles = [*graded_styles(len(layers) - 1), {"color": "#222222", "linestyle": "-"}]
    for layer, style in zip(layers, styles, strict=True):
        label = "all layers" if layer == LAYERS_TOGETHER else f"layer {layer}"
        _line(panel, chosen(stationary, layer=layer), places, {**style, "label": label})
    sampled = chosen(table, reference="sampled", layer=LAYERS_TOGETHER)
    _line(panel, sampled, places, {"color": "#222222", "linestyle": ":", "label": "all, at sampled values"})
    panel.set_xticks(list(places.values()), [str(step) for step in steps], rotation=90 if len(steps) > 7 else 0)


def _line(panel: Axes, table: pd.DataFrame, places: dict[int, int], style: dict[str, Any]) -> None:
    own = table.sort_values("steps")
    banded(panel, own["steps"].map(places), own, **style)


def _by_layer(panel: Axes, table: pd.DataFrame, hollow: bool = False) -> None:
    """One point a layer and rule with its 95 % interval, the rules side by side; hollow points have no interval."""
    if table.empty:
        note(panel, "not measured")
        return
    layers = _layers(table)
    rules: Sequence[str] = [rule for rule in RULES if rule in set(table["rule"])]
    for place, rule in enumerate(rules):
        own = chosen(table, rule=rule).set_index("layer").reindex(layers)
        x = np.arange(len(layers)) + 0.22 * (place - (len(rules) - 1) / 2)
        colour = line_styles([(_METHODS[rule], "")])[_METHODS[rule], ""]["color"]
        mean = own["mean"].to_numpy(float)
        if hollow:
            panel.plot(x, mean, "o", markersize=3.5, markerfacecolor="white", color=colour)
        else:
            bounds = np.abs(own[["low", "high"]].to_numpy(float).T - mean)
            panel.errorbar(x, mean, bounds, fmt="os^"[place], markersize=3.5, capsize=2, color=colour, label=RULES[rule])
    panel.set_xticks(range(len(layers)), layers)
    panel.set_xlim(-0.5, len(layers) - 0.5)
