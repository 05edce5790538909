"""The replay memory against a plain list, and its draws against what they should be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithms.shared.replay.memory import ReplayMemory, draw_without_replacement


class ListMemory:
    """The same by lists: of one seed, the transitions of finished episodes and those of the present one."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.finished: list[float] = []
        self.episode: list[float] = []

    def end_episode(self) -> None:
        self.finished = (self.finished + self.episode)[-self.capacity :]
        self.episode = []


def assert_holds(memory: ReplayMemory, model: Sequence[ListMemory]) -> None:
    """The memory's rows are the model's, in any order, and nothing else is among those that may be drawn."""
    for row, own in enumerate(model):
        size = int(memory.sizes[row])
        assert size == len(own.finished)
        held = memory.rows[row, :size]
        assert sorted(held[:, 0]) == sorted(own.finished)
        np.testing.assert_array_equal(held[:, 1], -held[:, 0])


events = st.lists(st.sampled_from(["step"] * 5 + ["end", "keep", "reload", "end all"]), max_size=60)


@given(capacity=st.integers(1, 7), seeds=st.integers(1, 4), data=st.data(), happenings=events)
def test_the_memory_is_a_list_that_forgets_its_oldest(
    capacity: int, seeds: int, data: st.DataObject, happenings: list[str]
) -> None:
    memory = ReplayMemory(seeds, capacity, 2, "float64")
    model = [ListMemory(capacity) for _ in range(seeds)]
    numbers = itertools.count(1.0)
    for happening in happenings:
        if happening == "step":  # not every seed steps every time: one that has just ended does not
            rows = sorted(data.draw(st.sets(st.integers(0, len(model) - 1), min_size=1)))
            values = [next(numbers) for _ in rows]
            memory.add(np.array([[value, -value] for value in values]), np.array(rows))
            for row, value in zip(rows, values, strict=True):
                model[row].episode.append(value)
        elif happening.startswith("end"):
            ended = range(len(model)) if happening == "end all" else [data.draw(st.integers(0, len(model) - 1))]
            for row in ended:
                memory.end_episode(row)
                model[row].end_episode()
        elif happening == "keep":
            rows = sorted(data.draw(st.sets(st.integers(0, len(model) - 1), min_size=1)))
            memory.keep(np.array(rows))
            model = [model[row] for row in rows]
        else:
            state = memory.state()
            memory = ReplayMemory(len(model), capacity, 2, "float64")
            memory.load(state)
            for array in state.values():
                array[:] = 0  # what was loaded is a copy
        assert_holds(memory, model)


def test_nothing_of_an_unfinished_episode_can_be_drawn() -> None:
    memory = ReplayMemory(1, 10, 2, "float32")
    for value in range(5):
        memory.add(np.array([[value, -value]]), np.array([0]))
        assert memory.sizes[0] == 0
        assert not memory.rows.any()
    memory.end_episode(0)
    assert memory.sizes[0] == 5
    assert memory.rows[0, :5, 0].tolist() == [0, 1, 2, 3, 4]


def test_a_state_is_a_copy() -> None:
    memory = ReplayMemory(1, 3, 2, "float64")
    memory.add(np.array([[1.0, -1.0]]), np.array([0]))
    state = memory.state()
    memory.add(np.array([[2.0, -2.0]]), np.array([0]))
    memory.end_episode(0)
    other = ReplayMemory(1, 3, 2, "float64")
    other.load(state)
    other.end_episode(0)
    assert other.rows[0, :, 0].tolist() == [1, 0, 0]


@pytest.mark.parametrize("shape", [(2, 3, 2), (1, 4, 2), (1, 3, 5)])
def test_a_state_of_another_shape_is_refused(shape: tuple[int, int, int]) -> None:
    memory = ReplayMemory(1, 3, 2, "float64")
    with pytest.raises(ValueError, match="memory/rows has shape"):
        memory.load(ReplayMemory(*shape, "float64").state())


@given(data=st.data(), population=st.integers(1, 40))
def test_a_draw_has_different_numbers_of_the_population(data: st.DataObject, population: int) -> None:
    unit = st.floats(0, 1, exclude_max=True, width=32)
    uniform = np.array(data.draw(st.lists(unit, min_size=0, max_size=population)), np.float32)
    drawn = draw_without_replacement(uniform, population)
    assert len(set(drawn.tolist())) == len(uniform) == len(drawn)
    assert all(0 <= number < population for number in drawn)


@given(population=st.integers(0, 30), more=st.integers(1, 5))
def test_more_than_there_are_cannot_be_drawn(population: int, more: int) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw_without_replacement(np.zeros(population + more), population)


def test_rounding_does_not_lead_out_of_the_population() -> None:
    """Nor where the population is beyond what single precision counts."""
    largest = np.nextafter(np.float32(1), np.float32(0))
    for population in (1, 3, 1000, 2**24 + 3, 10**8 + 7):
        drawn = draw_without_replacement(np.array([largest]), population)[0]
        assert population - 16 < drawn < population


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_every_subset_is_equally_likely(count: int) -> None:
    population, repeats = 6, 30_000
    subsets = list(itertools.combinations(range(population), count))
    uniform = np.random.default_rng(count).random((repeats, count))
    index = {subset: number for number, subset in enumerate(subsets)}
    found = np.zeros(len(subsets))
    for row in uniform:
        found[index[tuple(sorted(draw_without_replacement(row, population).tolist()))]] += 1
    expected = repeats / len(subsets)
    # Pearson's statistic has mean k - 1 and variance 2 (k - 1): five standard deviations above it.
    freedom = len(subsets) - 1
    assert ((found - expected) ** 2 / expected).sum() < freedom + 5 * (2 * freedom) ** 0.5
