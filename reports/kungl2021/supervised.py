"""What the experiments found of supervised learning, of updates and of |F|: panels and tables."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from reports.figures.experiments import LAYERS_TOGETHER, banded, chosen, mean_of, measured
from reports.figures.panels import legend_above, note
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, graded_styles, use_theme
from reports.runs.load import ReportData

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "backpropagation": ("backpropagation", {"color": PAPER_COLOUR, "linestyle": "-"}),
    "settled": ("settled", {"color": "#56B4E9", "linestyle": "-."}),
    "exact": ("in continuous time", {"color": "#0072B2", "linestyle": "-"}),
    "without_look_ahead": ("without look-ahead", {"color": "#D55E00", "linestyle": "--"}),
}
"""Names and looks of the forms of the dynamics."""
FEEDBACKS = ("symmetric", "random", "learned")
BETAS = (1.0, 0.1, 0.01, 0.001)
"""Those that the table of cosines has columns for."""
STREAMED = ("exact", "without_look_ahead")
SWEPT_DEPTH, SWEPT_BETA = 2, 0.1
"""Hidden layers and nudging of the networks that are shown pictures for different times."""

USUAL = 3.0
"""Presentation in τ at which feedback weights that are not symmetric are shown."""

_ACCURACY = ("form", "presentation", "feedback", "presentations")
_ANGLE = ("form", "hidden", "beta", "presentation", "feedback")


def accuracy_figure(data: ReportData) -> Figure:
    """Test accuracy by pictures shown: a panel for each presentation time, and two for other feedback weights."""
    table = chosen(measured(data, "supervised_accuracy", *_ACCURACY), layer=LAYERS_TOGETHER, quantity="accuracy")
    use_theme()
    times = sorted(time for time in set(table["presentation"]) if time > 0)[:4]
    settings = [(time, "symmetric") for time in times] + [(USUAL, feedback) for feedback in FEEDBACKS[1:]]
    figure, axes = plt.subplots(2, 3, figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT + 0.4), sharey=True, squeeze=False)
    for panel, (time, feedback) in zip(axes.flat, settings, strict=False):
        panel.set_title(f"{time:g} τ a picture" + ("" if feedback == "symmetric" else f",\n{feedback} feedback"))
        for form, (label, look) in FORMS.items():
            sides = "symmetric" if form == "backpropagation" else feedback
            own = chosen(table, form=form, feedback=sides, presentation=time if form in STREAMED else 0.0)
            if len(own):
                own = own.sort_values("presentations")
                banded(panel, own["presentations"], own, label=label, **look)
        if not panel.lines:
            note(panel, "not measured")
    for panel in axes.flat[len(settings) :]:
        panel.set_visible(False)
    for panel in axes[-1]:
        panel.set_xlabel("Pictures shown")
    for panel in axes[:, 0]:
        panel.set_ylabel("Test accuracy")
    legend_above(figure, list(axes.flat))
    return figure


def accuracies(data: ReportData) -> pd.DataFrame:
    """The last check of every condition, one row each, with the columns

    * task, form, presentation (in τ; 0: none), feedback; presentations (pictures shown);
    * n, mean, low, high: accuracy over the networks that have not diverged; advantage over backpropagation, with
      advantage_low and advantage_high (paired);
    * path: cosine of the way that weights have come with their way by backpropagation, of the layer where it is least;
    * diverged: share of all networks.
    """
    table = measured(data, "supervised_accuracy", *_ACCURACY)
    rows = []
    keys = ["task", "form", "presentation", "feedback"]
    for key, own in table.groupby(keys, sort=False):
        last = chosen(own, presentations=own["presentations"].max())
        row: dict[str, Any] = dict(zip(keys, key, strict=True)) | {"presentations": int(own["presentations"].max())}
        row |= _numbers(last, "accuracy", "") | _numbers(last, "advantage", "advantage")
        row["path"] = chosen(last, quantity="path_cosine")["mean"].min()
        rows.append(row | {"diverged": mean_of(last, quantity="diverged")})
    numbers = ["n", "mean", "low", "high", "advantage", "advantage_low", "advantage_high", "path", "diverged"]
    found = pd.DataFrame(rows, columns=[*keys, "presentations", *numbers])
    places = {name: place for place, name in enumerate((*FORMS, *FEEDBACKS))}
    order = [found["form"].map(places), found["feedback"].map(places), found["presentation"]]
    found = found.assign(**{f"_{place}": by for place, by in enumerate(order)}).sort_values(["_0", "_1", "_2"])
    return found.drop(columns=["_0", "_1", "_2"]).astype({"n": "Int64"})


def depth_figure(data: ReportData) -> Figure:
    """1 − the worst layer's cosine with backpropagation, by β, a line for each depth: settled (left) and streamed (right)."""
    table = chosen(measured(data, "backprop_angle", *_ANGLE), quantity="worst_cosine", feedback="symmetric")
    use_theme()
    figure, axes = plt.subplots(1, 2, figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.5), sharey=True)
    depths = sorted(set(table["hidden"]))
    for panel, form in zip(axes, ("settled", "exact"), strict=True):
        own = _usual(chosen(table, form=form))
        panel.set(title=FORMS[form][0].capitalize(), xlabel="β")
        if own.empty:
            note(panel, "not measured")
            continue
        for depth, look in zip(depths, graded_styles(len(depths)), strict=True):
            shown = gaps(chosen(own, hidden=depth)).sort_values("beta")
            label = f"{depth:g} hidden layer{'s' if depth != 1 else ''}"
            banded(panel, shown["beta"], shown, label=label, marker=".", **look)
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.minorticks_off()
    axes[0].set_ylabel("1 − cosine, worst layer")
    legend_above(figure, list(axes))
    return figure


