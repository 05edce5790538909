"""`python -m workflow new` writes what works, and refuses names that cannot be or are taken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from records.errors import Refusal
from records.sources import ROOT
from workflow.cli import new as module
from workflow.cli.main import main
from workflow.cli.new import KINDS, write_new
from workflow.plan.plan import read_plan

NAME = "two_bits"
WRITTEN = {
    "method": {"algorithms/two_bits.py"},
    "task": {"envs/tasks/two_bits.py"},
    "paper": {
        f"docs/{NAME}.md",
        *(f"reports/two_bits/{name}.py" for name in ("__init__", "facts", "figures", "tables")),
        *(f"reports/two_bits/{name}.yaml" for name in ("choices", "claims", "runs")),
        "reports/two_bits/report.typ",
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folders of a repository."""
    for folder in ("algorithms", "envs/tasks", "reports/chung2021", "docs"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_well_formed(kind: str, root: Path) -> None:
    before = {path for path in root.rglob("*") if path.is_file()}
    written = write_new(kind, NAME, root)
    assert {path.relative_to(root).as_posix() for path in written} == WRITTEN[kind]
    assert {path for path in root.rglob("*") if path.is_file()} == before | set(written)
    texts = {path: path.read_text(encoding="utf-8") for path in written}
    assert not [path for path, text in texts.items() if "@" in text and path.suffix != ".py"]
    sources = [str(path) for path in written if path.suffix == ".py"]
    ours = 'lint.isort.known-first-party=["algorithms", "envs", "reports"]'  # which ruff would find by their files
    for check in (["check", "--config", ours], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *check, "--no-cache", *sources]
        done = subprocess.run(ruff, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_task_has_names_of_every_kind(root: Path) -> None:
    (path,) = write_new("task", NAME, root)
    text = path.read_text(encoding="utf-8")
    assert "class TwoBits(ContextualBandit):" in text
    assert 'name="TwoBits-v0"' in text
    assert 'title="Two bits"' in text


def test_the_plan_takes_a_new_paper(house: Path) -> None:
    (house / "docs").mkdir()
    write_new("paper", NAME, house)
    (run,) = read_plan(house, {"scale": "paper", "papers": NAME}).runs.values()
    assert (run.key, run.length) == (("Multiplexer-v0", "reinforce", NAME), 40)


BAD = [
    "",
    "9lives",
    "Two",
    "two-bits",
    "two bits",
    "../two",
    "class",
    "_two",
    "zwei_bücher",
    "x" * 61,
    "two\nbits",
    "two_bits.py",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BAD)
def test_a_name_that_cannot_be_is_refused(kind: str, name: str, root: Path) -> None:
    before = list(root.rglob("*"))
    with pytest.raises(Refusal, match="use small letters, digits and _"):
        write_new(kind, name, root)
    assert list(root.rglob("*")) == before


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("method", "algorithms/two_bits.py"),
        ("task", "envs/tasks/two_bits.py"),
        ("paper", f"docs/{NAME}.md"),
        ("paper", "reports/two_bits/notes"),
    ],
)
def test_nothing_is_written_over(kind: str, taken: str, root: Path) -> None:
    (root / taken).parent.mkdir(exist_ok=True)
    (root / taken).write_text("mine", encoding="utf-8")
    before = list(root.rglob("*"))
    with pytest.raises(Refusal, match="is there already"):
        write_new(kind, NAME, root)
    assert list(root.rglob("*")) == before
    assert (root / taken).read_text(encoding="utf-8") == "mine"


def test_a_repository_without_the_folder_is_refused(root: Path) -> None:
    shutil.rmtree(root / "envs")
    with pytest.raises(Refusal, match="envs/tasks is no folder here"):
        write_new("task", NAME, root)


def test_the_command_says_what_to_try(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(module, "ROOT", root)
    assert main(["new", "method", NAME]) == 0
    written, train, test = capsys.readouterr().out.splitlines()
    assert written == "written: algorithms/two_bits.py"
    assert train == "try it:  python -m workflow run two_bits CartPole-v1 --episodes 300"
    assert test.endswith(" -k two_bits")
