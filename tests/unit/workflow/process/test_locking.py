"""Locks: one holder at a time, and none once it is dead."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from records.sources import ROOT
from workflow.process.locking import Held, hold_working_directory, locked, remove_leftovers

HOLDER = (
    "import sys, time; from pathlib import Path; from workflow.process.locking import locked; lock = locked(Path(sys.argv[1])); "
)
HOLDER += "lock.__enter__(); print('held', flush=True); time.sleep(600)"


def test_held_by_another_until_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Held), locked(tmp_path, patience=0.3):
            pass
        threading.Timer(0.5, holder.kill).start()
        with locked(tmp_path, patience=60):
            assert holder.wait(timeout=60) == -9
    assert not list(tmp_path.iterdir())


def test_released_by_its_holder(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path, patience=0), pytest.raises(Held), locked(tmp_path, patience=0):
            pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [38, 37, 95])  # no such call, no locks, not supported
def test_a_file_system_without_locks(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(number, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with locked(tmp_path, patience=0), locked(tmp_path, patience=0):
        pass


def test_snakemakes_own_locks_are_removed_where_no_snakemake_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    remove_leftovers()
    leftover = tmp_path / ".snakemake" / "locks" / "0.output.lock"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    with locked(tmp_path / ".snakemake"):
        remove_leftovers()
        assert leftover.exists()
        with pytest.raises(SystemExit) as caught:
            hold_working_directory(patience=0)
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"{tmp_path}: another snakemake runs in this folder; wait for it or end it\n"
    remove_leftovers()
    assert not leftover.exists()
