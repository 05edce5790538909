"""Everything the workflow calls, in order; each function reads files, writes files and returns nothing.

====================  ======================================================  =============================================
function              reads                                                   writes
====================  ======================================================  =============================================
`summarise_to_files`  <run folder>/episodes.parquet and run.json, each        <data>/summary.parquet, curves.parquet,
                                                                              trajectories.parquet, runs.json, record.json;
                                                                              costs.csv
`take_theory`         the table of an experiment and its record               <data>/theory_<experiment>.parquet and .json
`draw_figures`        <data>/*                                                <figures>/<name>.svg and .png
`write_tables`        <data>/*, reports/<paper>/claims.yaml,                  <tables>/<name>.csv, <tables>/facts.json
                      differences.yaml and measured/sweep.csv
`write_provenance`    <data>/*, <tables>/*, <figures>/*, git                  one JSON file, the record of all these files
`build_report`        <figures>/*.svg, <tables>/*, the provenance file,       one PDF
                      reports/<paper>/*.typ and choices.yaml,
                      reports/*.typ
`build_page`          <data>/*, <tables>/*, <films>/*                         one HTML file, of papers with a page.py
====================  ======================================================  =============================================

The names are `figure_names(paper)` and `table_names(paper)`, known without importing anything heavy. A run folder is
`results/<budget>/<task>/<method>/<variant>/seeds-<first>-<last>`. Each function raises `records.errors.ResultError`,
whose message is one line for the user, where the results cannot be used as they are.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from records.errors import ResultError
from records.files import write_bytes, write_text
from records.manifest import sealed, sha256, sha256_of_file, text_of
from records.run_folder import without_measured
from records.scales import SCALES
from reports.paper import declared

if TYPE_CHECKING:
    import pandas as pd

    from reports.runs.load import ReportData

DATA_FILES = ("summary.parquet", "curves.parquet", "trajectories.parquet", "runs.json", "record.json", "costs.csv")


def figure_names(paper: str) -> tuple[str, ...]:
    """Names of the paper's figures; each becomes <name>.svg and <name>.png."""
    return declared(paper).FIGURES


def table_names(paper: str) -> tuple[str, ...]:
    """Names of the paper's tables; each becomes <name>.csv."""
    return declared(paper).TABLES


