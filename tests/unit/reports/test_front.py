"""The picture of all claims on a report's first page agrees with their verdicts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import typst

DOCUMENT = Path(__file__).parents[3] / "reports" / "document"
PROBE = """
#import "forest.typ": *
#for row in csv("verdicts.csv", row-type: dictionary) [#metadata(on-margin(row)) <place>]
"""
INFINITY = float("inf")


def places(folder: Path, rows: list[dict[str, object]]) -> list[dict[str, float]]:
    """Where the picture puts claims, given their rows in the table of verdicts."""
    for source in DOCUMENT.glob("*.typ"):
        shutil.copyfile(source, folder / source.name)
    pd.DataFrame(rows).to_csv(folder / "verdicts.csv", index=False)
    (folder / "probe.typ").write_text(PROBE, encoding="utf-8")
    return [found["value"] for found in json.loads(typst.query(str(folder / "probe.typ"), "<place>", root=str(folder)))]


def row(kind: str, effect: float, low: float, high: float, allowed: tuple[float, float]) -> dict[str, object]:
    names = ("kind", "effect", "low", "high", "allowed_low", "allowed_high", "verdict")
    return dict(zip(names, (kind, effect, low, high, *allowed, "AGREES"), strict=True))


def test_a_margin_is_the_unit(tmp_path: Path) -> None:
    number, share, one_sided, far = places(
        tmp_path,
        [
            row("mean", 5, -5, 20, (-10, 10)),
            row("rate", 0.5, 0.25, 0.75, (0, 0.5)),
            row("equivalence", 8, -4, 20, (-4, INFINITY)),
            row("mean", -40, -50, -30, (-10, 10)),
        ],
    )
    assert number == {"estimate": 0.5, "low": -0.5, "high": 2, "from": -1, "to": 1}
    assert (share["estimate"], share["low"], share["high"]) == (1, 0, 2), "0 is the middle of what is allowed"
    assert (one_sided["estimate"], one_sided["low"], one_sided["from"]) == (2, -1, -1)
    assert one_sided["to"] > 1, "more than the paper's is allowed without end"
    assert far["high"] < far["from"], "one that differs lies beyond what is allowed"


@pytest.mark.parametrize("margin", [0.0, 3.0])
def test_an_ordering_holds_to_the_right_of_no_difference(margin: float, tmp_path: Path) -> None:
    (found,) = places(tmp_path, [row("ordering", 6, 3, 9, (-margin, margin))])
    assert found["from"] == 0, "whatever its margin, it is claimed of any difference"
    assert found["low"] == 1, "in margins, or in halves of its own interval where there is none"
    assert found["estimate"] == 2
