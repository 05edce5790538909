"""One snakemake a folder, as long as it lives: with rules that only wait, so that what is tested is the lock alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.mounts import fill, mounted
from tests.workflow.pipeline import wait_for

SNAKEFILE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from workflow.process.locking import hold_working_directory, remove_leftovers
remove_leftovers()

onstart:
    hold_working_directory()

rule {{name}}:
    output: "{{name}}.txt"
    shell: "touch {{name}}.begun; while test ! -e go; do sleep .05; done; echo done > {{name}}.txt"
"""


def start(folder: Path, *arguments: str, name: str = "one") -> subprocess.Popen[str]:
    """Start snakemake, in a session of its own, on one rule."""
    snakefile = folder / f"{name}.smk"
    snakefile.write_text(SNAKEFILE.replace("{name}", name))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--cores", "1", "--rerun-incomplete"]
    return subprocess.Popen(
        [*command, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and everything printed."""
    output, _ = process.communicate(timeout=500)
    return process.returncode, output


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A snakemake in the middle of its job."""
    process = start(tmp_path)
    wait_for((tmp_path / "one.begun").exists, 300)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_one_that_lives_is_not_disturbed(running: subprocess.Popen[str], tmp_path: Path) -> None:
    refusal = f"{tmp_path}: another snakemake runs in this folder; wait for it or end it"
    code, output = finish(start(tmp_path, "--nolock", name="two"))
    assert (code, output.splitlines()[-1]) == (2, refusal)
    for harmless in ("--dry-run", "--summary", "--lint", "--list-rules"):
        code, output = finish(start(tmp_path, harmless))
        assert code == (1 if harmless == "--lint" else 0), output  # it has its opinion on this rule
    (tmp_path / "go").touch()
    code, output = finish(running)
    assert code == 0, output
    assert (tmp_path / "one.txt").read_text() == "done\n"


def test_one_that_was_killed_is_no_hindrance(running: subprocess.Popen[str], tmp_path: Path) -> None:
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert list((tmp_path / ".snakemake" / "locks").iterdir())
    # What it may have been writing when it was killed.
    records = [path for path in (tmp_path / ".snakemake").rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert "incomplete" in {path.parent.name for path in records}
    for path in records:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (tmp_path / "one.txt").write_text("half")
    (tmp_path / "go").touch()
    code, output = finish(start(tmp_path))
    assert code == 0, output
    assert (tmp_path / "one.txt").read_text() == "done\n"
    code, output = finish(start(tmp_path, "--verbose"))
    assert "Nothing to be done" in output


def test_snakemakes_records_find_no_room(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=256k") as folder:
        process = start(folder)
        wait_for((folder / "one.begun").exists, 300)
        fill(folder / "ballast")
        (folder / "one.txt").touch()
        (folder / "go").touch()
        code, output = finish(process)
        assert code == 1
        assert "No space left on device" in output
        assert "Traceback" not in output
        (folder / "ballast").unlink()
        code, output = finish(start(folder))
        assert code == 0, output
        assert (folder / "one.txt").read_text() == "done\n"
