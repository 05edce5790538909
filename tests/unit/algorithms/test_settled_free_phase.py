"""The compiled free phase may end early, and hidden units may be left out; neither changes a bit of what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from algorithms.fused.replay.phases import States, phases
from algorithms.fused.replay.relaxation import Nudge, Relaxation, drive_of
from algorithms.fused.replay.shallow_relaxation import OFF, SATURATED, bound_feedback, gather, scratch
from algorithms.interface import Problem
from tests.learners import make

STEPS = [60, 150, 600]


def network(outputs: int, dtype: Any, scale: float) -> tuple[Any, tuple[int, ...], Any]:
    """Parameters, sizes and observations of a network whose weights to the output are `scale` times the initial ones."""
    inputs = 2 * outputs
    problem = Problem(observation_size=inputs, action_size=outputs, discrete=True, episodic=False, batch_size=2)
    learner: Any = make("equilibrium_propagation", problem, {"hidden_sizes": (70,)}, [3], "fused", dtype)
    weights, sizes = learner._actors[0].copy(), learner._sizes
    weights[(inputs + 1) * 70 :] *= scale
    observations = np.random.default_rng(outputs).normal(size=(40, inputs)) * 2
    return weights, sizes, observations.astype(dtype)


def free_phase(weights: Any, sizes: tuple[int, ...], observation: Any, steps: int, may_stop: bool) -> Any:
    """The units at the end of a free phase."""
    number = weights.dtype.type
    relaxation = Relaxation(True, number(0.2), steps, 0, number(0.02), False, may_stop)
    units = np.zeros(sum(sizes), weights.dtype)
    units[: sizes[0]] = observation
    buffers = scratch(sizes[1], sizes[2], weights.dtype)
    bound_feedback(weights, sizes, True, buffers.bound)
    drive, total, target = np.zeros(sizes[1], weights.dtype), np.zeros_like(units), np.zeros(sizes[2], weights.dtype)
    phases(weights, sizes, relaxation, Nudge(0, number(0), target), States(units, units, drive, total), buffers)
    return units


@pytest.mark.parametrize("scale", [1.0, 6.0])
@pytest.mark.parametrize("outputs", [2, 3, 4])
def test_a_free_phase_that_stops_is_the_whole_one_bit_for_bit(outputs: int, scale: float) -> None:
    """Compared with itself: with more steps than it needs, whether it may stop or not."""
    weights, sizes, observations = network(outputs, "float32", scale)
    for observation in observations:
        for steps in STEPS:
            stopped = free_phase(weights, sizes, observation, steps, True)
            assert stopped.tobytes() == free_phase(weights, sizes, observation, steps, False).tobytes()


def test_units_that_are_left_out_are_those_that_never_move() -> None:
    """A unit that is not computed is at 0, or goes to 1 as if there were no output."""
    weights, sizes, observations = network(3, "float64", 1.0)
    drive, buffers = np.zeros(sizes[1]), scratch(sizes[1], sizes[2], np.dtype("float64"))
    bound_feedback(weights, sizes, True, buffers.bound)
    kinds = set()
    for observation in observations:
        drive_of(weights, sizes, observation, drive)
        gather(weights, sizes, drive, False, buffers)
        hidden = free_phase(weights, sizes, observation, 25, True)[sizes[0] : -sizes[2]]
        off, saturated = buffers.place == OFF, buffers.place == SATURATED
        np.testing.assert_array_equal(hidden[off], 0.0)
        np.testing.assert_allclose(hidden[saturated], 1 - 0.8**25, rtol=1e-12)
        kinds |= set(np.sign(buffers.place[buffers.place < 0] + 1.5))
    assert len(kinds) == 2, "some units are off, and some saturated"
