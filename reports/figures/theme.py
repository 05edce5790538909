"""How every figure looks: one colour a method in all figures of all papers, told apart also without colour, legible in print."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any
from zlib import crc32

import matplotlib as mpl

from reports.paper import declared, papers

TEXT_WIDTH = 6.3
"""Width of the report's text in inches: figures are drawn at the size they are printed at."""
ROW_HEIGHT = 2.05
"""Height in inches of one row of panels."""

# Okabe and Ito's palette; the line styles tell the methods apart in grey.
_STYLES: dict[str, tuple[tuple[str, str], ...]] = {
    "map_propagation": (("#0072B2", "-"), ("#56B4E9", "-.")),
    "backprop_traces": (("#D55E00", "--"),),
    "reinforce": (("#E69F00", "-."),),
    "reinforce_thomas": (("#009E73", ":"),),
    "equilibrium_propagation": (("#0072B2", "-"),),
    "backprop_replay": (("#D55E00", "--"),),
    "backprop_through_time": (("#009E73", ":"),),
}
"""Looks of a method and, after it, of its further variants in one figure."""
_VARIANTS = (("#CC79A7", ":"), ("#999999", "--"), ("#009E73", "-."), ("#E69F00", ":"))
"""Looks of further variants."""
_OTHERS = (("#666666", "-"), ("#8C564B", "--"), ("#4B3B8F", "-."), ("#7F8C1F", ":"), ("#B0306A", "--"), ("#2F4F4F", "-."))
"""Looks of further methods, chosen by their names."""

PAPER_COLOUR = "#222222"
"""Colour of what a paper published, beside ours, and of what several rules share."""


def use_theme() -> None:
    """Make the report's look matplotlib's default; call before a figure is made."""
    mpl.use("Agg")
    _seaborn().set_theme(
        context="paper",
        style="ticks",
        font="DejaVu Sans",
        rc={
            "font.size": 7.5,
            "axes.labelsize": 7.5,
            "axes.titlesize": 8,
            "axes.titlelocation": "left",
            "xtick.labelsize": 7,
            "ytick.labelsize": 7,
            "legend.fontsize": 7.5,
            "legend.frameon": False,
            "axes.linewidth": 0.6,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "xtick.major.size": 2.5,
            "ytick.major.size": 2.5,
            "lines.linewidth": 1.2,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.unicode_minus": True,
            "figure.constrained_layout.use": True,
            "savefig.dpi": 200,
        },
    )


def _seaborn() -> ModuleType:
    """Import seaborn without SciPy's statistics, which take a second and serve it for densities, of which no figure shows any."""
    statistics = "scipy.stats"
    if statistics in sys.modules or "seaborn" in sys.modules:
        return importlib.import_module("seaborn")
    sys.modules[statistics] = ModuleType(statistics)  # empty, so that seaborn takes it for missing
    try:
        return importlib.import_module("seaborn")
    finally:
        del sys.modules[statistics]


def line_styles(variants: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Colour and line style of each (method, variant) of a figure: what its paper gave it, or else its method's.

    The first variant of a method has the method's own look. Methods that are not named above have one by their names.
    """
    keys = sorted(set(variants))
    own = {key: look for paper in papers() for key, look in declared(paper).LOOKS.items()}
    styles: dict[tuple[str, str], dict[str, Any]] = {}
    for method in dict.fromkeys(method for method, _ in keys):
        other = _OTHERS[crc32(method.encode()) % len(_OTHERS)]
        looks = [*_STYLES.get(method, (other,)), *_VARIANTS]
        for place, key in enumerate(key for key in keys if key[0] == method):
            colour, line = own.get(key, looks[place % len(looks)])
            styles[key] = {"color": colour, "linestyle": line}
    return styles


def graded_styles(count: int) -> list[dict[str, Any]]:
    """Colours and line styles for `count` values of one quantity, from the least, dark, to the greatest, light."""
    palette = _seaborn().color_palette("viridis", count)
    return [{"color": colour, "linestyle": ("-", "--", ":", "-.")[place % 4]} for place, colour in enumerate(palette)]
