"""A paper's own runs, and the experiments beside them: variants of its runs that test an argument or a doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reports.runs.load import ReportData

OTHER = "Other settings"
"""The group of variants that a paper does not declare."""


@dataclass(frozen=True)
class Experiment:
    """Variants of one method on one task that belong together, and the paper's own variant that they depart from."""

    group: str
    """The title under which the paper declares them."""
    task: str
    method: str
    standard: str
    variants: tuple[str, ...]
    """Without the standard; numbers in their names in ascending order."""

    @property
    def all_variants(self) -> tuple[str, ...]:
        """The standard first, then the others."""
        return self.standard, *self.variants


def own_runs(data: ReportData, own: Collection[str]) -> ReportData:
    """The results of a paper's own variants alone: what its figures and tables show."""
    return _kept(data, lambda method, variant: variant in own)


def of_keys(data: ReportData, keys: Collection[tuple[str, str]]) -> ReportData:
    """The results of these (method, variant) alone."""
    return _kept(data, lambda method, variant: (method, variant) in keys)


def experiments(data: ReportData, own: Collection[str], groups: Mapping[str, Collection[str]]) -> list[Experiment]:
    """Every variant that is not the paper's own, by group, task and method.

    `groups` names the groups, in order, and how their variants' names begin after the paper's own variant and a hyphen;
    variants that begin otherwise are in the group `OTHER`, at the end. A variant that extends none of `own`, or one that was not
    run on that task by that method, departs from nothing and is left out.
    """
    ran = {(run["task"], run["method"], run["variant"]): None for run in data.runs}
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for task, method, variant in ran:
        standard = standard_of(variant, own)
        if variant in own or standard is None or (task, method, standard) not in ran:
            continue
        beginning = variant.removeprefix(f"{standard}-")
        group = next((title for title, names in groups.items() if beginning.startswith(tuple(names))), OTHER)
        found.setdefault((group, task, method, standard), []).append(variant)
    order = {title: place for place, title in enumerate((*groups, OTHER))}
    return [
        Experiment(*key, tuple(sorted(variants, key=_natural)))
        for key, variants in sorted(found.items(), key=lambda item: order[item[0][0]])
    ]


def merged(found: Sequence[Experiment]) -> list[Experiment]:
    """Merge the experiments of one method on one task into one, under the title of the first."""
    together: dict[tuple[str, str, str], Experiment] = {}
    for experiment in found:
        key = (experiment.task, experiment.method, experiment.standard)
        first = together.get(key)
        together[key] = replace(first, variants=(*first.variants, *experiment.variants)) if first else experiment
    return list(together.values())


def standard_of(variant: str, own: Collection[str]) -> str | None:
    """The longest of a paper's own variants whose name this one continues with a hyphen; None: there is none."""
    return max((name for name in own if variant.startswith(f"{name}-")), key=len, default=None)


def settings_changed(data: ReportData, experiment: Experiment, variant: str) -> dict[str, tuple[Any, Any]]:
    """What a variant sets otherwise than its standard: name to (the standard's value, the variant's).

    These are hyperparameters, options of the task, the budget, and `environment`, the environment's id.
    """
    of_variant = {
        run["variant"]: run["hyperparameters"] | run["options"] | run["budget"] | {"environment": run["environment"]["id"]}
        for run in data.runs
        if (run["task"], run["method"]) == (experiment.task, experiment.method)
    }
    standard, other = of_variant[experiment.standard], of_variant[variant]
    names = sorted({*standard, *other})
    return {name: (standard.get(name), other.get(name)) for name in names if standard.get(name) != other.get(name)}


def doses(data: ReportData, experiment: Experiment) -> tuple[str, dict[str, float]] | None:
    """The one numerical setting that all variants differ in, and its value for each, the standard included; None: no such."""
    changed = [settings_changed(data, experiment, variant) for variant in experiment.variants]
    names = {tuple(change) for change in changed}
    if len(names) != 1 or len(next(iter(names))) != 1:
        return None
    ((name,),) = names
    values = {experiment.standard: changed[0][name][0]}
    values |= {variant: change[name][1] for variant, change in zip(experiment.variants, changed, strict=True)}
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values.values()):
        return None
    return name, {variant: float(value) for variant, value in sorted(values.items(), key=lambda item: item[1])}


def _kept(data: ReportData, wanted: Callable[[str, str], bool]) -> ReportData:
    tables = {name: getattr(data, name) for name in ("summary", "curves", "trajectories")}
    pairs = {name: zip(table["method"], table["variant"], strict=True) for name, table in tables.items()}
    kept = {name: table[np.array([wanted(*pair) for pair in pairs[name]], dtype=bool)] for name, table in tables.items()}
    return replace(data, **kept, runs=[run for run in data.runs if wanted(run["method"], run["variant"])])


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `steps-5` before `steps-50` and both after `sequential`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]
