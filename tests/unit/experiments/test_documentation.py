"""An experiment's own docstring explains what its table holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

from records.sources import ROOT

TABLES = sorted((ROOT / "tests" / "regression" / "expected").glob("*/theory/*.csv"))
SHARED = {"task", "stage", "layer", "quantity", "mean", "low", "high", "n", "each"}
"""Columns of every table, which `experiments` explains."""


def unexplained(table: pd.DataFrame, docstring: str) -> list[str]:
    """The further columns and the quantities that the docstring does not name."""
    names = {*table.columns} - SHARED | set(table["quantity"])
    return sorted(name for name in names if not re.search(rf"\b{name}\b", docstring))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_column_and_quantity_is_explained(path: Path) -> None:
    module = ROOT / "experiments" / path.parts[-3] / f"{path.stem}.py"
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert docstring
    assert unexplained(pd.read_csv(path), docstring) == []


def test_what_is_missing_is_named() -> None:
    table = pd.DataFrame({"rule": ["S5"], "quantity": ["cosine"], "mean": [1.0]})
    assert unexplained(table, "The cosine of an angle.") == ["rule"]
    assert unexplained(table, "By rule.") == ["cosine"]
