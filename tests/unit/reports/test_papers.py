"""What holds of every paper's report."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from records.scales import SCALES
from reports import pipeline
from reports.claims.frozen import post_hoc
from reports.claims.read import has_claims, read_claims
from reports.paper import Paper, declared, papers
from reports.statistics.decisions import VERDICTS
from reports.tables import common as common_tables
from tests.unit.reports.made_reports import make
from tests.unit.reports.synthetic_papers import write_planned

PAPERS = papers()
JUDGED = [paper for paper in PAPERS if has_claims(paper)]


@pytest.fixture(scope="module", params=JUDGED)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The report of each paper with claims on results of full size, with variants and the theory's experiments."""
    root, seeds = tmp_path_factory.mktemp(request.param), range(2)
    folders = write_planned(root / "results", "extended", request.param, seeds)
    return make(root, "full", folders, paper=request.param, theory=True, seeds=seeds)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_declares_what_a_report_needs(paper: str) -> None:
    of = declared(paper)
    for name in Paper.__annotations__:
        assert hasattr(of, name), name
    assert dict(of.TASKS) == {**of.SINGLE_STEP, **of.EPISODIC}
    assert of.MAIN_FIGURE in of.FIGURES
    assert SCALES[of.VERDICT_SCALE].gives_verdicts
    names = [*of.FIGURES, *of.TABLES]
    assert len(set(names)) == len(names), "a figure and a table of one name would be one link target"


@pytest.mark.parametrize("paper", PAPERS)
def test_every_figure_and_table_is_a_function(paper: str) -> None:
    figures, tables = (pipeline._module(paper, name) for name in ("figures", "tables"))
    assert all(callable(getattr(figures, name)) for name in pipeline.figure_names(paper))
    assert all(callable(getattr(tables, name, getattr(common_tables, name, None))) for name in pipeline.table_names(paper))


def test_every_figure_and_table_can_be_linked_to(made: SimpleNamespace, tmp_path: Path) -> None:
    paper = made.paper
    tables = Path(shutil.copytree(made.tables, tmp_path / "tables"))
    verdicts = pd.read_csv(tables / "verdicts.csv", dtype=str)
    names = [*pipeline.figure_names(paper), *pipeline.table_names(paper)]
    of = verdicts[verdicts["part_of"].isna() & (verdicts["parts"] == "1")].iloc[0].to_dict()
    rows = [of | {"shown": name, "id": f"{of['id']}-{name}"} for name in names]
    pd.DataFrame(rows).to_csv(tables / "verdicts.csv", index=False)
    pipeline.build_report(paper, made.figures, tables, made.provenance, tmp_path / "report.pdf", "paper")


def test_the_verdict_table_has_every_claim(made: SimpleNamespace) -> None:
    paper = made.paper
    table = pd.read_csv(made.tables / "verdicts.csv")
    ids = []
    for sentence in read_claims(paper).sentences:
        ids += [sentence.id] + ([part.id for part in sentence.parts] if len(sentence.parts) > 1 else [])
    assert list(table["id"]) == ids
    assert set(table["shown"]) <= {*pipeline.figure_names(paper), *pipeline.table_names(paper)}
    assert set(table["task"].dropna()) <= set(made.facts["tasks"])
    table = table[table["part_of"].isna()]
    counts = made.facts["verdicts"]
    assert counts["given"] == table["verdict"].notna().sum() == sum(counts[verdict] for verdict in VERDICTS)
    assert counts["claims"] == len(table)
    assert counts["given"] > len(table) / 2
    fewer = table[table["n"] < table["paper_n"]]
    assert fewer.loc[fewer["parts"] == 1, "note"].str.contains("<").all()
    assert counts["fewer"] == fewer["verdict"].notna().sum()


@pytest.mark.parametrize("paper", PAPERS)
def test_every_choice_has_the_columns_that_are_shown(paper: str) -> None:
    choices = yaml.safe_load((Path(pipeline.__file__).parent / paper / "choices.yaml").read_text(encoding="utf-8"))
    wanted = {"topic", *declared(paper).CHOICES}
    for choice in choices:
        assert wanted <= set(choice) <= wanted | {"switch"}, choice


def test_the_first_version_s_report_is_byte_identical_when_made_again(tmp_path: Path) -> None:
    once = make(tmp_path / "a", "tiny", paper="chung2020")
    again = make(tmp_path / "b", "tiny", once.folders, paper="chung2020")
    for path in sorted(once.root.rglob("*.*")):
        if "results" not in path.parts and path.suffix != ".parquet":
            assert path.read_bytes() == (again.root / path.relative_to(once.root)).read_bytes(), path.name
    assert pd.read_csv(once.tables / "verdicts.csv")["verdict"].isna().all()


def test_what_has_no_claims_is_judged_by_none() -> None:
    (unjudged,) = set(PAPERS) - set(JUDGED)
    assert read_claims(unjudged).all == ()
    assert post_hoc(unjudged) == {}
