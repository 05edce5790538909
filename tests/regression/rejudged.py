"""The recorded summaries and experiments, judged anew by the code of now.

Learning amplifies rounding, so that on another platform a verdict may differ because a training does. Of equal summaries the same
code makes equal tables anywhere, but for a last digit: what differs here is a fault in a statistic, a correction or a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from records.sources import ROOT
from reports.pipeline import make_tables
from reports.runs.load import read_report_data
from tests.regression.artefacts import CI, Artefacts, as_text, lasting
from tests.regression.comparison import numbers
from workflow.plan.plan import make_plan


def rejudged(recorded: Artefacts, folder: Path) -> Artefacts:
    """The tables with verdicts of `recorded` summaries and experiments, named as those of `tests.regression.artefacts.collect`.

    What else tables show, such as labels and settings, is of `folder`, in which the ci scale has run. Papers that are not there,
    or whose summaries now have other columns, are left out.
    """
    found: Artefacts = {}
    for paper in make_plan(ROOT, CI).papers:
        place = folder / "results" / "reports" / paper / "data"
        summary = recorded.get(f"{paper}/summary/runs")
        if summary is None or not (place / "runs.json").is_file():
            continue
        own = read_report_data(place)
        if list(summary.columns) != list(own.summary.columns):
            continue
        theory = {name: typed(recorded.get(f"{paper}/theory/{name}"), table) for name, table in own.theory.items()}
        data = replace(own, summary=typed(summary, own.summary), theory=theory)
        tables = make_tables(paper, data, True)
        found |= {f"{paper}/judged/{name}": as_text(lasting(table)) for name, table in tables.items()}
    return found


def judged(artefacts: Mapping[str, pd.DataFrame]) -> Artefacts:
    """Those of the artefacts that `rejudged` makes."""
    return {name: frame for name, frame in artefacts.items() if name.split("/")[1] == "judged"}


def typed(text: pd.DataFrame | None, like: pd.DataFrame) -> pd.DataFrame:
    """A recorded table with the types of one that was made now; that one where there is none of these columns."""
    if text is None or list(text.columns) != list(like.columns):
        return like
    return pd.DataFrame({name: _column(text[name], like[name]) for name in like.columns})


def _column(text: pd.Series, like: pd.Series) -> pd.Series:
    known = like.dropna()
    if pd.api.types.is_bool_dtype(like):
        return text == "True"
    if pd.api.types.is_numeric_dtype(like) or (len(known) and known.map(lambda value: isinstance(value, (int, float))).all()):
        column = pd.to_numeric(text.where(text != "", np.nan), errors="coerce").astype(float)
        return column if column.isna().any() or not pd.api.types.is_integer_dtype(like) else column.astype(like.dtype)
    if len(known) and known.map(lambda value: isinstance(value, np.ndarray)).all():
        return text.map(lambda cell: np.array(numbers(cell)) if cell else None)
    return text.where(text != "", None)
