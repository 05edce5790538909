"""The pipeline works wherever it lies and whatever shell it is started from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.first_hour.checkout import REFERENCE, Checkout, cheap
from tests.workflow.pipeline import announced

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
SNAKEMAKE = (".venv/bin/snakemake", "--cores", "1")
DRY = ("--quiet", "host", "--dry-run")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder = tmp_path_factory.mktemp("my project (α) [1] 'x'", numbered=False) / "suite"
    folder.mkdir()
    return Checkout(folder)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", f"safe.directory={folder}")
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def record(checkout: Checkout, folder: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((checkout.folder / folder / "run.json").read_text(encoding="utf-8"))
    return found


def test_a_path_with_a_space_brackets_a_quote_and_a_greek_letter(checkout: Checkout) -> None:
    folder = cheap("ScalarRegression-v0")
    code, said = checkout.call(*SNAKEMAKE, f"{folder}/run.json", *REFERENCE)
    assert code == 0, said
    assert record(checkout, folder)["task"] == "ScalarRegression-v0"


def test_a_hostile_shell(checkout: Checkout, tmp_path: Path) -> None:
    """No home, no letters but ASCII, a notebook's backend, modules named as ours, few open files, and files for nobody else."""
    for name in ("workflow", "reports", "records"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not this one')\n", encoding="utf-8")
    hostile = {
        "HOME": "/proc/no such home",
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONPATH": str(tmp_path),
    }
    folder = cheap("Multiplexer-v0")
    arguments = ("reproduce", "SCALE=ci", "PAPER=chung2020", f"CORES=1 {folder}/run.json --config engine=reference")
    limits = "umask 077; ulimit -n 256"
    code, said = checkout.call("make", "--assume-old=environment", *arguments, before=limits, given=hostile)
    assert code == 0, said
    assert "Traceback" not in said
    modes = {path.stat().st_mode & 0o777 for path in (checkout.folder / folder).iterdir()}
    assert modes == {0o600}
    _, said = checkout.call("make", "--assume-old=environment", "verify", before=limits, given=hostile)
    assert " sound, " in said
    assert "refuses" not in said
    assert "Traceback" not in said


def test_figures_are_drawn_without_the_backend_of_a_notebook() -> None:
    code = "from workflow.process.threads import prepare_process; prepare_process(); import reports.chung2021.figures as f"
    drawn = "; from reports.figures.theme import use_theme; use_theme(); f.plt.subplots(); print(f.plt.get_backend())"
    notebook = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code + drawn], env=notebook, capture_output=True, text=True, check=False)
    assert done.stdout.strip().lower() == "agg", done.stderr


