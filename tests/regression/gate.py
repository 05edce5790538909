"""The gate as one call: collect, compare, and say in words what moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.regression import platforms
from tests.regression.artefacts import Artefacts, collect
from tests.regression.comparison import Move, moves, moves_on_equal_data
from tests.regression.expectations import read_expectations, standing_since
from tests.regression.rejudged import judged, rejudged
from workflow.process.provenance import cpu_name


@dataclass(frozen=True)
class Outcome:
    """What became of one comparison."""

    artefacts: int
    """How many were compared."""
    moves: Sequence[Move]
    otherwise: Sequence[str]
    """How this platform differs from the recorded one; if at all, tolerances apply."""
    since: dict[str, str]
    """The commit since which each artefact's expectation stands."""

    @property
    def moved(self) -> bool:
        """Whether anything moved, appeared or disappeared."""
        return bool(self.moves)

    def text(self) -> str:
        """Everything, for a terminal."""
        how = "bit for bit"
        if self.otherwise:
            how = "within tolerances and verdicts as equal, for this is not the platform of the expectations"
        begin = f"{self.artefacts} artefacts of the ci scale, computed on {cpu_name()}, compared {how}"
        lines = [begin, *(f"  {line}" for line in self.otherwise)]
        if not self.moves:
            return "\n".join([*lines, "Nothing moved."])
        kinds = Counter(tuple(move.artefact.split("/")[:2]) for move in self.moves)
        counted = ", ".join(f"{count} × {kind} of {paper}" for (paper, kind), count in sorted(kinds.items()))
        return "\n".join([*lines, f"{len(self.moves)} moved: {counted}", "", self._table()])

    def _table(self) -> str:
        rows = [
            (move.artefact, move.change, move.extent, move.largest, self.since.get(move.artefact, "–")) for move in self.moves
        ]
        return pd.DataFrame(rows, columns=["artefact", "", "how much", "the largest move", "stood since"]).to_markdown(
            index=False
        )


def check(results: Path, expected: Path) -> tuple[Outcome, Artefacts]:
    """Compare a folder in which the ci scale has run with the expectations; also gives what was found there.

    Bit for bit where the platform is the recorded one. Raises ValueError for expectations that are damaged.
    """
    standing, recorded = read_expectations(expected)
    found = collect(results)
    otherwise = platforms.differences(recorded, platforms.present_platform()) if recorded else []
    moved = moves(standing, found, exact=not otherwise)
    if otherwise:
        moved += moves_on_equal_data(judged(standing), rejudged(standing, results))
    return Outcome(len({*standing, *found}), moved, otherwise, standing_since(expected)), found


def times_text(compared: pd.DataFrame) -> str:
    """The table of times, loud where a method is flagged."""
    shown = pd.DataFrame(
        {
            "method": compared["method"],
            "µs a step": compared["microseconds"].map("{:.1f}".format),
            "in units of the calibration": compared["relative"].map("{:.1f}".format),
            "expected": compared["expected"].map("{:.1f}".format),
            "change": compared["change"].map("{:+.0%}".format),
            "": ["SLOWER" if flagged else "" for flagged in compared["flagged"]],
        }
    )
    slower = ", ".join(compared.loc[compared["flagged"], "method"])
    warning = f"\n\n!!! SLOWER than expected by more than a quarter, measured twice: {slower} !!!" if slower else ""
    return shown.to_markdown(index=False, disable_numparse=True) + warning
