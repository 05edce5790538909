"""A process ends when the one that it works for is gone, however that came about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from records.sources import ROOT
from workflow.process.orphans import VARIABLE

CHILD = """
from workflow.process.orphans import end_with_parent
end_with_parent(); print("here", flush=True)
import time; time.sleep(600)
"""
PARENT = f"""
import subprocess, sys, time
from workflow.process.orphans import end_children_with_this
end_children_with_this()
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE, text=True)
print(child.stdout.readline().strip(), child.pid, flush=True)
time.sleep(600)
"""


def start(program: str, **variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **variables}
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)


def test_killed_with_its_parent() -> None:
    parent = start(PARENT)
    assert parent.stdout is not None
    here, number = parent.stdout.readline().split()
    child = psutil.Process(int(number))
    assert (here, child.is_running(), child.parent()) == ("here", True, psutil.Process(parent.pid))
    parent.kill()  # and is a zombie from now on
    child.wait(timeout=60)
    assert psutil.Process(parent.pid).status() == psutil.STATUS_ZOMBIE
    parent.wait()


def test_one_whose_parent_is_gone_already_ends_at_once(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    assert start(CHILD, **{VARIABLE: gone.stdout.strip()}).wait(timeout=60) == -9


@pytest.mark.parametrize("value", ["", "make"])
def test_one_that_works_for_nobody_goes_on(value: str) -> None:
    program = (
        "import time; from workflow.process.orphans import end_with_parent; end_with_parent(); time.sleep(0.5); print('done')"
    )
    process = start(program, **{VARIABLE: value})
    assert process.communicate(timeout=60)[0] == "done\n"
    assert process.returncode == 0
