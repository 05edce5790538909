"""Equilibrium propagation's theory as experiments: panels, tables and outcomes of what `experiments` measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from reports.figures.experiments import LAYERS_TOGETHER, STAGES, banded, chosen, mean_of, measured
from reports.figures.panels import legend_above, note
from reports.figures.theme import PAPER_COLOUR, ROW_HEIGHT, TEXT_WIDTH, graded_styles, line_styles, use_theme
from reports.kubo2022 import EPISODIC, METHODS, OF_2017, STANDARD
from reports.runs.load import ReportData

BETAS_SHOWN = (0.1, 0.02, 1e-3, 1e-4)
SMALL_BETA = BETAS_SHOWN[-1]
PAPERS_BETA = 0.02
CLOSE = 1e-3
"""At the small beta an update counts as the gradient where their distance is less than this share of the gradient's norm."""
ORDER = 0.2
"""How far from 1 the power of beta may lie with which the distance shrinks."""
RULES = {"S5": "the paper's rule (S5)", "S6": "the rule of 2017 (S6)"}
STEPS_SHOWN = {"distance": (50, 100, 150), "truncated": (10, 25, 50)}

_GRADIENT = ("rule", "dtype", "phases", "beta")
_NUDGED = ("rule", "gradient", "beta", "steps")
_FREE = ("dtype", "beta", "steps")
_LOOKS = line_styles([(METHODS[0], STANDARD), (METHODS[0], OF_2017), (METHODS[2], STANDARD)])
_OWN, _OF_2017 = (_LOOKS[METHODS[0], variant]["color"] for variant in (STANDARD, OF_2017))
# The two lie on one another: the first is broad and pale, the second thin and on top.
_BY_RULE = {"S5": {"color": _OF_2017, "linewidth": 2.6}, "S6": {"color": _OWN, "linewidth": 1.0}}
_DTYPES = {"float64": ("double", "-"), "float32": ("single", ":")}


def gradient_figure(data: ReportData) -> Figure:
    """Distance (two rows above) and 1 − cosine (below) of either rule's update from its gradient, by beta, log scales."""
    table = chosen(measured(data, "equilibrium_gradient", *_GRADIENT), layer=LAYERS_TOGETHER, phases="settled")
    rows = [(quantity, stage) for quantity in ("relative_error", "cosine") for stage in STAGES]
    figure, axes = _grid(4)
    names = {"relative_error": "Distance", "cosine": "1 − cosine"}
    for (quantity, stage), panels in zip(rows, axes, strict=True):
        for panel, task in zip(panels, EPISODIC, strict=True):
            own = chosen(table, task=task, stage=stage, quantity=quantity)
            if own.empty:
                note(panel, "not measured")
                continue
            for dtype, (precision, line) in _DTYPES.items():
                for rule in RULES:
                    shown = chosen(own, rule=rule, dtype=dtype).sort_values("beta")
                    style = {**_BY_RULE[rule], "linestyle": line, "label": f"{rule}, {precision}"}
                    shown = shown if quantity == "relative_error" else _gaps(shown)
                    if rule == "S6":
                        banded(panel, shown["beta"], shown, **style)
                    else:
                        panel.plot(shown["beta"], shown["mean"], **style)
            _scales(panel, PAPERS_BETA)
        panels[0].set_ylabel(f"{names[quantity]},\n{stage}")
    return _finished(figure, axes, "β", columns=4)


