"""config/config.yaml: what to run, at which scale, with which engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, BeforeValidator, ConfigDict

from algorithms.interface import Dtype, Engine
from records.errors import Refusal
from records.refusals import check_name, check_unique, read_yaml, validate
from records.wording import shortened
from workflow.plan.paths import input_path
from workflow.plan.validation import MOST_SEEDS

CONFIGURATION_FILE = Path("config/config.yaml")
PAPERS_FOLDER = Path("reports")
MODEL_CONFIG = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False)

_FLAGS = {"true": True, "false": False}
Flag = Annotated[bool, BeforeValidator(lambda given: _FLAGS.get(given, given) if isinstance(given, str) else given)]
"""Snakemake hands on `--config native=true` as text."""
EnvBackend = Literal["envpool", "gymnasium"]


class Configuration(BaseModel):
    """The keys of config/config.yaml; each can also be given as `snakemake --config key=value`."""

    model_config = MODEL_CONFIG

    scale: Literal["ci", "quick", "paper", "extended"] = "quick"
    """How much to run. ci: 2 seeds, a hundredth of the paper's episodes; quick: 3 seeds, a tenth; paper: the paper's own
    seeds and episodes; extended: 50 seeds, for verdicts."""
    papers: str | Annotated[list[str], MinLen(1)] = "all"
    """Papers to reproduce: all, one folder name in reports/, or a list of them."""
    seeds: Annotated[int, Ge(1), Le(MOST_SEEDS)] | None = None
    """Number of seeds of every run, counted from 0, or from 100 at the scales that give verdicts; null: what the scale says."""
    seeds_per_job: Annotated[int, Ge(1), Le(1000)] = 10
    """Seeds that one job trains in lockstep on one core; the results do not depend on it, bit for bit."""
    root_seed: Annotated[int, Ge(0), Le(2**32 - 1)] = 0
    """Mixed into every seed; another value gives other, equally valid, runs."""
    engine: Engine = "fused"
    """fused: compiled with numba, fast, for the methods that have such a twin; reference: PyTorch, in the paper's notation."""
    dtype: Dtype = "float32"
    """Precision of the learners."""
    env_backend: EnvBackend = "envpool"
    """envpool: fast, and it still has LunarLander-v2; gymnasium: slower, with LunarLander-v3 in its place."""
    native: Flag = False
    """false: compute with the instructions that all x86-64 processors since about 2015 share, so that all give the same bits.
    true: with all that this processor has: some 5 % faster, but the last bits differ from processor to processor."""
    allow_partial: Flag = False
    """Report even if results of some seeds are missing; every cell then says how many there were."""

    def paper_names(self, available: list[str]) -> list[str]:
        """The papers asked for. Refuses one that is not available."""
        where = f"{CONFIGURATION_FILE} or --config: papers"
        names = [self.papers] if isinstance(self.papers, str) else list(self.papers)
        if names == ["all"]:
            return available
        for name in names:
            check_name(name, available if names[1:] else [*available, "all"], "paper", where)
        check_unique(names, where)
        return names


def available_papers(root: Path) -> list[str]:
    """Folders in reports/ that say what to run. Refuses one whose name no package can have."""
    names = sorted(path.parent.name for path in input_path(root, PAPERS_FOLDER).glob("*/runs.yaml"))
    for name in names:
        if not (name.isascii() and name.isidentifier()):
            raise Refusal(f"{PAPERS_FOLDER / name}: {shortened(name)} cannot be a paper's name; use letters, digits and _ only")
    return names


def read_configuration(root: Path, overrides: Mapping[str, Any]) -> Configuration:
    """config/config.yaml in `root` with `overrides` (from --config) on top. Refuses what it does not know."""
    where = f"{CONFIGURATION_FILE} or --config" if overrides else str(CONFIGURATION_FILE)
    return validate(Configuration, {**read_yaml(input_path(root, CONFIGURATION_FILE)), **overrides}, where)
