"""`python -m workflow verify`: which results are sound, stale or damaged, and what would be made now."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from records.manifest import MANIFEST, Examined, examine, sha256_of_file
from records.run_folder import FILES, examine_run
from records.scales import SCALES
from records.sources import ROOT, hashes
from records.staleness import difference
from workflow.cli.values import add_config, pairs
from workflow.plan.configuration import PAPERS_FOLDER, available_papers
from workflow.plan.paths import REPORTS, RESULTS, SWEEPS, THEORY, input_path
from workflow.plan.plan import Plan, Run, read_plan
from workflow.training.checkpoint import CHECKPOINT

HELP = "which results are as written, and as they would be made now"
PROVENANCE = "provenance.json"
Status = Literal["sound", "older", "unsealed", "not planned", "unfinished", "stale", "damaged"]
"""`older`, of committed tables: made from something else than would be used now."""
FAILING: tuple[Status, ...] = ("damaged", "stale")
"""What makes the exit code 1."""
_LISTED: tuple[Status, ...] = (*FAILING, "unfinished", "not planned", "older")
_UNLISTED: tuple[Status, ...] = ("unsealed", "sound")  # there may be thousands: they are counted
_SETTINGS = ("hyperparameters", "options", "root_seed", "engine", "dtype", "env_backend", "native")
_UNVOUCHED = ("sweep.csv", "costs.csv")  # one has a record of its own, the other is never the same

add_arguments = add_config


class Finding(NamedTuple):
    """What there is to say of one result."""

    path: str
    status: Status
    why: str = ""


def command(options: argparse.Namespace) -> int:
    """Print what was found; returns 1 where anything is damaged or stale."""
    overrides = pairs(options.config, "--config", "scale=paper")
    findings = list(verify(Path(), overrides))
    print(table(findings), flush=True)
    again = make_now(options.config)
    return int(again or any(finding.status in FAILING for finding in findings))


def verify(root: Path, overrides: Mapping[str, Any]) -> Iterator[Finding]:
    """Look at every result in `root` and compare it with its record, and its record with the sources, versions and settings now.

    Raises Refusal for a configuration or a paper that is not valid.
    """
    read_plan(root, overrides)
    yield from _trainings(root, overrides)
    for path in sorted([*(root / THEORY).glob("*/*.parquet"), *(root / SWEEPS).glob("*/*-*.csv")]):
        yield _judge(_name(path, root), examine(path.with_suffix(".json"), [path]))
    for folder in sorted(path for path in (root / REPORTS).glob("*") if path.is_dir()):
        parts = [path for part in ("data", "tables", "figures") for path in sorted((folder / part).glob("*"))]
        yield _judge(_name(folder, root), _vouched(folder / PROVENANCE, parts))
    for file in sorted((root / SWEEPS).glob("*/sweep.csv")):
        yield _gathered(file, root)
    for paper in available_papers(root):
        yield from _measured(input_path(root, PAPERS_FOLDER) / paper / "measured", root)


def make_now(config: Iterable[str]) -> bool:
    """Print how many files snakemake would make now, and by which rules; whether any of them is there already."""
    told = ["--config", *config] if config else []
    call = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "1", "--summary", *told]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        print("snakemake refuses to run:", *done.stderr.splitlines()[-1:])
        return True
    rows = [
        dict(zip(("file", "date", "rule", "log", "status", "plan"), line.split("\t"), strict=False))
        for line in done.stdout.splitlines()[1:]
    ]
    waiting = [row for row in rows if row.get("plan") == "update pending"]
    for what, some in (("missing", True), ("out of date", False)):
        rules = Counter(row["rule"] for row in waiting if (row["status"] == "missing") == some)
        if rules:
            print(f"{what}, to be made now: {', '.join(f'{count} files by {rule}' for rule, count in rules.items())}")
    return any(row["status"] != "missing" for row in waiting)


def table(findings: Iterable[Finding]) -> str:
    """What was found, by what is to be said of it, the worst first; and how many of each kind."""
    groups: dict[tuple[Status, str], list[str]] = defaultdict(list)
    for path, status, why in findings:
        groups[status, why].append(path)
    lines, counts = [], Counter[Status]()
    for status in (*_LISTED, *_UNLISTED):
        for (of, why), paths in groups.items():
            if of != status:
                continue
            counts[status] += len(paths)
            if status in _LISTED:
                lines += [f"{status}: {why}", *(f"    {path}" for path in paths)]
            elif why:
                lines.append(f"{status}, {len(paths)} of them: {why}")
    total = ", ".join(f"{counts[status]} {status}" for status in reversed((*_LISTED, *_UNLISTED)) if counts[status])
    return "\n".join([*lines, total or "there are no results"])


def _trainings(root: Path, overrides: Mapping[str, Any]) -> Iterator[Finding]:
    """Every seed block: those of the pipeline, and those of `python -m workflow run`."""
    plans: dict[str, list[Plan]] = defaultdict(list)
    for scale in SCALES:
        plan = read_plan(root, {**overrides, "scale": scale, "papers": "all"})
        plans[plan.budget].append(plan)
    planned = {folder for of in plans.values() for plan in of for folder in plan.folders(list(plan.runs.values()))}
    for folder in sorted(path for path in (root / RESULTS).glob("*/*/*/*/seeds-*") if path.is_dir()):
        name, found = _name(folder, root), examine_run(folder)
        budget, *key = folder.parts[-5:-1]
        runs = [plan.runs[of] for plan in plans.get(budget, ()) for of in plan.runs if of == tuple(key)]
        if found.record is None and found.damage is None:
            waits = (folder / CHECKPOINT).is_file()
            yield Finding(name, "unfinished", "a checkpoint waits to be gone on from" if waits else f"it has no {FILES[-1]}")
            continue
        finding = _judge(name, found, runs[-1] if runs else None)
        if finding.status in _UNLISTED and budget in plans and name not in planned:
            finding = Finding(name, "not planned", f"no paper asks for {'these seeds' if runs else 'it'} any more")
        yield finding


def _measured(folder: Path, root: Path) -> Iterator[Finding]:
    """A paper's committed tables: whether they are as written, and what changed since, which is no fault."""
    name = folder.relative_to(root if folder.is_relative_to(root) else ROOT).as_posix()
    if (folder / "sweep.csv").is_file():
        yield _gathered(folder / "sweep.csv", root)
    tables = [path for path in sorted(folder.glob("*")) if path.suffix in (".csv", ".png") and path.name not in _UNVOUCHED]
    if tables:
        finding = _judge(name, _vouched(folder / PROVENANCE, tables), remedy="make measured again, or restore")
        yield finding._replace(status="older") if finding.status == "stale" else finding


