"""What the repository keeps of a paper's results: `python -m reports.measured scale PAPER`, and then `… copy PAPER`.

`scale` prints the scale that the paper's verdicts rest on. `copy` takes the small tables and the main figure of the report that
was made at that scale from results/ to reports/<paper>/measured.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from records.errors import ResultError
from reports.paper import declared, papers


def copy(paper: str, root: Path) -> Path:
    """Copy the tables, the costs, the provenance and the main figure of a paper's report in `root`; returns the folder."""
    made, kept = root / "results" / "reports" / paper, root / "reports" / paper / "measured"
    kept.mkdir(exist_ok=True)
    beside = [made / "data" / "costs.csv", made / "provenance.json", made / "figures" / f"{declared(paper).MAIN_FIGURE}.png"]
    for file in [*sorted((made / "tables").glob("*.csv")), *beside]:
        shutil.copyfile(file, kept / file.name)
    return kept.relative_to(root)


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit code."""
    if len(arguments) != 2 or arguments[0] not in ("scale", "copy") or arguments[1] not in papers():
        print(f"usage: python -m reports.measured scale|copy PAPER; PAPER is one of {', '.join(papers())}", file=sys.stderr)
        return 2
    what, paper = arguments
    try:
        print(declared(paper).VERDICT_SCALE if what == "scale" else f"Copied to {copy(paper, Path())}")
    except (OSError, ResultError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
