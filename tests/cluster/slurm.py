"""A real SLURM of one node on this machine, seen by nobody else: it lives in namespaces of its own, and ends with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.cluster import node

_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo", "unshare", "nsenter", "ip", "mount")
_NAMESPACES = ("--mount", "--net", "--pid", "--uts")


def missing() -> str | None:
    """What keeps SLURM from being started here; None: nothing."""
    if os.name != "posix" or sys.platform != "linux":
        return "SLURM runs on Linux"
    if absent := [name for name in _PROGRAMS if shutil.which(name, path=_path()) is None]:
        return f"{', '.join(absent)} not found: apt-get install slurm-wlm munge iproute2 util-linux"
    if (os.cpu_count() or 1) < 2:
        return "two processors are needed"
    allowed = subprocess.run(["unshare", *_NAMESPACES, "--fork", "true"], capture_output=True, text=True)
    return f"no namespaces: {allowed.stderr.strip()}" if allowed.returncode else None


class Cluster:
    """A running cluster."""

    def __init__(self, outside: subprocess.Popen[str]) -> None:
        self._outside = outside

    def within(self, folder: Path) -> list[str]:
        """What to put before a command that is to be run on the cluster's node, in `folder`."""
        (first,) = psutil.Process(self._outside.pid).children()
        return ["nsenter", "--target", str(first.pid), *_NAMESPACES, "env", f"--chdir={folder}"]

    def call(self, *command: str) -> str:
        """What a command prints on the node."""
        return subprocess.run([*self.within(Path("/")), *command], check=True, capture_output=True, text=True).stdout

    def jobs(self) -> dict[str, tuple[str, int, str]]:
        """State, processors and time limit of every job so far, by its number."""
        lines = self.call("squeue", "--noheader", "--states=all", "--format=%i|%T|%C|%l").splitlines()
        rows = (line.split("|") for line in lines)
        return {number: (state, int(processors), limit) for number, state, processors, limit in rows}

    def processes(self, script: str) -> list[psutil.Process]:
        """The cluster's processes that run a script of this name."""
        found = []
        for process in psutil.Process(self._outside.pid).children(recursive=True):
            try:
                if process.cmdline()[-1:] and process.cmdline()[-1].endswith(script):
                    found.append(process)
            except psutil.Error:
                continue
        return found


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that keeps its files in this new folder."""
    command = [
        "unshare",
        *_NAMESPACES,
        "--fork",
        "--kill-child",
        "--mount-proc",
        sys.executable,
        str(Path(node.__file__)),
        str(folder),
    ]
    outside = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PATH": _path()})
    try:
        assert outside.stdout is not None
        assert outside.stdout.readline() == "ready\n", _outputs(folder)
        yield Cluster(outside)
    finally:
        outside.kill()  # and with it the first process of its namespaces, and so all of them
        outside.communicate()
        shutil.rmtree(folder)


def _path() -> str:
    """Daemons are not on everybody's path."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def _outputs(folder: Path) -> Sequence[str]:
    return [path.read_text(errors="replace")[-2000:] for path in sorted(folder.glob("*.out"))]
