"""What the experiments found of theorem 2.2.2 and of a linear Q at CartPole: panels, tables and outcomes."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.experiments import banded, chosen, mean_of, measured
from reports.figures.panels import legend_above, note
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, use_theme
from reports.guss2016 import MEASURED_ON
from reports.runs.load import ReportData

READINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "responds": ("the rest responds", {"color": PAPER_COLOUR, "linestyle": "-"}),
    "held": ("the rest is held", {"color": "#D55E00", "linestyle": "--"}),
    "linear": ("best linear Q", {"color": "#0072B2", "linestyle": "-"}),
    "state_slope": ("best Q with a linear slope", {"color": "#009E73", "linestyle": "-."}),
    "aliased": ("aliased inputs, each state", {"color": "#E69F00", "linestyle": ":"}),
    "aliased_mean": ("aliased inputs, mean", {"color": "#CC79A7", "linestyle": ":"}),
}
"""Names and looks of what a neuron's Q is taken to be, in the order of tables."""
FITS = ("linear", "state_slope")
FIRST = "1"
"""The hidden layer next to the input."""
SHALLOW_AND_DEEP = (1, 4)
"""Hidden layers of the networks in the table."""
SLOPES = {"constant": "linear", "state": "with a linear slope"}
POLICIES = ("left", "right", "best")

_THEOREM = ("hidden", "reading")
_LINEAR = ("hidden", "slope", "policy")


def readings_figure(data: ReportData) -> Figure:
    """Agreement of gradients in the first hidden layer by depth (top), and single neurons' cosines of the fits (bottom)."""
    table = chosen(measured(data, "theorem", *_THEOREM), layer=FIRST)
    use_theme()
    figure, axes = plt.subplots(2, len(MEASURED_ON), figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT), sharex=True, sharey="row")
    for column, (task, title) in zip(axes.T, MEASURED_ON.items(), strict=True):
        own = chosen(table, task=task)
        for reading, (label, look) in READINGS.items():
            _by_depth(column[0], chosen(own, reading=reading, quantity="agreement"), label=label, marker=".", **look)
        for reading in FITS:
            for quantity in ("least_cosine", "greatest_cosine", "mean_cosine"):
                look = {**READINGS[reading][1], "marker": {"l": "v", "g": "^", "m": "."}[quantity[0]], "markersize": 3.5}
                _by_depth(column[1], chosen(own, reading=reading, quantity=quantity), **look)
        column[0].set_title(title)
        column[0].set_ylim(-1.1, 1.1)
        column[1].set_ylim(-1.1, 1.1)
        column[1].set_xlabel("Hidden layers")
        for panel in column:
            panel.axhline(0, color="#BBBBBB", linewidth=0.5, zorder=0)
            if own.empty:
                note(panel, "not measured")
    axes[0, 0].set_ylabel("1 − distance,\nfirst hidden layer")
    axes[1, 0].set_ylabel("Cosine,\nsingle neurons and layer")
    legend_above(figure, list(axes[0]), columns=3)
    return figure


def gradients(data: ReportData) -> pd.DataFrame:
    """The neurons' gradients beside the agent's by reading, in networks of the least and most layers, with the columns

    task, reading, hidden; n; agreement (1 − distance) and cosine in the first hidden layer, agreement_output; mean_cosine, least,
    greatest: of the gradients' means, of the layer and of single neurons; contradicted: share of slopes of the opposite sign.
    """
    table = measured(data, "theorem", *_THEOREM)
    names = {"cosine": "cosine", "mean_cosine": "mean_cosine", "least": "least_cosine", "greatest": "greatest_cosine"}
    rows = []
    for task in MEASURED_ON:
        for reading in READINGS:
            for hidden in SHALLOW_AND_DEEP:
                own = chosen(table, task=task, reading=reading, hidden=hidden)
                if own.empty:
                    continue
                first = chosen(own, layer=FIRST)
                row: dict[str, Any] = {"task": task, "reading": reading, "hidden": hidden, "n": int(first["n"].max())}
                row |= {"agreement": mean_of(first, quantity="agreement")}
                row |= {"agreement_output": mean_of(own, quantity="agreement", layer=str(hidden + 1))}
                row |= {name: mean_of(first, quantity=quantity) for name, quantity in names.items()}
                rows.append(row | {"contradicted": mean_of(first, quantity="contradicted")})
    columns = ["task", "reading", "hidden", "n", "agreement", "agreement_output", *names, "contradicted"]
    return pd.DataFrame(rows, columns=columns)


def slopes(data: ReportData) -> pd.DataFrame:
    """Share of a CartPole network's slopes that the best fit contradicts, one row per depth and fit, with the columns

    hidden, slope, n, and layer_1 to layer_3 (nan where there is no such layer).
    """
    table = chosen(measured(data, "linear_q", *_LINEAR), quantity="contradicted")
    rows = [
        {"hidden": hidden, "slope": slope, "n": int(own["n"].min())}
        | {f"layer_{layer}": mean_of(own, layer=str(layer)) for layer in (1, 2, 3)}
        for (hidden, slope), own in table.groupby(["hidden", "slope"])
    ]
    return pd.DataFrame(rows, columns=["hidden", "slope", "n", "layer_1", "layer_2", "layer_3"])


def outcomes(data: ReportData) -> dict[str, Any]:
    """What the report's sentences say; an empty mapping where one of the experiments was not made.

    * distance: largest mean distance of the gradients over tasks, depths and layers where the rest responds; held: largest norm
      of hidden gradients where it is held, in units of the agent's; aliased, aliased_mean: least and greatest agreement of each;
    * depth: most hidden layers; networks: of a depth;
    * linear, state_slope: single, the least and greatest cosine of neurons (means over networks); contradicted, of that share;
    * decided, best_constant (shares of states), and left, right, best: returns of these policies.
    """
    table, linear = measured(data, "theorem", *_THEOREM), measured(data, "linear_q", *_LINEAR)
    if table.empty or linear.empty:
        return {}
    hidden = table[table["layer"].astype(int) <= table["hidden"]]
    found: dict[str, Any] = {
        "distance": float(chosen(table, reading="responds", quantity="distance")["mean"].max()),
        "held": float(chosen(hidden, reading="held", quantity="norm_ratio")["mean"].max()),
        "depth": int(table["hidden"].max()),
        "networks": int(chosen(table, quantity="agreement")["n"].max()),
    }
    for reading in ("aliased", "aliased_mean"):
        found[reading] = _span(chosen(hidden, reading=reading, quantity="agreement"))
    for reading in FITS:
        own = chosen(hidden, reading=reading)
        ends = pd.concat([chosen(own, quantity=quantity) for quantity in ("least_cosine", "greatest_cosine")])
        found[reading] = {"single": _span(ends), "contradicted": _span(chosen(own, quantity="contradicted"))}
    found |= {name: mean_of(linear, quantity=name) for name in ("decided", "best_constant")}
    return found | {policy: mean_of(linear, quantity="mean_return", policy=policy) for policy in POLICIES}


def _span(table: pd.DataFrame) -> list[float]:
    return [float(table["mean"].min()), float(table["mean"].max())]


def _by_depth(panel: Axes, table: pd.DataFrame, **style: Any) -> None:
    if len(table):
        table = table.sort_values("hidden")
        banded(panel, table["hidden"], table, **style)
        panel.set_xticks(sorted(set(table["hidden"])))
