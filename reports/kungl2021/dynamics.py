"""What the experiments found of hill climbing and of how mismatches decay: panels and tables."""

from __future__ import annotations

import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.claims.measured import EACH
from reports.figures.experiments import LAYERS_TOGETHER, STAGES, banded, chosen, mean_of, measured
from reports.figures.panels import legend_above, note
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, graded_styles, use_theme
from reports.kungl2021.supervised import FORMS, STREAMED
from reports.runs.load import ReportData

NUDGES = {"noise": "#0072B2", "winner": "#E69F00", "both": "#009E73"}
"""What nudges the output, and its colour."""
CLIMBING_FORMS = {"settled": "-", "exact": "--"}
STIMULI = {"still": "A still image", "moving": "Moving images", "trials": "Two trials", "far": "From far off"}
JUDGED = 3.0
"""Time in τ at which the table reads |F| off, and until which an excess is looked for."""

_CLIMBING = ("form", "nudge", "hidden", "feedback")
_DECAY = ("form", "stimulus", "step", "time", "neuron")


def climbing_figure(data: ReportData) -> Figure:
    """Share of updates that lead uphill (top) and a layer's share of their squared norm (bottom), in the deepest networks."""
    table = chosen(measured(data, "hill_climbing", *_CLIMBING), feedback="symmetric")
    table = chosen(table, hidden=table["hidden"].max()) if len(table) else table
    use_theme()
    figure, axes = plt.subplots(2, 2, figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT + 0.3), sharex="row", sharey="row", squeeze=False)
    for panels, quantity in zip(axes, ("uphill", "norm_share"), strict=True):
        for panel, stage in zip(panels, STAGES, strict=True):
            own = chosen(table, stage=stage, quantity=quantity)
            layers = [name for name in sorted(set(own["layer"])) if name != LAYERS_TOGETHER or quantity == "uphill"]
            for form, line in CLIMBING_FORMS.items():
                for nudge, colour in NUDGES.items():
                    _by_layer(
                        panel, chosen(own, form=form, nudge=nudge), layers, f"{nudge}, {form}", color=colour, linestyle=line
                    )
            if quantity == "norm_share":
                _by_layer(
                    panel, chosen(table, stage=stage, quantity="gradient_norm_share", form="settled", nudge="noise"), layers,
                    "gradient", color=PAPER_COLOUR, linestyle=":",
                )  # fmt: skip
            panel.set_xticks(range(len(layers)), layers)
            panel.set_xlabel("Layer")
            if not panel.lines:
                note(panel, "not measured")
    for panel, stage in zip(axes[0], STAGES, strict=True):
        panel.set_title(stage.capitalize())
    axes[0, 0].set_ylabel("Share uphill")
    axes[1, 0].set_ylabel("Share of the\nsquared norm")
    legend_above(figure, list(axes.flat))
    return figure


def climbing(data: ReportData) -> pd.DataFrame:
    """Updates beside the gradient of the expected reward, all layers as one vector, one row a condition, with the columns

    * task, stage, form, nudge, hidden, feedback; n (networks); cosine, uphill, least (least cosine of a network's, averaged),
      mean_cosine (of the mean update);
    * lowest: least share uphill of any layer; share_1: share of an update's squared norm in layer 1; gradient_share_1: of the
      gradient's; flip, flip_homeostasis: cosine of the changes by rewards of 1 and −1, without and with homeostasis.
    """
    table = measured(data, "hill_climbing", *_CLIMBING)
    keys = ["task", "stage", *_CLIMBING]
    rows = []
    for key, own in table.groupby(keys, sort=False):
        together = chosen(own, layer=LAYERS_TOGETHER)
        if chosen(together, quantity="cosine").empty:
            continue
        row: dict[str, Any] = dict(zip(keys, key, strict=True)) | {"n": int(chosen(together, quantity="cosine")["n"].iloc[0])}
        row |= {name: mean_of(together, quantity=name) for name in ("cosine", "uphill", "mean_cosine")}
        row |= {"least": mean_of(together, quantity="least_cosine"), "lowest": chosen(own, quantity="uphill")["mean"].min()}
        row |= {"share_1": mean_of(own, quantity="norm_share", layer="1")}
        row |= {"gradient_share_1": mean_of(own, quantity="gradient_norm_share", layer="1")}
        row |= {
            "flip": mean_of(own, quantity="flip_cosine"),
            "flip_homeostasis": mean_of(own, quantity="flip_cosine_homeostasis"),
        }
        rows.append(row)
    numbers = [
        "n",
        "cosine",
        "uphill",
        "least",
        "mean_cosine",
        "lowest",
        "share_1",
        "gradient_share_1",
        "flip",
        "flip_homeostasis",
    ]
    return pd.DataFrame(rows, columns=[*keys, *numbers])


