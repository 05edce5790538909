"""Locks: one holder at a time, and none once it is dead."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from records.sources import ROOT
from workflow.process.locking import Held, acquire, locked

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


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with locked(tmp_path, patience=0), locked(tmp_path, patience=0):
        pass
    with pytest.raises(OSError, match="not supported"):
        acquire(0, fcntl.LOCK_SH)
