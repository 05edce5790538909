"""The searches for settings that a paper does not record, as its report shows them."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from records.errors import ResultError
from reports.claims.read import Claims
from reports.claims.sentence import Sentence
from reports.runs.load import ReportData
from reports.tables.settings import value_text

_NUMBERS = ["seeds", "length", "mean", "sem", "failed", "chosen", "edge", "margin_se"]
COLUMNS = ["sweep", "task", "method", "label", "settings", "candidate", *_NUMBERS]


def searches(paper: str, data: ReportData) -> pd.DataFrame:
    """The table that `make sweep` wrote, one row a candidate; no rows where a paper has no search.

    Columns are those of measured/sweep.csv, but for: label (the method's name in the report), settings (the names of what was
    searched for), candidate (their values, as they are printed). Raises ResultError where the file is not such a table.
    """
    table = read_search(paper)
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    candidates = list(table["candidate"])
    names = table["sweep"].map({name: _settings(candidates, table["sweep"] == name) for name in table["sweep"].unique()})
    labels = {method: label for (_, method, _), label in sorted(data.labels().items(), key=lambda item: -len(item[1]))}
    return table.assign(
        label=[labels.get(method, method) for method in table["method"]],
        settings=names.map(", ".join),
        candidate=[
            "; ".join(value_text(chosen.get(name)) for name in own) for chosen, own in zip(candidates, names, strict=True)
        ],
    )[COLUMNS]


def read_search(paper: str) -> pd.DataFrame:
    """measured/sweep.csv of a paper, each candidate as a mapping; without rows or columns where there is no such file.

    Raises ResultError where the file is not such a table.
    """
    path = Path(__file__).parents[1] / paper / "measured" / "sweep.csv"
    if not path.is_file():
        return pd.DataFrame()
    try:
        table = pd.read_csv(path)
        absent = [name for name in ("sweep", "task", "method", "candidate", *_NUMBERS) if name not in table]
        if absent:
            raise ValueError(f"no column {absent[0]}")
        candidates = [json.loads(text) for text in table["candidate"]]
        if not all(isinstance(candidate, dict) for candidate in candidates):
            raise ValueError("a candidate that is no mapping")
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise ResultError(f"{path}: not the table of a search ({error}); run `make sweep` again to make it") from error
    return table.assign(candidate=candidates)


def resting_on_searches(claims: Claims, searched: pd.DataFrame) -> dict[str, list[str]]:
    """What rests on settings that were searched for, by the rows of `searches`: where it differs, our search may be why.

    runs: "task/method" of all that was searched; labels: "task/label" of the same; claims: ids of sentences and
    parts about any of these.
    """
    pairs = dict.fromkeys(zip(searched["task"], searched["method"], strict=True))
    return {
        "runs": [f"{task}/{method}" for task, method in pairs],
        "labels": [f"{task}/{label}" for (task, method, _), label in claims.labels.items() if (task, method) in pairs],
        "claims": [name for sentence in claims.sentences for name in _resting(sentence, pairs)],
    }


def _resting(sentence: Sentence, pairs: Container[tuple[str, str]]) -> list[str]:
    """The ids of a sentence and of its parts that are about any of these tasks and methods."""
    parts = [part.id for part in sentence.parts if any((task, method) in pairs for task, method, _ in part.keys)]
    return list(dict.fromkeys([sentence.id, *parts])) if parts else []


def _settings(candidates: list[Mapping[str, Any]], own: pd.Series) -> list[str]:
    """What the candidates of one search set, in the order in which they do."""
    return list(dict.fromkeys(name for candidate, is_own in zip(candidates, own, strict=True) if is_own for name in candidate))
