"""A run folder, `results/<budget>/<task>/<method>/<variant>/seeds-<first>-<last>`: its files, and whether they are sound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from records.manifest import MANIFEST, Damage, Examined, examine, sha256

Budget = Literal["full", "tenth", "tiny"]
"""The share of a paper's training that is done; the first folder of a result."""
FILES = ("episodes.parquet", "policy.npz", "run.json")
"""The last is the record that vouches for the others."""
MEASURED = ("wall_seconds", "cpu_seconds", "clocks", "peak_memory_mib", "started", "finished", "resumed", "cpu")
"""What a record says of how the making went: all that differs, beside the record's own digest, where the same sources and
packages make the same again."""
SETTINGS = ("hyperparameters", "options", "budget", "root_seed", "engine", "dtype", "env_backend", "native", "environment")
"""What a record says of what was asked for: all that decides the numbers of a seed, beside task, method, sources and packages."""
KEYS = ("task", "method", "variant")
"""What a run is identified by, beside its seed."""


def examine_run(folder: Path, *, thoroughly: bool = True) -> Examined:
    """What lies in the folder of a run; unless `thoroughly`, without a look at the files beside run.json."""
    *beside, record = (folder / name for name in FILES)
    found = examine(record, beside if thoroughly else ())
    if found.record is None or found.damage is not None:
        return found
    return Examined(found.record, _misplaced(folder, found.record))


def _numbers(seeds: list[Any]) -> bool:
    return bool(seeds) and all(type(seed) is int for seed in seeds)


def _misplaced(folder: Path, record: Mapping[str, Any]) -> Damage | None:
    """Whether the record is another folder's; one that is no record of a run at all is."""
    file = folder / FILES[-1]
    named, seeds = [record.get(key) for key in KEYS], record.get("seeds")
    if not all(isinstance(name, str) for name in named) or not isinstance(seeds, list) or not _numbers(seeds):
        return Damage(file, "is not the record of a run")
    belongs = "/".join((*map(str, named), f"seeds-{min(seeds):03d}-{max(seeds):03d}"))
    return None if belongs == "/".join(folder.parts[-4:]) else Damage(file, f"belongs to {belongs}, not to this folder")


def without_measured(record: Mapping[str, Any], name: str = FILES[-1]) -> dict[str, Any]:
    """What a record, the file `name`, says that is the same whenever the same is made again."""
    kept = {key: value for key, value in record.items() if key not in MEASURED}
    if MANIFEST in kept:
        kept[MANIFEST] = {file: digest for file, digest in kept[MANIFEST].items() if file != name}
    return kept


def digest_of_settings(record: Mapping[str, Any]) -> str:
    """Twelve digits that stand for `SETTINGS`."""
    return sha256(json.dumps({name: record.get(name) for name in SETTINGS}, sort_keys=True).encode())[:12]
