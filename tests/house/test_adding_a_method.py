"""docs/adding-a-method.md is followed word by word: its file is written and its commands are run, in a copy of the repository."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from algorithms.interface import methods
from records.sources import ROOT
from reports.benchmark import TASKS
from reports.paper import papers
from tests.unit.workflow.settings_files import edit
from tests.workflow.pipeline import Clone

PAGE = ROOT / "docs" / "adding-a-method.md"
METHOD, MATRIX, CONTROL = "evolution_strategies", "benchmark", "random"
FILE = f"algorithms/{METHOD}.py"


def blocks() -> list[tuple[str, str]]:
    """The kind and the contents of every block of the page."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[list[str]]:
    """The commands of a block, with this Python's programs."""
    programs = {"python": [sys.executable], "snakemake": [sys.executable, "-m", "snakemake"]}
    words = [shlex.split(line.removeprefix("$ ")) for line in block.splitlines()]
    return [[*programs[first], *others] for first, *others in words]


def leave_the_control_alone(folder: Path) -> None:
    """Take all other methods, and the papers that need them, out of a copy: they would only take time."""
    for paper in papers():
        if paper != MATRIX:
            (folder / "reports" / paper / "runs.yaml").unlink()  # what runs took, beside it, is still of use
            shutil.rmtree(folder / "experiments" / paper, ignore_errors=True)
    for method in methods():
        if method != CONTROL:
            (folder / "algorithms" / f"{method}.py").unlink()

    def only_found(runs: dict[str, Any]) -> None:
        runs.update(methods={}, runs=[entry for entry in runs["runs"] if entry["methods"] == ["all"]])

    edit(folder / "reports" / MATRIX / "runs.yaml", only_found)
    choices = folder / "reports" / MATRIX / "choices.yaml"
    switches_of_other_methods = re.compile(r"^  switch: .*\n", re.MULTILINE)
    choices.write_text(switches_of_other_methods.sub("", choices.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.pipeline
@pytest.mark.slow
def test_the_page_leads_to_a_row_of_the_leaderboard(tmp_path: Path) -> None:
    folder = Clone(tmp_path).folder
    leave_the_control_alone(folder)
    said: list[str] = []
    for kind, contents in blocks():
        if kind == "python":
            (folder / FILE).write_text(contents, encoding="utf-8")
            continue
        for command in commands(contents):
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            said.append(done.stdout)
    written, tested, trained, _ = said
    assert f"written: {FILE}" in written
    assert int(re.findall(r"(\d+) passed", tested)[-1]) >= 12
    (last,) = re.findall(r", (\S+) over the last 100", trained)
    assert float(last) > 60, "three times what random actions get"
    board = pd.read_csv(folder / "results" / "reports" / MATRIX / "tables" / "leaderboard.csv")
    assert sorted(board["method"]) == [METHOD, CONTROL]
    assert list(board["tasks"]) == [len(TASKS)] * 2
    assert sorted(board["rank"]) == [1, 2]


def test_the_page_s_file_is_held_to_the_house_s_rules(tmp_path: Path) -> None:
    (source,) = [contents for kind, contents in blocks() if kind == "python"]
    file = tmp_path / "evolution_strategies.py"
    file.write_text(source, encoding="utf-8")
    for rule in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *rule, "--config", str(ROOT / "pyproject.toml"), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_method_is_none_of_ours() -> None:
    assert METHOD not in methods()
