"""How much of a paper each scale runs: the one table of scales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from records.run_folder import Budget

FRESH = 100
"""The first seed that verdicts rest on."""


@dataclass(frozen=True)
class Scale:
    """How much of a paper is run."""

    budget: Budget
    """The folder in results/ that holds runs of this length."""
    divisor: int
    """A run has the paper's episodes or updates, divided by this."""
    seeds: int | None
    """Number of seeds; None: as many as the paper has."""
    fraction: str
    """The share of the paper's episodes, as a report says it: `at <fraction> of`."""
    gives_verdicts: bool = False
    """Whether the budgets are the paper's. At others a comparison with its numbers would mean nothing."""
    first_seed: int = 0
    """Verdicts rest on seeds that nobody had looked at when claims were written (docs/verdicts.md#what-is-fixed-beforehand)."""

    def seeds_from(self, count: int, fresh: int = FRESH) -> tuple[int, ...]:
        """So many seeds, from the first one on; where they give verdicts, from `fresh` on."""
        first = max(self.first_seed, fresh) if self.gives_verdicts else self.first_seed
        return tuple(range(first, first + count))

    def length(self, full: int) -> int:
        """Episodes or updates of a run whose full budget is `full`."""
        return max(1, full // self.divisor)


SCALES: Mapping[str, Scale] = {
    "ci": Scale("tiny", divisor=100, seeds=2, fraction="a hundredth"),
    "quick": Scale("tenth", divisor=10, seeds=3, fraction="a tenth"),
    "paper": Scale("full", divisor=1, seeds=None, fraction="all", gives_verdicts=True, first_seed=FRESH),
    "extended": Scale("full", divisor=1, seeds=50, fraction="all", gives_verdicts=True, first_seed=FRESH),
}