def nudged_figure(data: ReportData) -> Figure:
    """Distance from the gradient (S6) of updates after K nudged steps, and of backpropagation through the last K, by K."""
    table = chosen(measured(data, "nudged_steps", *_NUDGED), rule="S6")
    betas = sorted(set(table["beta"]) - {0.0}, reverse=True)
    figure, axes = _grid(2)
    for panels, stage in zip(axes, STAGES, strict=True):
        for panel, task in zip(panels, EPISODIC, strict=True):
            own = chosen(table, task=task, stage=stage)
            if own.empty:
                note(panel, "not measured")
                continue
            through = {**_LOOKS[METHODS[2], STANDARD], "label": "backpropagation through the last K steps", "zorder": 3}
            _by_steps(panel, chosen(own, gradient="backprop", quantity="relative_error"), **through)
            for beta, line in zip(betas, ("--", "-"), strict=False):
                style = {"color": _OWN, "linestyle": line, "label": f"K nudged steps, β = {beta:g}"}
                _by_steps(panel, chosen(own, gradient="equilibrium", quantity="relative_error", beta=beta), **style)
            apart = chosen(own, quantity="from_truncated", beta=betas[-1])
            _by_steps(panel, apart, color=PAPER_COLOUR, linestyle="-.", label=f"between the two, β = {betas[-1]:g}")
            _scales(panel, 25, lowest=1e-7)
        panels[0].set_ylabel(f"Distance,\n{stage}")
    return _finished(figure, axes, "Steps K", columns=2)


def free_figure(data: ReportData) -> Figure:
    """Distance of the free phase from its fixed point (top) and of the update from the gradient (bottom), by T."""
    table = measured(data, "free_steps", *_FREE)
    figure, axes = _grid(2)
    stages = dict(zip(STAGES, graded_styles(3)[:2], strict=True))
    for panels, quantity in zip(axes, ("distance", "relative_error"), strict=True):
        for panel, task in zip(panels, EPISODIC, strict=True):
            own = chosen(table, task=task, quantity=quantity)
            if own.empty:
                note(panel, "not measured")
                continue
            split = "dtype" if quantity == "distance" else "beta"
            lines = list(_DTYPES) if split == "dtype" else sorted(set(own["beta"]), reverse=True)
            for stage, look in stages.items():
                for value, line in zip(lines, ("-", ":"), strict=False):
                    name = _DTYPES[value][0] if split == "dtype" else f"β = {value:g}"
                    style = {"color": look["color"], "linestyle": line, "label": f"{stage}, {name}"}
                    _by_steps(panel, chosen(own, stage=stage, **{split: value}), **style)
            _scales(panel, 150, lowest=1e-13 if quantity == "distance" else 1e-5)
        names = {"distance": "Distance of the state", "relative_error": "Distance of the update"}
        panels[0].set_ylabel(names[quantity])
    return _finished(figure, axes, "Steps T of the free phase", columns=4)


def gradient_table(data: ReportData) -> pd.DataFrame:
    """All layers together, by task, stage and rule: error_<beta> for `BETAS_SHOWN`, in double precision; error_single, at the
    smallest of them in single; cosine_gap, 1 − cosine at the paper's beta; trained_error and trained_gap, with phases and
    precision as in training; n (seeds).
    """
    table = chosen(measured(data, "equilibrium_gradient", *_GRADIENT), layer=LAYERS_TOGETHER)
    rows = []
    for task, stage, rule in _cases(table):
        own = chosen(table, task=task, stage=stage, rule=rule)
        settled, as_trained = (chosen(own, phases=phases) for phases in ("settled", "as trained"))
        double = chosen(settled, dtype="float64")
        row: dict[str, Any] = {"task": task, "stage": stage, "rule": rule}
        row |= {f"error_{beta:g}": mean_of(double, quantity="relative_error", beta=beta) for beta in BETAS_SHOWN}
        row["error_single"] = mean_of(settled, dtype="float32", quantity="relative_error", beta=SMALL_BETA)
        row["cosine_gap"] = 1 - mean_of(double, quantity="cosine", beta=PAPERS_BETA)
        row["trained_error"] = mean_of(as_trained, quantity="relative_error")
        row["trained_gap"] = 1 - mean_of(as_trained, quantity="cosine")
        row["n"] = double["n"].min() if len(double) else 0
        rows.append(row)
    errors = [f"error_{beta:g}" for beta in BETAS_SHOWN]
    names = ["task", "stage", "rule", *errors, "error_single", "cosine_gap", "trained_error", "trained_gap", "n"]
    return pd.DataFrame(rows, columns=names)


