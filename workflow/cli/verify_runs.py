"""Which trainings' results are sound, which are stale and why, and which are damaged.

A result is stale if the sources, the settings or the packages that its record names are not those that would make it now. One
that nothing asks for any more is not planned; nothing is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from algorithms.interface import methods
from envs.tasks import TASKS
from records.manifest import Examined
from records.run_folder import FILES, KEYS, SETTINGS, examine_run
from records.staleness import Key, differences
from workflow.plan.configuration import SCALES, available_papers, read_configuration
from workflow.plan.paths import RESULTS
from workflow.plan.plan import Plan, Run, make_run, read_plan
from workflow.plan.runs_file import Paper
from workflow.process.provenance import LOCK, certificate, lock
from workflow.training.checkpoint import CHECKPOINT
from workflow.training.job import identity

SINGLE = f"{RESULTS}/single"
Status = Literal["sound", "older", "unsealed", "not planned", "unfinished", "stale", "damaged"]
"""`older`, of committed tables: made from something else than would be used now."""


class Finding(NamedTuple):
    """What there is to say of one result."""

    path: str
    status: Status
    why: str = ""


class Plans:
    """What the configuration and the papers ask for, at every scale."""

    def __init__(self, root: Path, overrides: Mapping[str, Any]) -> None:
        """As `read_plan`, but always of all papers and scales."""
        self.root, self._overrides = root, overrides
        scales = sorted(SCALES, key=lambda scale: -(SCALES[scale].seeds or 0))  # of those with one budget the most runs first
        self._plans = [read_plan(root, {**overrides, "scale": scale, "papers": "all"}) for scale in scales]

    def of(self, budget: str) -> list[Plan]:
        """Those whose results go to results/<budget>, the largest first."""
        return [plan for plan in self._plans if plan.budget == budget]

    def largest(self) -> Plan:
        """All that there is to run, at full length."""
        return self._plans[0]

    def budgets(self) -> list[str]:
        """The folders in results/ that hold runs."""
        return sorted({plan.budget for plan in self._plans})

    def single(self, record: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the command that left `record` would say of itself now; None where its method, task or paper are no more.

        The settings that the command line gave are those of the record.
        """
        name, task, method = record.get("paper"), record["task"], record["method"]
        if task not in TASKS or method not in methods() or name not in (*available_papers(self.root), "defaults"):
            return None
        paper = Paper.none() if name == "defaults" else Paper.read(self.root, name)
        given = {"scale": "paper", "engine": record["engine"], "env_backend": record["env_backend"]}
        configuration = read_configuration(self.root, {**self._overrides, **given})
        settings = paper.hyperparameters(method, task, {}, "")
        run = make_run(paper, task, method, settings, configuration, variant=record["variant"], label=paper.label(method))
        now = expected(run, record["seeds"])
        if run.variant == "custom":
            known = {field: record["hyperparameters"].get(field, value) for field, value in run.hyperparameters.items()}
            now |= {"hyperparameters": known, "budget": record["budget"]}
        return now


def verify_runs(plans: Plans) -> Iterator[Finding]:
    """Every seed block in results/<budget>."""
    for budget in plans.budgets():
        runs = {key: run for plan in reversed(plans.of(budget)) for key, run in plan.runs.items()}
        asked_for = {folder for plan in plans.of(budget) for folder in plan.folders(list(plan.runs.values()))}
        for folder, name, found in _blocks(plans.root, f"{RESULTS}/{budget}"):
            run = runs.get((folder.parts[-4], folder.parts[-3], folder.parts[-2]))
            now = expected(run, found.record["seeds"]) if run and found.record and not found.damage else None
            finding = _judge(folder, name, found, now)
            if finding.status in ("sound", "unsealed") and name not in asked_for:
                finding = Finding(name, "not planned", f"no paper asks for {'it' if run is None else 'these seeds'} any more")
            yield finding


def verify_single(plans: Plans) -> Iterator[Finding]:
    """Every result of `python -m workflow run`."""
    for folder, name, found in _blocks(plans.root, SINGLE):
        now = None if found.record is None or found.damage else plans.single(found.record)
        yield _judge(folder, name, found, now)


def judge(name: str, found: Examined, ours: Key | None, remedy: str) -> Finding:
    """What there is to say of what was found, if `ours` would make it now; None: nothing to compare it with."""
    record = found.record
    if found.damage is not None:
        return Finding(name, "damaged", f"{found.damage.path.name} {found.damage.what}; {remedy}")
    if record is None:
        return Finding(name, "unfinished", "it has no record")
    if ours is not None and "sources" in record and (differing := differences(key_of(record, ours["configuration"]), ours)):
        return Finding(name, "stale", f"{'; '.join(differing)}; {_made(record)}")
    if not found.sealed:
        return Finding(name, "unsealed", "written without checksums, so that damage might go unseen")
    notes = [_made(record)] if _mapping(record, "git").get("dirty") else []
    if record.get("lock") not in (None, lock()):
        notes.append(f"made with another {LOCK}, but with the same versions of what it depends on")
    return Finding(name, "sound", "; ".join(notes))


def key_of(record: Mapping[str, Any], asked: Iterable[str]) -> Key:
    """What a record says that its result was made from: what was `asked` for, sources and versions."""
    versions = {**_mapping(record, "versions"), "python": record.get("python")}
    return {
        "configuration": {name: record.get(name) for name in asked},
        "sources": _mapping(record, "sources"),
        "versions": versions,
    }


def _blocks(root: Path, parent: str) -> Iterator[tuple[Path, str, Examined]]:
    """Every folder of a seed block: itself, its name within `root`, and what lies there."""
    for folder in sorted(path for path in (root / parent).glob("*/*/*/*") if path.is_dir()):
        yield folder, folder.relative_to(root).as_posix(), examine_run(folder)


def expected(run: Run, seeds: list[int]) -> dict[str, Any]:
    """What the record of a run would say now."""
    return {**identity(run, seeds), **certificate(run.method, TASKS[run.task], run.env_backend)}


def _judge(folder: Path, name: str, found: Examined, now: Mapping[str, Any] | None) -> Finding:
    if found.record is None and found.damage is None:
        waits = (folder / CHECKPOINT).is_file()
        return Finding(name, "unfinished", "a checkpoint waits to be gone on from" if waits else f"it has no {FILES[-1]}")
    ours = None if now is None else key_of(now, (*KEYS[:2], *SETTINGS))
    return judge(name, found, ours, f"delete {name}")


def _made(record: Mapping[str, Any]) -> str:
    git = _mapping(record, "git")
    where = f"made at commit {str(git.get('commit') or 'unknown')[:10]}"
    return f"{where}, with changes that were not committed" if git.get("dirty") else where


def _mapping(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An entry of a record that should be a mapping; nothing vouches for those of an unsealed one."""
    value = record.get(name)
    return value if isinstance(value, dict) else {}
