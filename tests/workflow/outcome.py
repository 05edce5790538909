"""What runs of the pipeline leave behind, to compare them byte for byte but for what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from records.run_folder import FILES, without_measured
from workflow.plan.plan import make_plan

_STAMP = ".snakemake_timestamp"
COSTS = "costs.csv"
"""What the runs took: the one file that is another each time. Of records, what was measured is."""


def built(folder: Path) -> dict[str, Any]:
    """All that a build leaves in results/, by path; of the records of trainings and of the theory what was not measured."""
    found: dict[str, Any] = {}
    for path in sorted(path for path in (folder / "results").rglob("*") if path.is_file() and path.name not in {COSTS, _STAMP}):
        name = path.relative_to(folder / "results")
        is_record = path.name == FILES[-1] or (name.parts[0] == "theory" and path.suffix == ".json")
        contents = path.read_bytes()
        found[name.as_posix()] = without_measured(json.loads(contents), path.name) if is_record else contents
    return found


def differences(expected: Path, found: Path, paper: str) -> list[str]:
    """What of a paper's results in one folder is missing or other than in another, which may have those of more papers."""
    plan = make_plan(expected, {"scale": "ci", "papers": paper})
    folders = [*plan.folders(list(plan.runs.values())), f"results/reports/{paper}/", f"results/reports/{paper}.pdf"]
    one, other = built(expected), built(found)
    names = {name for name in one.keys() | other.keys() if f"results/{name}".startswith(tuple(folders))}
    return sorted(name for name in names if one.get(name) != other.get(name))