def summarise_to_files(
    paper: str,
    run_folders: Sequence[Path],
    expected_seeds: Sequence[int] | Mapping[str, Sequence[int]],
    data_folder: Path,
    *,
    allow_partial: bool = False,
    origins: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Check and reduce the results of `run_folders` to `DATA_FILES`; equal results give equal bytes in all but costs.csv.

    Runs that failed are in runs.json alone.

    Every task × method × variant must have exactly `expected_seeds`, or its own by "task/method/variant", over all its blocks;
    with `allow_partial` seeds may be missing, and the tables then say how many there were. `origins` says, by the same names,
    where settings that are not the paper's own are from: `whose` they are, and what a `search` made of them.
    """
    from reports.document.render import write_table
    from reports.runs.load import RECORD, load
    from reports.runs.summarise import curves, summarise, trajectories
    from reports.tables.settings import costs

    of = declared(paper)
    results = load(run_folders, expected_seeds, allow_partial=allow_partial)
    said = {key: {"origin": origin} for key, origin in (origins or {}).items()}
    records = [without_measured(run.info) | said.get("/".join(run.key), {}) for run in results]
    finished = [run for run in results if run.failed is None]
    if not finished:
        raise ResultError(f"every training failed, the first with: {results[0].failed}; there is nothing to report")
    files = {
        "summary.parquet": _parquet(summarise(finished, of.THRESHOLDS, of.WINDOWS, of.CHECKPOINTS)),
        "curves.parquet": _parquet(curves(finished, of.WINDOWS)),
        "trajectories.parquet": _parquet(trajectories(finished)),
        "runs.json": (json.dumps(records, indent=1) + "\n").encode(),
    }
    record = sealed({"paper": paper}, RECORD, {name: sha256(contents) for name, contents in files.items()})
    data_folder.mkdir(parents=True, exist_ok=True)
    for name, contents in {**files, RECORD: text_of(record).encode()}.items():
        write_bytes(data_folder / name, contents)
    write_table(costs([run.info for run in finished]), data_folder / "costs.csv")


def take_theory(table: Path, copy: Path) -> None:
    """Copy the table of an experiment, for which the record beside it vouches, to the data of a report, with a record there."""
    from reports.runs.load import check

    check(table.with_suffix(".json"), [table], table)
    contents, record = table.read_bytes(), copy.with_suffix(".json")
    write_bytes(copy, contents)
    write_text(record, text_of(sealed({"experiment": table.stem}, record.name, {copy.name: sha256(contents)})))


def draw_figures(paper: str, data_folder: Path, figures_folder: Path, names: Sequence[str] | None = None) -> None:
    """Draw all figures of the paper, or those in `names`, each as SVG (for the PDF) and PNG (for the README)."""
    from reports.document.render import save_figure
    from reports.runs.load import read_report_data

    data = read_report_data(data_folder)
    module = _module(paper, "figures")
    for name in names or figure_names(paper):
        save_figure(getattr(module, name)(data), figures_folder / name)


def make_tables(paper: str, data: ReportData, with_verdicts: bool) -> dict[str, pd.DataFrame]:
    """Every table of the paper by name; the claims are judged or, as at a fraction of the budget, are not."""
    from reports.claims.frozen import post_hoc
    from reports.claims.read import read_claims
    from reports.claims.verdicts import verdicts
    from reports.report import Report
    from reports.tables import common

    own, claims = _module(paper, "tables"), read_claims(paper)
    report = Report(paper, data, claims, verdicts(data, claims, with_verdicts, post_hoc(paper) if with_verdicts else None))
    return {name: getattr(own if hasattr(own, name) else common, name)(report) for name in table_names(paper)}


def write_tables(paper: str, data_folder: Path, tables_folder: Path, scale: str) -> None:
    """Write every table as CSV, and facts.json: the single numbers that the report's sentences and captions contain."""
    from reports.document.render import write_json, write_table
    from reports.runs.load import read_report_data

    data = read_report_data(data_folder)
    tables = make_tables(paper, data, SCALES[scale].gives_verdicts)
    for name, table in tables.items():
        write_table(table, tables_folder / f"{name}.csv")
    write_json(_module(paper, "facts").facts(data, tables, scale), tables_folder / "facts.json")


def write_provenance(paper: str, data_folder: Path, tables_folder: Path, figures_folder: Path, path: Path) -> None:
    """Write who drew each figure (function, file, commit) and where the results come from (sources, settings, versions, machine).

    It is a record: its manifest has the data that are the same whenever the same results are made, and all tables and figures.
    """
    from reports.document.provenance import provenance
    from reports.runs.load import SUMMARY

    runs = json.loads((data_folder / "runs.json").read_text(encoding="utf-8"))
    figures = {name: getattr(_module(paper, "figures"), name) for name in figure_names(paper)}
    files = [*(data_folder / name for name in SUMMARY), *data_folder.glob("theory_*.parquet"), tables_folder / "facts.json"]
    files += [tables_folder / f"{name}.csv" for name in table_names(paper)]
    files += [figures_folder / f"{name}{kind}" for name in figures for kind in (".svg", ".png")]
    record = sealed(provenance(runs, figures), path.name, {file.name: sha256_of_file(file) for file in files})
    write_text(path, text_of(record))


def build_report(paper: str, figures_folder: Path, tables_folder: Path, provenance: Path, pdf: Path, scale: str) -> None:
    """Typeset the report; the same inputs give the same bytes. Scales without verdicts are watermarked with their name."""
    from reports.document.render import compile_report

    sources = Path(__file__).parent
    inputs = {
        **{path.name: path for folder in (sources / "document", sources / paper) for path in folder.glob("*.typ")},
        "choices.yaml": sources / paper / "choices.yaml",
        "provenance.json": provenance,
        "facts.json": tables_folder / "facts.json",
    }
    inputs |= {f"{name}.svg": figures_folder / f"{name}.svg" for name in figure_names(paper)}
    inputs |= {f"{name}.csv": tables_folder / f"{name}.csv" for name in table_names(paper)}
    compile_report(sources / paper / "report.typ", inputs, pdf, watermark="" if SCALES[scale].gives_verdicts else scale)


def has_page(paper: str) -> bool:
    """Whether a paper has a page in HTML beside its report: a module page.py that says which tables it shows."""
    return (Path(__file__).parent / paper / "page.py").is_file()


def build_page(paper: str, data_folder: Path, tables_folder: Path, page: Path, films: Sequence[Path] = ()) -> None:
    """Write the paper's page: curves, tables, and the settings, provenance and films of every cell, in one HTML file.

    `films` are files that have of a cell (`cell`) its `films` (caption, GIF in base64) or else `why` there are none. Equal inputs
    give equal bytes; among them is costs.csv, in which no two makings of the same results agree.
    """
    import pandas as pd

    from reports.page.build import write_page
    from reports.page.contents import Films, contents
    from reports.runs.load import read_report_data

    data = read_report_data(data_folder)
    module = _module(paper, "page")
    tables = {name: pd.read_csv(tables_folder / f"{name}.csv") for name in table_names(paper)}
    shown = module.tables(data, tables, pd.read_csv(data_folder / "costs.csv"))
    read = [json.loads(path.read_text(encoding="utf-8")) for path in films]
    watched = {tuple(of["cell"]): Films([tuple(film) for film in of["films"]], of["why"]) for of in read}
    write_page(page, contents(module.TITLE, data, shown, watched))


def _parquet(table: pd.DataFrame) -> bytes:
    return table.to_parquet(None, index=False)


def _module(paper: str, name: str) -> ModuleType:
    return importlib.import_module(f"reports.{paper}.{name}")
