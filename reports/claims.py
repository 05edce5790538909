"""What a paper published, as data: every number, ordering and statement that results can decide, with its place in the paper.

reports/<paper>/claims.yaml is checked against the runs of the runs.yaml beside it, so that no claim is about something that is
never run. Whatever is wrong with it is refused with file and line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from annotated_types import Ge, Gt, MinLen
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reports.errors import ResultError
from reports.located_yaml import Document, read_document
from reports.paper import declared

Key = tuple[str, str, str]
"""Task, method, variant."""

Level = Literal["mean_return", "final_mean"]
"""A level of performance: the mean over all episodes or updates, or over the last 100 episodes or 10 updates."""
Event = Literal["first_perfect", "solved"]
"""Something that a run does for the first time in some episode: a perfect score, or a trailing mean that solves the task."""
EVENTS: tuple[Event, ...] = get_args(Event)

RELEASED = "released results"
"""The artefact of claims that stand in no paper, but in the results that its author released."""

_FOLDER = Path(__file__).parent


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    """Name of the claim, unique within the paper."""
    text: Annotated[str, MinLen(1)]
    """What the paper says, in one sentence."""
    artefact: Annotated[str, MinLen(1)]
    """Where: "Table 1", "Figure 2", "section 5.3", or "released results"."""
    page: Annotated[int, Ge(1)] | None = None
    """Page of the artefact in the paper; none for released results and for a paper whose text has no pages."""
    shown: str
    """Our figure or table that shows it."""
    task: str
    n: Annotated[int, Ge(1)]
    """Runs on the paper's side."""


class _OfOneMethod(_Claim):
    method: str
    variant: str

    @property
    def keys(self) -> tuple[Key, ...]:
        """The runs that the claim is about."""
        return ((self.task, self.method, self.variant),)


class Mean(_OfOneMethod):
    """A mean over runs, published with its standard deviation."""

    kind: Literal["mean"]
    quantity: Level | Event = "mean_return"
    mean: float
    sd: Annotated[float, Gt(0)]
    ddof: Literal[0, 1]
    """Of the published standard deviation."""
    n: Annotated[int, Ge(2)]
    """Runs on the paper's side."""
    margin: Annotated[float, Gt(0)] | None = None
    """Largest difference that counts as agreement; none: one published standard deviation."""

    @property
    def tolerance(self) -> float:
        """The margin in force."""
        return self.sd if self.margin is None else self.margin


class Value(_OfOneMethod):
    """A mean over runs published without a deviation: of those that got somewhere, or read off a figure."""

    kind: Literal["value"]
    quantity: Level | Event | None = None
    update: Annotated[int, Ge(1)] | Literal["last"] | None = None
    """In place of a quantity: the update at which a curve of a single-step task was read."""
    value: float
    error: Annotated[float, Ge(0)] = 0.0
    """Largest error of reading it, in its own unit."""
    reached: Annotated[int, Ge(1)] | None = None
    """Runs that an event's mean is over, those of the n that got there; none: all, or not published."""
    margin: Annotated[float, Gt(0)]
    """Largest difference, beside the reading error, that counts as agreement."""
    assumed_sd: Annotated[float, Gt(0)] | None = None
    """What the deviation of the paper's runs is taken to be, where ours is not larger; none: the margin, one deviation as it is
    for a mean."""

    @model_validator(mode="after")
    def _consistent(self) -> Value:
        if (self.quantity is None) == (self.update is None):
            raise ValueError("it needs either a quantity or an update")
        if self.reached is not None and (self.quantity not in EVENTS or self.reached > self.n):
            raise ValueError(f"reached: {self.reached} of {self.n} runs did not get to {self.quantity or 'an update'}")
        return self

    @property
    def column(self) -> str:
        """The column of the summary that holds it."""
        return self.quantity or f"reward_at_{self.update}"

    @property
    def deviation(self) -> float:
        """The assumed deviation in force."""
        return self.margin if self.assumed_sd is None else self.assumed_sd


class Rate(_OfOneMethod):
    """A share of runs: counted, or said in words."""

    kind: Literal["rate"]
    event: Event | Literal["goal", "asymptote"]
    """goal: in the end the run reaches the goal in more than half of its episodes. asymptote: the median return of its last 100
    episodes is no less than the mean that solves the task."""
    reached: Annotated[int, Ge(0)] | None = None
    """Of the n runs, as published."""
    share: tuple[Annotated[float, Ge(0)], Annotated[float, Ge(0)]] | None = None
    """In place of a count: the lowest and the highest share that the paper's words allow ("about half")."""
    margin: Annotated[float, Ge(0)]
    """Largest difference of shares that counts as agreement."""

    @model_validator(mode="after")
    def _consistent(self) -> Rate:
        if (self.reached is None) == (self.share is None):
            raise ValueError("it needs either reached or a share")
        if self.reached is not None and self.reached > self.n:
            raise ValueError(f"reached: {self.reached} of {self.n} runs")
        if self.share is not None and not self.share[0] <= self.share[1] <= 1:
            raise ValueError(f"share: {list(self.share)} is no range of shares")
        return self


class Ordering(_Claim):
    """One method does better than another: higher in a level, or earlier in an event."""

    kind: Literal["ordering"]
    better: tuple[str, str]
    """Method and variant."""
    worse: tuple[str, str]
    """Method and variant."""
    quantity: Level | Event

    @property
    def keys(self) -> tuple[Key, ...]:
        """The runs that the claim is about, the better ones first."""
        return (self.task, *self.better), (self.task, *self.worse)


