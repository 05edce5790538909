"""Bad input, as a user meets it: one line, exit code 2, no traceback, and nothing is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.workflow.pipeline import Workspace, complaint
from workflow.cli.main import main
from workflow.training.checkpoint import SECONDS_VARIABLE

SNAKEMAKE = {
    ("scale=qick",): "config/config.yaml or --config: scale: 'qick' is not valid; did you mean quick?",
    ("papers=kubo",): "config/config.yaml or --config: papers: unknown paper 'kubo'; ",
    ("seeds=few",): "config/config.yaml or --config: seeds: 'few' should be a valid integer",
    ("sedes=3",): "config/config.yaml or --config: unknown key 'sedes'; did you mean seeds?",
    ("seeds=1000000",): "config/config.yaml or --config: seeds: 1000000 should be less than or equal to 800",
}


@pytest.mark.pipeline
def test_snakemake(workspace: Workspace) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda settings: workspace.snakemake("--nolock", "--config", *settings), SNAKEMAKE))
    for (code, output), expected in zip(results, SNAKEMAKE.values(), strict=True):
        lines = complaint(output)
        assert code == 2, output
        assert len(lines) == 1, output
        assert lines[0].startswith(expected)
    assert not workspace.files("results")


@pytest.mark.pipeline
def test_snakemake_with_a_wrong_paper(workspace: Workspace) -> None:
    def run(old: bytes, new: bytes) -> tuple[int, list[str]]:
        with workspace.changed("reports/chung2021/runs.yaml", lambda text: text.replace(old, new, 1)):
            code, output = workspace.snakemake()
        return code, complaint(output)

    where = "reports/chung2021/runs.yaml: tasks.CartPole-v1.hyperparameters"
    hint = "did you mean temperature or temperature_form?"
    assert run(b"temperature: 2", b"temprature: 2") == (2, [f"{where}: unknown hyperparameter 'temprature'; {hint}"])
    assert run(b"temperature: 2", b"temperature: -2") == (2, [f"{where}.temperature: -2 should be greater than 0"])
    assert not workspace.files("results")


@pytest.mark.pipeline
def test_snakemake_with_wrong_claims(workspace: Workspace) -> None:
    with workspace.changed("reports/chung2021/claims.yaml", lambda text: text.replace(b"sd: 5.40", b"sd: -5.40", 1)):
        code, output = workspace.snakemake()
    (line,) = complaint(output)
    assert code == 2
    assert line.startswith("reports/chung2021/claims.yaml:")
    assert line.endswith(": claim return-acrobot-map: sd: -5.4 should be greater than 0")
    assert not workspace.files("results")


@pytest.mark.pipeline
def test_snakemake_with_targets_that_are_none(workspace: Workspace) -> None:
    """Functions of wildcards refuse as everything else does."""
    targets = {
        "results/reports/chung.pdf": "command line: results/reports: unknown paper 'chung'; did you mean chung2021 or chung2020?",
        "results/full/CartPole-v1/reinforce/chung2021/seeds-000-009/run.json": "config/config.yaml: scale: results/full/",
        "results/sweeps/chung2021/no-such.csv": "reports/chung2021/sweep.yaml: unknown search 'no-such'; ",
    }
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda target: workspace.snakemake("--nolock", target), targets))
    for (code, output), expected in zip(results, targets.values(), strict=True):
        *_, line = complaint(output)  # snakemake has said by then what it is, and what it begins with
        assert code == 2, output
        assert line.startswith(expected), output
        assert "Traceback" not in output
    assert not workspace.files("results")


@pytest.mark.pipeline
def test_snakemake_with_a_malformed_environment(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "often")
    code, output = workspace.snakemake()
    assert (code, complaint(output)) == (
        2,
        [f"environment variable {SECONDS_VARIABLE}: 'often' must be a number of seconds, 0 or more"],
    )
    assert not workspace.files("results")


@pytest.mark.pipeline
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (("SCALE=qick",), "config/config.yaml or --config: scale: 'qick' is not valid; did you mean quick?"),
        (("PAPER=../chung2021",), "config/config.yaml or --config: papers: unknown paper '../chung2021'; did you mean chung2021"),
        (("PAPER=chung2021 kubo2022",), "config/config.yaml or --config: papers: unknown paper 'chung2021 kubo2022'; did you"),
    ],
)
def test_make(settings: tuple[str, ...], expected: str, workspace: Workspace) -> None:
    """Make adds a line of its own, of the recipe that failed."""
    shutil.copy(ROOT / "Makefile", workspace.folder)
    tools = workspace.folder / "tools" / "bin"
    tools.mkdir(parents=True)
    snakemake = tools / "snakemake"
    snakemake.write_text(
        f'#!/bin/sh\nexec {sys.executable} -m snakemake --snakefile {ROOT / "Snakefile"} "$@"\n', encoding="utf-8"
    )
    snakemake.chmod(0o755)
    command = ["make", "--assume-old=environment", "reproduce", "VENV=tools", *settings]
    # The tests may run under a make of their own, of which this one must not be a part.
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=workspace.folder, env=alone, capture_output=True, text=True, check=False)
    lines = complaint(done.stderr)
    assert len(lines) == 2, done.stderr
    line, own = lines
    assert line.startswith(expected)
    assert own.startswith("make: *** ")
    assert done.returncode == 2
    assert not workspace.files("results")


COMMAND_LINE = [
    (["run", "reinforc", "CartPole-v1"], "unknown method 'reinforc'; did you mean reinforce or reinforce_thomas?"),
    (["run", "reinforce", "cartpole"], "unknown task 'cartpole'; did you mean CartPole-v1"),
    (["run", "reinforce"], "the following arguments are required: task; see python -m workflow run --help"),
    (["rnu", "reinforce", "CartPole-v1"], "invalid choice: 'rnu'"),
    (
        ["run", "reinforce", "CartPole-v1", "--set", "temprature=2"],
        "--set: unknown hyperparameter of reinforce 'temprature'; did",
    ),
    (["run", "reinforce", "CartPole-v1", "--set", "temperature"], "--set temperature: it must be NAME=VALUE"),
    (["run", "reinforce", "CartPole-v1", "--set", "temperature=hot"], "--set temperature: 'hot' should be a valid number"),
    (["run", "reinforce", "CartPole-v1", "--set", "discount=1.01"], "--set discount: 1.01 should be less than or equal to 1"),
    (
        ["run", "reinforce", "CartPole-v1", "--set", "actor_learning_rates=[1, 2]"],
        "--set actor_learning_rates: 2 values for layers",
    ),
    (["run", "reinforce", "CartPole-v1", "--set", "hidden_sizes=64"], "--set hidden_sizes: 64 should be a valid list"),
    (["run", "map_propagation", "CartPole-v1", "--set", "signal=target"], "--set signal: 'target' needs a single-step task"),
    (["run", "reinforce", "CartPole-v1", "--seeds", "5:5"], "--seeds 5:5: it must be a number, or FIRST:STOP"),
    (["run", "reinforce", "CartPole-v1", "--seeds", "all"], "--seeds all: it must be a number"),
    (["run", "reinforce", "CartPole-v1", "--episodes", "0"], "--episodes: 0 must be at least 1"),
    (["run", "reinforce", "CartPole-v1", "--episodes", "ten"], "argument --episodes/--updates: invalid int value: 'ten'"),
    (["run", "reinforce", "CartPole-v1", "--paper", "chung"], "unknown paper 'chung'; did you mean chung2021 or chung2020?"),
    (["run", "reinforce", "CartPole-v1", "--paper", "none"], "defaults has no budget for CartPole-v1; add --episodes N"),
    (["run", "reinforce", "CartPole-v1", "--engine", "fast"], "--engine: invalid choice: 'fast'"),
]


@pytest.mark.parametrize(("arguments", "expected"), COMMAND_LINE)
def test_command_line(
    arguments: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if arguments[0] == "run":
        arguments = [*arguments, "--output", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert len(printed.err.splitlines()) == 1
    assert expected in printed.err
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command of the README, shorter."""
    arguments = ["run", "reinforce", "CartPole-v1", "--seeds", "0:3", "--episodes", "5", "--set", "discount=0.9"]
    assert main([*arguments, "--engine", "reference", "--output", str(tmp_path)]) == 0
    folder = tmp_path / "CartPole-v1" / "reinforce" / "custom" / "seeds-000-002"
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("CartPole-v1, REINFORCE (custom): mean return ")
    assert out[0].endswith(", n = 3 seeds) over 5 episodes")
    assert out[1] == f"results in {folder}"
    assert sorted(path.name for path in folder.iterdir()) == ["episodes.parquet", "policy.npz", "run.json"]
