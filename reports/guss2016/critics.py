"""What the experiments found of sub-critics beside DDPG, and of critics that diverge: panels, tables and outcomes."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures.experiments import LAYERS_TOGETHER, banded, chosen, mean_of, measured
from reports.figures.panels import legend_above, note
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, graded_styles, use_theme
from reports.guss2016 import CARTPOLE, CORRELATION, KINDS, MOUNTAIN_CAR
from reports.runs.load import ReportData

PHASES = ("first", "second")
QUANTITIES = {
    ("value", "r"): "Q",
    ("value", "rate_r"): "Changes of Q",
    ("slope", "r"): "Slopes",
    ("slope", "rate_r"): "Changes of slopes",
}
"""What is correlated, as rows of panels have it."""
RELEASED_RATE, RELEASED_DECAY, LARGEST_RATE = 1e-2, 0.3, 1.0
TRIED = {CARTPOLE: "CartPole-v0", MOUNTAIN_CAR: "MountainCar"}
LINES = {
    ("tanh", "adam"): ("tanh, Adam (released)", {"color": "#0072B2", "linestyle": "-"}),
    ("tanh", "gradient"): ("tanh, plain steps", {"color": "#D55E00", "linestyle": "--"}),
    ("relu", "adam"): ("ReLU, Adam", {"color": "#009E73", "linestyle": "-."}),
    ("relu", "gradient"): ("ReLU, plain steps", {"color": "#CC79A7", "linestyle": ":"}),
}
"""Names and looks by activation and optimiser."""
SLOPES = ("constant", "state")

_CRITICS = ("phase", "form", "per", "span", "block")
_DIVERGENCE = ("slope", "hidden", "activation", "optimiser", "critic_rate", "critic_l2")


def values_figure(data: ReportData) -> Figure:
    """Q of each layer's sub-critics and of the agent, by tenth of the two phases, a panel for each kind of sub-critics."""
    table = measured(data, "sub_critics", *_CRITICS)
    use_theme()
    figure, axes = plt.subplots(2, 2, figsize=(TEXT_WIDTH, 2 * ROW_HEIGHT - 0.3), sharex=True, sharey=True)
    blocks = int(table["block"].max()) if len(table) else 0
    layers = sorted(set(table["layer"]) - {LAYERS_TOGETHER})
    for panel, ((form, per), title) in zip(axes.flat, KINDS.items(), strict=True):
        own = chosen(table, form=form, per=per)
        panel.set_title(title.capitalize())
        if own.empty:
            note(panel, "not measured")
            continue
        for place, phase in enumerate(PHASES):
            now = chosen(own, phase=phase)
            named = place == 0
            for layer, look in zip(layers, graded_styles(len(layers) + 1), strict=False):
                shown = chosen(now, layer=layer, quantity="value").sort_values("block")
                banded(panel, shown["block"] + place * blocks, shown, label=f"layer {layer}" if named else None, **look)
            agent = chosen(now, layer=LAYERS_TOGETHER, quantity="agent_value").sort_values("block")
            style = {"color": PAPER_COLOUR, "linestyle": "-", "label": "the agent's critic" if named else None}
            banded(panel, agent["block"] + place * blocks, agent, **style)
        panel.axvline(blocks + 0.5, color="#999999", linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
    for panel in axes[-1]:
        panel.set_xlabel("Tenths of the first and of the second phase")
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for panel in axes[:, 0]:
        panel.set_ylabel("Q")
    legend_above(figure, list(axes.flat))
    return figure


def correlations_figure(data: ReportData) -> Figure:
    """Pearson's r of sub-critics with the agent's critic in phase 2, by the steps that are averaged over."""
    table = chosen(measured(data, "sub_critics", *_CRITICS), layer=LAYERS_TOGETHER, phase=PHASES[1], block=0)
    use_theme()
    figure, axes = plt.subplots(1, len(QUANTITIES), figsize=(TEXT_WIDTH, ROW_HEIGHT + 0.4), sharex=True, sharey=True)
    looks = dict(zip(KINDS, ({"color": c, "linestyle": line} for c, line in _KIND_LOOKS), strict=True))
    for panel, ((name, end), title) in zip(axes, QUANTITIES.items(), strict=True):
        panel.set_title(title)
        own = chosen(table, quantity=f"{name}_{end}")
        for (form, per), label in KINDS.items():
            shown = chosen(own, form=form, per=per).sort_values("span")
            if len(shown):
                banded(panel, shown["span"], shown, label=label, marker=".", **looks[form, per])
        panel.axhline(0, color="#BBBBBB", linewidth=0.5, zorder=0)
        if not own.empty:
            panel.set_xscale("log")
            panel.set_xticks(sorted(set(own["span"])))
            panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
            panel.minorticks_off()
        else:
            note(panel, "not measured")
    axes[1].axhline(CORRELATION, color=PAPER_COLOUR, linewidth=0.8, linestyle=(0, (4, 2)), label="later draft")
    axes[0].set_ylim(-1.05, 1.05)
    for panel in axes:
        panel.set_xlabel("Steps averaged over")
    axes[0].set_ylabel("Pearson's r")
    legend_above(figure, [axes[1]], columns=3)
    return figure


_KIND_LOOKS = (("#0072B2", "-"), ("#56B4E9", "--"), ("#D55E00", "-"), ("#E69F00", "--"))


def correlations(data: ReportData) -> pd.DataFrame:
    """Pearson's r of every kind of sub-critics with the agent's critic, from step to step, all layers, with the columns

    phase, form, per; n (all networks); value_r, rate_r, slope_r, slope_rate_r, each with _low and _high, where there is one;
    end_value, end_agent: mean Q of the critics and of the agent in the last tenth; error: mean absolute difference there.
    """
    table = chosen(measured(data, "sub_critics", *_CRITICS), layer=LAYERS_TOGETHER)
    named = {"value_r": "value_r", "rate_r": "value_rate_r", "slope_r": "slope_r", "slope_rate_r": "slope_rate_r"}
    rows = []
    for phase in PHASES:
        for form, per in KINDS:
            own = chosen(table, phase=phase, form=form, per=per)
            if own.empty:
                continue
            steps, end = chosen(own, span=1), chosen(own, block=own["block"].max())
            row: dict[str, Any] = {"phase": phase, "form": form, "per": per}
            row["n"] = int(chosen(steps, quantity="counted_value_r")["n"].max())
            for name, quantity in named.items():
                found = chosen(steps, quantity=quantity)
                row |= {name: mean_of(found)}
                row |= {
                    f"{name}_{bound}": float(found[bound].iloc[0]) if len(found) else float("nan") for bound in ("low", "high")
                }
            row |= {"end_value": mean_of(end, quantity="value"), "end_agent": mean_of(end, quantity="agent_value")}
            rows.append(row | {"error": mean_of(end, quantity="error")})
    bounded = [f"{name}{end}" for name in named for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["phase", "form", "per", "n", *bounded, "end_value", "end_agent", "error"])


def divergence_figure(data: ReportData) -> Figure:
    """Share of networks whose critics diverge by the critics' rate: a row for each task, a column for each depth."""
    table = chosen(measured(data, "divergence", *_DIVERGENCE), quantity="diverged", slope=SLOPES[0], critic_l2=RELEASED_DECAY)
    depths = sorted(set(table["hidden"])) or [1, 2, 3]
    use_theme()
    size = (TEXT_WIDTH, 2 * ROW_HEIGHT - 0.3)
    figure, axes = plt.subplots(len(TRIED), len(depths), figsize=size, sharex=True, sharey=True, squeeze=False)
    for panels, (task, title) in zip(axes, TRIED.items(), strict=True):
        for panel, depth in zip(panels, depths, strict=True):
            own = chosen(table, task=task, hidden=depth)
            panel.set_title(f"{title}, {depth} hidden layer{'s' if depth > 1 else ''}")
            for (activation, optimiser), (label, look) in LINES.items():
                shown = chosen(own, activation=activation, optimiser=optimiser).sort_values("critic_rate")
                if len(shown):
                    panel.plot(shown["critic_rate"], shown["mean"], label=label, marker=".", linewidth=1.1, **look)
            if own.empty:
                note(panel, "not measured")
                continue
            panel.set_xscale("log")
            panel.axvline(RELEASED_RATE, color="#999999", linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
    axes[0, 0].set_ylim(-0.04, 1.04)
    for panel in axes[-1]:
        panel.set_xlabel("Critics' rate")
    for panel in axes[:, 0]:
        panel.set_ylabel("Share that diverges")
    legend_above(figure, list(axes.flat))
    return figure


def divergences(data: ReportData) -> pd.DataFrame:
    """Where critics diverge, over both tasks and all weight decays, with the columns

    slope, hidden, activation, optimiser; n (networks at each rate); released, largest: shares at the released and at the largest
    rate; smallest_rate: the least at which any diverged; episode, step: where that began, mean over conditions; nan: none did.
    """
    table = measured(data, "divergence", *_DIVERGENCE)
    rows = []
    keys = ["slope", "hidden", "activation", "optimiser"]
    for key, own in table.groupby(keys, sort=False):
        shares = chosen(own, quantity="diverged")
        some = shares[shares["mean"] > 0]
        at_one_rate = chosen(shares, critic_rate=RELEASED_RATE)
        row: dict[str, Any] = dict(zip(keys, key, strict=True)) | {"n": int(at_one_rate["n"].sum())}
        row |= {"released": float(at_one_rate["mean"].mean())}
        row |= {"largest": float(chosen(shares, critic_rate=shares["critic_rate"].max())["mean"].mean())}
        row |= {"smallest_rate": float(some["critic_rate"].min()) if len(some) else float("nan")}
        rows.append(row | {"episode": _mean(own, "diverged_at"), "step": _mean(own, "diverged_at_step")})
    columns = [*keys, "n", "released", "largest", "smallest_rate", "episode", "step"]
    return pd.DataFrame(rows, columns=columns)


def outcomes(data: ReportData) -> dict[str, Any]:
    """What the report's sentences say of divergence; an empty mapping where it was not searched for.

    conditions, and some, those in which a network diverged; networks, and lost, those that did; released, released_lost: the same
    with the released settings.
    """
    table = chosen(measured(data, "divergence", *_DIVERGENCE), quantity="diverged")
    if table.empty:
        return {}
    own = chosen(
        table, slope="constant", activation="tanh", optimiser="adam", critic_rate=RELEASED_RATE, critic_l2=RELEASED_DECAY
    )
    return {
        "conditions": len(table),
        "some": int((table["mean"] > 0).sum()),
        "networks": int(table["n"].sum()),
        "lost": round(float((table["mean"] * table["n"]).sum())),
        "released": int(own["n"].sum()),
        "released_lost": round(float((own["mean"] * own["n"]).sum())),
    }


def _mean(table: pd.DataFrame, quantity: str) -> float:
    found = chosen(table, quantity=quantity)
    return float(found["mean"].mean()) if len(found) else float("nan")
