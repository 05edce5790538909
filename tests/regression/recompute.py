"""The ci scale, computed anew in a folder of its own: nobody's results are touched, compiled kernels are shared."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.workflow.pipeline import Workspace

CI = ("--config", "scale=ci")


@contextmanager
def recomputed() -> Iterator[Path]:
    """A folder in which the ci scale has just run from nothing, for as long as it is needed.

    Raises subprocess.CalledProcessError, with what snakemake said, where that fails.
    """
    with tempfile.TemporaryDirectory(prefix="regression-") as folder:
        workspace = Workspace(Path(folder) / "ci")
        code, output = workspace.snakemake(*CI)
        if code:
            raise subprocess.CalledProcessError(code, "snakemake", output)
        yield workspace.folder
