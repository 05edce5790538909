"""`python -m workflow status` tells from the disk alone what is done, running, failed and missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from records.errors import TrainingError
from records.run_folder import FILES
from records.sources import ROOT
from tests.unit.workflow.cli.made_results import KEY, make, planned
from workflow.cli.main import main
from workflow.cli.status import Block, _left, look, table, told
from workflow.jobs.resources import Estimates, measurements
from workflow.plan.paths import training_log
from workflow.plan.plan import block_folder, read_plan
from workflow.process import scripting
from workflow.process.locking import is_locked, locked
from workflow.process.progress import LOGGER, Progress
from workflow.training.checkpoint import CHECKPOINT

CI = {"scale": "ci", "papers": "chung2021"}


@pytest.fixture(autouse=True)
def no_ties(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripting, "end_with_parent", lambda: None)


def folder_of(house: Path) -> str:
    return block_folder("tiny", planned(house), (0, 1))


def seen(house: Path) -> Block:
    (block,) = look(house, read_plan(house, CI), planned(house))
    return block


def log(house: Path, end: Callable[[], None]) -> None:
    """What a job of the pipeline leaves in its log, which ends as `end` does."""
    job = SimpleNamespace(log=[str(house / training_log(folder_of(house)))])
    try:
        with scripting.logged_job(job):
            LOGGER.info("%s: seeds 0 to 1, 10 episodes each", "/".join(KEY))
            Progress(" ".join(KEY), "episodes", 20, every=0.0)(2, 5, 100)
            end()
    except SystemExit:
        pass
    finally:
        for handler in LOGGER.handlers:
            handler.close()
        LOGGER.handlers = []


def break_down() -> None:
    raise TrainingError("seed 1, episode 3: actor/weights_1 is no longer finite")


def crash() -> None:
    raise ZeroDivisionError("a fault of ours")


def ctrl_c() -> None:
    raise KeyboardInterrupt


def test_nothing_is_there(house: Path) -> None:
    block = seen(house)
    assert (block.state, block.left, block.lines, block.seeds) == ("missing", 1.0, (), 2)


def test_a_result_is_done(house: Path) -> None:
    make(house)
    log(house, break_down)  # of a try before
    assert (seen(house).state, seen(house).left) == ("done", 0.0)


@pytest.mark.parametrize("name", FILES)
def test_a_result_that_lacks_a_file_is_not_done(house: Path, name: str) -> None:
    (make(house) / name).unlink()
    assert seen(house).state == "missing"


@pytest.mark.parametrize("changes", [{"root_seed": 7}, {"source_fingerprint": "0" * 64}])
def test_a_result_of_something_else_is_stale(house: Path, changes: dict[str, Any]) -> None:
    make(house, **changes)
    assert (seen(house).state, seen(house).left) == ("stale", 1.0)


def test_a_damaged_result_has_failed(house: Path) -> None:
    record = make(house) / FILES[-1]
    record.write_bytes(record.read_bytes()[:-20])
    (line,) = seen(house).lines
    assert seen(house).state == "failed"
    assert line.startswith("run.json is truncated or not a record in JSON; delete ")


def test_who_holds_the_folder_runs(house: Path) -> None:
    folder = house / folder_of(house)
    folder.mkdir(parents=True)
    log(house, lambda: None)
    with locked(folder, patience=0):
        block = seen(house)
        assert is_locked(folder), "it was only looked at"
    assert (block.state, block.left) == ("running", 0.75)
    assert " 5 of 20 episodes (25 %)" in block.lines[0]
    assert not is_locked(folder)


def test_a_lock_left_behind_is_none(house: Path) -> None:
    folder = house / folder_of(house)
    folder.mkdir(parents=True)
    (folder / ".lock").touch()
    assert seen(house).state == "missing"
    assert (folder / ".lock").exists(), "to look changes nothing"


@pytest.mark.parametrize(("fault", "said"), [(break_down, "no longer finite"), (crash, "ZeroDivisionError: a fault of ours")])
def test_what_failed_says_why(house: Path, fault: Callable[[], None], said: str) -> None:
    log(house, fault)
    block = seen(house)
    assert (block.state, block.left) == ("failed", 1.0)
    assert said in block.lines[-1]
    log(house, lambda: LOGGER.info("CartPole-v1 map_propagation chung2021: done in 3 s, 9 steps/s"))
    assert seen(house).state == "missing", "the next try succeeded, and its result was deleted: the failure is not remembered"


@pytest.mark.parametrize("fault", [ctrl_c, lambda: None])
def test_what_was_stopped_goes_on_from_its_checkpoint(house: Path, fault: Callable[[], None]) -> None:
    log(house, fault)
    assert (seen(house).state, seen(house).left) == ("interrupted", 1.0)
    (house / folder_of(house)).mkdir(parents=True)
    (house / folder_of(house) / CHECKPOINT).touch()
    assert (seen(house).state, seen(house).left) == ("interrupted", 0.75)


def test_the_table_counts_seeds_and_time(house: Path) -> None:
    make(house)
    plan = read_plan(house, CI)
    blocks = [block for run in plan.runs.values() for block in look(house, plan, run)]
    lines = table(plan, blocks).splitlines()
    assert lines[0] == "| paper | task | method | variant | done | running | failed | missing | time left of one core |"
    (row,) = [line for line in lines if line.startswith(f"| chung2021 | {' | '.join(KEY)} |")]
    assert row.endswith("| 2 |  |  |  |  |")
    seeds = sum(len(seeds) for seeds in plan.seeds.values())
    (total,) = [line for line in lines if line.startswith("| all |")]
    assert f"| 2 | 0 | 0 | {seeds - 2} | at most " in total
    assert len(lines) >= len(plan.runs) + 3


def test_half_a_training_takes_half_the_time(house: Path) -> None:
    plan, run = read_plan(house, {**CI, "scale": "paper"}), planned(house)
    estimates = Estimates(measurements(ROOT))
    whole, half = (_left([Block(run, 10, "", "running", left)], estimates, plan).seconds for left in (1.0, 0.5))
    assert whole == pytest.approx(2 * half) == pytest.approx(10 * estimates.seconds(run, True)[0])
    assert half > 0


def test_ends_of_logs(house: Path) -> None:
    run = planned(house)
    blocks = [Block(run, 1, f"results/{number}", "failed", 1.0, ("why",)) for number in range(22)]
    lines = told([*blocks, Block(run, 1, "results/x", "running", 1.0, ("now",)), Block(run, 1, "results/y", "missing", 1.0)])
    assert lines[:3] == ["", "failed: results/0", "    why"]
    assert lines[-5:] == ["", "failed: 2 more", "", "running: results/x", "    now"]


def test_the_command(house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(house)
    log(house, break_down)
    assert main(["status", "--config", "scale=ci", "--config", "papers=chung2021"]) == 0
    out = capsys.readouterr().out
    assert f"\nfailed: {folder_of(house)}\n" in out
    assert out.endswith("error: seed 1, episode 3: actor/weights_1 is no longer finite\n")
    with pytest.raises(SystemExit) as caught:
        main(["status", "--config", "scale=none"])
    assert caught.value.code == 2


def test_the_log_is_where_the_rule_puts_it(house: Path) -> None:
    rule = (ROOT / "workflow" / "rules" / "train.smk").read_text(encoding="utf-8")
    path = training_log("results/{budget}/{task}/{method}/{variant}/{block}")
    assert f'"{path}"' in rule


def test_it_imports_only_what_planning_needs() -> None:
    heavy = {"torch", "numba", "pandas", "pyarrow", "envpool", "scipy", "matplotlib"}
    script = "import sys; from workflow.cli.main import main; main(['status', '--config', 'scale=ci']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert heavy.isdisjoint(done.stdout.splitlines()[-1].split())