def _vouched(record: Path, files: Iterable[Path]) -> Examined:
    """What lies where a record of some of the files should be."""
    manifest = (examine(record, ()).record or {}).get(MANIFEST)
    return examine(record, [path for path in files if isinstance(manifest, dict) and path.name in manifest])


def _judge(name: str, found: Examined, run: Run | None = None, remedy: str = "delete") -> Finding:
    """What there is to say of what was found; `run` is what would be made in its place now, if that is known."""
    record = found.record
    if found.damage is not None:
        return Finding(name, "damaged", f"{found.damage.path.name} {found.damage.what}; {remedy} {name}")
    if record is None:
        return Finding(name, "unsealed", "it has no record")
    git = _mapping(record, "git")
    uncommitted = ", with changes that were not committed" if git.get("dirty") else ""
    made = f"made at commit {str(git.get('commit') or 'unknown')[:10]}{uncommitted}" if git else ""
    if differing := _changed(record, run):
        return Finding(name, "stale", f"{differing}; {made}" if made else differing)
    if not found.sealed:
        return Finding(name, "unsealed", "written without checksums, so that damage might go unseen")
    return Finding(name, "sound", made if uncommitted else "")


def _changed(record: Mapping[str, Any], run: Run | None) -> str | None:
    """In what a record differs from what it would say now: settings, sources, versions; None where in nothing."""
    sources, versions = _mapping(record, "sources"), {**_mapping(record, "versions"), **_mapping(record, "packages")}
    now = {path: digest for path in sources if (ROOT / path).is_file() for digest in hashes([path]).values()}
    asked = {} if run is None else {**{name: run.settings()[name] for name in _SETTINGS}, "budget": run.budget}
    ours = {
        "configuration": asked,
        "sources": {path: [digest[:12]] if isinstance(sources[path], list) else digest for path, digest in now.items()},
        "versions": {package: _like(there, _version(package)) for package, there in versions.items()},
    }
    if "python" in record:
        versions["python"] = record["python"]
        ours["versions"]["python"] = _like(record["python"], platform.python_version())
    return difference(
        {"configuration": {name: record.get(name) for name in asked}, "sources": sources, "versions": versions}, ours
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _like(there: Any, value: str | None) -> Any:
    """A value in the form of another: a report's record holds lists, of all that its results had."""
    return [value] if isinstance(there, list) else value


def _gathered(file: Path, root: Path) -> Finding:
    """The table of all of a paper's searches."""
    name, record = _name(file, root), file.with_name("sweep_provenance.json")
    digest = json.loads(record.read_text(encoding="utf-8")).get("table_sha256") if record.is_file() else None
    if digest is None:
        return Finding(name, "unsealed", "written without checksums, so that damage might go unseen")
    if digest != sha256_of_file(file):
        return Finding(name, "damaged", f"{file.name} is not the table that {record.name} vouches for; make sweep again")
    return Finding(name, "sound")


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root if path.is_relative_to(root) else ROOT).as_posix()


def _mapping(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An entry of a record that should be a mapping; nothing vouches for those of an unsealed one."""
    value = record.get(name)
    return value if isinstance(value, dict) else {}
