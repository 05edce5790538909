"""Why a number differs: what was suspected of each claim that differs, the runs that tested it, and what came out.

reports/<paper>/differences.yaml holds the suspicions and conclusions; every number beside them is computed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from annotated_types import MinLen
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from records.errors import ResultError
from records.located_yaml import Document, read_document
from records.wording import first_problem, shortened
from reports.claims.claim import Claim, Key
from reports.claims.read import Claims
from reports.claims.sentence import Sentence
from reports.claims.verdicts import verdicts
from reports.runs.load import ReportData
from reports.statistics.decisions import DIFFERS, NO_DIFFERENCE, OPEN, UNSETTLED

_FOLDER = Path(__file__).parents[1]
_CONFIG = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

_OF_CLAIM = ("id", "text", "task", "paper", "ours", "n", "shown", "verdict")


class Experiment(BaseModel):
    """Runs that differ in one thing from those that a claim was held against."""

    model_config = _CONFIG

    variant: str
    task: str | None = None
    """None: that of what is explained."""
    method: str | None = None
    """None: that of what is explained; of a claim on two methods the first, unless `of` names the other."""


class Explanation(BaseModel):
    """One suspicion, of one claim or of several."""

    model_config = _CONFIG

    of: Annotated[tuple[str | tuple[str, str], ...], MinLen(1)]
    """What it explains: ids of claims, or a task and a method, for all claims on these."""
    hypothesis: Annotated[str, MinLen(1)]
    """What the cause may be, in one sentence."""
    experiments: Annotated[tuple[Experiment, ...], MinLen(1)]
    """The runs that test it."""
    conclusion: Annotated[str, MinLen(1)]
    """What came out, in one sentence."""
    even_if_open: bool = False
    """Whether it is told of claims that do not differ as well, where our runs point the other way but are too few."""

    def explains(self, claim: Claim) -> bool:
        """Whether it is about this claim."""
        return self.subject(claim) is not None

    def subject(self, claim: Claim) -> tuple[str, str] | None:
        """The task and the method of the claim that it is about, of a claim on two methods the first; None: it is not."""
        pairs = [(task, method) for task, method, _ in claim.keys]
        return pairs[0] if claim.id in self.of else next((pair for pair in pairs if pair in self.of), None)

    def tried(self, claim: Claim) -> list[Key]:
        """The runs of its experiments on a claim that it explains."""
        task, method = self.subject(claim) or ("", "")
        return [(experiment.task or task, experiment.method or method, experiment.variant) for experiment in self.experiments]


_Explanations = tuple[Explanation, ...]


def read_differences(paper: str, claims: Claims, folder: Path = _FOLDER) -> tuple[Explanation, ...]:
    """The contents of `folder`/<paper>/differences.yaml; none where there is no such file.

    Raises ResultError, with file and line, for a file that is not valid, or that names a claim or a run that there is not.
    """
    path = folder / paper / "differences.yaml"
    if not os.path.lexists(path):
        return ()
    document = read_document(path)
    try:
        contents = () if document.contents is None else document.contents
        found: tuple[Explanation, ...] = TypeAdapter(_Explanations).validate_python(contents)
    except ValidationError as error:
        keys, problem = first_problem(error, document.contents, _Explanations)
        raise ResultError(f"{document.place(keys)}: {problem}") from error
    for index, explanation in enumerate(found):
        _check(document, index, explanation, claims)
    return found


def differences(data: ReportData, claims: Claims, decided: pd.DataFrame, explained: Sequence[Explanation]) -> pd.DataFrame:
    """One row per claim that DIFFERS by `decided`, the table of verdicts, and experiment made about it.

    Those that stay open, and are explained even so, follow. The columns are

    * id, text, task, paper, ours, n, shown, verdict: as in `reports.claims.verdicts.verdicts`;
    * experiment (its label), experiment_ours, experiment_n, experiment_verdict: the same claim held against the experiment's runs
      in place of ours, adjusted for the same other claims as the one that it explains: the parts of its sentence and, where that
      is primary, the other primary ones; missing where no experiment was made, or it was not run;
    * hypothesis, conclusion.
    """
    given = decided.set_index("id")["verdict"]
    rows: list[dict[str, Any]] = []
    moved: list[str] = []
    outcomes: list[pd.DataFrame] = []
    for claim, about in _told(claims, given, explained):
        first = decided.loc[decided["id"] == claim.id].iloc[0]
        own: dict[str, Any] = {name: first[name] for name in _OF_CLAIM}
        for explanation in about:
            for key in explanation.tried(claim):
                tested = claim.about(f"{claim.id}-{len(moved)}", key)
                moved.append(tested.id)
                table = verdicts(data, replace(claims, entries=_in_place(claims, claim, tested)), True)
                outcomes.append(table[table["id"] == tested.id])
                found = {"experiment": claims.labels[key], "moved": tested.id}
                rows.append(own | found | {"hypothesis": explanation.hypothesis, "conclusion": explanation.conclusion})
        if not about:
            rows.append(own)
    result = pd.DataFrame(rows, columns=[*_OF_CLAIM, "experiment", "moved", "hypothesis", "conclusion"])
    outcome = pd.concat(outcomes) if outcomes else decided.iloc[:0]
    outcome = outcome[["id", "ours", "n", "verdict"]].add_prefix("experiment_").rename(columns={"experiment_id": "moved"})
    return result.merge(outcome, on="moved", how="left").drop(columns="moved")


def _in_place(claims: Claims, claim: Claim, tested: Claim) -> tuple[Sentence, ...]:
    """The sentence of a claim with another in place of it and, where it is primary, the other primary sentences."""
    own = next(sentence for sentence in claims.sentences if any(part.id == claim.id for part in sentence.parts))
    parts = tuple(tested if part.id == claim.id else part for part in own.parts)
    name = tested.id if len(parts) == 1 else own.id
    others = (other for other in claims.sentences if own.primary and other.primary and other.id != own.id)
    return own.model_copy(update={"id": name, "parts": parts}), *others


def _told(claims: Claims, given: pd.Series, explained: Sequence[Explanation]) -> Iterator[tuple[Claim, list[Explanation]]]:
    """The claims to speak of, by the verdict `given` on each: those that differ, then the open ones; with what explains them."""
    for verdict in (DIFFERS, NO_DIFFERENCE, OPEN, UNSETTLED):
        for claim in claims.all:
            if given[claim.id] != verdict:
                continue
            differs = verdict == DIFFERS
            about = [item for item in explained if item.explains(claim) and (differs or item.even_if_open)]
            if differs or about:
                yield claim, about


def _check(document: Document, index: int, explanation: Explanation, claims: Claims) -> None:
    known: Collection[object] = {claim.id for claim in claims.all} | {(t, m) for t, m, _ in claims.labels}
    for place, name in enumerate(explanation.of):
        if name not in known:
            what = f"no claim {shortened(name)}, nor runs of such a task and method; correct the entry"
            raise ResultError(f"{document.place((index, 'of', place))}: {what}")
    for claim in claims.all:
        if explanation.explains(claim):
            for place, key in enumerate(explanation.tried(claim)):
                if key not in claims.labels:
                    at = document.place((index, "experiments", place))
                    raise ResultError(f"{at}: {'/'.join(key)} is not among the runs of runs.yaml; correct the entry, or add runs")
