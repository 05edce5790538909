"""Every way to call snakemake schedules the same jobs, and says in one line why not where it cannot."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.workflow.pipeline import Clone, complaint

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
CI = ("--config", "scale=ci")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository."""
    return Clone(tmp_path_factory.mktemp("clone") / "repository").folder


def call(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def test_every_entry_schedules_the_same_jobs(clone: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "config").mkdir(parents=True)
    (own / "config" / "config.yaml").write_text("scale: ci\n", encoding="utf-8")
    entries: dict[str, tuple[Path, tuple[str, ...]]] = {
        "plain": (clone, CI),
        "a rule by its name": (clone, ("all", *CI)),
        "SLURM": (clone, ("--profile", "profiles/slurm", *CI)),
        "the ci profile": (clone, ("--workflow-profile", "profiles/ci")),
        "the catalogue's entry": (clone, ("--snakefile", "workflow/Snakefile", *CI)),
        "from elsewhere": (tmp_path, ("--snakefile", f"{clone}/Snakefile", *CI)),
        "into elsewhere": (clone, ("--directory", str(tmp_path / "elsewhere"), *CI)),
        "elsewhere with its own configuration": (clone, ("--directory", str(own))),
    }
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda entry: call(entry[0], "--dry-run", "--cores", "2", *entry[1]), entries.values()))
    jobs = {}
    for name, (code, output) in zip(entries, said, strict=True):
        assert code == 0, f"{name}: {output}"
        jobs[name] = dict(re.findall(r"^(\w+) +(\d+)$", output, re.MULTILINE))
        jobs[name].pop("default", jobs[name].pop("all", None))
    assert int(jobs["plain"]["train"]) > 100
    assert int(jobs["plain"]["report"]) >= 3
    assert all(found == jobs["plain"] for found in jobs.values()), jobs
    assert not (clone / "results").exists()
    assert not (tmp_path / "elsewhere" / "results").exists()


def test_what_runs_no_jobs(clone: Path) -> None:
    code, output = call(clone, "--lint")
    assert (code, "in a good condition" in output) == (0, True), output
    code, output = call(clone, "--unlock", *CI)
    assert code == 0, output
    code, output = call(clone, "results/reports/chung2021/figures/figure_2.svg", "--dry-run", *CI)
    assert re.search(r"^figure +1$", output, re.MULTILINE), output


def test_what_is_none_gets_one_line(clone: Path) -> None:
    """Of `--profile` Snakemake itself answers, before it has read anything of ours; with another exit code."""
    asked = {
        ("nosuch",): (2, "command line: no rule and no result is called 'nosuch'; it must be one of all, "),
        ("results/reports/chung2012.pdf",): (
            2,
            "command line: results/reports: unknown paper 'chung2012'; did you mean ",
        ),
        ("results/chung2021.pdf",): (2, "command line: no rule and no result is called 'results/chung2021.pdf'; "),
        ("--workflow-profile", "profiles/ic"): (2, "command line: --workflow-profile: 'profiles/ic' is none; did you mean ci?"),
        ("--config", "scale=qick"): (2, "config/config.yaml or --config: scale: 'qick' is not valid; did you mean quick?"),
        ("--config", "papers=chung"): (
            2,
            "config/config.yaml or --config: papers: unknown paper 'chung'; did you mean ",
        ),
        ("--profile", "profiles/slrum"): (1, "Error: profile directory given (profiles/slrum), but no profile.yaml "),
    }
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda arguments: call(clone, "--cores", "1", *arguments), asked))
    for (code, output), (expected, begins) in zip(said, asked.values(), strict=True):
        *_, line = (line for line in complaint(output) if not line.startswith("Using profiles"))
        assert (code, line.startswith(begins)) == (expected, True), output
        assert "Traceback" not in output
    assert not (clone / "results").exists()
    assert not (clone / "logs").exists()
