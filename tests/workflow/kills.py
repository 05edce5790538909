"""Killing the pipeline, again and again, at moments that a seed decides: `python -m tests.workflow.kills --kills 100`.

Each call is `make reproduce` for one paper at the ci scale. Killed, by SIGKILL, is a job, snakemake, make or all of them, after a
while or in the middle of a write; then the same command is called again, at once. What comes to its end meanwhile is compared
with what an undisturbed run made, and begun anew. At last it is left alone, and must come to the same bytes.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from pathlib import Path

import pandas as pd
import psutil

from records.files import UNFINISHED
from records.sources import ROOT
from tests.workflow.outcome import differences
from tests.workflow.pipeline import Workspace
from workflow.process.provenance import git_state
from workflow.training.checkpoint import CHECKPOINT, SECONDS_VARIABLE

PAPER = "chung2020"
SCALE = "ci"
KINDS = ("job", "job", "snakemake", "make", "everything")
"""What is killed: each of these in five kills, in any order."""

TABLE = Path(__file__).with_suffix(".md")

_SCRIPT = re.compile(r"\.snakemake/scripts/tmp\w+\.(\w+)\.py$")
_FORMATS = ("", ".0f", ".0f", ".0f", ".1f", ".1f")
_LONGEST_WAIT = 12.0  # seconds until the next kill; a job of this scale takes about as long
_PATIENCE = 300.0  # seconds for the first job, on a machine that has much else to do
_LONGEST_END = 60.0  # seconds for what has lost its parent to end; by itself it would go on for longer


@dataclass
class Kill:
    """One of them, and what became of it."""

    call: int
    """Number of the call that was killed, from 1."""
    seconds: float
    """Since that call began."""
    killed: str
    during: str
    """Rules of the jobs that were running; empty between jobs, and before the first."""
    in_a_write: str
    """The file that was left unfinished, if one was."""
    until_all_ended: float = 0.0
    """Seconds until no process of that call was left."""
    until_it_went_on: float = 0.0
    """Seconds from the next call to its first job, or to its end where there was none to do."""


class Pipeline:
    """A workspace in which `make reproduce` is called."""

    def __init__(self, workspace: Workspace) -> None:
        self.folder = workspace.folder.resolve()

    def start(self) -> subprocess.Popen[str]:
        """`make reproduce`, with the code and the environment of the repository."""
        environment = ROOT / ".venv"
        settings = {
            "VENV": str(environment),
            "CORES": f"2 --snakefile {ROOT / 'Snakefile'}",
            "PAPER": PAPER,
            "SCALE": SCALE,
        }
        command = ["make", f"--makefile={ROOT / 'Makefile'}", "--assume-old=environment", "reproduce"]
        with (self.folder / "output.txt").open("w") as output:
            return subprocess.Popen(
                [*command, *(f"{name}={value}" for name, value in settings.items())],
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, SECONDS_VARIABLE: "0.3", "PYTHONUNBUFFERED": "1"},
            )

    def output(self) -> str:
        """What the last call printed."""
        return (self.folder / "output.txt").read_text()

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Everything that works in this folder, by `make`, `snakemake` and the jobs' rules."""
        found: dict[str, list[psutil.Process]] = {}
        for process in psutil.process_iter():
            try:
                if process.cwd() != str(self.folder) or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                command = process.cmdline()
            except psutil.Error:
                continue
            script = _SCRIPT.search(command[-1]) if command else None
            at = "make" if command[:1] == ["make"] else "snakemake"
            found.setdefault(script[1] if script else at, []).append(process)
        return found

    def jobs(self) -> list[tuple[str, psutil.Process]]:
        """Rule and process of every job that is running."""
        everything = self.processes().items()
        return [(name, process) for name, found in everything for process in found if name not in {"make", "snakemake"}]

    def unfinished(self) -> set[Path]:
        """Files that are being written, or were when their writer was killed."""
        found = os.walk(self.folder / "results")
        return {Path(folder) / name for folder, _, names in found for name in names if name.endswith(UNFINISHED)}

    def begin_anew(self) -> None:
        """As if nothing had ever been run."""
        for name in ("results", "logs", ".snakemake"):
            shutil.rmtree(self.folder / name)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Whether the condition came to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def aim(pipeline: Pipeline, kind: str) -> tuple[list[psutil.Process], str, str]:
    """Which processes to kill, or all where there is none of that kind; what these are, and which jobs are running."""
    processes, jobs = pipeline.processes(), pipeline.jobs()
    during = "+".join(sorted(name for name, _ in jobs))
    if kind == "job" and jobs:
        return [jobs[0][1]], f"job ({jobs[0][0]})", during
    if kind in processes:
        return processes[kind], kind, during
    return [process for found in processes.values() for process in found], "everything", during


