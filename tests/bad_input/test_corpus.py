"""Every case of the corpus, through the functions that snakemake and the command line call: one line, code 2, no training."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_input.corpus import PAPER, Case, cases, copy_inputs, read_all
from workflow.cli import run
from workflow.cli.main import main

FILES = cases("config", "runs", "reports")
COMMAND_LINES = cases("command_line")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with all that a user edits."""
    copy_inputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_corpus_is_large_and_no_case_is_there_twice() -> None:
    names = [case.name for case in FILES + COMMAND_LINES]
    assert len(set(names)) == len(names) >= 60


def test_what_is_spoilt_was_good(workplace: Path) -> None:
    assert {"trainings", "reports", "experiments", "searches"} <= read_all({}).keys()


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_a_file(case: Case, workplace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    case.spoil(workplace)
    with pytest.raises(SystemExit) as caught:
        read_all({"papers": PAPER} if case.config is None else case.config)
    assert caught.value.code == 2
    out, err = capfd.readouterr()
    assert not out
    case.answered(err)
    assert not (workplace / "results").exists()


@pytest.mark.parametrize("case", COMMAND_LINES, ids=lambda case: case.name)
def test_a_command_line(case: Case, workplace: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(run, "run_job", lambda *_: pytest.fail("something was trained"))
    with pytest.raises(SystemExit) as caught:
        main(case.arguments)
    assert caught.value.code == 2
    out, err = capfd.readouterr()
    assert not out
    case.answered(err)
    assert not (workplace / "results").exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("chung2021-copy", "reports/chung2021-copy: 'chung2021-copy' cannot be a paper's name; use letters, digits and _ only\n"),
        ("sutton1984", "reports/sutton1984/__init__.py: No module named 'reports.sutton1984'; add it, as other papers have it\n"),
    ],
)
def test_a_copy_of_a_paper(name: str, line: str, workplace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its folder has a name that no package can have, or is no package."""
    (workplace / "reports" / PAPER).rename(workplace / "reports" / name)
    with pytest.raises(SystemExit) as caught:
        read_all({"papers": name})
    assert (caught.value.code, capfd.readouterr().err) == (2, line)
