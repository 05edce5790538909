"""A disk that is full, or mounted for reading only: one line, and nothing lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from records.results import EPISODES, FILES, RUN
from tests.mounts import fill, mounted
from tests.workflow.pipeline import Workspace, complaint, training_process, wait_for
from workflow.training.checkpoint import CHECKPOINT, SECONDS_VARIABLE

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

# The reference engine needs some ten seconds for this: long enough to be caught in the middle of it.
FOLDER = "results/tiny/Multiplexer-v0/map_propagation/chung2021/seeds-000-001"
ARGUMENTS = (f"{FOLDER}/run.json", "--config", "scale=ci", "papers=chung2021", "engine=reference")


def test_results_on_a_disk_of_their_own(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0.3")
    with mounted(workspace.folder / "results", "size=300m") as disk:
        folder, ballast = workspace.folder / FOLDER, disk / "ballast"

        # Too small from the beginning.
        fill(ballast)
        code, output = workspace.snakemake(*ARGUMENTS)
        (line,) = complaint(output)
        assert code == 2
        assert line.startswith("config/config.yaml: the results may take ")
        assert line.endswith(f" MB, but only 0 MB are free in {disk}; make room or choose a smaller scale or fewer seeds")
        ballast.unlink()

        # Full in the middle of a training: that goes on to its end, and goes on from where it was once there is room.
        process = workspace.start(*ARGUMENTS)
        training_process(process)
        wait_for((folder / CHECKPOINT).is_file)
        fill(ballast)
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 1
        again = "make room on that disk and run the same command again, which goes on from all that is there"
        assert f"error: {FOLDER}/{EPISODES}: No space left on device; {again}" in output
        assert "Traceback" not in output
        assert workspace.files(FOLDER) == {CHECKPOINT}
        ballast.unlink()
        workspace.run(*ARGUMENTS)
        assert workspace.files(FOLDER) == set(FILES)
        assert json.loads((folder / RUN).read_text())["resumed"] == 1

        # Read only.
        (folder / RUN).unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        code, output = workspace.snakemake(*ARGUMENTS)
        (line,) = complaint(output)
        remedy = "have that disk mounted for writing"
        assert (code, line) == (2, f"results: cannot be written to (Read-only file system); {remedy}")


def test_a_folder_that_is_read_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line, too, says so before it trains."""
    from workflow.cli.main import main

    with mounted(tmp_path / "disk", "size=1m") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(SystemExit) as caught:
            main(["run", "reinforce", "CartPole-v1", "--output", str(disk)])
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"command line: --output {disk}: no folder for results there (Read-only file system); name another"
