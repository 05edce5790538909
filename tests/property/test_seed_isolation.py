"""The result of a seed is bit for bit the same alone, among others, in any block, and after others have finished."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.interface import Dtype, Engine
from tests.learners import ENGINES, PROBLEMS, SMALL, advance, make, simulate

ALL = list(range(12))
STEPS = 25


def trained(method: str, problem: str, seeds: list[int], engine: Engine, dtype: Dtype) -> dict[int, list[bytes]]:
    """Every seed's final parameters, trained in one block of these seeds."""
    task = PROBLEMS[problem]
    learner = make(method, task, SMALL.get(method, {}), seeds, engine, dtype)
    for step in simulate(task, seeds, STEPS):
        advance(learner, step)
    policy = learner.policy()
    return {seed: [policy[name][row].tobytes() for name in sorted(policy)] for row, seed in enumerate(seeds)}


@pytest.mark.parametrize(("method", "engine"), ENGINES)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_company_does_not_matter(method: str, engine: Engine, data: st.DataObject) -> None:
    problem = data.draw(st.sampled_from(["discrete", "two dimensions", "single-step discrete", "single-step continuous"]))
    block = data.draw(st.lists(st.sampled_from(ALL), unique=True, min_size=2))
    subset = data.draw(st.lists(st.sampled_from(block), unique=True, min_size=1))
    together = trained(method, problem, block, engine, "float32")
    apart = trained(method, problem, subset, engine, "float32")
    assert all(apart[seed] == together[seed] for seed in subset)


@pytest.mark.parametrize(("method", "engine"), ENGINES)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_seeds_that_finish_do_not_disturb_the_others(method: str, engine: Engine, data: st.DataObject) -> None:
    problem = data.draw(st.sampled_from(["discrete", "continuous", "single-step discrete"]))
    seeds = data.draw(st.lists(st.sampled_from(ALL), unique=True, min_size=2, max_size=6))
    kept = sorted(data.draw(st.lists(st.integers(0, len(seeds) - 1), unique=True, min_size=1)))
    task = PROBLEMS[problem]
    learner = make(method, task, SMALL.get(method, {}), seeds, engine, "float32")
    for number, step in enumerate(simulate(task, seeds, STEPS)):
        if number == STEPS // 2:
            learner.keep(np.array(kept))
        advance(learner, step, kept if number >= STEPS // 2 else slice(None))
    policy = learner.policy()
    whole = trained(method, problem, seeds, engine, "float32")
    for row, index in enumerate(kept):
        assert [policy[name][row].tobytes() for name in sorted(policy)] == whole[seeds[index]]
