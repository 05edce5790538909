"""The dynamics of least action (kungl2021) against dense algebra, autograd, theory and backpropagation."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from algorithms.shared.lookahead.dynamics import Stream, check_times, newton_step, settle
from algorithms.shared.lookahead.network import Drive, LayeredNetwork, Linearisation, Voltages
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.solve import Solver, gmres
from algorithms.shared.parameters import Parameters

SEEDS, COPIES, TAU = 2, 3, 10.0
SIZES = (4, 7, 6, 5, 3)
SOLVER = Solver(tolerance=1e-11)


def network(sizes: tuple[int, ...] = SIZES, scale: float = 1.0, feedback: bool = False, seeds: int = SEEDS) -> LayeredNetwork:
    """He-initialised weights times `scale`, rho with s = .3, and random feedback weights if asked for."""
    generator = np.random.default_rng(0)
    shapes = list(pairwise(sizes))
    layers = [
        (scale * generator.normal(0, math.sqrt(2 / i), (seeds, i, o)), generator.normal(0, 0.1, (seeds, o))) for i, o in shapes
    ]
    back = [torch.from_numpy(generator.normal(0, math.sqrt(2 / i), (seeds, i, o))) for i, o in shapes[1:]] if feedback else []
    return LayeredNetwork(Parameters(layers), 0.3, back)


def normal(*shape: int, seed: int = 1) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def start(of: LayeredNetwork, inputs: Tensor, distance: float) -> Voltages:
    """Voltages near those that the input implies."""
    return [u + distance * normal(*u.shape, seed=i) for i, u in enumerate(of.feedforward(inputs))]


def nudges() -> dict[str, Nudge]:
    shift = normal(SEEDS, COPIES, SIZES[-1], seed=5)
    return {
        "target": Nudge.towards(shift, 0.1),
        "winner": Nudge(0.1 * shift, gain=0.1, shift=0.3 * shift),
        "everything": Nudge(0.1 * shift, pull=0.05, gain=0.2, shift=shift),
    }


def dense_jacobian(of: LayeredNetwork, voltages: Voltages, drive: Drive) -> Tensor:
    """dF/du by autograd, [S, B, n, n]."""
    widths = [u.shape[-1] for u in voltages]
    flat = torch.cat(voltages, dim=-1)

    def total(u: Tensor) -> Tensor:
        return torch.cat(of.residuals(list(u.split(widths, dim=-1)), drive), dim=-1).sum(dim=(0, 1))

    return torch.autograd.functional.jacobian(total, flat).movedim(0, 2)


@pytest.mark.parametrize("feedback", [False, True])
@pytest.mark.parametrize("kind", nudges())
def test_the_sweeps_find_what_a_dense_solve_finds(kind: str, feedback: bool) -> None:
    of, inputs = network(scale=0.6, feedback=feedback), normal(SEEDS, COPIES, SIZES[0])
    drive = Drive(inputs, nudges()[kind])
    voltages = start(of, inputs, 0.05)
    y = [normal(*u.shape, seed=20 + i) for i, u in enumerate(voltages)]
    solution = Solver(1e-13, sweeps=100, krylov_steps=0).solve(Linearisation(of, voltages, drive), y, of.rest(SEEDS, COPIES))
    wanted = torch.linalg.solve(dense_jacobian(of, voltages, drive), torch.cat(y, dim=-1))
    torch.testing.assert_close(torch.cat(solution.x, dim=-1), wanted, rtol=0, atol=1e-10)
    assert not solution.fallback.any()


@pytest.mark.parametrize("feedback", [False, True])
def test_where_sweeps_diverge_the_krylov_fallback_finds_it(feedback: bool) -> None:
    """Mismatches as large as at a cold start bend the slopes so much that J is indefinite."""
    of, inputs = network(scale=1.5, feedback=feedback), normal(SEEDS, COPIES, SIZES[0])
    drive = Drive(inputs, nudges()["everything"])
    voltages = start(of, inputs, 2.0)
    jacobian = dense_jacobian(of, voltages, drive)
    if not feedback:
        assert (torch.linalg.eigvalsh(jacobian)[..., 0] < 0).any(), "nothing indefinite was tried"
    y = [normal(*u.shape, seed=20 + i) for i, u in enumerate(voltages)]
    linear, rest = Linearisation(of, voltages, drive), of.rest(SEEDS, COPIES)
    swept = Solver(1e-12, sweeps=30, krylov_steps=0).solve(linear, y, rest)
    assert (swept.error > 1).any(), "the sweeps did not diverge"
    solution = Solver(1e-12, sweeps=30).solve(linear, y, rest)
    assert solution.fallback.any()
    wanted = torch.linalg.solve(jacobian, torch.cat(y, dim=-1))
    torch.testing.assert_close(torch.cat(solution.x, dim=-1), wanted, rtol=1e-9, atol=1e-9)


def test_gmres_stops_early_and_survives_a_solved_system() -> None:
    of, inputs = network(), normal(SEEDS, COPIES, SIZES[0])
    linear = Linearisation(of, of.feedforward(inputs), Drive(inputs, Nudge(torch.zeros(()))))
    y = of.rest(SEEDS, COPIES)
    assert all((part == 0).all() for part in gmres(linear, y, 5, 1e-12))
    y[0] += 1.0
    # Without mismatches or nudging one sweep is exact, so one dimension is enough.
    x = gmres(linear, y, 40, 1e-12)
    torch.testing.assert_close(torch.cat(linear.product(x), -1), torch.cat(y, -1), rtol=0, atol=1e-12)


def test_the_residual_is_the_gradient_of_the_energy() -> None:
    of, inputs = network(), normal(SEEDS, COPIES, SIZES[0])
    target = normal(SEEDS, COPIES, SIZES[-1], seed=9)
    voltages = [u.requires_grad_() for u in start(of, inputs, 0.5)]
    cost = 0.1 * (target - voltages[-1]).square().sum(dim=-1) / 2
    gradients = torch.autograd.grad((of.energy(voltages, inputs) + cost).sum(), voltages)
    for ours, theirs in zip(of.residuals(voltages, Drive(inputs, Nudge.towards(target, 0.1))), gradients, strict=True):
        torch.testing.assert_close(ours, theirs)


def moving(time: float) -> Drive:
    """An input and a target that never rest, with their exact velocities."""
    phases, frequency = normal(SEEDS, COPIES, SIZES[0], seed=2), 0.05
    target = normal(SEEDS, COPIES, SIZES[-1], seed=3)
    beta = 0.1
    return Drive(
        torch.sin(frequency * time + phases),
        Nudge.towards(target * math.cos(frequency * time), beta, -target * frequency * math.sin(frequency * time)),
        frequency * torch.cos(frequency * time + phases),
    )


def streamed(form: str, step: float, duration: float, scale: float = 1.0, distance: float = 0.1) -> Stream:
    of = network(scale=scale)
    stream = Stream(of, form, TAU, step, start(of, moving(0).inputs, distance), SOLVER)
    for number in range(round(duration / step)):
        stream.advance(moving(number * step))
    return stream


def difference(a: Stream, b: Stream) -> float:
    return max(float((x - y).abs().max()) for x, y in zip(a.voltages, b.voltages, strict=True))


def test_the_exact_integrators_error_halves_with_its_step() -> None:
    finest = streamed("exact", 0.0125 * TAU, TAU)
    # Richardson's extrapolation stands in for the limit: first order leaves out the error of the finest itself.
    half = streamed("exact", 0.025 * TAU, TAU)
    limit = streamed("exact", 0.0125 * TAU, 0)
    limit.voltages = [2 * a - b for a, b in zip(finest.voltages, half.voltages, strict=True)]
    errors = [difference(streamed("exact", step * TAU, TAU), limit) for step in (0.2, 0.1, 0.05)]
    assert errors[0] < 0.2
    for coarse, fine in pairwise(errors):
        assert 1.8 < coarse / fine < 2.3


def residual_norm(stream: Stream, drive: Drive) -> Tensor:
    return torch.cat(stream.network.residuals(stream.voltages, drive), dim=-1).norm(dim=-1)


@pytest.mark.parametrize("step", [0.05, 0.025])
def test_the_residual_decays_whatever_the_input_does(step: float) -> None:
    """|F| = |F_0| e^(-t / tau) + O(dt)."""
    first = residual_norm(streamed("exact", step * TAU, 0), moving(0))
    last = residual_norm(streamed("exact", step * TAU, 2 * TAU), moving(2 * TAU))
    assert first.min() > 0.1
    torch.testing.assert_close(last, first * math.exp(-2), rtol=0, atol=1.5 * step)


def test_without_look_ahead_the_residual_does_not_decay() -> None:
    first = residual_norm(streamed("without_look_ahead", 0.01 * TAU, 0), moving(0))
    last = residual_norm(streamed("without_look_ahead", 0.01 * TAU, 2 * TAU), moving(2 * TAU))
    assert (last > 2 * first * math.exp(-2)).all()


def largest_singular_value(of: LayeredNetwork, voltages: Voltages) -> float:
    """Of G = I - W P, from sweeps that are told of no nudge and no mismatch: J is G^T G then."""
    inputs = normal(SEEDS, COPIES, SIZES[0])
    rest = of.feedforward(inputs)
    jacobian = dense_jacobian(of, rest, Drive(inputs, Nudge(torch.zeros(()))))
    return float(torch.linalg.eigvalsh(jacobian)[..., -1].max().sqrt())


@pytest.mark.parametrize(("scale", "stable"), [(0.2, True), (1.0, False)])
@pytest.mark.parametrize("step", [0.05, 0.01])
def test_the_lagged_form_is_stable_only_for_small_weights(scale: float, stable: bool, step: float) -> None:
    stream = streamed("lagged", step * TAU, 3 * TAU, scale)
    assert (largest_singular_value(stream.network, stream.voltages) < math.sqrt(2)) == stable
    exact = streamed("exact", step * TAU, 3 * TAU, scale)
    near = difference(stream, exact)
    assert near < 0.1 if stable else not near < 10


def test_an_euler_step_of_tau_is_a_newton_step() -> None:
    of, inputs = network(), normal(SEEDS, COPIES, SIZES[0])
    drive = Drive(inputs, nudges()["winner"])
    before = start(of, inputs, 0.1)
    stream = Stream(of, "exact", TAU, TAU, before, SOLVER)
    stream.advance(drive)
    residual = torch.cat(of.residuals(before, drive), dim=-1)
    wanted = torch.cat(before, dim=-1) - torch.linalg.solve(dense_jacobian(of, before, drive), residual)
    for after in (stream.voltages, newton_step(of, before, drive, SOLVER)):
        torch.testing.assert_close(torch.cat(after, dim=-1), wanted, rtol=0, atol=1e-9)


def test_newton_steps_converge_quadratically_to_what_settling_finds() -> None:
    of, inputs = network(), normal(SEEDS, COPIES, SIZES[0])
    drive = Drive(inputs, Nudge.towards(normal(SEEDS, COPIES, SIZES[-1], seed=2), 0.03))
    settled = settle(of, of.rest(SEEDS, COPIES), drive, 60)
    near = settle(of, of.rest(SEEDS, COPIES), drive, 8)
    distances = [max(float((a - b).abs().max()) for a, b in zip(near, settled, strict=True))]
    for _ in range(2):
        near = newton_step(of, near, drive, SOLVER)
        distances.append(max(float((a - b).abs().max()) for a, b in zip(near, settled, strict=True)))
    assert 1e-5 < distances[0] < 1e-1
    assert distances[1] < 0.05 * distances[0]
    assert distances[2] < 1e-10


def worst_cosine(hidden: int, beta: float) -> float:
    """Of the weight change at the fixed point with the descent of the squared error by autograd: the worst layer and seed."""
    sizes = (8, *[12] * hidden, 4)
    of = network(sizes)
    inputs, target = normal(SEEDS, COPIES, 8), normal(SEEDS, COPIES, 4, seed=2)
    drive = Drive(inputs, Nudge.towards(target, beta))
    voltages = settle(of, of.rest(SEEDS, COPIES), drive, 40)
    assert all(part.abs().max() < 1e-11 for part in of.residuals(voltages, drive)), "not settled"
    tensors = [tensor.requires_grad_() for tensor in of.parameters.tensors]
    loss = (of.feedforward(inputs)[-1] - target).square().sum(dim=-1).mean(dim=1).sum() / 2
    gradients = torch.autograd.grad(loss, tensors)
    changes = of.local_changes(voltages, inputs)
    pairs = zip(changes, gradients, strict=True)
    return min(torch.cosine_similarity(a.flatten(1), -b.flatten(1), dim=1).min().item() for a, b in pairs)


@pytest.mark.parametrize("hidden", [1, 2, 4, 8])
def test_the_weight_change_is_backpropagations(hidden: int) -> None:
    assert worst_cosine(hidden, 0.01) > 0.99


@pytest.mark.parametrize("hidden", [1, 4])
def test_it_comes_closer_with_the_square_of_the_nudging(hidden: int) -> None:
    """1 - cos falls as beta^2."""
    away = [1 - worst_cosine(hidden, beta) for beta in (0.01, 0.005, 0.0025)]
    for wide, narrow in pairwise(away):
        assert 3.4 < wide / narrow < 4.6


def test_random_feedback_is_another_direction() -> None:
    """So that the cosine above is no property of every network."""
    of, other = network(), network(feedback=True)
    inputs = normal(SEEDS, COPIES, SIZES[0])
    drive = Drive(inputs, Nudge.towards(normal(SEEDS, COPIES, SIZES[-1], seed=2), 0.01))
    ours, theirs = (n.local_changes(settle(n, n.rest(SEEDS, COPIES), drive, 30), inputs)[0].flatten(1) for n in (of, other))
    assert torch.cosine_similarity(ours, theirs, dim=1).max() < 0.9


def test_seeds_and_copies_do_not_disturb_one_another() -> None:
    of, inputs = network(seeds=3), normal(3, COPIES, SIZES[0])
    target = normal(3, COPIES, SIZES[-1], seed=2)
    alone = LayeredNetwork(Parameters.of([tensor[1:] for tensor in of.parameters.tensors]), 0.3)
    found = []
    for some, rows in ((of, slice(None)), (alone, slice(1, None))):
        # The first seed's cold start is the hardest: what it needs must not reach the others.
        cold = [u[rows] for u in start(of, 3 * inputs, 1.5)]
        stream = Stream(some, "exact", TAU, 0.1 * TAU, cold, Solver(1e-6, sweeps=3))
        stream.present(Drive(inputs[rows], Nudge.towards(target[rows], 0.1)), TAU)
        found.append([u[-2:] for u in stream.voltages])
    for together, apart in zip(*found, strict=True):
        assert torch.equal(together, apart)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ((-1.0, 0.1), "time_constant: -1 must be positive"),
        ((math.nan, 0.1), "time_constant: nan must be positive"),
        ((10.0, 0.0), "step: 0 must be positive"),
        ((10.0, 12.0), "step: an Euler step of 12 is unstable or overshoots; at most the time constant, 10"),
        ((10.0, 1.0, 0.5), "presentation: 0.5 is shorter than one step, 1"),
    ],
)
def test_impossible_times_are_refused(times: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match="^" + message.replace(".", r"\.") + "$"):
        check_times(*times)
    check_times(10.0, 10.0, 10.0)
