"""The bytes that the ci scale leaves behind, as digests: every processor that results are pinned for must give the same.

What names commits, hashes of sources or the release of Python is left out, or stands in a document that is typeset anew without
it: those change with every edit, whatever comes out.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from records.manifest import sha256_of_file
from records.results import EPISODES, POLICY
from reports.pipeline import build_report, figure_names
from reports.runs.load import SUMMARY
from workflow.plan.plan import Plan, Run

_NAMES_COMMITS = "runs.csv"
_CHANGING_COLUMNS = ("commit", "fingerprint")
_ANY = "-"


def file_digests(plan: Plan, paper: str, folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Digests of a paper's trainings, and of its report's data, tables, figures and document: file, sha256.

    `folder` is one in which the ci scale has run; files that are not there are left out.
    """
    runs = [run for run in plan.runs.values() if run.paper == paper]
    yield "trainings", _digests(folder, _logs_and_policies(plan, runs, folder))
    reports = folder / "results" / "reports"
    yield "report", pd.concat([_digests(folder, _parts(reports / paper)), _document(paper, reports, plan)], ignore_index=True)


def _logs_and_policies(plan: Plan, runs: Iterable[Run], folder: Path) -> Iterator[Path]:
    for block in sorted(plan.folders(list(runs))):
        yield from (folder / block / name for name in (EPISODES, POLICY))


def _parts(report: Path) -> Iterator[Path]:
    yield from (report / "data" / name for name in SUMMARY if name.endswith(".parquet"))
    yield from sorted((report / "data").glob("theory_*.parquet"))
    yield from sorted(path for path in (report / "tables").glob("*") if path.name != _NAMES_COMMITS and path.is_file())
    yield from sorted(path for path in (report / "figures").glob("*") if path.suffix in (".svg", ".png"))


def _digests(folder: Path, files: Iterable[Path]) -> pd.DataFrame:
    """Of those files in a folder that are there, by their paths in it."""
    found = [(path.relative_to(folder).as_posix(), sha256_of_file(path)) for path in files if path.is_file()]
    return pd.DataFrame(found, columns=["file", "sha256"], dtype=str)


def _document(paper: str, reports: Path, plan: Plan) -> pd.DataFrame:
    """The report's document, typeset anew from the figures and tables that are there; nothing where some are not."""
    made, provenance = reports / paper, reports / paper / "provenance.json"
    if not provenance.is_file() or not all((made / "figures" / f"{figure}.svg").is_file() for figure in figure_names(paper)):
        return _digests(reports, [])
    with tempfile.TemporaryDirectory() as temporary:
        there = Path(temporary)
        tables = Path(shutil.copytree(made / "tables", there / "tables"))
        runs = pd.read_csv(tables / _NAMES_COMMITS, dtype=str, keep_default_na=False)
        runs.assign(**dict.fromkeys(_CHANGING_COLUMNS, _ANY)).to_csv(tables / _NAMES_COMMITS, index=False)
        record = _without_commits(json.loads(provenance.read_text(encoding="utf-8")))
        (there / "provenance.json").write_text(json.dumps(record), encoding="utf-8")
        pdf = there / f"{paper}.pdf, without commits"
        build_report(paper, made / "figures", tables, there / "provenance.json", pdf, plan.configuration.scale)
        return _digests(there, [pdf])


def _without_commits(record: dict[str, Any]) -> dict[str, Any]:
    """A report's provenance without what changes from commit to commit, and from one release of Python to the next."""
    figures = {name: {**drawn, "commit": _ANY, "changed": False} for name, drawn in record["figures"].items()}
    return {
        **record,
        "figures": figures,
        "sources": {},
        "commits": [_ANY],
        "committed": "",
        "dirty": False,
        "python": [_ANY],
    }
