"""The first command: which Python it takes, and what it says in one line where none will do, before anything is made."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from records.sources import ROOT
from workflow.process import packages

TOOLS = ("cat", "cmp", "dirname", "head", "make", "sed")
"""All that there is on the PATH, beside a shell and what a test puts there."""
FAKE = """#!/bin/sh
case "$*" in
    *version_info*) echo {version} ;;
    *ensurepip*) exit {without_venv} ;;
    "-m venv "*) {mkdir} -p "$3/bin" && {cp} "$0" "$3/bin/python" ;;
    *) echo "{name}: $*" >>calls ;;
esac
"""
COPIED = '\'\'\'exec\' "/somewhere else/.venv/bin/python3" "$0" "$@"'


class Machine:
    """A checkout without results on a machine that has little more than dash."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder / "checkout (α)", folder / "bin"
        (self.folder / "workflow" / "process").mkdir(parents=True)
        self.path.mkdir()
        for file in ("Makefile", "workflow/environment.sh", "workflow/process/packages.py"):
            shutil.copy(ROOT / file, self.folder / file)
        for file in ("requirements.txt", "constraints.txt"):
            (self.folder / file).write_text("", encoding="utf-8")
        shell = shutil.which("dash")
        if shell is None:
            pytest.skip("NOT TESTED: there is no dash")
        for name, target in {"sh": shell, **{tool: shutil.which(tool) for tool in TOOLS}}.items():
            assert target is not None, name
            (self.path / name).symlink_to(target)

    def fake(self, name: str, version: str, folder: Path | None = None, venv: bool = True) -> None:
        """Put a Python there that says it is of this version."""
        file = (folder or self.path) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        told = {"version": version, "name": name, "without_venv": int(not venv)}
        file.write_text(FAKE.format(**told, mkdir=shutil.which("mkdir"), cp=shutil.which("cp")), encoding="utf-8")
        file.chmod(0o755)

    def make(self, *arguments: str, **environment: str) -> tuple[int, list[str]]:
        """Exit code and lines on stderr of a first `make`, without the line that make itself adds."""
        done = subprocess.run(
            ["make", "environment", *arguments],
            cwd=self.folder,
            env={"PATH": str(self.path), "HOME": str(self.folder), "PIP_NO_INDEX": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, [line for line in done.stderr.splitlines() if not line.startswith("make: *** ")]

    def refused(self, *arguments: str) -> str:
        """The one line of a call that makes nothing."""
        before = self.contents()
        code, lines = self.make(*arguments)
        assert (code, len(lines)) == (2, 1), lines
        assert self.contents() == before
        return lines[0]

    def contents(self) -> Mapping[str, bytes]:
        """Every file of the checkout."""
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def called(self) -> str:
        """Name of the Python that packages were installed with: that in .venv was copied from it."""
        return (self.folder / "calls").read_text(encoding="utf-8").partition(":")[0]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_the_only_python_is_called_python3(machine: Machine, version: str) -> None:
    found = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python3"))
    real = str(found[0]) if found else shutil.which(f"python{version}")
    if real is None or subprocess.run([real, "-c", "import ensurepip"], capture_output=True).returncode:
        pytest.skip(f"NOT TESTED: there is no Python {version} that makes environments")
    (machine.path / "python3").symlink_to(real)
    code, lines = machine.make()
    assert code == 0, lines
    made = subprocess.run([machine.folder / ".venv/bin/python", "--version"], capture_output=True, text=True, check=True)
    assert made.stdout.startswith(f"Python {version}.")
    assert machine.make() == (0, [])  # its scripts start with a Python in a folder with a space and a bracket


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"python3": "3.12"}, "python3"),
        ({"python": "3.11"}, "python"),
        ({"python3": "3.14", "python3.12": "3.12", "python3.11": "3.11"}, "python3.12"),
        ({"python3": "3.9", "python3.13": "3.13"}, "python3.13"),
        ({"python": "2.7", "python3": "3.13"}, "python3"),
    ],
)
def test_the_newest_that_is_supported_is_taken(machine: Machine, there: Mapping[str, str], taken: str) -> None:
    for name, version in there.items():
        machine.fake(name, version)
    assert machine.make() == (0, [])
    assert machine.called() == taken


