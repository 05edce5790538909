"""Arguments of snakemake that it would answer with a longer message, or take for something else."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from snakemake.cli import get_argument_parser

from records.errors import Refusal
from records.sources import ROOT
from records.wording import shortened, suggestion


def check_arguments(rules: Iterable[Any]) -> None:
    """Refuse a target that none of Snakemake's `rules` makes, and a workflow profile that is none: it would be ignored."""
    if Path(sys.argv[0]).parent.name != "snakemake" and Path(sys.argv[0]).name != "snakemake":
        return
    asked, _ = get_argument_parser().parse_known_args(sys.argv[1:])
    profile, rules = asked.workflow_profile, list(rules)
    if profile not in (None, "none") and not _is_profile(profile):
        known = sorted(path.parent.name for path in ROOT.glob("profiles/*/config.yaml"))
        raise Refusal(f"command line: --workflow-profile: {shortened(profile)} is none; {suggestion(Path(profile).name, known)}")
    names = [rule.name for rule in rules] + ["default"]  # the Snakefile that includes this one adds its own
    for target in asked.targets:
        if target not in names and not Path(target).exists() and not any(rule.is_producer(target) for rule in rules):
            raise Refusal(f"command line: no rule and no result is called {shortened(target)}; {suggestion(target, names)}")


def _is_profile(profile: str) -> bool:
    places = [base / path for base in (Path(), ROOT) for path in (Path(profile), Path("profiles") / profile)]
    return any(place.is_file() or any(place.glob("*.yaml")) for place in places)
