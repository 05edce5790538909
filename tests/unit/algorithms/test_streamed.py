"""Learning in continuous time (kungl2021): the compiled engine against the reference and theory, and runs that diverge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from algorithms.fused.lookahead.streamed import FusedStreamed
from algorithms.shared.lookahead.initial import he_normal
from algorithms.shared.lookahead.network import Drive
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.streamed import StreamedReference
from algorithms.shared.lookahead.streamed_settings import Shown, StreamedNetwork, StreamedSettings

SIZES = (4, 6, 5, 3)
SEEDS = 3
STEPS = 30
ACCURATE: dict[str, Any] = {"tolerance": 1e-12, "sweeps": 60}
ENGINES = (StreamedReference, FusedStreamed)


def made(engine: Any, settings: StreamedSettings, seeds: Any = range(SEEDS), scale: float = 1.0) -> Any:
    """Networks whose first weights depend on their seeds alone."""
    generators = [np.random.default_rng([1, seed]) for seed in seeds]
    layers = [(scale * weights, biases + 0.1) for weights, biases in he_normal(generators, SIZES, "float64")]
    feedback = [] if settings.feedback == "symmetric" else [w for w, _ in he_normal(generators, SIZES, "float64")[1:]]
    return engine(layers, feedback, settings)


def shown(number: int, target: bool, rewards: float = 0.1, seeds: Any = range(SEEDS), steps: int = STEPS) -> Shown:
    """A pattern that fades in and out, moving noise and now and then a modulator."""
    generators = [np.random.default_rng([2, number, seed]) for seed in seeds]

    def draw(*shape: int) -> NDArray[Any]:
        return np.stack([generator.standard_normal(shape) for generator in generators])

    noise = 0.1 * np.cumsum(draw(steps + 1, SIZES[-1]), axis=1)
    modulators = draw(steps) * (np.abs(draw(steps)) < rewards)
    return Shown(draw(SIZES[0]), np.sin(np.linspace(0, 3, steps + 1)), noise, modulators, draw(SIZES[-1]) if target else None)


def everything(network: StreamedNetwork) -> dict[str, NDArray[Any]]:
    found = {f"voltages {layer}": voltages for layer, voltages in enumerate(network.voltages(), start=1)}
    found |= {f"trace {layer}": trace for layer, trace in enumerate(network.traces(), start=1)}
    found |= {f"weights {layer}": weights for layer, (weights, _) in enumerate(network.layers(), start=1)}
    return {name: array.copy() for name, array in (found | {"read-out": network.read_out}).items()}


@pytest.mark.parametrize("feedback", ["symmetric", "random", "learned"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"winner_gain": 1.0, "noise": 1.0},
        {"form": "without_look_ahead"},
        {"form": "lagged", "step": 0.05},
        {"plastic": True, "winner_gain": 0.0, "noise": 0.0, "step": 1.0},
        {"plastic": True, "foresees_plasticity": False, "step": 1.0},
        {"sweeps": 1, "krylov_steps": 40},
    ],
    ids=lambda more: ",".join(more) or "released",
)
def test_the_compiled_engine_does_what_the_reference_does(feedback: str, more: dict[str, Any]) -> None:
    settings = StreamedSettings(**{**ACCURATE, "feedback": feedback, "learning_rate": 0.01, "trace_time_constant": 2.0, **more})
    # With larger weights the lagged form is unstable, and rounding grows.
    scale = 0.3 if settings.form == "lagged" else 1.0
    reference, fused = (made(engine, settings, scale=scale) for engine in ENGINES)
    start = everything(reference)
    for number in range(3):
        for network in (reference, fused):
            network.advance(shown(number, settings.plastic, 0.0 if settings.plastic else 0.1))
    found = everything(fused)
    for name, wanted in everything(reference).items():
        np.testing.assert_allclose(found[name], wanted, rtol=0, atol=1e-9, err_msg=name)
        assert np.abs(wanted - start[name]).max() > 1e-6, f"{name} did not move"
    assert (fused.diverged == -1).all()


@pytest.mark.parametrize("feedback", ["symmetric", "learned"])
def test_the_compiled_engine_settles_as_the_reference_does(feedback: Any) -> None:
    settings = StreamedSettings(form="settled", feedback=feedback, trace_time_constant=40.0)
    reference, fused = (made(engine, settings) for engine in ENGINES)
    for number in range(3):
        for network in (reference, fused):
            network.settle(shown(number, target=number == 1))
            network.learn(np.array([0.5, 0.0, -0.7]))
    found = everything(fused)
    for name, wanted in everything(reference).items():
        np.testing.assert_allclose(found[name], wanted, rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_diverges_says_where_and_disturbs_no_other(engine: Any) -> None:
    settings = StreamedSettings(learning_rate=0.5)
    together, alone = made(engine, settings), made(engine, settings, [0])
    wild, calm = shown(0, target=False), shown(0, target=False, seeds=[0])
    wild.modulators[:] = 0
    wild.modulators[1, 7] = 1e300
    calm.modulators[:] = 0
    for _ in range(2):
        together.advance(wild)
        alone.advance(calm)
    assert together.diverged[[0, 2]].tolist() == [[-1, -1], [-1, -1]]
    step, layer = together.diverged[1]
    assert step in (7, 8)
    assert layer in (1, 2, 3)
    for name, wanted in everything(alone).items():
        np.testing.assert_allclose(everything(together)[name][:1], wanted, rtol=0, atol=1e-12, err_msg=name)


def test_a_seed_has_the_same_bits_alone_and_among_others() -> None:
    settings = StreamedSettings()
    together, alone = made(FusedStreamed, settings), made(FusedStreamed, settings, [2])
    for number in range(2):
        together.advance(shown(number, target=False))
        alone.advance(shown(number, target=False, seeds=[2]))
    for name, wanted in everything(alone).items():
        assert np.array_equal(everything(together)[name][2:], wanted), name


@pytest.mark.parametrize("feedback", ["symmetric", "random"])
def test_the_plastic_drift_is_what_moving_weights_take_off_the_residual(feedback: Any) -> None:
    network = made(StreamedReference, StreamedSettings(feedback=feedback)).network
    seen, rate, small = shown(0, target=True), 0.7, 1e-6
    inputs, target = torch.from_numpy(seen.inputs)[:, None], torch.from_numpy(seen.target)[:, None]
    drive = Drive(inputs, Nudge.towards(target, 0.1))
    voltages = [u + 0.3 for u in network.feedforward(inputs)]
    drift = network.plastic_drift(voltages, inputs, rate)
    before = network.residuals(voltages, drive)
    for weights, change in zip(network.parameters.tensors[::2], network.local_changes(voltages, inputs)[::2], strict=True):
        weights += small * rate * change
    for moved, old, new in zip(drift, before, network.residuals(voltages, drive), strict=True):
        assert moved.abs().max() > 0.1
        torch.testing.assert_close(moved, (old - new) / small, rtol=0, atol=1e-5)


def test_an_update_without_homeostasis_is_the_trace_times_the_modulator() -> None:
    settings = StreamedSettings(homeostasis_rate=0.0, border_rate=0.0, learning_rate=0.01, beta=0.1)
    network = made(FusedStreamed, settings)
    network.advance(shown(0, target=False, rewards=0.0))
    before, traces = [weights.copy() for weights, _ in network.layers()], network.traces()
    modulator = np.array([0.5, 0.0, -2.0])
    network.learn(modulator)
    for (after, biases), weights, trace in zip(network.layers(), before, traces, strict=True):
        np.testing.assert_allclose(after - weights, 0.1 * modulator[:, None, None] * trace, rtol=0, atol=1e-15)
        assert (biases == 0.1).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step": 20.0}, "step: an Euler step of 20 is unstable"),
        ({"time_constant": -1.0}, "time_constant: -1 must be positive"),
        ({"presentation": 0.01}, "presentation: 0.01 is shorter than one step"),
        ({"beta": 0.0}, "beta"),
        ({"trace_time_constant": 0.0}, "trace_time_constant"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises((ValidationError, ValueError), match=message):
        StreamedSettings(**settings)