def test_one_that_cannot_make_environments_is_passed_over(machine: Machine) -> None:
    machine.fake("python3.13", "3.13", venv=False)
    assert "python3.13 (Python 3.13) lacks its module venv: install it, as by apt install python3.13-venv" in machine.refused()
    machine.fake("python3.12", "3.12")
    assert machine.make() == (0, [])
    assert machine.called() == "python3.12"


def test_no_python_will_do(machine: Machine) -> None:
    wanted = "Python 3.11, 3.12 or 3.13 is needed "
    assert machine.refused().startswith(f"{wanted}(python3 not found): install one, as by apt install python3.12 ")
    machine.fake("python3", "3.14")
    machine.fake("python", "2.7")
    assert machine.refused().startswith(f"{wanted}(python3 is 3.14, python is 2.7): install one")
    machine.fake("python3.13", "3.13")
    assert machine.refused("PYTHON=python3").startswith(f"{wanted}(python3 is 3.14): install one")
    assert machine.refused("PYTHON=/no/python").startswith(f"{wanted}(/no/python not found): install one")
    assert machine.make("PYTHON=python3.13") == (0, [])


def test_an_environment_that_cannot_work_is_left_alone(machine: Machine) -> None:
    venv = machine.folder / ".venv"
    remedy = "; delete the folder .venv and run the same command again, which makes it anew"
    machine.fake("python3.13", "3.13")
    venv.symlink_to("/no/such/folder")
    assert machine.refused() == f".venv holds no Python that starts{remedy}"
    venv.unlink()
    machine.fake("python", "3.10", venv / "bin")
    assert machine.refused() == f".venv is of Python 3.10, and Python 3.11, 3.12 or 3.13 is needed{remedy}"
    machine.fake("python", "3.12", venv / "bin")
    for shebang in ("#!/somewhere/.venv/bin/python3.12\n", f"#!/bin/sh\n{COPIED}\n"):
        (venv / "bin" / "pip").write_text(shebang, encoding="utf-8")
        place = "/somewhere else/.venv/bin" if COPIED in shebang else "/somewhere/.venv/bin"
        assert machine.refused() == f".venv was made elsewhere, in {place}{remedy}"
    (venv / "bin" / "pip").write_text(f"#!{venv}/bin/python\n", encoding="utf-8")
    assert machine.make() == (0, [])


def test_a_package_that_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    file = machine.folder / "requirements.txt"
    file.write_text("# Training\nnumpy==1.0\nno-such-package==1.0\n# Tests\nno-tests==2\n", encoding="utf-8")
    assert packages.missing(file.read_text(encoding="utf-8")) == ["no-such-package", "no-tests"]
    monkeypatch.setattr(packages, "REQUIREMENTS", file)
    with pytest.raises(SystemExit) as caught:
        packages.check_environment()
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("no-such-package is missing from ")
    monkeypatch.setattr(packages, "OLDEST", (3, 99))
    with pytest.raises(SystemExit) as caught:
        packages.check_environment()
    assert caught.value.code == 2
    assert "is too old: Python 3.11, 3.12 or 3.13 is needed" in capsys.readouterr().err


def test_make_misses_a_package(machine: Machine) -> None:
    (machine.folder / "requirements.txt").write_text("no-such-package==1.0\n", encoding="utf-8")
    venv = machine.folder / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(ROOT / ".venv/bin/python")
    (venv / "requirements-as-installed.txt").write_text("no-such-package==1.0\n", encoding="utf-8")
    line = machine.refused()
    assert line.startswith("no-such-package is missing from ")
    assert line.endswith(": delete .venv/requirements-as-installed.txt and run the same command again")
