"""`python -m workflow verify` says of every result what has happened to it, and what would now be made otherwise."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from records import sources
from records.manifest import sealed, sha256_of_file, text_of
from records.results import write_with_record
from records.run_folder import FILES, without_measured
from records.sources import ROOT
from reports.document.provenance import condense
from tests.unit.workflow.cli.made_results import CLEAN, expected, make, planned
from tests.unit.workflow.settings_files import RUNS
from workflow.cli import verify as module
from workflow.cli.main import main
from workflow.cli.verify import Finding, table, verify
from workflow.plan.plan import read_plan
from workflow.plan.sources import theory_sources
from workflow.process.provenance import THEORY_PACKAGES, origin
from workflow.training.checkpoint import CHECKPOINT

MADE = "made at commit 0123456789"


def fewer_ascent_steps(house: Path) -> None:
    text = (house / RUNS).read_text(encoding="utf-8")
    assert "ascent_steps: 20" in text
    (house / RUNS).write_text(text.replace("ascent_steps: 20", "ascent_steps: 19"), encoding="utf-8")


def findings(house: Path, **overrides: Any) -> tuple[str, bool]:
    found = list(verify(house, overrides))
    return table(found), not any(finding.status in module.FAILING for finding in found)


@pytest.fixture
def folder(house: Path) -> Path:
    return make(house)


def test_what_would_be_made_now_is_sound(house: Path, folder: Path) -> None:
    assert findings(house) == ("1 sound", True)


def test_nothing_at_all(house: Path) -> None:
    assert findings(house) == ("there are no results", True)


def _garble(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


@pytest.mark.parametrize("name", FILES[:-1])
def test_what_is_damaged_is_named(house: Path, folder: Path, name: str) -> None:
    _garble(folder / name)
    text, sound = findings(house)
    place = folder.relative_to(house)
    what = f"{name} is not the file that run.json vouches for: damaged, edited or of another run; delete {place}"
    assert (text, sound) == (f"damaged: {what}\n    {place}\n1 damaged", False)


OTHERWISE: dict[str, tuple[dict[str, Any], str]] = {
    "another root seed": ({"root_seed": 7}, "another configuration (root_seed was 7, is 0)"),
    "another engine": ({"engine": "reference"}, 'another configuration (engine was "reference", is "fused")'),
    "another precision": ({"dtype": "float64"}, 'another configuration (dtype was "float64", is "float32")'),
    "another environment": ({"env_backend": "gymnasium"}, 'another configuration (env_backend was "gymnasium", is "envpool")'),
    "other instructions": ({"native": True}, "another configuration (native was true, is false)"),
    "another length": ({"budget": {"episodes": 3}}, "another configuration (budget.episodes was 3, is 10)"),
    "another Python": ({"python": "3.10.1"}, "other versions (python was "),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_what_would_be_made_otherwise_is_stale(house: Path, case: str) -> None:
    changes, why = OTHERWISE[case]
    make(house, **changes)
    text, sound = findings(house)
    assert not sound
    assert text.startswith(f"stale: {why}")
    assert MADE in text
    assert text.endswith("\n1 stale")


def test_another_version_of_a_package(house: Path) -> None:
    record = expected(planned(house), [0, 1])
    now = record["versions"]["numpy"]
    make(house, versions={**record["versions"], "numpy": "1.26.4"}, git={"commit": "abc", "dirty": True})
    why = f'other versions (numpy was "1.26.4", is "{now}"); made at commit abc, with changes that were not committed'
    assert findings(house)[0].splitlines()[0] == f"stale: {why}"


def test_an_edited_source(house: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy"
    for name in ("algorithms", "envs", "experiments", "records", "workflow", "reports"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "measured"))
    monkeypatch.setattr(sources, "ROOT", copy)
    monkeypatch.setattr(module, "ROOT", copy)
    assert findings(house) == ("1 sound", True)
    with (copy / "algorithms" / "map_propagation.py").open("a") as file:
        file.write("# An edit.\n")
    text, sound = findings(house)
    assert text.splitlines()[0] == f"stale: other sources (algorithms/map_propagation.py); {MADE}"
    assert not sound


def test_a_changed_hyperparameter(house: Path, folder: Path) -> None:
    fewer_ascent_steps(house)
    text, sound = findings(house)
    assert text.splitlines()[0] == f"stale: another configuration (hyperparameters.ascent_steps was 20, is 19); {MADE}"
    assert not sound


def test_what_snakemake_was_told_can_be_told_here_too(house: Path) -> None:
    make(house, root_seed=7)
    assert findings(house, root_seed=7) == ("1 sound", True)


def test_seeds_and_variants_that_nothing_asks_for(house: Path) -> None:
    other = make(house, (2, 3)).relative_to(house)
    assert findings(house) == (f"not planned: no paper asks for these seeds any more\n    {other}\n1 not planned", True)
    assert findings(house, seeds=4, seeds_per_job=2) == ("1 sound", True)
    shutil.rmtree(house / other)
    folder = make(house, variant="gone")
    gone = folder.parent.with_name("gone")
    folder.parent.rename(gone)
    name = (gone / folder.name).relative_to(house)
    assert findings(house) == (f"not planned: no paper asks for it any more\n    {name}\n1 not planned", True)


def test_what_is_not_finished(house: Path, folder: Path) -> None:
    (folder / "run.json").unlink()
    place = folder.relative_to(house)
    assert findings(house) == (f"unfinished: it has no run.json\n    {place}\n1 unfinished", True)
    (folder / CHECKPOINT).touch()
    assert findings(house)[0].startswith("unfinished: a checkpoint waits to be gone on from")


def test_results_from_before_there_were_checksums(house: Path, folder: Path) -> None:
    record = json.loads((folder / "run.json").read_text())
    del record["sha256"], record["sealed"]
    (folder / "run.json").write_text(json.dumps(record))
    text, sound = findings(house)
    assert (text.splitlines()[-1], sound) == ("1 unsealed", True)


def test_single_results_are_held_against_sources_and_versions_alone(house: Path) -> None:
    make(house, parent="results/single", variant="chung2021", hyperparameters={"told": "on the command line"})
    assert findings(house) == ("1 sound", True)
    make(house, parent="results/single", python="3.10.1")
    assert findings(house)[0].startswith("stale: other versions (python was ")


def test_the_tables_of_the_theory(house: Path) -> None:
    path = house / "results" / "theory" / "tiny" / "alignment.parquet"
    path.parent.mkdir(parents=True)
    record = {**origin(theory_sources("alignment"), THEORY_PACKAGES), **CLEAN}
    write_with_record(path, b"a table", record)
    assert findings(house) == ("1 sound", True)
    path.write_bytes(b"another")
    text, sound = findings(house)
    assert "damaged: alignment.parquet is not the file that alignment.json vouches for" in text
    assert not sound
    write_with_record(path, b"a table", {**record, "versions": {**record["versions"], "scipy": "1.0"}})
    assert 'stale: other versions (scipy was "1.0", is' in findings(house)[0]


def _report(house: Path, folder: Path) -> Path:
    """A report's parts, as the pipeline would leave them."""
    place = house / "results" / "reports" / "chung2021"
    for part in ("data", "tables", "figures"):
        (place / part).mkdir(parents=True)
    runs = [without_measured(json.loads((folder / "run.json").read_text()))]
    (place / "data" / "runs.json").write_text(json.dumps(runs))
    (place / "tables" / "table_1.csv").write_text("a,b\n1,2\n")
    (place / "figures" / "figure_2.png").write_bytes(b"PNG")
    files = [place / "data" / "runs.json", place / "tables" / "table_1.csv", place / "figures" / "figure_2.png"]
    record = sealed({}, "provenance.json", {file.name: sha256_of_file(file) for file in files})
    (place / "provenance.json").write_text(text_of(record))
    return place


