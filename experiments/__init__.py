"""The papers' theory as experiments on the rules that train, and the columns that all their tables share.

An experiment is one file, experiments/<paper>/<experiment>.py, with a literal `RUNS` (the arguments of `Experiment`) and a
function `measure`. Its table is results/theory/<budget>/<experiment>.parquet, which the paper's report reads as
`ReportData.theory[<experiment>]`. The networks are those of one method in double precision, with the settings of `RUNS`, for the
first `SEEDS` seeds of the run. They are taken as training starts with them ("untrained") and as it left them ("trained"). Tables
are long, with one quantity a row:

==================  =====================================================================================================
column              meaning
==================  =====================================================================================================
task                the task whose networks these are
stage               untrained or trained
layer               "1" (next to the input) to "L", weights and biases together; "all": all layers as one vector
quantity            what the row is about; the experiment's own docstring lists its quantities and further columns
mean, low, high     mean and 95 % t-interval. A quantity marked [g] has the geometric mean, with the interval of its logarithm;
                    one marked [z] has both of Fisher's z. Bounds are nan for fewer than two values, or no known interval
n                   what the interval is over: seeds, or in `unbiasedness` independent batches of samples
each                only where a claim is about the row: the value of every network
==================  =====================================================================================================
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SEEDS = 10
"""Experiments measure at most this many seeds of a run, counted from its first."""
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Experiment:
    """The runs whose networks an experiment measures."""

    method: str
    variant: str
    tasks: tuple[str, ...]
    """Tasks of the runs whose settings it takes."""
    trained: bool = True
    """Whether it also takes these runs' trained networks."""

    @property
    def keys(self) -> list[tuple[str, str, str]]:
        """Return (task, method, variant) of each run."""
        return [(task, self.method, self.variant) for task in self.tasks]


@cache
def experiments() -> dict[str, dict[str, Experiment]]:
    """Find every experiment, by paper and name. Raises ValueError for a file without literal `RUNS`, or a name used twice."""
    found: dict[str, dict[str, Experiment]] = {}
    for file in sorted(_HERE.glob("*/*.py")):
        paper = file.parent.name
        if paper == "shared" or file.name == "__init__.py":
            continue
        if any(file.stem in others for others in found.values()):
            raise ValueError(f"experiments/{paper}/{file.name}: another paper has an experiment of this name")
        found.setdefault(paper, {})[file.stem] = _declared(file)
    return found


def module_of(experiment: str) -> str:
    """Return the dotted name of an experiment's module. Raises KeyError for an unknown experiment."""
    for paper, names in experiments().items():
        if experiment in names:
            return f"experiments.{paper}.{experiment}"
    raise KeyError(experiment)


def _declared(file: Path) -> Experiment:
    """Read `RUNS` without importing the module, so that planning need not wait a second for PyTorch."""
    for node in ast.parse(file.read_text(encoding="utf-8"), str(file)).body:
        if isinstance(node, ast.Assign) and any(isinstance(name, ast.Name) and name.id == "RUNS" for name in node.targets):
            return Experiment(**ast.literal_eval(node.value))
    raise ValueError(f"{file}: RUNS is missing; experiments/__init__.py says what it is")
