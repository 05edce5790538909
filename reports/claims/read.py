"""What a paper published, as data: every number, ordering and statement that results can decide, with its place in the paper.

reports/<paper>/claims.yaml is checked against the runs of the runs.yaml beside it, so that no claim is about something that is
never run. Whatever is wrong with it is refused with file and line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from annotated_types import MinLen
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from records.errors import ResultError
from records.located_yaml import Document, read_document
from records.wording import first_problem, shortened, suggestion
from reports.claims.claim import Claim, Key, Kind
from reports.claims.kinds import KINDS
from reports.claims.measured import measured_runs
from reports.claims.sentence import AnyClaim, Sentence, shared_out
from reports.paper import Measured, declared
from reports.runs.load import ReportData
from reports.runs.lookup import runs_of

RELEASED = "released results"
"""The artefact of claims that stand in no paper, but in the results that its author released."""

_FOLDER = Path(__file__).parents[1]
_QUOTES = "'"


class ClaimsFile(BaseModel):
    """The keys of a claims.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    paged: bool = True
    """Whether the text that the claims were taken from has pages; if so, all but released results have one."""
    frozen: Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}$")] | None = None
    """The commit that froze the claims and their margins, before any run that they are held against; what changes later is marked
    as post hoc. None: they are not frozen yet."""
    claims: Annotated[tuple[Sentence | AnyClaim, ...], MinLen(1)]


@dataclass(frozen=True)
class Claims:
    """All claims of a paper."""

    entries: tuple[Claim | Sentence, ...]
    """In the order of the file, which is that of the paper."""
    labels: Mapping[Key, str]
    """Name in legends of everything that the paper's runs.yaml has run, and that its experiments measured."""
    measured: Mapping[Key, Measured] = field(default_factory=dict)
    """Conditions of experiments that claims can be about."""

    def found(self, data: ReportData) -> Callable[[Key], pd.DataFrame]:
        """Look up the runs of a key, one row a seed, or a condition's networks, one row each; none where there are none."""
        networks = measured_runs(data.theory, self.measured)
        return lambda key: runs_of(networks if key in self.measured else data.summary, *key)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences that the entries are, a claim without parts being one of its own."""
        return tuple(entry if isinstance(entry, Sentence) else Sentence.of(entry) for entry in self.entries)

    @property
    def all(self) -> tuple[Claim, ...]:
        """All single claims, the parts of sentences among them."""
        return tuple(part for sentence in self.sentences for part in sentence.parts)

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """The claims of one kind."""
        return tuple(claim for claim in self.all if isinstance(claim, kind))

    def subject(self, claim: Claim) -> str:
        """What a claim is about, by the names in legends: `A`, `A over B`, `A like B`, `A among 12`."""
        return claim.subject([self.labels[key] for key in claim.keys])


def read_claims(paper: str, folder: Path = _FOLDER) -> Claims:
    """The claims of a paper, from `folder`/<paper>/claims.yaml; none where there is no such file, as what is no paper has none.

    Raises ResultError, with file and line, for an invalid one.
    """
    if not has_claims(paper, folder):
        return Claims((), {})
    of = declared(paper)
    runs = planned_runs(folder / paper / "runs.yaml", paper)
    known = runs | {key: condition.label for key, condition in of.MEASURED.items()}
    claims = parse_claims(folder / paper / "claims.yaml", known, (*of.FIGURES, *of.TABLES), of.CHECKPOINTS)
    return replace(claims, measured=of.MEASURED)


def has_claims(paper: str, folder: Path = _FOLDER) -> bool:
    """Whether there is a claims.yaml of a paper, be it sound or not."""
    return os.path.lexists(folder / paper / "claims.yaml")


def planned_runs(path: Path, paper: str) -> dict[Key, str]:
    """What a runs.yaml has run for the report, with the names in legends; it is read as plain data, which others validate."""
    document = read_document(path)
    try:
        methods = document.contents["methods"]
        return {
            (task, method, entry.get("variant") or paper): entry.get("label") or methods[method]["label"]
            for entry in document.contents["runs"]
            for task in entry["tasks"]
            for method in entry["methods"]
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ResultError(f"{path}: not a list of runs; correct the file") from error


def parse_claims(path: Path, runs: Mapping[Key, str], shown: Collection[str], checkpoints: Collection[int]) -> Claims:
    """Read and check a claims file against the runs, figures and tables of its paper, and the updates that are recorded.

    Raises ResultError, with file and line, for the first thing that is wrong with it.
    """
    document = read_document(path)
    try:
        file = ClaimsFile.model_validate(document.contents)
    except ValidationError as error:
        raise ResultError(_first_problem(document, error)) from error
    seen: dict[str, str] = {}
    for claim, at in _placed(file.claims):
        place = document.place(_nearest(document, (*at, "id")))
        if claim.id in seen:
            raise ResultError(f"{place}: the id {claim.id} is taken ({seen[claim.id]}); choose another")
        seen[claim.id] = place
        if isinstance(claim, Claim):
            key, problem = _problem(claim, file.paged, runs, shown, checkpoints)
            if problem:
                raise ResultError(f"{document.place(_nearest(document, (*at, key)))}: claim {claim.id}: {problem}")
    return Claims(file.claims, dict(runs))


def _placed(entries: Sequence[Claim | Sentence]) -> Iterator[tuple[Claim | Sentence, tuple[str | int, ...]]]:
    """Every entry and part, with its place in the file; the parts of a sentence after it."""
    for index, entry in enumerate(entries):
        yield entry, ("claims", index)
        if isinstance(entry, Sentence):
            yield from ((part, ("claims", index, "parts", number)) for number, part in enumerate(entry.parts))


def _nearest(document: Document, at: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The place of a key of a claim: in the part itself or, where it does not have it, in the sentence around it."""
    if len(at) < 5 or at[2] != "parts":
        return at
    part = document.contents["claims"][at[1]]["parts"][at[3]]
    return at if at[4] in part else (*at[:2], *at[4:])


