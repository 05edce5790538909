"""Whole reports on synthetic results, from run folders to PDF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from reports import pipeline
from tests.unit.reports.synthetic_papers import SCALES
from tests.unit.reports.synthetic_results import write_results
from tests.unit.reports.synthetic_theory import write_theory

PAPER = "chung2021"
SEEDS = {"full": range(10), "tenth": range(3), "tiny": range(2)}


def expected(folders: Sequence[Path], seeds: Sequence[int]) -> dict[str, list[int]]:
    """The same seeds for each task/method/variant that has a folder."""
    return {"/".join(folder.parts[-4:-1]): list(seeds) for folder in folders}


def make(
    root: Path,
    budget: str,
    folders: list[Path] | None = None,
    *,
    paper: str = PAPER,
    theory: bool = False,
    seeds: Sequence[int] | None = None,
    **options: Any,
) -> SimpleNamespace:
    """Everything from results to PDF under `root`; `folders`: in place of all results of that size; `theory`: its tables too."""
    seeds = SEEDS[budget] if seeds is None else seeds
    folders = write_results(root / "results", budget, seeds, paper=paper) if folders is None else folders
    made = SimpleNamespace(root=root, folders=folders, data=root / "data", figures=root / "figures", tables=root / "tables")
    made.paper, made.pdf, made.provenance = paper, root / f"{paper}.pdf", root / "provenance.json"
    pipeline.summarise_to_files(paper, folders, expected(folders, seeds), made.data, **options)
    if theory:
        write_theory(made.data, paper)
    pipeline.draw_figures(paper, made.data, made.figures)
    pipeline.write_tables(paper, made.data, made.tables, SCALES[budget])
    pipeline.write_provenance(paper, made.data, made.tables, made.figures, made.provenance)
    pipeline.build_report(paper, made.figures, made.tables, made.provenance, made.pdf, SCALES[budget])
    made.facts = json.loads((made.tables / "facts.json").read_text())
    return made


def log_of(made: SimpleNamespace, task: str, method: str, variant: str = PAPER) -> pd.DataFrame:
    (folder,) = [f for f in made.folders if f.parts[-4:-1] == (task, method, variant)]
    return pd.read_parquet(folder / "episodes.parquet")


def row_of(made: SimpleNamespace, table: str, **values: Any) -> pd.Series:
    rows = pd.read_csv(made.tables / f"{table}.csv")
    for column, value in values.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, values
    return rows.iloc[0]
