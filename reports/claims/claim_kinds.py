"""The kinds of claims that a paper makes, as the keys of an entry in reports/<paper>/claims.yaml."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar, get_args

from annotated_types import Ge, Gt, MinLen
from pydantic import BaseModel, ConfigDict, Field, model_validator

Key = tuple[str, str, str]
"""Task, method, variant."""
# In strict mode a YAML list would not do for a tuple; what is in it must still be of the right type.
_Runs = Annotated[tuple[str, str], Field(strict=False)]
_Share = Annotated[float, Ge(0)]

Level = Literal["mean_return", "final_mean", "first_quarter_mean", "last_quarter_mean", "last_quarter_sd"]
"""A level of performance: the mean over all episodes or updates, over the last ones that fill the paper's window, over the
first or the last quarter of them; or the standard deviation among those of the last quarter, the less the better."""
STEADINESS: tuple[Level, ...] = ("last_quarter_sd",)
"""Levels of which less is better."""
Event = Literal["first_perfect", "solved"]
"""Something that a run does for the first time in some episode: a perfect score, or a trailing mean that solves the task."""
EVENTS: tuple[Event, ...] = get_args(Event)


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True)

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
    event: Event | Literal["goal", "asymptote", "plateau"]
    """goal: in the end the run reaches the goal in more than half of its episodes. asymptote: the median return of its last 100
    episodes is no less than the mean that solves the task. plateau: that of some 100 consecutive ones is no less than `level`."""
    level: float | None = None
    """The return of a plateau, such as the highest that the task can give."""
    reached: Annotated[int, Ge(0)] | None = None
    """Of the n runs, as published."""
    share: Annotated[tuple[_Share, _Share], Field(strict=False)] | None = None
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
        if (self.event == "plateau") != (self.level is not None):
            raise ValueError("level: a plateau has one, and nothing else has")
        return self


class Ordering(_Claim):
    """One method does better than another: higher in a level, or earlier in an event."""

    kind: Literal["ordering"]
    better: _Runs
    """Method and variant."""
    worse: _Runs
    """Method and variant."""
    quantity: Level | Event

    @property
    def keys(self) -> tuple[Key, ...]:
        """The runs that the claim is about, the better ones first."""
        return (self.task, *self.better), (self.task, *self.worse)


class Equivalence(_OfOneMethod):
    """One method does about as well as another ("comparable to")."""

    kind: Literal["equivalence"]
    like: _Runs
    """Method and variant that it is compared to."""
    quantity: Level
    or_better: bool = False
    """Whether being better is covered by the paper's words ("similar or higher")."""
    margin: Annotated[float, Gt(0)]
    """Largest difference that counts as being alike."""

    @model_validator(mode="after")
    def _consistent(self) -> Equivalence:
        if self.or_better and self.quantity in STEADINESS:
            raise ValueError(f"or_better: of {self.quantity} less is better, which is not provided for; claim an ordering")
        return self

    @property
    def keys(self) -> tuple[Key, ...]:
        """The runs that the claim is about, and those it is compared to."""
        return (self.task, self.method, self.variant), (self.task, *self.like)


class NotBest(_OfOneMethod):
    """A method does not do best: of several others one at least does better."""

    kind: Literal["not_best"]
    others: Annotated[tuple[_Runs, ...], MinLen(1), Field(strict=False)]
    """Methods and variants."""
    quantity: Level

    @property
    def keys(self) -> tuple[Key, ...]:
        """The runs that the claim is about, and then all others."""
        return (self.task, self.method, self.variant), *((self.task, *other) for other in self.others)


Claim = Mean | Value | Rate | Ordering | Equivalence | NotBest
Kind = TypeVar("Kind", Mean, Value, Rate, Ordering, Equivalence, NotBest)