def _problem(
    claim: Claim, paged: bool, runs: Mapping[Key, str], shown: Collection[str], checkpoints: Collection[int]
) -> tuple[str, str]:
    """The key that is wrong with a claim that is well formed, and what is; two empty strings where nothing is."""
    if paged and claim.page is None and claim.artefact != RELEASED:
        return "artefact", f"the page of {claim.artefact} is missing"
    if claim.task not in {task for task, _, _ in runs}:
        return "task", f"unknown task {claim.task!r}; runs.yaml has {_list(task for task, _, _ in runs)}"
    for name, pairs in claim.runs.items():
        for method, variant in pairs:
            known = [key for key in runs if key[0] == claim.task]
            if method not in {m for _, m, _ in known}:
                return name, f"unknown method {method!r}; on {claim.task} runs.yaml has {_list(m for _, m, _ in known)}"
            variants = [v for _, m, v in known if m == method]
            if variant not in variants:
                what = f"unknown variant {variant!r}; of {method} on {claim.task} runs.yaml has {_list(variants)}"
                return "variant" if name == "method" else name, what
    if claim.shown not in shown:
        return "shown", f"unknown figure or table {claim.shown!r}; the report has {_list(shown)}"
    return claim.problem(checkpoints)


def _first_problem(document: Document, error: ValidationError) -> str:
    """Describe the first problem; if a claim is wrong, leave out its kind, which pydantic puts into the error's location."""
    location = error.errors(include_url=False)[0]["loc"]
    if location[:1] != ("claims",) or len(location) < 2:
        keys, problem = first_problem(error, document.contents, ClaimsFile)
        return f"{document.place(keys)}: {problem}"
    at = location[:2]
    contents: Any = document.contents["claims"][at[1]]
    if isinstance(contents, dict) and "parts" in contents:
        return _problem_of_sentence(document, at, contents)
    return _problem_of_claim(document, at, contents) or str(error)  # a claim that is wrong is wrong by itself


def _problem_of_sentence(document: Document, at: tuple[Any, ...], contents: dict[str, Any]) -> str:
    """Describe the first problem of a sentence: its own, or that of a part, which has the sentence's keys as well."""
    parts = contents["parts"]
    if isinstance(parts, list):
        for number, part in enumerate(shared_out(contents)["parts"]):
            if found := _problem_of_claim(document, (*at, "parts", number), part):
                return found
    try:
        Sentence.model_validate(contents)
    except ValidationError as error:
        keys, problem = first_problem(error, contents, Sentence)
        name = shortened(contents.get("id", at[1])).strip(_QUOTES)
        return f"{document.place((*at, *keys))}: sentence {name}: {problem}"
    raise AssertionError("a sentence that is wrong is wrong by itself")


def _problem_of_claim(document: Document, at: tuple[Any, ...], contents: Any) -> str:
    """Describe the first problem of a claim or part; empty where there is none."""
    if not isinstance(contents, dict):
        return f"{document.place(at)}: claim {at[-1]}: {shortened(contents)} should be a mapping of keys to values"
    name = f": claim {shortened(contents.get('id', at[-1])).strip(_QUOTES)}: "
    if "kind" not in contents:
        return f"{document.place(at)}{name}the key 'kind' is missing; it must be one of {_list(KINDS)}"
    kind = next((kind for known, kind in KINDS.items() if known == contents["kind"]), None)
    if kind is None:
        place = document.place(_nearest(document, (*at, "kind")) if "parts" in at else at)
        return f"{place}{name}kind: {shortened(contents['kind'])} is not valid; {suggestion(contents['kind'], KINDS)}"
    try:
        kind.model_validate(contents)
    except ValidationError as error:
        keys, problem = first_problem(error, contents, kind)
        return f"{document.place(_nearest(document, (*at, *keys)))}{name}{problem}"
    return ""


def _list(names: Any) -> str:
    return ", ".join(sorted(set(names)))
