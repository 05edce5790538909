"""The birth certificate of a result: what made it, from which sources, with which versions, on which machine."""

from __future__ import annotations

import platform
import resource
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from envs.task import Task
from records.git import git
from records.manifest import sha256_of_file
from records.sources import ROOT, fingerprint, hashes
from workflow.plan.sources import training_sources
from workflow.process.instructions import instructions_in_force

LOCK = "constraints.txt"
PACKAGES = ("envpool", "gymnasium", "numba", "numpy", "pyarrow", "torch")
"""The packages that a training's results can depend on."""
THEORY_PACKAGES = (*PACKAGES, "pandas", "scipy", "sympy")
"""Those that an experiment of the theory can."""


def certificate(method: str, task: Task, env_backend: str) -> dict[str, Any]:
    """What run.json says of the sources, the software, the machine and the environment, as they are now."""
    return {"environment": describe_environment(task, env_backend), **origin(training_sources(method, task.name), PACKAGES)}


def origin(paths: list[str], packages: Sequence[str]) -> dict[str, Any]:
    """What a record says of the source files `paths`, the software and the machine, as they are now."""
    sources = hashes(paths)
    return {
        "versions": {package: version(package) for package in packages},
        "lock": lock(),
        "python": platform.python_version(),
        "platform": "-".join((platform.system(), platform.machine(), *platform.libc_ver())),
        "sources": sources,
        "source_fingerprint": fingerprint(sources),
        "git": git_state(),
        "instructions": instructions_in_force(),
        "cpu": cpu_name(),
        "threads": 1,
    }


def describe_environment(task: Task, env_backend: str) -> dict[str, Any]:
    """What exactly was stepped."""
    own_name = env_backend == "envpool" and task.kind == "episodic"  # EnvPool has versions that gymnasium has dropped
    return {
        "id": task.name if own_name else task.gymnasium_id,
        "title": task.title,
        "kind": task.kind,
        "observation_size": task.observation_size,
        "action_size": task.action_size,
        "discrete": task.discrete,
        "time_limit": task.time_limit,
    }


@cache
def lock() -> str | None:
    """The digest of the file that pins all packages, those that ours need among them; None where there is no such file."""
    path = ROOT / LOCK
    return sha256_of_file(path) if path.is_file() else None


@cache
def git_state() -> dict[str, Any]:
    """The commit that is checked out and whether tracked files differ from it; nulls where there is no repository."""
    commit = git("rev-parse", "HEAD")
    changes = git("status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def last_commit(paths: list[str]) -> str | None:
    """The commit that last touched any of these files, with `+` behind it where one differs from it; None without git.

    In a shallow clone that is the oldest commit that it has, in which they are the same.
    """
    commit = git("log", "-1", "--format=%H", "--", *paths)
    changes = git("status", "--porcelain", "--", *paths)
    return f"{commit}+" if commit and changes else commit


@cache
def cpu_name() -> str:
    """The processor's model, as the system names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def peak_memory_mib() -> float:
    """The most memory this process has held so far, in MiB."""
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    return kibibytes / (1024**2 if platform.system() == "Darwin" else 1024)
