"""The corpus of bad input: the *.yaml beside this file, which hold what users really write, and what must be answered.

A file names the `file` that its cases spoil, each in one of these ways:

* `replace`: [old, new], the first place where the text stands;
* `text`: all that is in the file;
* `put`: one of `MAKERS`, for what no text can be;
* `config`: what is given as `snakemake --config`;
* `arguments`: of `python -m workflow`.

The answer is one line that begins with the file (`says`: with another one), and then names the `key` and the `remedy`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from records.sources import ROOT

FOLDER = Path(__file__).parent
PAPER = "chung2021"

MAKERS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a folder": Path.mkdir,
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a pipe": os.mkfifo,
    "bytes": lambda path: path.write_bytes(bytes(range(256)) * 8),
    "UTF-16": lambda path: path.write_text("scale: quick\n", encoding="utf-16"),
    "ten megabytes": lambda path: path.write_text(f"title: {'x' * 10_000_000}\n", encoding="utf-8"),
    "a thousand levels": lambda path: path.write_text("title: " + "[" * 1000 + "]" * 1000 + "\n", encoding="utf-8"),
}


@dataclass(frozen=True)
class Case:
    """One thing that is wrong."""

    name: str
    file: str
    key: str
    remedy: str
    says: str = ""
    replace: list[str] = field(default_factory=list)
    text: str | None = None
    put: str | None = None
    config: dict[str, Any] | None = None
    arguments: list[str] = field(default_factory=list)

    def spoil(self, root: Path) -> None:
        """Do to the file in `root` what the case says."""
        path = root / self.file
        if self.replace:
            old, new = self.replace
            text = path.read_text(encoding="utf-8")
            assert old in text, f"{self.name}: {old!r} does not stand in {self.file}"
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        if self.text is not None:
            path.write_text(self.text, encoding="utf-8")
        if self.put is not None:
            path.unlink()
            MAKERS[self.put](path)

    def answered(self, output: str) -> None:
        """Fail unless `output` is the one line that the case wants."""
        (line,) = output.splitlines()
        assert line.startswith(self.says or self.file), line
        assert self.key in line, line
        assert self.remedy in line.partition(self.key)[2], line
        assert len(line) < 2_500


def cases(*names: str) -> list[Case]:
    """The cases of these files of the corpus."""
    found = []
    for name in names:
        contents = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
        for case in contents["cases"]:
            title = next(iter(case))
            rest = {key: value for key, value in case.items() if key != title}
            found.append(Case(**{"file": contents["file"], "name": f"{name}: {case[title]}", **rest}))
    return found


def copy_inputs(root: Path) -> None:
    """All that a user edits, in a folder of its own, and the sources that trainings depend on."""
    for name in ("algorithms", "envs", "experiments", "records", "workflow"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ROOT / "config" / "config.yaml", *ROOT.glob("reports/*/*.yaml")):
        target = root / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


def read_all(config: dict[str, Any]) -> dict[str, Any]:
    """What workflow/Snakefile does before it plans a job, with `config` from the command line, in the working directory."""
    text = (ROOT / "workflow" / "Snakefile").read_text(encoding="utf-8")
    head = text[text.index("from records.refusals") : text.index("\nreport:")]
    snakemake = SimpleNamespace(is_main_process=True, output_settings=SimpleNamespace(dryrun=True))
    names = {"config": config, "workflow": snakemake, "Path": Path}
    exec(compile(head, "workflow/Snakefile", "exec"), names)
    return names
