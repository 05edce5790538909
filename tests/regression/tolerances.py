"""What may differ on another platform than that of the expectations: another architecture, or `native: true`.

Learning amplifies rounding. Measured with the same code under a generic processor (numba without AVX, numpy, torch and BLAS
without theirs), of 105 trainings all but one began within 3e-6, the first episode of that one within 3e-3; of 71 the norms of all
parameters at the end were within 1e-4. But of 19, and of half of those of MAP propagation, they were off by more than 1e-2, in 13
returns as well, and which ones is chance. So what is asked for is what chance leaves:

* a training begins as it did: the first episode or update of every seed, within `BEGINNING`;
* some trainings of a method end as they did: `drifts`, within `DRIFT`;
* of whatever is made of trainings, no column has moved as a whole: no more than three quarters of its numbers are off by more
  than `RELATIVE`. A fault in a statistic, a band or a test moves all of them, a training that went astray only its own;
* an episode that its time limit ended is as long as that limit, whatever was learned;
* how many runs, jobs and claims there are is equal, as the plan says it and no number decides it;
* steps until rounding lets a phase stand still are off by no more than `UNTIL_STILL`;
* times to an event move with trainings, and may come and go, but lie within the run;
* texts, looks and choices are equal, but for the numbers within texts, and for what a note says of a verdict;
* verdicts are equal wherever what is judged is: from two seeds, a training that went astray may change one. Judged anew from the
  recorded summaries (`tests.regression.rejudged`), all tables and verdicts are equal but for `ROUNDING`.
"""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.regression.artefacts import Artefacts

RELATIVE = 1e-3
"""Of numbers that are compared one by one."""
BEGINNING = 0.05
"""Of what a seed's first episode or update gives."""
DRIFT = 1e-3
"""Of the norm of a parameter array at the end of a training: a quarter of the trainings of a method are as near as that."""
UNTIL_STILL = 0.1
"""Of a number of steps: between an Intel and an AMD processor, 104 were 102."""
ROUNDING = 1e-6
"""Of numbers that are made of the same data: they are written with six digits and more."""
_MOST = 0.75
_FEWEST = 4
"""A column of fewer numbers is no evidence: one training may decide all of them."""
_HASHES = frozenset({"sha256"})
_SCALED = frozenset({"x axis", "y axis"})
"""Rows of a figure whose ticks and limits follow the data."""
_FREE = frozenset({"note", "error_single"})
"""Columns that are compared on the platform of the expectations alone: how many seeds would settle a claim, or that none would;
what rounding itself does to an update."""
_UNTIL_STILL = frozenset({"still", "still_last"})
_PLANNED = frozenset({"n", "n_better", "n_worse", "paper_n", "jobs", "claims"})
_OF_AN_EXPERIMENT = "stage"
"""A table with this column is of networks, of which those whose gradient is lost in rounding are not counted."""
_TIMES = frozenset({"first_perfect", "solved"})
"""Of a run, in its episodes; the column `steps` has their number."""
_AT_THE_LIMIT = "truncated"
_AS_JUDGED = frozenset({"verdict"})
"""Columns that follow from the others of their row."""
_AS_MANY_AS_DIFFER = ("/judged/differences",)
"""Tables with as many rows as claims differ."""
_NUMBER = re.compile(r"[-−+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|inf|nan)")


