"""A claim as an entry of reports/<paper>/claims.yaml: what all kinds have in common, and what each must say of itself.

Each file of `reports/claims/kinds` holds one kind: its keys, its test and its words.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self, TypeVar

import pandas as pd
from annotated_types import Ge, MinLen
from pydantic import BaseModel, ConfigDict, Field

from reports.claims.judgement import Judgement

Key = tuple[str, str, str]
"""Task, method, variant."""
# In strict mode a YAML list would not do for a tuple; what is in it must still be of the right type.
Runs = Annotated[tuple[str, str], Field(strict=False)]
"""Method and variant."""


class Claim(BaseModel):
    """What a paper says, put into numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True)

    WORDS: ClassVar[str]
    """What claims of this kind are about, in the plural, as the report's count of verdicts names them."""
    RANK: ClassVar[int] = 100
    """Place among the kinds in that count; kinds of one rank stand by name."""
    kind: str
    """Name of the file in reports/claims/kinds, without .py."""
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
    primary: bool = False
    """Whether it is one of the few that the abstract rests on: these are adjusted for one another, and lead the report."""
    hedged: bool = False
    """Whether the paper says it with a reservation ("seems to", "can"): our runs may then bear it out, but not contradict it."""
    unsettled: Annotated[str, MinLen(1)] | None = None
    """Why no runs of ours can settle it, such as a draw that is not recorded: ours stands beside the paper's, without a test."""

    @property
    @abstractmethod
    def runs(self) -> Mapping[str, Sequence[Runs]]:
        """Methods and variants that the claim is about, by the key of the entry at which they stand."""

    @abstractmethod
    def judge(self, tables: Sequence[pd.DataFrame]) -> Judgement:
        """Hold the claim against the summaries of our runs, in the order of `keys` (empty ones for what was not run)."""

    @abstractmethod
    def subject(self, labels: Sequence[str]) -> str:
        """Name what the claim is about, from the names in legends of its `keys`."""

    @abstractmethod
    def about(self, id: str, key: Key) -> Self:
        """Return this claim, renamed `id`, about the runs `key`."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """The runs that the claim is about, those that it speaks for first."""
        return tuple((self.task, *pair) for pairs in self.runs.values() for pair in pairs)

    @property
    def about_what(self) -> str:
        """The level or event that is claimed, by its key in claims.yaml; `share` and the event, of a share of runs."""
        return str(getattr(self, "quantity", None) or getattr(self, "event", ""))

    @property
    def limited_by_paper(self) -> bool:
        """Whether too few runs of the paper's can keep it from ever being settled; else it is about our runs alone."""
        return False

    def problem(self, checkpoints: Collection[int]) -> tuple[str, str]:
        """The key that asks for what is not recorded, and what is wrong with it; two empty strings where nothing is."""
        return "", ""

    def published(self, event: str) -> Mapping[str, Any]:
        """What the claim says of runs that get to an event, as columns of `reports.tables.published.times_to`."""
        return {}


class OneMethodClaim(Claim):
    """A claim on one method and variant."""

    method: str
    variant: str

    @property
    def runs(self) -> Mapping[str, Sequence[Runs]]:
        return {"method": [(self.method, self.variant)]}

    def subject(self, labels: Sequence[str]) -> str:
        return labels[0]

    def about(self, id: str, key: Key) -> Self:
        task, method, variant = key
        return self.model_copy(update={"id": id, "task": task, "method": method, "variant": variant})


Kind = TypeVar("Kind", bound=Claim)
