"""A copy of the repository with an environment of its own, in a folder whose name no shell takes as one word."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from records.sources import ROOT
from tests.workflow.pipeline import Clone
from workflow.plan.plan import make_plan

SCRIPT = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys
from snakemake.cli import main
sys.exit(main())
"""
"""As pip writes the scripts of an environment whose path has a space."""
REFERENCE = ("--config", "scale=ci", "papers=chung2020", "engine=reference")
"""Trainings that need no kernels, which would be compiled anew in every copy."""


class Checkout(Clone):
    """`.venv` is made without downloads: it takes its packages from the environment that runs the tests."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        venv, python = folder / ".venv", Path(os.path.realpath(sys.executable))
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").symlink_to(python)
        (venv / "pyvenv.cfg").write_text(f"home = {python.parent}\ninclude-system-site-packages = false\n", encoding="utf-8")
        packages = venv / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
        packages.mkdir(parents=True)
        (packages / "site-packages").symlink_to(site.getsitepackages()[0])
        script = venv / "bin" / "snakemake"
        script.write_text(SCRIPT.format(python=venv / "bin" / "python"), encoding="utf-8")
        script.chmod(0o755)

    def call(
        self, *command: str, before: str = "", where: Path | None = None, given: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Exit code and all that a command prints; `before` is what its shell is told first, `given` its environment."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHONPATH"))}
        done = subprocess.run(
            ["sh", "-c", f'{before}\nexec "$@"', "sh", *command],
            cwd=where or self.folder,
            env=inherited | dict(given or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=600,
        )
        return done.returncode, done.stdout


def cheap(task: str) -> str:
    """Folder of the results of a training that takes a second."""
    plan = make_plan(ROOT, {"scale": "ci", "papers": "chung2020"})
    return plan.folders([plan.runs[task, "backprop_traces", "chung2020"]])[0]
