"""What a figure shows, as a table: every line, band, bar, text and axis of a matplotlib Figure, a row each.

Neither pixels nor the bytes of an SVG: those change with a version of a font, and do not say what has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from numpy.typing import ArrayLike, NDArray

COLUMNS = ("panel", "artist", "label", "look", "n", "x", "y", "sha256")
_SHOWN = 16
"""Points of an artist that are written down, evenly spread; its hash is over all of them, and over all their digits."""
_DIGITS = ".6g"


def drawn(figure: Figure) -> pd.DataFrame:
    """One row per artist that shows something, in the order of drawing, with the columns `COLUMNS`, all of them text.

    panel counts from 0 ("figure": beside the panels), x and y hold up to 16 points to six digits, sha256 is over all points as
    they are. Raises TypeError for an artist of a kind that this does not know, rather than to overlook it.
    """
    figure.draw_without_rendering()  # lays the panels out, which decides on ticks
    rows = [{"panel": "figure", **row} for legend in figure.legends for row in _legend(legend)]
    for number, panel in enumerate(figure.axes):
        rows += [{"panel": str(number), **row} for row in _panel(panel)]
    return pd.DataFrame([[row.get(column, "") for column in COLUMNS] for row in rows], columns=list(COLUMNS), dtype=str)


def digest(values: ArrayLike) -> str:
    """A short hash of numbers or texts: of their bytes, their type and their shape."""
    array = np.ascontiguousarray(values)
    described = f"{array.dtype} {array.shape} ".encode()
    content = "\0".join(map(str, array.ravel())).encode() if array.dtype.kind in "OU" else array.tobytes()
    return hashlib.sha256(described + content).hexdigest()[:16]


def _panel(panel: Axes) -> Iterator[dict[str, str]]:
    if not panel.get_visible():
        yield {"artist": "hidden panel"}
        return
    for name, axis, limits, scale in (
        ("x axis", panel.xaxis, panel.get_xlim(), panel.get_xscale()),
        ("y axis", panel.yaxis, panel.get_ylim(), panel.get_yscale()),
    ):
        yield _row(name, _ticks(axis), scale, [limits])
        if axis.label.get_text():
            yield {"artist": f"{name}'s label", "label": _line(axis.label.get_text())}
    for artist in panel.get_children():
        if artist is not panel.patch and artist.get_visible():
            yield from _artist(artist)


def _artist(artist: Artist) -> Iterator[dict[str, str]]:
    label = _line(str(artist.get_label()))
    match artist:
        case Axis() | Spine():
            return
        case Legend():
            yield from _legend(artist)
        case Annotation():
            yield _row("annotation", _line(artist.get_text()), _colour(artist.get_color()), [artist.xy, artist.get_position()])
        case Text():
            if artist.get_text():
                yield _row("text", _line(artist.get_text()), _colour(artist.get_color()), [artist.get_position()])
        case Line2D():
            style = (artist.get_linestyle(), artist.get_drawstyle(), artist.get_marker(), f"{artist.get_linewidth():g}")
            look = _look(artist, _colour(artist.get_color()), *style)
            yield _row("line", label, look, np.asarray(artist.get_xydata(), float))
        case PolyCollection():
            vertices = [path.vertices for path in artist.get_paths()]
            yield _row("band", label, _look(artist, *map(_colour, artist.get_facecolor())), _joined(vertices))
        case LineCollection():
            look = _look(artist, *map(_colour, artist.get_colors()))
            yield _row("segments", label, look, _joined(artist.get_segments()))
        case Rectangle():
            corners = [artist.get_xy(), (artist.get_width(), artist.get_height())]
            yield _row("bar", label, _look(artist, _colour(artist.get_facecolor())), corners)
        case Patch():
            yield _row("patch", label, _look(artist, _colour(artist.get_facecolor())), artist.get_path().vertices)
        case _:
            raise TypeError(f"{type(artist).__name__}: tests/regression/drawings.py must be told what such an artist shows")


def _legend(legend: Legend) -> Iterator[dict[str, str]]:
    for text in legend.get_texts():
        yield {"artist": "legend", "label": _line(text.get_text())}


def _row(artist: str, label: str, look: str, points: ArrayLike | Sequence[Any]) -> dict[str, str]:
    array = np.asarray(points, float).reshape(-1, 2)
    chosen = array[np.unique(np.linspace(0, max(len(array) - 1, 0), min(len(array), _SHOWN)).round().astype(int))]
    x, y = (" ".join(format(value, _DIGITS) for value in column) for column in chosen.T)
    return {"artist": artist, "label": label, "look": look, "n": str(len(array)), "x": x, "y": y, "sha256": digest(array)}


def _joined(parts: Iterable[Any]) -> NDArray[np.float64]:
    return np.concatenate([np.empty((0, 2)), *(np.asarray(part, float) for part in parts)])


def _ticks(axis: Axis) -> str:
    return " | ".join(_line(label.get_text()) for label in axis.get_ticklabels())


def _look(artist: Artist, *parts: object) -> str:
    alpha = artist.get_alpha()
    return " ".join([*map(str, parts), *([] if alpha is None else [f"alpha {alpha:g}"])])


def _colour(colour: Any) -> str:
    return to_hex(colour, keep_alpha=True)


def _line(text: str) -> str:
    return " / ".join(text.splitlines())