def residual_figure(data: ReportData) -> Figure:
    """|F| over time beside e^(−t/τ) by stimulus (top); images, energy and rates of one network over two trials (bottom)."""
    table = measured(data, "residual_decay", *_DECAY)
    use_theme()
    figure, axes = plt.subplots(2, len(STIMULI), figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT + 0.6), squeeze=False)
    steps = sorted(set(table["step"]), reverse=True)
    for panel, (stimulus, title) in zip(axes[0], STIMULI.items(), strict=True):
        own = chosen(table, stimulus=stimulus, quantity="residual")
        panel.set_title(title)
        if own.empty:
            note(panel, "not measured")
            continue
        for step, look in zip(steps, graded_styles(len(steps)), strict=True):
            _over_time(panel, chosen(own, form="exact", step=step), label=f"look-ahead, dt = {step:g} τ", **look)
        _over_time(panel, chosen(own, form=STREAMED[1], step=steps[-1]), label="without look-ahead", **FORMS[STREAMED[1]][1])
        expected = chosen(table, stimulus=stimulus, quantity="expected", form="exact", step=steps[-1])
        _over_time(panel, expected, label="exp(−t/τ)", color=PAPER_COLOUR, linestyle=":")
        panel.set_yscale("log")
    axes[0, 0].set_ylabel("|F| over its first value")
    _one_network(axes[1, :3], chosen(table, form="exact", stimulus="trials"))
    axes[1, 3].axis("off")
    if axes[1, 2].lines:
        axes[1, 3].legend(*axes[1, 2].get_legend_handles_labels(), loc="center left", title="Rates of")
    for panel in axes.flat:
        panel.set_xlabel("Time in τ")
    legend_above(figure, list(axes[0]), columns=3)
    return figure


def residuals(data: ReportData) -> pd.DataFrame:
    """How |F| decays, one row per form, stimulus and step, with the columns

    form, stimulus, step (in τ); n; excess, excess_low, excess_high: largest of |F| over its first value times e^(−t/τ), to 3 τ;
    residual, expected: |F| over its first value at 3 τ, and e⁻³.
    """
    table = measured(data, "residual_decay", *_DECAY)
    keys = ["task", "form", "stimulus", "step"]
    rows = []
    for key, own in table.groupby(keys, sort=False):
        excess = chosen(own, quantity="largest_excess")
        row: dict[str, Any] = dict(zip(keys, key, strict=True)) | {"n": int(excess["n"].iloc[0])}
        row |= {
            "excess": mean_of(excess),
            "excess_low": float(excess["low"].iloc[0]),
            "excess_high": float(excess["high"].iloc[0]),
        }
        rows.append(row | {name: mean_of(own, quantity=name, time=JUDGED) for name in ("residual", "expected")})
    return pd.DataFrame(rows, columns=[*keys, "n", "excess", "excess_low", "excess_high", "residual", "expected"])


def lagged_figure(data: ReportData) -> Figure:
    """Distance between the voltages of the cheap and of the exact form by the largest singular value of G, a point a network."""
    table = measured(data, "lagged_form", "scale", "step")
    use_theme()
    figure, panel = plt.subplots(figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.3))
    steps = sorted(set(table["step"]), reverse=True)
    for step, look, marker in zip(steps, graded_styles(max(2, len(steps))), "os^", strict=False):
        own = chosen(table, step=step).sort_values("scale")
        places, values = (np.concatenate(list(chosen(own, quantity=name)[EACH])) for name in ("singular_value", "distance"))
        style = {"marker": marker, "markersize": 3, "linestyle": "none", "color": look["color"]}
        panel.plot(places, values, label=f"dt = {step:g} τ", **style)
    if steps:
        panel.axvline(math.sqrt(2), color=PAPER_COLOUR, linewidth=0.6, linestyle=(0, (2, 2)), label="√2")
        panel.set_yscale("log")
        panel.legend(loc="lower right")
    else:
        note(panel, "not measured")
    panel.set(xlabel="Largest singular value of G", ylabel="Relative distance after 10 τ")
    return figure


def _by_layer(panel: Axes, table: pd.DataFrame, layers: list[str], label: str, **style: Any) -> None:
    own = table[table["layer"].isin(layers)].sort_values("layer")
    if len(own):
        banded(panel, [layers.index(layer) for layer in own["layer"]], own, label=label, marker=".", **style)


def _over_time(panel: Axes, table: pd.DataFrame, **style: Any) -> None:
    if len(table):
        table = table.sort_values("time")
        banded(panel, table["time"], table, **style)


def _one_network(panels: Any, table: pd.DataFrame) -> None:
    """The images that are shown, the energy, and the rates of three neurons of every layer, over the time of two trials."""
    layers = sorted(set(chosen(table, quantity="rate")["layer"]))
    colours = [look["color"] for look in graded_styles(max(1, len(layers)))]
    for neuron, line in enumerate(("-", "--", ":")):
        _over_time(panels[0], chosen(table, quantity="drive", neuron=neuron), color=PAPER_COLOUR, linestyle=line)
        for layer, colour in zip(layers, colours, strict=False):
            own = chosen(table, quantity="rate", layer=layer, neuron=neuron)
            _over_time(panels[2], own, color=colour, linestyle=line, label=f"layer {layer}" if neuron == 0 else None)
    _over_time(panels[1], chosen(table, quantity="energy"), color=PAPER_COLOUR)
    for panel, label in zip(panels, ("Factor on each image", "Energy", "Rates"), strict=True):
        panel.set_ylabel(label)
        if not panel.lines:
            note(panel, "not measured")