def phases_table(data: ReportData) -> pd.DataFrame:
    """By task and stage: distance_<T> of the free phase from its fixed point; still and still_last, the step from which single
    precision changes nothing any more, for the median and the last transition; truncated_<K>, distance of backpropagation
    through K steps from the gradient (S6); n (seeds).
    """
    free, nudged = measured(data, "free_steps", *_FREE), measured(data, "nudged_steps", *_NUDGED)
    rows = []
    for task, stage in dict.fromkeys((task, stage) for task, stage, _ in _cases(free, ("S6",))):
        own, through = (chosen(table, task=task, stage=stage) for table in (free, nudged))
        through = chosen(through, rule="S6", gradient="backprop", quantity="relative_error")
        double = chosen(own, quantity="distance", dtype="float64")
        row: dict[str, Any] = {"task": task, "stage": stage}
        row |= {f"distance_{steps}": mean_of(double, steps=steps) for steps in STEPS_SHOWN["distance"]}
        row |= {"still": mean_of(own, quantity="still_from"), "still_last": mean_of(own, quantity="still_from_last")}
        row |= {f"truncated_{steps}": mean_of(through, steps=steps) for steps in STEPS_SHOWN["truncated"]}
        rows.append(row | {"n": double["n"].min() if len(double) else 0})
    distances, truncated = ([f"{name}_{steps}" for steps in chosen_steps] for name, chosen_steps in STEPS_SHOWN.items())
    return pd.DataFrame(rows, columns=["task", "stage", *distances, "still", "still_last", *truncated, "n"])


def outcomes(data: ReportData) -> dict[str, Any]:
    """What the experiments found; an empty mapping where one of them was not made.

    * close, small_beta, papers_beta; seeds;
    * gradient: for each task, stage and rule: name, stage, rule; n (seeds with something to learn); error (at the small
      beta), close (whether that lies below `CLOSE`), proportional (whether it is a tenth of that at ten times the beta, its
      power of beta being 1 to within `ORDER`), at_papers (at the paper's beta); single (at the
      small beta in single precision), best and best_beta (least in single precision, and where); trained_error, trained_cosine;
    * rules: for each task and stage: name, stage; cosine, error of S5's gradient beside S6's;
    * nudged: likewise: papers (distance from the gradient of backpropagation through the paper's K), of_beta (that which the
      paper's beta leaves after the most steps), apart (largest distance,
      over K, of nudged steps at the small beta from as many of backpropagation);
    * free: likewise: rest (distance from the fixed point after the paper's T), still_last;
    * settled: share of transitions whose nudge comes to rest with beta = 1, least and largest.
    """
    gradient, nudged, free = (
        measured(data, "equilibrium_gradient", *_GRADIENT),
        measured(data, "nudged_steps", *_NUDGED),
        measured(data, "free_steps", *_FREE),
    )
    if gradient.empty or nudged.empty or free.empty:
        return {}
    together = chosen(gradient, layer=LAYERS_TOGETHER)
    share = chosen(together, quantity="settled", beta=1.0)["mean"]
    places = dict.fromkeys((task, stage) for task, stage, _ in _cases(free, ("S6",)))
    return {
        "close": CLOSE,
        "small_beta": SMALL_BETA,
        "papers_beta": PAPERS_BETA,
        "seeds": int(chosen(free, quantity="distance")["n"].max()),
        "gradient": [_gradient_outcome(chosen(together, task=t, stage=s, rule=r), t, s, r) for t, s, r in _cases(together)],
        "rules": [
            {
                **_named(task, stage),
                "cosine": mean_of(together, task=task, stage=stage, quantity="rules_cosine"),
                "error": mean_of(together, task=task, stage=stage, quantity="rules_relative_error"),
            }
            for task, stage in places
        ],
        "nudged": [_nudged_outcome(chosen(nudged, task=t, stage=s, rule="S6"), t, s) for t, s in places],
        "free": [
            {
                **_named(task, stage),
                "rest": mean_of(free, task=task, stage=stage, quantity="distance", dtype="float64", steps=150),
                "still_last": mean_of(free, task=task, stage=stage, quantity="still_from_last"),
            }
            for task, stage in places
        ],
        "settled": [float(share.min()), float(share.max())],
    }


