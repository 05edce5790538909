"""Claims that were changed after the commit that froze them are told from the others, from git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import records.git
from reports.claims.frozen import post_hoc, statements

BEFORE = """\
claims:
  - {id: same, text: As it was, margin: 1, shown: here}
  - {id: moved, text: As it was, margin: 1, shown: here}
  - {id: wider, text: As it was, margin: 1, shown: here}
  - {id: renamed, text: As it was, margin: 1, shown: here}
  - {id: all, text: On all, quantity: q, parts: [{id: on-x, task: X}, {id: on-y, task: Y}]}
  - {id: both, text: On both, quantity: q, parts: [{id: on-v, task: V}, {id: on-w, task: W}]}
"""
AFTER = """\
frozen: COMMIT
claims:
  - {id: new, text: Made up, margin: 1, shown: here}
  - {id: same, text: As it was, margin: 1, shown: here}
  - {id: moved, text: As it was, margin: 1, shown: there}
  - {id: wider, text: As it was, margin: 2, shown: here}
  - {id: renamed, text: As it never was, margin: 1, shown: here}
  - {id: all, text: On all, quantity: q, parts: [{id: on-x, task: X, margin: 1}, {id: on-y, task: Y}]}
  - {id: both, text: On both, parts: [{id: on-v, quantity: q, task: V}, {id: on-w, quantity: q, task: W}]}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose only commit has the claims before."""
    monkeypatch.setattr(records.git, "ROOT", tmp_path)
    (tmp_path / "reports" / "p").mkdir(parents=True)
    write(tmp_path, BEFORE)
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "Claims")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def write(root: Path, text: str) -> None:
    (root / "reports" / "p" / "claims.yaml").write_text(text, encoding="utf-8")


def test_what_changed_is_post_hoc(repository: Path) -> None:
    commit = records.git.git("rev-parse", "HEAD")
    assert commit
    write(repository, AFTER.replace("COMMIT", commit[:10]))
    found = post_hoc("p", repository / "reports")
    assert [name for name, mark in found.items() if mark == "yes"] == ["new", "wider", "renamed", "on-x", "all"]
    assert [name for name, mark in found.items() if mark == "no"] == ["same", "moved", "on-y", "on-v", "on-w", "both"]


def test_without_the_commit_nobody_knows(repository: Path) -> None:
    write(repository, AFTER.replace("COMMIT", "0123456789"))
    assert set(post_hoc("p", repository / "reports").values()) == {"unknown"}


def test_without_a_repository_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records.git, "ROOT", tmp_path)
    (tmp_path / "reports" / "p").mkdir(parents=True)
    write(tmp_path, AFTER.replace("COMMIT", "0123456789"))
    assert set(post_hoc("p", tmp_path / "reports").values()) == {"unknown"}


def test_without_a_named_commit_nothing_is_frozen(repository: Path) -> None:
    write(repository, BEFORE)
    assert set(post_hoc("p", repository / "reports").values()) == {"not frozen"}
    assert len(statements({"claims": [{"id": "a", "parts": [{"id": "b"}]}]})) == 2