class Equivalence(_OfOneMethod):
    """One method does about as well as another ("comparable to")."""

    kind: Literal["equivalence"]
    like: tuple[str, str]
    """Method and variant that it is compared to."""
    quantity: Level
    or_better: bool = False
    """Whether being better is covered by the paper's words ("similar or higher")."""
    margin: Annotated[float, Gt(0)]
    """Largest difference that counts as being alike."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """The runs that the claim is about, and those it is compared to."""
        return (self.task, self.method, self.variant), (self.task, *self.like)


Claim = Mean | Value | Rate | Ordering | Equivalence
Kind = TypeVar("Kind", Mean, Value, Rate, Ordering, Equivalence)


class ClaimsFile(BaseModel):
    """The keys of a claims.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    paged: bool = True
    """Whether the text that the claims were taken from has pages; if so, all but released results have one."""
    claims: Annotated[tuple[Annotated[Claim, Field(discriminator="kind")], ...], MinLen(1)]


@dataclass(frozen=True)
class Claims:
    """All claims of a paper."""

    all: tuple[Claim, ...]
    """In the order of the file, which is that of the paper."""
    labels: Mapping[Key, str]
    """Name in legends of everything that the paper's runs.yaml has run."""

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """The claims of one kind."""
        return tuple(claim for claim in self.all if isinstance(claim, kind))


def read_claims(paper: str, folder: Path = _FOLDER) -> Claims:
    """The claims of a paper, from `folder`/<paper>/claims.yaml. Raises ResultError, with file and line, for an invalid one."""
    of = declared(paper)
    runs = planned_runs(folder / paper / "runs.yaml", paper)
    return parse_claims(folder / paper / "claims.yaml", runs, (*of.FIGURES, *of.TABLES), of.CHECKPOINTS)


def planned_runs(path: Path, paper: str) -> dict[Key, str]:
    """What a runs.yaml has run for the report, with the names in legends; it is read as plain data, which others validate."""
    document = read_document(path)
    try:
        methods = document.contents["methods"]
        return {
            (task, method, entry.get("variant") or paper): entry.get("label") or methods[method]["label"]
            for entry in document.contents["runs"]
            if not entry.get("check_only")
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
    for index, claim in enumerate(file.claims):
        at = ("claims", index)
        if claim.id in seen:
            raise ResultError(f"{document.place((*at, 'id'))}: the id {claim.id} is taken ({seen[claim.id]}); choose another")
        seen[claim.id] = document.place((*at, "id"))
        key, problem = _problem(claim, file.paged, runs, shown, checkpoints)
        if problem:
            raise ResultError(f"{document.place((*at, key))}: claim {claim.id}: {problem}")
    return Claims(file.claims, dict(runs))


def _problem(
    claim: Claim, paged: bool, runs: Mapping[Key, str], shown: Collection[str], checkpoints: Collection[int]
) -> tuple[str, str]:
    """The key that is wrong with a claim that is well formed, and what is; two empty strings where nothing is."""
    if paged and claim.page is None and claim.artefact != RELEASED:
        return "artefact", f"the page of {claim.artefact} is missing"
    if claim.task not in {task for task, _, _ in runs}:
        return "task", f"unknown task {claim.task!r}; runs.yaml has {_list(task for task, _, _ in runs)}"
    fields = ("better", "worse") if isinstance(claim, Ordering) else ("method", "like")
    for field, (task, method, variant) in zip(fields, claim.keys, strict=False):
        if method not in {m for t, m, _ in runs if t == task}:
            return field, f"unknown method {method!r}; on {task} runs.yaml has {_list(m for t, m, _ in runs if t == task)}"
        variants = [v for t, m, v in runs if (t, m) == (task, method)]
        if variant not in variants:
            place = "variant" if field == "method" else field
            return place, f"unknown variant {variant!r}; of {method} on {task} runs.yaml has {_list(variants)}"
    if claim.shown not in shown:
        return "shown", f"unknown figure or table {claim.shown!r}; the report has {_list(shown)}"
    if isinstance(claim, Value) and isinstance(claim.update, int) and claim.update not in checkpoints:
        return "update", f"update {claim.update} is not recorded; choose one of {_list(map(str, sorted(checkpoints)))} or last"
    return "", ""


def _first_problem(document: Document, error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    location = problem["loc"]
    if location[:1] == ("claims",):
        location = (*location[:2], *location[3:])  # without the kind, which pydantic inserts
    where = f"{document.place(location)}: "
    if len(location) > 1:
        contents: Any = document.contents["claims"][location[1]]
        where += f"claim {contents.get('id', location[1])}: " if isinstance(contents, dict) else ""
    key = ".".join(map(str, location[2:] or location))
    if problem["type"] in ("missing", "union_tag_not_found"):
        return f"{where}{key if problem['type'] == 'missing' else 'kind'} is missing"
    if problem["type"] == "extra_forbidden":
        return f"{where}unknown key {key!r}"
    if problem["type"] == "union_tag_invalid":
        return f"{where}kind: {problem['ctx']['tag']!r} must be one of {problem['ctx']['expected_tags']}"
    if problem["type"] == "value_error":
        return f"{where}{problem['ctx']['error']}"
    should = problem["msg"].removeprefix("Input ")
    return f"{where}{key}: {should} (given {problem['input']!r})" if key else f"{where}it {should}"


def _list(names: Any) -> str:
    return ", ".join(sorted(set(names)))
