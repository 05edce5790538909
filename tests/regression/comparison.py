"""What moved: artefacts as they are now against those that are expected, bit for bit or within tolerances."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from tests.regression.artefacts import Artefacts
from tests.regression.tolerances import DRIFT, drifts, may_differ_in_rows, nearly_equal, within_tolerance

Change = Literal["moved", "appeared", "disappeared"]
_NAMING = 4
"""The first columns of a table, which say what a row is."""
Equal = Callable[[str, str, pd.DataFrame, pd.DataFrame], np.ndarray]
"""Whether cells are alike: of an artefact (its name), column, expected and observed frame, [rows] of bool."""


@dataclass(frozen=True)
class Move:
    """What happened to one artefact."""

    artefact: str
    change: Change
    extent: str
    """How much of it: `3 of 120 cells`, `rows 12 → 13`."""
    largest: str = ""
    """The largest move of a number, or the first of a text where no number moved: where, from what, to what."""


def moves(expected: Artefacts, observed: Artefacts, exact: bool) -> list[Move]:
    """Every artefact that is not as expected, by name."""
    found = []
    for name in sorted({*expected, *observed}):
        if name not in expected:
            found.append(Move(name, "appeared", f"{len(observed[name])} rows"))
        elif name not in observed:
            found.append(Move(name, "disappeared", f"{len(expected[name])} rows"))
        elif not exact and len(expected[name]) != len(observed[name]) and may_differ_in_rows(name):
            continue
        elif move := _compared(name, expected[name], observed[name], _same if exact else within_tolerance):
            found.append(move)
    if not exact:
        found += [
            Move(name, "moved", "more than three trainings in four", f"norms of parameters, by {drift:.1e} and more")
            for name, drift in drifts(expected, observed).items()
            if drift > DRIFT
        ]
    return found


def moves_on_equal_data(expected: Artefacts, observed: Artefacts) -> list[Move]:
    """Every table of `tests.regression.rejudged` that is not as expected, but for rounding."""
    found = [_compared(name, expected[name], observed[name], nearly_equal) for name in sorted(expected.keys() & observed.keys())]
    return [replace(move, extent=f"{move.extent}, from the recorded data") for move in found if move]


def _same(name: str, column: str, expected: pd.DataFrame, observed: pd.DataFrame) -> np.ndarray:
    return (expected[column] == observed[column]).to_numpy()


def _compared(name: str, expected: pd.DataFrame, observed: pd.DataFrame, equal: Equal) -> Move | None:
    if list(expected.columns) != list(observed.columns):
        return Move(name, "moved", f"columns {_listed(expected.columns)} → {_listed(observed.columns)}")
    if len(expected) != len(observed):
        return Move(name, "moved", f"rows {len(expected)} → {len(observed)}")
    moved = {column: ~equal(name, column, expected, observed) for column in expected.columns}
    count = sum(int(column.sum()) for column in moved.values())
    if not count:
        return None
    return Move(name, "moved", f"{count} of {expected.size} cells", _largest(expected, observed, moved))


def _largest(expected: pd.DataFrame, observed: pd.DataFrame, moved: dict[str, np.ndarray]) -> str:
    """The cell with the largest relative move; the first one where only texts moved."""
    cells = [
        (column, int(row), expected[column].iloc[row], observed[column].iloc[row])
        for column, rows in moved.items()
        for row in np.flatnonzero(rows)
    ]
    column, row, before, after = max(cells, key=lambda cell: relative_move(cell[2], cell[3]))
    named = [text for name in expected.columns[:_NAMING] if name != column and (text := expected[name].iloc[row])]
    size = relative_move(before, after)
    share = f" ({size:.1e})" if 0 < size < math.inf else ""
    return f"{column} of {_cut(' '.join(named), 60)}: {_cut(before)} → {_cut(after)}{share}"


def relative_move(before: str, after: str) -> float:
    """|after − before| / max(|before|, |after|) of numbers, or the largest of equally many; 0 for texts, hashes among them."""
    pairs = list(zip(numbers(before), numbers(after), strict=False))
    if len(numbers(before)) != len(numbers(after)):
        return 0.0
    return max((abs(b - a) / max(abs(a), abs(b)) if a != b else 0.0 for a, b in pairs), default=0.0)


def numbers(text: str) -> list[float]:
    """The numbers that a text consists of, separated by blanks; none of a text that has other words too."""
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return []


def _listed(columns: pd.Index) -> str:
    return _cut(", ".join(map(str, columns)), 60)


def _cut(text: str, most: int = 32) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