def kill_again_and_again(pipeline: Pipeline, undisturbed: Path, kills: int, generator: random.Random) -> tuple[list[Kill], int]:
    """Kill the pipeline so often, and let it come to its end; the kills, and how often it came to its end.

    Raises AssertionError for a process that lives on, a call that does not go on, and a result that is other than undisturbed.
    """
    made: list[Kill] = []
    kinds = [kind for _ in range(0, kills, len(KINDS)) for kind in generator.sample(KINDS, len(KINDS))]
    ends = 0
    for call in itertools.count(1):
        process, start = pipeline.start(), time.monotonic()
        wait_until(lambda: bool(pipeline.jobs()) or process.poll() is not None, _PATIENCE)  # noqa: B023
        if made and made[-1].call == call - 1 and not made[-1].killed.startswith("job"):
            made[-1].until_it_went_on = time.monotonic() - start
            _print(made[-1])
        first = len(made)
        while process.poll() is None and len(made) < kills:
            time.sleep(generator.uniform(0, _LONGEST_WAIT))
            made += _kill_once(pipeline, process, Kill(call, start, kinds[len(made)], "", ""), generator.random() < 0.5)
        code = process.wait()
        if code == 0:
            ends += 1
            found = differences(undisturbed, pipeline.folder, PAPER)
            assert not found, f"other than undisturbed: {found}"
            assert not pipeline.unfinished()
            assert not list(pipeline.folder.rglob(CHECKPOINT))
            if len(made) >= kills:
                return made, ends
            pipeline.begin_anew()
        else:
            assert len(made) > first, pipeline.output()
    raise AssertionError


def _kill_once(pipeline: Pipeline, call: subprocess.Popen[str], planned: Kill, in_a_write: bool) -> list[Kill]:
    """Kill something, at once or when the next file is being written, and see to it that what should end with it does.

    `planned.seconds` is when the call began. None is made where the call has ended before.
    """
    processes, killed, during = aim(pipeline, planned.killed)
    before = pipeline.unfinished()
    if in_a_write:
        wait_until(lambda: call.poll() is not None or bool(pipeline.unfinished() - before), _LONGEST_WAIT, 0.005)
    if call.poll() is not None or not any(process.is_running() for process in processes):
        return []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    at = time.monotonic()
    made = replace(planned, seconds=at - planned.seconds, killed=killed, during=during)
    if not killed.startswith("job"):
        assert wait_until(lambda: not pipeline.processes(), _LONGEST_END), f"left by {killed}: {pipeline.processes()}"
        made.until_all_ended = time.monotonic() - at
    else:
        time.sleep(1)  # what another job writes is finished by then
    made.in_a_write = ", ".join(sorted(path.name.split(".")[1] for path in pipeline.unfinished() - before))
    if killed.startswith("job"):
        _print(made)
    return [made]


def _print(made: Kill) -> None:
    print(*(f"{value:.1f}" if isinstance(value, float) else value for value in astuple(made)), sep="\t", flush=True)


def summary(made: Sequence[Kill], ends: int) -> str:
    """What came of all kills, in Markdown: by what was killed, with the longest times in seconds."""
    table = pd.DataFrame(map(asdict, made))
    kinds = table.groupby("killed", sort=False).agg(
        kills=("call", "size"),
        between_jobs=("during", lambda during: (during == "").sum()),
        in_a_write=("in_a_write", lambda files: (files != "").sum()),
        until_all_ended=("until_all_ended", "max"),
        until_it_went_on=("until_it_went_on", "max"),
    )
    written = Counter(name for kill in made for name in kill.in_a_write.split(", ") if name)
    files = ", ".join(f"{name} ({count})" for name, count in written.most_common()) or "none"
    return (
        f"{len(made)} kills in {made[-1].call} calls. "
        f"All results were made {ends} times, each with an undisturbed run's bytes.\n\n"
        f"{kinds.sort_values('kills', ascending=False).to_markdown(floatfmt=_FORMATS)}\n\nLeft unfinished: {files}.\n"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it, and print all kills and what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"write what came of them into {TABLE.relative_to(ROOT)}")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        undisturbed, killed = (Pipeline(Workspace(Path(folder) / name)) for name in ("undisturbed", "killed"))
        process = undisturbed.start()
        if process.wait():
            sys.exit(undisturbed.output())
        print("undisturbed: done", flush=True)
        print(*(field.name for field in fields(Kill)), sep="\t")
        made, ends = kill_again_and_again(killed, undisturbed.folder, options.kills, random.Random(options.seed))
    text = summary(made, ends)
    print(text)
    if options.write:
        how = f"`python -m tests.workflow.kills --kills {options.kills} --seed {options.seed} --write`"
        about = f"Written by {how} at commit {git_state()['commit'][:10]}: `{PAPER}` at the `{SCALE}` scale."
        TABLE.write_text(f"# Kills of the pipeline\n\n{about}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
