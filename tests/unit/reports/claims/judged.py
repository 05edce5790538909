"""Claims and summaries of invented runs, and the verdicts on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from reports.claims.claim import Claim
from reports.claims.read import Claims, ClaimsFile
from reports.claims.verdicts import verdicts
from reports.runs.load import ReportData

A, B = ("T", "a", "v"), ("T", "b", "v")
LABELS = {A: "Rule A", B: "Rule B"}
COMMON = {"text": "So it is", "artefact": "Table 1", "page": 7, "shown": "table_1", "task": "T", "n": 10}
OF_A = {**COMMON, "method": "a", "variant": "v"}
TEN = np.linspace(-1, 1, 10)  # mean 0, sd .67


def claim(kind: str, /, id: str = "one", **fields: Any) -> Claim:
    common = COMMON if kind == "ordering" else OF_A
    found = ClaimsFile.model_validate({"claims": [{**common, "kind": kind, "id": id, **fields}]}).claims[0]
    assert isinstance(found, Claim)
    return found


def summary(a: Mapping[str, Sequence[Any]], b: Mapping[str, Sequence[Any]] | None = None, kind: str = "episodic") -> pd.DataFrame:
    """Summaries of the rules A and B with the given columns; a time of None is one that never came."""
    parts = [
        pd.DataFrame(dict(columns)).assign(task="T", method=method, variant="v", kind=kind, steps=1000)
        for method, columns in (("a", a), ("b", b or {}))
    ]
    table = pd.concat(parts, ignore_index=True)
    for event in ("first_perfect", "solved"):
        table[event] = (table[event] if event in table else pd.Series(pd.NA, table.index)).astype("Int64")
    return table


def decide(table: pd.DataFrame, *claims: Claim, enabled: bool = True) -> pd.DataFrame:
    return verdicts(ReportData(table, table, table, []), Claims(claims, LABELS), enabled)


def one(table: pd.DataFrame, of: Claim, *, enabled: bool = True) -> pd.Series:
    return decide(table, of, enabled=enabled).iloc[0]


def returns(centre: float, scale: float = 1.0, n: int = 10) -> dict[str, Sequence[float]]:
    return {"mean_return": list(centre + scale * np.linspace(-1, 1, n))}


def times(*values: float | None) -> dict[str, Sequence[Any]]:
    return {"solved": list(values), "mean_return": [0.0] * len(values)}
