"""What a paper published, as data: numbers to hold ours against, each with the place where it stands in the paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from annotated_types import Ge, Gt
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from reports.errors import ResultError


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    task: str
    method: str
    variant: str
    source: str
    """Where the number stands: an artefact of the paper and its page, or the released code."""

    @property
    def key(self) -> tuple[str, str, str]:
        """(task, method, variant)."""
        return self.task, self.method, self.variant


class Mean(_Claim):
    """A mean over runs, published with its standard deviation: ours AGREES or DIFFERS."""

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


class Event(_Claim):
    """The episode at which runs first did something, averaged over those which did; published without a deviation."""

    event: Literal["first_perfect", "solved"]
    mean: float | None = None
    """Over the runs that got there; none: not published, or no run did."""
    reached: Annotated[int, Ge(0)] | None = None
    """Runs that got there; none: not published."""
    n: Annotated[int, Ge(1)]

    @model_validator(mode="after")
    def _consistent(self) -> Event:
        if self.reached is not None and self.reached > self.n:
            raise ValueError(f"{self.reached} of {self.n} runs")
        if self.reached == 0 and self.mean is not None:
            raise ValueError("a mean over no runs")
        return self


class Reading(_Claim):
    """A value read off a published curve by eye."""

    update: Annotated[int, Ge(1)] | Literal["last"]
    value: float
    error: Annotated[float, Gt(0)]
    """Largest error of the reading, in units of the value."""


class Ordering(BaseModel):
    """A claim that one method does better than another on a task, in the mean of all episodes or at the end of training."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    task: str
    better: tuple[str, str]
    """Method and variant."""
    worse: tuple[str, str]
    quantity: Literal["mean_return", "final_mean"]
    """Column of the summary: over all episodes or updates, or over the last 100 episodes or 10 updates."""
    source: str


class Claims(BaseModel):
    """The contents of a claims.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    labels: dict[str, str]
    """`method` or `method/variant` to its name in the paper, for methods of which there are no results."""
    means: tuple[Mean, ...] = ()
    events: tuple[Event, ...] = ()
    readings: tuple[Reading, ...] = ()
    orderings: tuple[Ordering, ...] = ()

    @model_validator(mode="after")
    def _named(self) -> Claims:
        for claim in (*self.means, *self.events, *self.readings):
            self.label(claim.method, claim.variant)
        for ordering in self.orderings:
            self.label(*ordering.better)
            self.label(*ordering.worse)
        return self

    def label(self, method: str, variant: str) -> str:
        """The paper's name of a method. Raises ValueError for one it does not have."""
        name = self.labels.get(f"{method}/{variant}", self.labels.get(method))
        if name is None:
            raise ValueError(f"method {method} has no name under labels")
        return name


def read_claims(paper: str) -> Claims:
    """The claims of a paper. Raises ResultError, with the place, where the file is not valid."""
    return parse_claims(Path(__file__).parent / paper / "claims.yaml")


def parse_claims(path: Path) -> Claims:
    """Read and validate a claims file. Raises ResultError, with the place, where it is not valid."""
    try:
        return Claims.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ResultError(f"{path}: {place}: {first['msg']}; correct the file") from error
    except (OSError, yaml.YAMLError) as error:
        raise ResultError(f"{path} cannot be read as YAML; restore it") from error
