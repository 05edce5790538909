"""`python -m workflow verify` on a real result: sound, out of date by its sources, by its settings, and sound again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.pipeline import Clone

FOLDER = "results/tiny/ScalarRegression-v0/reinforce/chung2021/seeds-000-001"
SETTINGS = ("scale=ci", "papers=chung2021", "engine=reference")


@pytest.mark.pipeline
@pytest.mark.slow
def test_records_and_snakemake_agree(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "copy")
    clone.run(f"{FOLDER}/run.json", "--config", *SETTINGS)

    def verify() -> tuple[int, list[str]]:
        told = [word for setting in SETTINGS for word in ("--config", setting)]
        command = [sys.executable, "-m", "workflow", "verify", *told]
        done = subprocess.run(command, cwd=clone.folder, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    code, lines = verify()
    assert code == 0
    assert lines[-1].startswith("missing, to be made now: ")
    assert not [line for line in lines if line.startswith(("stale", "damaged", "out of date"))]

    changes = {
        "algorithms/reinforce.py": (b"", b"# An edit.\n", "other sources (algorithms/reinforce.py); made at commit "),
        "config/config.yaml": (b"root_seed: 0", b"root_seed: 1", "another configuration (root_seed was 0, is 1); made at "),
    }
    for file, (old, new, why) in changes.items():
        with clone.changed(file, lambda text, old=old, new=new: text.replace(old, new) if old else text + new):  # type: ignore[misc]
            code, lines = verify()
        assert code == 1
        assert f"    {FOLDER}" in lines
        assert any(line.startswith(f"stale: {why}") for line in lines), lines
        assert lines[-1] == "out of date, to be made now: 3 files by train"
    assert verify()[0] == 0