def presentation_figure(data: ReportData) -> Figure:
    """Cosine with backpropagation by presentation time: a column for each layer, a row for each feedback."""
    table = chosen(_swept(data), quantity="cosine")
    layers = sorted(set(table["layer"]) - {LAYERS_TOGETHER}) or ["1", "2", "3"]
    use_theme()
    size = (TEXT_WIDTH, 2 * ROW_HEIGHT + 0.3)
    figure, axes = plt.subplots(2, len(layers), figsize=size, sharex=True, sharey=True, squeeze=False)
    for panels, feedback in zip(axes, FEEDBACKS, strict=False):
        for panel, layer in zip(panels, layers, strict=True):
            for form in STREAMED:
                own = chosen(table, layer=layer, feedback=feedback, form=form).sort_values("presentation")
                if len(own):
                    banded(panel, own["presentation"], own, label=FORMS[form][0], marker=".", **FORMS[form][1])
            if panel.lines:
                by_presentation(panel, sorted(set(table["presentation"])))
            else:
                note(panel, "not measured")
        panels[0].set_ylabel(f"Cosine,\n{feedback} feedback")
    for place, (panel, layer) in enumerate(zip(axes[0], layers, strict=True)):
        where = " (next to the input)" if place == 0 else " (output)" if place == len(layers) - 1 else ""
        panel.set_title(f"Layer {layer}{where}")
    for panel in axes[-1]:
        panel.set_xlabel("Presentation in τ")
    legend_above(figure, list(axes.flat))
    return figure


def cosines(data: ReportData) -> pd.DataFrame:
    """1 − the worst layer's cosine with backpropagation, one row per form and depth, with the columns

    task, form, hidden, n (networks that have not diverged, at least), gap_<β> for each of `BETAS`.
    """
    table = chosen(measured(data, "backprop_angle", *_ANGLE), quantity="worst_cosine", feedback="symmetric")
    rows = []
    for form in ("settled", "exact"):
        found = _usual(chosen(table, form=form))
        for (task, depth), own in found.groupby(["task", "hidden"]):
            row = {"task": task, "form": form, "hidden": depth, "n": int(own["n"].min())}
            rows.append(row | {f"gap_{beta:g}": 1 - mean_of(own, beta=beta) for beta in BETAS})
    return pd.DataFrame(rows, columns=["task", "form", "hidden", "n", *(f"gap_{beta:g}" for beta in BETAS)])


def presentations(data: ReportData) -> pd.DataFrame:
    """Cosine with backpropagation by presentation time, one row per form, feedback and time, with the columns

    task, form, feedback, presentation (in τ), layer_1 to layer_3, worst; n (networks that have not diverged), diverged (share).
    """
    table = _swept(data)
    names = [f"layer_{layer}" for layer in range(1, SWEPT_DEPTH + 2)]
    rows = []
    for (form, feedback, time), own in table.groupby(["form", "feedback", "presentation"]):
        cosine = chosen(own, quantity="cosine")
        row: dict[str, Any] = {"task": own["task"].iloc[0], "form": form, "feedback": feedback, "presentation": time}
        row |= {name: mean_of(cosine, layer=name.removeprefix("layer_")) for name in names}
        row |= {"worst": mean_of(own, quantity="worst_cosine"), "diverged": mean_of(own, quantity="diverged")}
        rows.append(row | {"n": int(cosine["n"].max()) if len(cosine) else 0})
    found = pd.DataFrame(rows, columns=["task", "form", "feedback", "presentation", *names, "worst", "n", "diverged"])
    return found.sort_values(["form", "feedback", "presentation"], ascending=[True, False, True])


def gaps(table: pd.DataFrame) -> pd.DataFrame:
    """1 − cosine; the bounds change places."""
    return table.assign(mean=1 - table["mean"], low=1 - table["high"], high=1 - table["low"])


def by_presentation(panel: Axes, times: list[float]) -> None:
    """A logarithmic axis with a tick at each presentation time."""
    panel.set_xscale("log")
    panel.set_xticks(times)
    panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.minorticks_off()


def _numbers(table: pd.DataFrame, quantity: str, name: str) -> dict[str, Any]:
    own = chosen(table, quantity=quantity)
    before = f"{name}_" if name else ""
    row = {name or "mean": mean_of(own)}
    for bound in ("low", "high"):
        row[f"{before}{bound}"] = float(own[bound].iloc[0]) if len(own) else float("nan")
    return row if name else {**row, "n": int(own["n"].iloc[0]) if len(own) else 0}


def _usual(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the presentation time at which most nudgings were measured."""
    counts = table.groupby("presentation")["beta"].nunique()
    return chosen(table, presentation=counts.idxmax()) if len(counts) else table


def _swept(data: ReportData) -> pd.DataFrame:
    table = chosen(measured(data, "backprop_angle", *_ANGLE), hidden=SWEPT_DEPTH, beta=SWEPT_BETA)
    return table[table["form"].isin(STREAMED)]
