"""The faults that try the gate are still faults of this code; the trial itself is `make regression-proof`."""

from __future__ import annotations

import ast

import pytest
import yaml

from records.sources import ROOT
from tests.regression.mutations import MUTATIONS, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_it_still_applies(mutation: Mutation) -> None:
    before = (ROOT / mutation.file).read_text(encoding="utf-8")
    after = mutation.applied_to(before)
    assert after != before
    if mutation.file.endswith(".py"):
        assert ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))
    else:
        assert yaml.safe_load(after) != yaml.safe_load(before)


def test_there_are_ten_at_least_and_every_part_is_hit() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 10
    parts = {mutation.part.partition(",")[0] for mutation in MUTATIONS}
    assert parts == {"settings", "algorithms", "envs", "workflow", "reports"}


@pytest.mark.parametrize(("contents", "count"), [("gamma = 0.9", 0), ("gamma * x\ngamma * x", 2)])
def test_a_text_that_is_not_there_just_once_is_refused(contents: str, count: int) -> None:
    mutation = Mutation("gamma twice", "algorithms", "algorithms/some.py", "gamma * x", "gamma * gamma * x")
    with pytest.raises(ValueError, match=f"algorithms/some.py: gamma twice: its text is there {count} times, not once"):
        mutation.applied_to(contents)
