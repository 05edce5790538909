"""What may change the bits of a result: software and its versions, and the instructions that it is computed with."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from records.sources import ROOT
from workflow.process.instructions import instructions_in_force

Platform = Mapping[str, str]
"""By name; two are the same where all values are."""

_BENEATH = ("llvmlite",)
"""Packages that no requirement names, and that decide bits all the same."""


def present_platform() -> dict[str, str]:
    """The platform that this process runs on. The make of the processor does not belong to it where instructions are pinned."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "system": "-".join((platform.system(), platform.machine(), *platform.libc_ver())),
        "instructions": instructions_in_force(),
        **{f"package {name}": version(name) for name in (*_required(), *_BENEATH)},
    }


def differences(recorded: Platform, present: Platform) -> list[str]:
    """What differs, a line each, values cut to what can be read; none where both are the same platform."""
    names = [name for name in {**recorded, **present} if recorded.get(name) != present.get(name)]
    return [f"{name}: {_brief(present.get(name))}, recorded {_brief(recorded.get(name))}" for name in names]


def write_platform(path: Path, present: Platform) -> None:
    """Write a platform as JSON."""
    path.write_text(json.dumps(present, indent=1) + "\n", encoding="utf-8")


def read_platform(path: Path) -> dict[str, str]:
    """A platform as `write_platform` left it; an empty one, which no machine is, where there is no such file."""
    recorded: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return recorded


def _required() -> list[str]:
    """Names of the pinned packages that do not only test, check or type the code."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").partition("# Tests")[0]
    return re.findall(r"^([\w.-]+)==", text, re.MULTILINE)


def _brief(value: str | None) -> str:
    if value is None:
        return "none"
    return value if len(value) <= 60 else f"{value[:40]}… ({len(value.split())} in all)"