def test_reports(house: Path, folder: Path) -> None:
    place = _report(house, folder)
    assert findings(house) == ("2 sound", True)
    (place / "tables" / "table_1.csv").write_text("a,b\n1,3\n")
    assert findings(house)[0].startswith("damaged: table_1.csv is not the file that provenance.json vouches for")


def _measured(house: Path, **changes: Any) -> Path:
    folder = house / "reports" / "chung2021" / "measured"
    folder.mkdir()
    (folder / "table_1.csv").write_text("a,b\n1,2\n")
    (folder / "costs.csv").write_text("another each time\n")
    plan = read_plan(house, {"scale": "extended"})
    runs = [expected(plan.runs[key], [0]) for key in plan.reported["chung2021"]]
    record = sealed(
        {**condense(runs), "dirty": False, **changes}, "provenance.json", {"table_1.csv": sha256_of_file(folder / "table_1.csv")}
    )
    (folder / "provenance.json").write_text(text_of(record))
    return folder


def test_committed_tables_that_would_come_out_the_same(house: Path) -> None:
    folder = _measured(house)
    assert findings(house) == ("1 sound", True)
    (folder / "table_1.csv").write_text("a,b\n1,3\n")
    text, sound = findings(house)
    assert text.startswith("damaged: table_1.csv is not the file that provenance.json vouches for")
    assert not sound


def test_committed_tables_of_other_sources_are_no_fault(house: Path) -> None:
    _measured(house, sources={"algorithms/gone.py": ["0123"]})
    text, sound = findings(house)
    assert text.startswith("older: other sources (algorithms/")
    assert "algorithms/gone.py" in text
    assert sound


def test_the_worst_stands_first_and_the_sound_are_counted() -> None:
    some = [Finding("a", "sound"), Finding("b", "stale", "why"), Finding("c", "damaged", "how"), Finding("d", "stale", "why")]
    assert table(some) == "damaged: how\n    c\nstale: why\n    b\n    d\n1 sound, 2 stale, 1 damaged"
    assert table([Finding("a", "sound", "note"), Finding("b", "sound", "note")]) == "sound, 2 of them: note\n2 sound"


def test_the_command(house: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(house)
    asked: list[list[str]] = []

    def nothing(config: list[str]) -> bool:
        asked.append(config)
        return False

    monkeypatch.setattr(module, "make_now", nothing)
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "1 sound\n"
    assert main(["verify", "--config", "root_seed=1"]) == 1
    assert "root_seed was 0, is 1" in capsys.readouterr().out
    assert asked == [[], ["root_seed=1"]]
    with pytest.raises(SystemExit) as caught:
        main(["verify", "--config", "rootseed=1"])
    assert caught.value.code == 2


SUMMARY = """output_file\tdate\trule\tlog-file(s)\tstatus\tplan
a/run.json\t-\ttrain\t-\tmissing\tupdate pending
b/run.json\ttoday\ttrain\tlog\tok\tno update
"""


def test_what_snakemake_would_make_now(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing results are no fault, changed ones are; where snakemake refuses, its line is handed on."""

    def says(out: str, err: str = "", code: int = 0) -> str:
        done = subprocess.CompletedProcess([], code, out, err)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        failing = module.make_now([])
        assert failing == ("params changed" in out or bool(code))
        return capsys.readouterr().out

    assert says(SUMMARY) == "missing, to be made now: 1 files by train\n"
    changed = SUMMARY.replace("ok\tno update", "params changed\tupdate pending")
    assert says(changed).splitlines()[1] == "out of date, to be made now: 1 files by train"
    assert says("", "Using profile\nconfig: bad", 2) == "snakemake refuses to run: config: bad\n"
