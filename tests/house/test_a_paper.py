"""A paper is a folder in reports/ and nothing else."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from records.sources import ROOT
from reports.paper import papers
from tests.house.tiny_paper import NAME, write_paper
from tests.workflow.pipeline import Clone

_CODE = ("algorithms", "envs", "experiments", "records", "reports", "workflow")


@pytest.mark.pipeline
def test_a_folder_is_a_paper(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    write_paper(tmp_path)
    clone.run("--config", "scale=ci", f"papers={NAME}", "engine=reference")
    made = tmp_path / "results" / "reports"
    assert (made / f"{NAME}.pdf").read_bytes().startswith(b"%PDF")
    assert "#123456" in (made / NAME / "figures" / "curve.svg").read_text(encoding="utf-8"), "the colour that it chose"
    (claim,) = pd.read_csv(made / NAME / "tables" / "verdicts.csv").to_dict("records")
    assert (claim["label"], claim["n"]) == ("REINFORCE", 2)

    def said(*command: str) -> str:
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    assert f" {NAME}" in said("make", "--dry-run", "reproduce"), "make reproduces all papers"
    assert said(sys.executable, "-m", "reports.measured", "scale", NAME) == "paper\n"
    said(sys.executable, "-m", "reports.measured", "copy", NAME)
    kept = {path.name for path in (tmp_path / "reports" / NAME / "measured").iterdir()}
    assert {"curve.png", "verdicts.csv", "costs.csv", "provenance.json"} <= kept


def named(tree: ast.AST, name: str) -> Iterator[int]:
    """Lines of texts, but docstrings, that name a paper, as a whole word."""
    word = re.compile(rf"\b{name}\b")
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield from [node.lineno] if word.search(node.value) else []


@pytest.mark.parametrize("paper", papers())
def test_no_code_outside_its_folders_names_a_paper(paper: str) -> None:
    others = [path for package in _CODE for path in (ROOT / package).rglob("*.py") if paper not in path.parts]
    found = [(path, line) for path in others for line in named(ast.parse(path.read_text(encoding="utf-8")), paper)]
    assert not found
    build = [ROOT / "Snakefile", ROOT / "workflow" / "Snakefile", *ROOT.glob("workflow/rules/*.smk"), ROOT / "Makefile"]
    lines = [line.partition("#")[0] for path in build for line in path.read_text(encoding="utf-8").splitlines()]
    assert not [line for line in lines if re.search(rf"\b{paper}\b", line)]


def test_no_test_lists_all_papers() -> None:
    assert not [(path, line) for path in (ROOT / "tests").rglob("*.py") for line in listing(path.read_text(encoding="utf-8"))]
    assert list(listing(f"a = {papers()}"))


def listing(text: str) -> Iterator[int]:
    """Lines of collections that name every paper."""
    all_papers = set(papers())
    for node in ast.walk(ast.parse(text)):
        parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        names = {part.id if isinstance(part, ast.Name) else getattr(part, "value", None) for part in parts}
        if names >= all_papers:
            yield getattr(node, "lineno", 0)