def test_a_profile_of_the_user_for_all_workflows(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("printshellcmds: true\nretries: 1\n", encoding="utf-8")
    code, said = checkout.call(*SNAKEMAKE, *DRY, *REFERENCE, given={"SNAKEMAKE_PROFILE": str(tmp_path)})
    assert code == 0, said
    assert len(announced(said)) > 10


def test_results_on_a_scratch_disk(checkout: Checkout, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    shutil.copy(ROOT / ".gitignore", clone)
    git(clone, "init", "--quiet")
    git(clone, "add", ".gitignore")
    for name in ("results", "logs", ".venv"):
        (clone / name).symlink_to(tmp_path)
    assert git(clone, "status", "--porcelain", "--untracked-files=all").splitlines() == ["A  .gitignore"]

    scratch = tmp_path / "scratch"
    shutil.move(checkout.folder / "results", scratch)
    (checkout.folder / "results").symlink_to(scratch)
    code, said = checkout.call(*SNAKEMAKE, *DRY, f"{cheap('ScalarRegression-v0')}/run.json", *REFERENCE)
    assert code == 0, said
    assert not announced(said)  # it is there
    (checkout.folder / "results").unlink()
    shutil.move(scratch, checkout.folder / "results")


def cited(checkout: Checkout) -> tuple[str, str]:
    """The commit that a run and a figure of this checkout would cite."""
    code = (
        "import json; from workflow.process.provenance import git_state, last_commit; from reports.document.provenance import "
        "drawn_by; from reports.chung2021.figures import figure_1; print(json.dumps([git_state(), drawn_by(figure_1), "
        "last_commit(['reports/chung2021/figures.py'])]))"
    )
    exit_code, said = checkout.call(".venv/bin/python", "-c", code)
    assert exit_code == 0, said
    state, figure, last = json.loads(said.splitlines()[-1])
    assert bool(last) == bool(figure["commit"])
    assert str(last or "").startswith(figure["commit"])
    return str(state["commit"]), str(last)


def test_a_release_archive_cites_no_commit_not_even_that_of_a_repository_around_it(checkout: Checkout) -> None:
    git(checkout.folder.parent, "init", "--quiet")
    git(checkout.folder.parent, "commit", "--quiet", "--allow-empty", "--message=another project")
    shutil.rmtree(checkout.folder / ".git", ignore_errors=True)
    assert cited(checkout) == ("None", "None")


def test_a_shallow_clone_cites_the_commit_that_it_has(checkout: Checkout, tmp_path: Path) -> None:
    shutil.rmtree(checkout.folder / ".git", ignore_errors=True)
    origin = tmp_path / "origin"
    shutil.copytree(checkout.folder / "reports", origin / "reports", ignore=shutil.ignore_patterns("__pycache__"))
    git(origin, "init", "--quiet")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message=first")
    git(origin, "commit", "--quiet", "--allow-empty", "--message=second")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", "shallow")
    shutil.move(tmp_path / "shallow" / ".git", checkout.folder / ".git")
    only = git(origin, "rev-parse", "HEAD")
    assert cited(checkout) == (only, only)
    shutil.rmtree(checkout.folder / ".git")


@pytest.fixture
def of_another_user() -> tuple[str, ...]:
    """What to put before a command, so that permissions bind even root; skips, loudly, where that cannot be had."""
    within = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all", "--")
    try:
        tried = subprocess.run([*within, "true"], capture_output=True, text=True)
        problem = tried.stderr.strip() if os.geteuid() == 0 else "only root can be two users"
    except FileNotFoundError as error:
        problem = str(error)
    if problem:
        pytest.skip(f"NOT TESTED: {problem}")
    return within


def give(folder: Path, mode: int, user: int = 65534, group: int = 0) -> None:
    """Let another user have a folder and all in it; `mode` is that of its folders."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            os.chown(path, user, group)
            path.chmod(mode if path.is_dir() else mode & 0o666 | path.stat().st_mode & 0o100)


def test_two_users_share_a_folder(checkout: Checkout, of_another_user: tuple[str, ...]) -> None:
    """A group that may write there goes on with what a colleague began; without the permission, one line and nothing is run."""
    folder = cheap("ScalarRegression-v0")
    target = (f"{folder}/run.json", *REFERENCE)
    shared = [checkout.folder / name for name in ("results", "logs", ".snakemake")]
    for path in shared:
        give(path, 0o775)
    (checkout.folder / folder / "run.json").unlink()
    (checkout.folder / ".snakemake" / ".lock").touch(0o664)
    code, said = checkout.call(*of_another_user, *SNAKEMAKE, *target)
    assert code == 0, said
    (checkout.folder / folder / "run.json").unlink()
    for path in shared:
        give(path, 0o755)
    code, said = checkout.call(*of_another_user, *SNAKEMAKE, *target)
    assert code == 2, said
    assert "cannot be written to" in said.splitlines()[-1]
    for path in shared:
        give(path, 0o755, os.geteuid())


def test_sources_that_nobody_may_write(checkout: Checkout, of_another_user: tuple[str, ...], tmp_path: Path) -> None:
    """As a cluster's shared installation: the working directory is elsewhere, and compiled kernels are kept there."""
    give(checkout.folder, 0o755)
    try:
        code = "import algorithms.fused, numba; print(numba.config.CACHE_DIR)"
        path = {"PYTHONPATH": str(checkout.folder), "PYTHONDONTWRITEBYTECODE": ""}
        python = str(checkout.folder / ".venv/bin/python")
        assert checkout.call(*of_another_user, python, "-c", code, where=tmp_path, given=path)[1].startswith(
            str(tmp_path / ".numba_cache")
        )
        folder = cheap("ScalarRegression-v0")
        command = (str(checkout.folder / SNAKEMAKE[0]), *SNAKEMAKE[1:], "--snakefile", str(checkout.folder / "Snakefile"))
        exit_code, said = checkout.call(*of_another_user, *command, f"{folder}/run.json", *REFERENCE, where=tmp_path)
        assert exit_code == 0, said
        assert (tmp_path / folder / "run.json").is_file()
    finally:
        give(checkout.folder, 0o755, os.geteuid())
