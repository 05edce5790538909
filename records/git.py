"""Ask git about this repository, and about no other one that this folder may lie in."""

from __future__ import annotations

import os
import subprocess

from records.sources import ROOT


def git(*arguments: str) -> str | None:
    """What a git command prints about this repository; None where it fails, where there is no git, and in a release archive.

    Git refuses the repository of another user, as of a colleague who shares a folder, unless it is declared safe.
    """
    command = ["git", "-c", f"safe.directory={ROOT}", *arguments]
    here = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    here["GIT_CEILING_DIRECTORIES"] = str(ROOT.parent)
    try:
        done = subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
