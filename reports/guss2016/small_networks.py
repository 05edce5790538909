"""What the experiments found of small networks: policies in the one-dimensional world, and a single neuron on MountainCar."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures.experiments import STAGES, banded, chosen, mean_of, measured
from reports.figures.panels import legend_above, note
from reports.figures.theme import ROW_HEIGHT, TEXT_WIDTH, use_theme
from reports.runs.load import ReportData

SLOPES = {"constant": "As drafted", "state": "Repaired"}
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "learning": ("one neuron", {"color": "#7F8C1F", "linestyle": "-"}),
    "noise": ("one neuron, noise alone", {"color": "#666666", "linestyle": ":"}),
}
"""Names and looks of the single neuron's runs."""
_STAGE_LOOKS = {"untrained": {"color": "#999999", "linestyle": ":"}, "trained": {"color": "#0072B2", "linestyle": "-"}}
_WORLD, _NEURON = ("slope", "hidden"), ("form", "block")


def world_figure(data: ReportData) -> Figure:
    """Share of policies that reach the goal of the 1-D world, untrained and trained, by depth: a panel for each slope."""
    table = chosen(measured(data, "one_dimensional_world", *_WORLD), quantity="reached")
    use_theme()
    figure, axes = plt.subplots(1, len(SLOPES), figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.3), sharey=True)
    for panel, (slope, title) in zip(axes, SLOPES.items(), strict=True):
        own = chosen(table, slope=slope)
        panel.set(title=title, xlabel="Hidden layers", ylim=(-0.04, 1.04))
        for stage in STAGES:
            shown = chosen(own, stage=stage).sort_values("hidden")
            if len(shown):
                banded(panel, shown["hidden"], shown, label=stage, marker=".", **_STAGE_LOOKS[stage])
                panel.set_xticks(sorted(set(shown["hidden"])))
        if own.empty:
            note(panel, "not measured")
    axes[0].set_ylabel("Share at the goal")
    legend_above(figure, list(axes))
    return figure


def worlds(data: ReportData) -> pd.DataFrame:
    """Policies in the 1-D world, one row per slope and depth, with the columns

    slope, hidden, n; untrained, trained (shares at the goal), trained_low, trained_high; untrained_return, trained_return;
    diverged (share).
    """
    table = measured(data, "one_dimensional_world", *_WORLD)
    rows = []
    for (slope, hidden), own in table.groupby(list(_WORLD)):
        last = chosen(own, quantity="reached", stage="trained")
        row: dict[str, Any] = {"slope": slope, "hidden": hidden, "n": int(last["n"].iloc[0])}
        row |= {stage: mean_of(own, quantity="reached", stage=stage) for stage in STAGES}
        row |= {f"trained_{bound}": float(last[bound].iloc[0]) for bound in ("low", "high")}
        row |= {f"{stage}_return": mean_of(own, quantity="mean_return", stage=stage) for stage in STAGES}
        rows.append(row | {"diverged": mean_of(own, quantity="diverged")})
    bounds = ["trained_low", "trained_high", "untrained_return", "trained_return", "diverged"]
    return pd.DataFrame(rows, columns=[*_WORLD, "n", *STAGES, *bounds])


def neuron_panel(panel: Axes, data: ReportData) -> None:
    """Return of the single neuron by tenth of its run, learning and by noise alone."""
    table = chosen(measured(data, "one_neuron", *_NEURON), quantity="mean_return")
    for form, (label, look) in FORMS.items():
        own = chosen(table, form=form).sort_values("block")
        if len(own):
            # A line through one block would not be seen.
            banded(panel, own["block"], own, label=label, marker="." if len(own) == 1 else None, **look)
    if table.empty:
        note(panel, "not measured")


def outcomes(data: ReportData) -> dict[str, Any]:
    """What the report's sentences say; each part is left out where its experiment was not made.

    * world: by slope: depths, least and greatest share at the goal untrained and trained, networks of a depth;
    * neuron: by form: return of the last quarter, share at the goal, share that diverged, networks.
    """
    world, neuron = worlds(data), measured(data, "one_neuron", *_NEURON)
    found: dict[str, Any] = {}
    if len(world):
        found["world"] = {
            slope: {stage: [float(own[stage].min()), float(own[stage].max())] for stage in STAGES} | {"n": int(own["n"].max())}
            for slope, own in world.groupby("slope")
        }
    if len(neuron):
        found["neuron"] = {
            form: {name: mean_of(own, quantity=name) for name in ("last_return", "reached", "diverged")}
            | {"n": int(chosen(own, quantity="reached")["n"].iloc[0])}
            for form, own in neuron.groupby("form")
        }
    return found
