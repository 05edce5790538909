"""The same of what is made beside and from trainings: the theory's tables, searches, reports, and the committed tables."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from experiments import experiments
from records.manifest import MANIFEST, examine, sha256_of_file
from records.run_folder import FILES, KEYS, digest_of_settings
from records.staleness import Key, differences
from workflow.cli.verify_runs import Finding, Plans, expected, judge, key_of
from workflow.jobs.experiments import Experiments
from workflow.jobs.measurement import asked
from workflow.plan.configuration import PAPERS_FOLDER, available_papers, read_configuration
from workflow.plan.paths import REPORTS, RESULTS, SWEEPS
from workflow.plan.sources import theory_sources, training_sources
from workflow.plan.sweep_file import read_searches, sweep_file
from workflow.process.provenance import PACKAGES, THEORY_PACKAGES, origin

PROVENANCE = "provenance.json"
_OTHERS = ("sweep.csv", "costs.csv")
"""Of the committed tables those that no provenance.json vouches for: one has its own, the other is never the same."""


def verify_theory(plans: Plans) -> Iterator[Finding]:
    """Every table in results/theory."""
    for path in sorted((plans.root / RESULTS / "theory").glob("*/*.parquet")):
        name, experiment, budget = path.relative_to(plans.root).as_posix(), path.stem, path.parent.name
        found = examine(path.with_suffix(".json"), [path])
        if not any(experiment in found for found in experiments().values()) or budget not in plans.budgets():
            yield Finding(name, "not planned", "there is no such experiment any more")
            continue
        wanted = SimpleNamespace(experiment=experiment)
        now = origin(theory_sources(experiment), THEORY_PACKAGES)
        candidates = []
        for plan in plans.of(budget):
            described = asked(experiment, budget, Experiments(plan).runs(wanted), plan.configuration.native, plans.root)
            candidates.append(judge(name, found, key_of({**described, **now}, described), f"delete {name}"))
        yield next((finding for finding in candidates if finding.status != "stale"), candidates[0])


def verify_searches(plans: Plans) -> Iterator[Finding]:
    """Every search in results/sweeps."""
    for folder in sorted(path for path in (plans.root / SWEEPS).glob("*") if path.is_dir()):
        paper = folder.name
        declared = (plans.root / sweep_file(paper)).is_file()
        searches = read_searches(plans.root, paper, read_configuration(plans.root, {})) if declared else {}
        for path in sorted(folder.glob("*.csv")):
            name = path.relative_to(plans.root).as_posix()
            if path.stem == "sweep":
                yield _gathered(name, path)
            elif path.stem not in searches:
                yield Finding(name, "not planned", f"{sweep_file(paper)} has no such search any more")
            else:
                search = searches[path.stem]
                run = search.candidates[0].run
                now = {"settings": search.settings(), **origin(training_sources(run.method, run.task), PACKAGES)}
                found = examine(path.with_suffix(".json"), [path])
                yield judge(name, found, key_of(now, ["settings"]), f"delete {name}")


def verify_reports(plans: Plans) -> Iterator[Finding]:
    """What every report in results/reports is made of: whether it is as it was written, and of the results that there are."""
    there = set()
    for budget in plans.budgets():
        for path in (plans.root / RESULTS / budget).glob(f"*/*/*/*/{FILES[-1]}"):
            there.add(_identified(examine(path, ()).record or {}))
    for folder in sorted(path for path in (plans.root / REPORTS).glob("*") if path.is_dir()):
        name, record = folder.relative_to(plans.root).as_posix(), folder / PROVENANCE
        manifest = (examine(record, ()).record or {}).get(MANIFEST)
        parts = [path for part in ("data", "tables", "figures") for path in sorted((folder / part).glob("*"))]
        found = examine(record, [path for path in parts if isinstance(manifest, dict) and path.name in manifest])
        finding = judge(name, found, None, f"delete {name}")
        summarised = folder / "data" / "runs.json"
        if finding.status in ("sound", "unsealed") and summarised.is_file():
            runs = json.loads(summarised.read_text(encoding="utf-8"))
            other = ["/".join(str(run[key]) for key in KEYS) for run in runs if _identified(run) not in there]
            if other:
                more = f" and {len(other) - 1} more" if other[1:] else ""
                finding = Finding(name, "stale", f"made of other results than there are now ({other[0]}{more})")
        yield finding


def verify_measured(plans: Plans) -> Iterator[Finding]:
    """The tables in every reports/<paper>/measured: whether they are as written, and what changed since, which is no fault."""
    for paper in available_papers(plans.root):
        folder = plans.root / PAPERS_FOLDER / paper / "measured"
        name = folder.relative_to(plans.root).as_posix()
        if (folder / "sweep.csv").is_file():
            yield _gathered(f"{name}/sweep.csv", folder / "sweep.csv")
        tables = [path for path in sorted(folder.glob("*")) if path.suffix in (".csv", ".png") and path.name not in _OTHERS]
        found = examine(folder / PROVENANCE, tables)
        if found.record is None and found.damage is None:
            if tables:
                yield Finding(name, "unsealed", f"it has no {PROVENANCE}")
            continue
        changed = [] if found.damage or found.record is None else differences(*_compared(plans, paper, found.record))
        if changed:
            yield Finding(name, "older", "; ".join(changed))
        else:
            yield judge(name, found, None, f"make measured PAPER={paper} again, or take them from the repository")


def _compared(plans: Plans, paper: str, record: Mapping[str, Any]) -> tuple[Key, Key]:
    """What a report's provenance says of the settings, sources and versions, and what it would say now of the same runs."""
    plan = plans.largest()
    keys = [key for key in plan.reported[paper] if "/".join(key) in record.get("settings", {"/".join(key): ""})]
    runs = [plan.runs[key] for key in keys]
    now = [expected(run, [0]) for run in runs]
    gone = {name: None for name in record.get("settings", {}) if tuple(name.split("/")) not in plan.reported[paper]}
    settings = {"/".join(run.key): digest_of_settings(of) for run, of in zip(runs, now, strict=True)} | gone
    sources = {path: [digest[:12]] for of in now for path, digest in of["sources"].items()}
    versions = {package: [version] for of in now for package, version in of["versions"].items()}
    theirs = {
        "configuration": record.get("settings", settings),
        "sources": record.get("sources"),
        "versions": {**record.get("packages", {}), "python": record.get("python")},
    }
    return theirs, {
        "configuration": settings,
        "sources": sources,
        "versions": {**versions, "python": [platform.python_version()]},
    }


def _gathered(name: str, table: Path) -> Finding:
    """The table of all of a paper's searches."""
    record = table.with_name("sweep_provenance.json")
    digest = json.loads(record.read_text(encoding="utf-8")).get("table_sha256") if record.is_file() else None
    if digest is None:
        return Finding(name, "unsealed", "written without checksums, so that damage might go unseen")
    if digest != sha256_of_file(table):
        return Finding(name, "damaged", f"{table.name} is not the table that {record.name} vouches for; make sweep again")
    return Finding(name, "sound")


def _identified(run: Mapping[str, Any]) -> tuple[Any, ...]:
    """A seed block by what it is of and what came out, as far as a record says so."""
    return (*(run.get(key) for key in KEYS), tuple(run.get("seeds", ())), (run.get(MANIFEST) or {}).get(FILES[0]))