def _gradient_outcome(own: pd.DataFrame, task: str, stage: str, rule: str) -> dict[str, Any]:
    settled, as_trained = (chosen(own, phases=phases) for phases in ("settled", "as trained"))
    errors = chosen(settled, quantity="relative_error")
    small = chosen(errors, dtype="float64", beta=SMALL_BETA)
    single = chosen(errors, dtype="float32").sort_values("mean")
    order = math.log10(mean_of(errors, dtype="float64", beta=1e-3) / mean_of(small))
    return {
        **_named(task, stage),
        "rule": rule,
        "n": int(small["n"].iloc[0]) if len(small) else 0,
        "error": mean_of(small),
        "close": bool(mean_of(small) < CLOSE),
        "proportional": bool(abs(order - 1) < ORDER),
        "at_papers": mean_of(errors, dtype="float64", beta=PAPERS_BETA),
        "single": mean_of(single, beta=SMALL_BETA),
        "best": mean_of(single),
        "best_beta": float(single["beta"].iloc[0]) if len(single) else math.nan,
        "trained_error": mean_of(as_trained, quantity="relative_error"),
        "trained_cosine": mean_of(as_trained, quantity="cosine"),
    }


def _nudged_outcome(own: pd.DataFrame, task: str, stage: str) -> dict[str, Any]:
    through = chosen(own, gradient="backprop", quantity="relative_error")
    apart = chosen(own, quantity="from_truncated", beta=SMALL_BETA)["mean"]
    nudged = chosen(own, gradient="equilibrium", quantity="relative_error", beta=PAPERS_BETA).sort_values("steps")
    of_beta = float(nudged["mean"].iloc[-1]) if len(nudged) else math.nan
    return {**_named(task, stage), "papers": mean_of(through, steps=25), "of_beta": of_beta, "apart": float(apart.max())}


def _named(task: str, stage: str) -> dict[str, str]:
    return {"name": EPISODIC[task], "stage": stage}


def _cases(table: pd.DataFrame, rules: Sequence[str] = tuple(RULES)) -> Iterator[tuple[str, str, str]]:
    """Task, stage and rule of everything that a table has rows of, in the report's order."""
    for task in EPISODIC:
        for stage in STAGES:
            if len(chosen(table, task=task, stage=stage)):
                yield from ((task, stage, rule) for rule in rules)


def _gaps(table: pd.DataFrame) -> pd.DataFrame:
    """1 − cosine; the bounds change places."""
    return table.assign(mean=1 - table["mean"], low=1 - table["high"], high=1 - table["low"])


def _by_steps(panel: Axes, table: pd.DataFrame, **style: Any) -> None:
    shown = table.sort_values("steps")
    banded(panel, shown["steps"], shown, **style)


def _grid(rows: int) -> tuple[Figure, Any]:
    use_theme()
    size = (TEXT_WIDTH, rows * (0.82 if rows > 2 else 1.0) * ROW_HEIGHT)
    return plt.subplots(rows, len(EPISODIC), figsize=size, sharex=True, sharey="row", squeeze=False)


def _scales(panel: Axes, papers: float, lowest: float | None = None) -> None:
    """Logarithmic scales, the vertical one from `lowest` on, and a line where the paper is."""
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_ylim(bottom=lowest)
    panel.minorticks_off()
    if papers >= 1:  # steps
        panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    panel.axvline(papers, color="#999999", linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)


def _finished(figure: Figure, axes: Any, label: str, columns: int) -> Figure:
    for panel, title in zip(axes[0], EPISODIC.values(), strict=True):
        panel.set_title(title)
    for panel in axes[-1]:
        panel.set_xlabel(label)
    legend_above(figure, list(axes.flat), columns=columns)
    return figure
