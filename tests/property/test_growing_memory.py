"""The memory that grows against a plain list, and the draws of many seeds against those of one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithms.shared.replay.growing_memory import GrowingMemory, draw_all
from algorithms.shared.replay.memory import draw_without_replacement

events = st.lists(st.sampled_from(["step"] * 6 + ["keep", "reload"]), max_size=60)


@given(capacity=st.integers(1, 9), seeds=st.integers(1, 4), data=st.data(), happenings=events)
def test_the_memory_is_a_list_that_forgets_its_oldest(
    capacity: int, seeds: int, data: st.DataObject, happenings: list[str]
) -> None:
    memory = GrowingMemory(seeds, capacity, 2, "float64")
    model: list[list[float]] = [[] for _ in range(seeds)]
    for number, happening in enumerate(happenings):
        if happening == "step":
            rows = sorted(data.draw(st.sets(st.integers(0, len(model) - 1))))
            memory.add(np.array([[number, -row] for row in rows]).reshape(-1, 2), np.array(rows, np.intp))
            for row in rows:
                model[row] = (model[row] + [float(number)])[-capacity:]
        elif happening == "keep":
            kept = sorted(data.draw(st.sets(st.integers(0, len(model) - 1), min_size=1)))
            memory.keep(np.array(kept))
            model = [model[row] for row in kept]
        else:
            state = memory.state()
            memory = GrowingMemory(len(model), capacity, 2, "float64")
            memory.load(state)
            state["memory/rows"][:] = np.nan  # what was loaded is a copy
        assert memory.sizes.tolist() == [len(own) for own in model]
        for row, own in enumerate(model):
            assert sorted(memory.rows[row, : memory.sizes[row], 0]) == own


def test_the_memory_takes_the_room_that_it_needs() -> None:
    memory = GrowingMemory(2, 5000, 1, "float32")
    everyone = np.arange(2)
    for number in range(6000):
        memory.add(np.full((2, 1), number), everyone)
        assert memory.state()["memory/rows"].shape == (2, min(number + 1, 5000), 1) or number % 500
        assert memory.rows.shape[1] <= min(5000, max(1024, 2 * (number + 1)))
    assert sorted(memory.rows[1, :, 0].tolist()) == list(range(1000, 6000))
    with pytest.raises(ValueError, match="memory/rows has shape"):
        GrowingMemory(2, 4999, 1, "float32").load(memory.state())
    with pytest.raises(ValueError, match="memory/rows has shape"):
        GrowingMemory(2, 5000, 2, "float32").load(memory.state())


@given(data=st.data(), populations=st.lists(st.integers(8, 60), min_size=1, max_size=4))
def test_all_seeds_draw_what_each_draws_alone(data: st.DataObject, populations: list[int]) -> None:
    unit = st.floats(0, 1, exclude_max=True, width=32)
    uniform = np.array([data.draw(st.lists(unit, min_size=8, max_size=8)) for _ in populations], np.float32)
    together = draw_all(uniform, np.array(populations))
    for row, population in enumerate(populations):
        assert together[row].tolist() == draw_without_replacement(uniform[row], population).tolist()
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw_all(uniform, np.array([7] * len(populations)))
