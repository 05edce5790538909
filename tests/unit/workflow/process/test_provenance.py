"""constraints.txt pins all that an installation of requirements.txt brings along, and every record says which it was."""

from __future__ import annotations

import hashlib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from records.sources import ROOT
from workflow.process import provenance
from workflow.process.provenance import LOCK, PACKAGES, THEORY_PACKAGES, origin

ACCELERATORS = ("nvidia-", "cuda-", "triton")
"""What PyTorch brings along where it is built for a graphics processor."""


def pins(file: str) -> dict[str, str]:
    """Versions by canonical name; nothing but names and versions is there."""
    lines = [line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found: dict[str, str] = {}
    for line in lines:
        name, equals, version = line.partition("==")
        assert equals, line
        assert version.replace(".", "").isalnum(), f"{line}: no build's own version, no address"
        found[canonicalize_name(name)] = version
    assert len(found) == len(lines), "a package is there twice"
    return found


def needed(names: set[str]) -> set[str]:
    """These distributions and all that they need as they are installed here, by canonical name."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        for text in distribution(name).requires or []:
            further = Requirement(text)
            environments = [{"extra": extra} for extra in (*extras, "")]
            if further.marker is None or any(further.marker.evaluate(environment) for environment in environments):
                waiting.append(further)
    return found


def test_everything_that_is_needed_is_pinned_at_what_is_installed() -> None:
    locked = pins(LOCK)
    for name in sorted(needed(set(pins("requirements.txt")))):
        if not name.startswith(ACCELERATORS):
            assert name in locked, f"{name} is not pinned: run `make lock`"
            assert distribution(name).version.partition("+")[0] == locked[name], (
                f"{name} is installed otherwise than it is pinned"
            )


def test_nothing_is_pinned_twice_over_or_otherwise_or_for_nothing() -> None:
    asked, locked = pins("requirements.txt"), pins(LOCK)
    assert {name: locked.get(name) for name in asked} == asked, "run `make lock`"
    assert locked.keys() <= needed(set(asked)), "run `make lock`"


def test_a_record_says_which_lock_and_versions_there_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = origin(["envs/seeding.py"], THEORY_PACKAGES)
    assert record["lock"] == hashlib.sha256((ROOT / LOCK).read_bytes()).hexdigest()
    assert set(record["versions"]) == set(THEORY_PACKAGES) > set(PACKAGES)
    provenance.lock.cache_clear()
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    assert provenance.lock() is None
    provenance.lock.cache_clear()
