"""Find out in one line, before anything is imported, that a package is missing; only the standard library is used here."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
OLDEST = (3, 11)


def missing(text: str) -> list[str]:
    """The packages that lines NAME==VERSION ask for and this environment has not, in any version."""
    names = [line.partition("==")[0] for line in text.splitlines() if "==" in line]
    return [name for name in names if not _is_installed(name)]


def check_environment() -> None:
    """Exit with code 2 and one line where this Python is too old, or lacks a package that a run needs."""
    if sys.version_info < OLDEST:
        _exit(f"Python {sys.version_info[0]}.{sys.version_info[1]} is too old: Python 3.11, 3.12 or 3.13 is needed, as in .venv")
    # Tests need more packages, and nothing is known of those where the code lies without this file.
    if REQUIREMENTS.is_file() and (lacking := missing(REQUIREMENTS.read_text(encoding="utf-8").partition("# Tests")[0])):
        _exit(f"{_listed(lacking)} missing from {sys.prefix}: start with .venv/bin, or install what requirements.txt says")


def _is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _listed(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _exit(line: str) -> None:
    print(line, file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":  # told of the file that says what was installed
    if lacking := missing(REQUIREMENTS.read_text(encoding="utf-8")):
        _exit(f"{_listed(lacking)} missing from {sys.prefix}: delete {sys.argv[1]} and run the same command again")