def within_tolerance(name: str, column: str, expected: pd.DataFrame, observed: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether the cells of a column are as much alike as another platform leaves them, [rows]."""
    kind = name.split("/")[1]
    before, after = expected[column], observed[column]
    if column in _HASHES | _FREE or name.endswith("/summary/curves"):
        return np.ones(len(before), bool)
    if kind == "training":
        return _as_begun(column, expected, observed)
    same = np.array(before == after)
    if column in _AS_JUDGED:
        return same | _astray(expected, observed)
    if column in _PLANNED and _OF_AN_EXPERIMENT not in expected:
        return same
    if column in _UNTIL_STILL:
        return ~_over(before, after, UNTIL_STILL)
    if column in _TIMES and "steps" in observed:
        return same | _within_the_run(after, observed["steps"])
    groups = expected["artist"] if kind == "figure" else pd.Series("", expected.index)
    for group in groups.unique():
        rows = (groups == group).to_numpy()
        if not same[rows].all():
            same[rows] = _alike(list(before[rows]), list(after[rows]), scaled=group in _SCALED)
    return same


def nearly_equal(name: str, column: str, expected: pd.DataFrame, observed: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether the cells of a column are equal but for `ROUNDING`, [rows]: both are made of the same data."""
    return ~_over(expected[column], observed[column], ROUNDING)


def drifts(expected: Artefacts, observed: Artefacts) -> dict[str, float]:
    """Of each method of a paper, as `<paper>/training/*/<method>`, how far trainings end from where they did.

    Of a training that is the largest relative move of the norm of one of its parameter arrays; of a method the lower quartile.
    """
    found: dict[str, list[float]] = defaultdict(list)
    for name in sorted(expected.keys() & observed.keys()):
        paper, kind, *rest = name.split("/")
        before, after = expected[name], observed[name]
        if kind == "training" and list(before["what"]) == list(after["what"]):
            arrays = (before["norm"] != "") & ~before["what"].str.startswith("log/")
            moved = _relative(before.loc[arrays, "norm"].astype(float), after.loc[arrays, "norm"].astype(float))
            found[f"{paper}/training/*/{rest[1]}"].append(float(moved.max()))
    return {name: float(np.quantile(moved, 0.25, method="lower")) for name, moved in found.items()}


def may_differ_in_rows(name: str) -> bool:
    """Whether an artefact may have more or fewer rows on another platform."""
    return name.endswith(_AS_MANY_AS_DIFFER)


def _astray(expected: pd.DataFrame, observed: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows of which a number is off."""
    off = np.zeros(len(expected), bool)
    for column in expected.columns.difference(sorted(_AS_JUDGED)):
        pairs = zip(expected[column], observed[column], strict=True)
        off |= np.array([_off(old, new) is True for old, new in pairs], bool)
    return off


def _over(before: pd.Series, after: pd.Series, tolerance: float) -> NDArray[np.bool_]:
    """Cells that are off by more, or whose texts differ in more than numbers."""
    pairs = zip(before, after, strict=True)
    return np.array([old != new and _off(old, new, tolerance) is not False for old, new in pairs], bool)


def _within_the_run(times: pd.Series, steps: pd.Series) -> NDArray[np.bool_]:
    """Times to an event that a run of so many steps can have; none is one, too."""
    possible = [
        time == "" or (float(time).is_integer() and 1 <= float(time) <= float(end))
        for time, end in zip(times, steps, strict=True)
    ]
    return np.array(possible, bool)


def _as_begun(column: str, expected: pd.DataFrame, observed: pd.DataFrame) -> NDArray[np.bool_]:
    """The rows of a training in full; of their cells each seed's first episode or update, and lengths that a time limit set."""
    before, after = expected[column], observed[column]
    if column in ("seed", "what"):
        return (before == after).to_numpy()
    first = ~expected["seed"].duplicated()
    alike = np.ones(len(before), bool)
    if column == "length" and "ended" in expected:
        limits = set(before[expected["ended"] == _AT_THE_LIMIT])
        alike = np.array(~(observed["ended"] == _AT_THE_LIMIT) | after.isin(limits) | (not limits))
    for row in np.flatnonzero(first):
        alike[row] &= before.iloc[row] == after.iloc[row] or _off(before.iloc[row], after.iloc[row], BEGINNING) is False
    return alike


def _alike(before: list[str], after: list[str], scaled: bool) -> NDArray[np.bool_]:
    """Cells of one kind: texts are equal but for their numbers, and of those with numbers no more than `_MOST` are off."""
    off = [_off(old, new) for old, new in zip(before, after, strict=True)]
    comparable = [number is not None for number in off]
    texts = np.array([scaled or is_number or old == new for old, new, is_number in zip(before, after, comparable, strict=True)])
    moved = np.array([number is True for number in off], bool)
    numbers = sum(bool(_NUMBER.search(text)) for text in before)
    chance = scaled or numbers < _FEWEST or moved.sum() <= _MOST * numbers
    return texts & (np.ones(len(moved), bool) if chance else ~moved)


def _off(before: str, after: str, tolerance: float = RELATIVE) -> bool | None:
    """Whether the numbers of two texts differ by more than `tolerance`; None where the texts differ in more than numbers.

    Of two texts that are nothing but numbers, one may have more of them than the other, or the other none.
    """
    old_words, new_words = (_NUMBER.sub("#", text) for text in (before, after))
    if old_words != new_words:
        return None if set(old_words + new_words) - {"#", " "} else True
    old, new = (np.array([float(number.replace("−", "-")) for number in _NUMBER.findall(text)]) for text in (before, after))
    return bool((_relative(old, new) > tolerance).any())


def _relative(before: NDArray[np.float64] | pd.Series, after: NDArray[np.float64] | pd.Series) -> NDArray[np.float64]:
    old, new = np.asarray(before, float), np.asarray(after, float)
    equal = (old == new) | (np.isnan(old) & np.isnan(new))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(equal, 0.0, np.nan_to_num(np.abs(new - old) / np.maximum(np.abs(old), np.abs(new)), nan=np.inf))
