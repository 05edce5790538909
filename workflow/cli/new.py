"""`python -m workflow new method NAME` (or task, or paper): a first version that works, with comments that say what to change."""

from __future__ import annotations

import argparse
import keyword
import re
from collections.abc import Mapping
from pathlib import Path

from algorithms.interface import methods
from envs.tasks import TASKS
from records.errors import Refusal
from records.files import write_bytes
from records.sources import ROOT
from records.wording import shortened
from workflow.cli.values import WHERE

HELP = "write a method, a task or a paper to begin with"
KINDS = ("method", "task", "paper")
_TEMPLATES = Path(__file__).with_name("templates")
_ENDING = ".template"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_NEXT = {
    "method": (
        "python -m workflow run @NAME@ CartPole-v1 --episodes 300",
        "python -m pytest tests/conformance/test_learners.py tests/property/test_seed_isolation.py -k @NAME@",
    ),
    "task": ("python -m workflow run reinforce @TASK@ --updates 300", "python -m pytest tests/unit/envs -k @TASK@"),
    "paper": ("snakemake --config scale=ci papers=@NAME@", "python -m pytest tests/unit/reports/test_papers.py -k @NAME@"),
}
"""Commands that train it, and that test it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_argument("kind", choices=KINDS, help="what to write")
    parser.add_argument("name", help="small letters, digits and _: the name of its file or folder")


def command(options: argparse.Namespace) -> int:
    """Write the files, and say which, and what to try next."""
    for path in write_new(options.kind, options.name, ROOT):
        print(f"written: {path.relative_to(ROOT)}")
    train, test = (_filled(line, options.name) for line in _NEXT[options.kind])
    print(f"try it:  {train}\ntest it: {test}")
    return 0


def write_new(kind: str, name: str, root: Path) -> list[Path]:
    """Write what a new method, task or paper needs into the repository `root`; returns the files.

    Refuses a name that Python or a folder cannot have, and one that is taken. Nothing is written then.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Refusal(f"{WHERE}: {shortened(name)} cannot be a {kind}'s name; use small letters, digits and _, from a letter on")
    files = _files(kind, name)
    known = {"method": methods(), "task": TASKS, "paper": ()}[kind]
    if (title := _filled("@TASK@", name) if kind == "task" else name) in known:
        raise Refusal(f"{WHERE}: there is a {kind} {title} already; choose another name")
    for place in files:
        first = root / Path(place).parent if kind == "paper" and place.startswith("reports/") else root / place
        if first.exists():
            raise Refusal(f"{WHERE}: {first.relative_to(root)} is there already; choose another name")
        if not first.parent.is_dir():
            raise Refusal(f"{WHERE}: {first.parent.relative_to(root)} is no folder here, so no {kind} can be added there")
    for place, template in files.items():
        (root / place).parent.mkdir(exist_ok=True)
        try:
            write_bytes(root / place, _filled(template.read_text(encoding="utf-8"), name).encode())
        except OSError as error:
            raise Refusal(f"{place}: not written ({error.strerror}); see to its folder") from None
    return [root / place for place in files]


def _files(kind: str, name: str) -> Mapping[str, Path]:
    """The template of each file, by its path in the repository."""
    match kind:
        case "method":
            return {f"algorithms/{name}.py": _TEMPLATES / f"method.py{_ENDING}"}
        case "task":
            return {f"envs/tasks/{name}.py": _TEMPLATES / f"task.py{_ENDING}"}
    folder, page = _TEMPLATES / "paper", f"page.md{_ENDING}"
    own = {f"reports/{name}/{path.name.removesuffix(_ENDING)}": path for path in sorted(folder.glob(f"*{_ENDING}"))}
    del own[f"reports/{name}/{page.removesuffix(_ENDING)}"]
    return {**own, f"docs/{name}.md": folder / page}


def _filled(template: str, name: str) -> str:
    """A template with the name in place of @NAME@, and what follows from it: a task `two_bits` is TwoBits-v0."""
    words = name.split("_")
    camel = "".join(word.capitalize() for word in words)
    values = {"NAME": name, "TASK": f"{camel}-v0", "CLASS": camel, "TITLE": " ".join(words).strip().capitalize()}
    return re.sub("@(NAME|TASK|CLASS|TITLE)@", lambda found: values[found[1]], template)
