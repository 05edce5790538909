"""Running the real pipeline in a folder of its own: sources are copies that a test may edit, results are nobody else's."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from records.results import RUN
from records.run_folder import without_measured
from records.sources import ROOT

_ANNOUNCEMENT = "Using workflow specific profile"  # Snakemake says so before it has read anything


class Planned(NamedTuple):
    """What snakemake would do."""

    jobs: Counter[str]
    """Number of jobs of each rule."""
    trained: set[str]
    """Folders that training jobs would fill."""


class Workspace:
    """A folder with copies of all that a user sets. Code runs from the repository, and shares its compiled kernels."""

    within: Sequence[str] = ()
    """What to put before the command, where it is to be run somewhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = ROOT
        for file in (ROOT / "config" / "config.yaml", *ROOT.glob("reports/*/*.yaml")):
            (folder / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / file.relative_to(ROOT))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start snakemake in a session of its own, as a terminal would."""
        snakefile = str(self.code / "Snakefile")
        command = [*self.within, sys.executable, "-m", "snakemake", "--snakefile", snakefile, "--cores", "2", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def snakemake(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything printed."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=2600)
        return process.returncode, output

    def run(self, *arguments: str) -> str:
        """Everything printed by a call that must succeed."""
        code, output = self.snakemake(*arguments)
        assert code == 0, output
        return output

    def planned(self, *arguments: str) -> Planned:
        """What a call would do."""
        jobs = announced(self.run("--quiet", "host", "--dry-run", *arguments))
        outputs = [re.search(r"^output: (.*)$", text, re.MULTILINE) for rule, text in jobs if rule == "train"]
        return Planned(
            Counter(rule for rule, _ in jobs), {str(Path(found[1].split(", ")[0]).parent) for found in outputs if found}
        )

    @contextmanager
    def changed(self, file: str, change: Callable[[bytes], bytes]) -> Iterator[None]:
        """For the time being, other contents of a file; then the old ones, as if they had never been touched."""
        path = self.folder / file
        before, times = path.read_bytes(), path.stat()
        path.write_bytes(change(before))
        try:
            yield
        finally:
            path.write_bytes(before)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    @contextmanager
    def edited(self, file: str, change: Callable[[bytes], bytes]) -> Iterator[Path]:
        """For the time being, code from a copy of the repository in which one file is another; yields that copy."""
        before = self.code
        with tempfile.TemporaryDirectory() as folder:
            self.code = _copy_repository(Path(folder), ".git")
            if (ROOT / ".git").exists():
                (self.code / ".git").symlink_to(ROOT / ".git")  # figures cite commits
            path = self.code / file
            path.write_bytes(change(path.read_bytes()))
            try:
                yield self.code
            finally:
                self.code = before

    def files(self, folder: str) -> set[str]:
        """Names of all files in a folder, hidden ones included; none where there is no folder."""
        path = self.folder / folder
        return {file.name for file in path.iterdir()} if path.is_dir() else set()


class Clone(Workspace):
    """A folder with a copy of the whole repository, whose code runs from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = self.code = _copy_repository(folder)


def _copy_repository(folder: Path, *without: str) -> Path:
    patterns = ("__pycache__", "results", "logs", ".*_cache", ".snakemake", ".venv*", ".hypothesis", *without)
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*patterns), dirs_exist_ok=True)
    return folder


def announced(said: str) -> list[tuple[str, str]]:
    """Rule and description, a line each for `input`, `output` and so on, of every job that a dry run announced."""
    # Jobs of a group stand indented below it.
    found = re.findall(r"^( *)(?:local)?rule (\w+):\n((?:\1    .*\n)*)", said, re.MULTILINE)
    return [(rule, textwrap.dedent(described)) for _, rule, described in found]


def contents(folder: Path) -> dict[str, Any]:
    """Every file of a folder, by name; of run.json what is the same whenever the same is run, whatever is committed meanwhile."""
    files: dict[str, Any] = {file.name: file.read_bytes() for file in folder.iterdir()}
    files[RUN] = {**without_measured(json.loads(files[RUN])), "git": None}
    return files


def complaint(output: str) -> list[str]:
    """What snakemake printed, but for its own announcement of the profile."""
    return [line for line in output.splitlines() if line and not line.startswith(_ANNOUNCEMENT)]


def training_process(snakemake: subprocess.Popen[str], patience: float = 120) -> psutil.Process:
    """The process in which a job trains, once it has been started."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and snakemake.poll() is None:
        for child in psutil.Process(snakemake.pid).children(recursive=True):
            try:
                command = child.cmdline()
            except psutil.Error:
                continue
            if command and "python" in Path(command[0]).name and command[-1].endswith("train.py"):
                return child
        time.sleep(0.05)
    raise AssertionError("no training was started")


def wait_for(condition: Callable[[], bool], patience: float = 120) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C does: SIGINT to everything in the terminal's foreground."""
    os.killpg(process.pid, signal.SIGINT)
