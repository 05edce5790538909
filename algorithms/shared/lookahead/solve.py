"""Solve J x = y for the layered Jacobian J: by sweeps through the layers, by GMRES where these do not converge."""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.shared.lookahead.network import Linearisation
from algorithms.shared.square_root import square_root
from algorithms.shared.tensors import Tensor, torch


@dataclass(frozen=True)
class Solution:
    """An approximate x of J x = y, and how good it is."""

    x: list[Tensor]
    error: Tensor
    """|J x - y| / |y| for each seed and copy, [S, B]; 0 where y is 0."""
    fallback: Tensor
    """Where the sweeps did not suffice, bool[S, B]."""


@dataclass(frozen=True)
class Solver:
    """How far to go: rows that reach `tolerance` stand still, so that no seed or copy depends on the others."""

    tolerance: float
    """Largest |J x - y| / |y| to be content with."""
    sweeps: int = 12
    """Sweeps at most."""
    krylov_steps: int = 40
    """Dimensions of the Krylov space at most; 0: no fallback."""

    def solve(self, linear: Linearisation, y: list[Tensor], guess: list[Tensor]) -> Solution:
        """Return the x that is found from `guess`; all are lists of [S, B, n_l]."""
        size = _norm(y)
        x = guess
        error = _relative(linear, x, y, size)
        for _ in range(self.sweeps):
            unsettled = error > self.tolerance
            if not bool(unsettled.any()):
                break
            swept = linear.sweep([a + b for a, b in zip(y, linear.left_out(x), strict=True)])
            # A diverging sweep is worth nothing, and NaN compares as false.
            better = unsettled & (now := _relative(linear, swept, y, size)).isfinite()
            x, error = _choose(better, swept, x), torch.where(better, now, error)
        # Also where the guess itself was not finite.
        fallback = ~(error <= self.tolerance)
        if self.krylov_steps and bool(fallback.any()):
            found = gmres(linear, y, self.krylov_steps, self.tolerance)
            better = fallback & ~(error <= (now := _relative(linear, found, y, size)))
            x, error = _choose(better, found, x), torch.where(better, now, error)
        return Solution(x, error, fallback)


def gmres(linear: Linearisation, y: list[Tensor], steps: int, tolerance: float) -> list[Tensor]:
    """GMRES from zero, preconditioned by one sweep (Saad and Schultz, 1986), for every seed and copy by itself.

    In exact arithmetic it ends after as many steps as there are neurons, whether J is definite or not.
    """
    widths = [part.shape[-1] for part in y]

    def apply(flat: Tensor) -> Tensor:
        return torch.cat(linear.sweep(linear.product(list(flat.split(widths, dim=-1)))), dim=-1)

    start = torch.cat(linear.sweep(y), dim=-1)
    size = square_root(start.square().sum(dim=-1))
    tiny = torch.finfo(start.dtype).tiny
    basis = [start / size.clamp_min(tiny)[..., None]]
    columns: list[Tensor] = []
    turns: list[tuple[Tensor, Tensor]] = []
    wanted = [size]
    for step in range(min(steps, sum(widths))):
        new = apply(basis[-1])
        column = []
        for known in basis:
            column.append((new * known).sum(dim=-1))
            new = new - column[-1][..., None] * known
        length = square_root(new.square().sum(dim=-1))
        basis.append(new / length.clamp_min(tiny)[..., None])
        # Givens rotations keep the small system triangular.
        for row, (cosine, sine) in enumerate(turns):
            first, second = column[row], column[row + 1]
            column[row], column[row + 1] = cosine * first + sine * second, cosine * second - sine * first
        radius = torch.hypot(column[step], length).clamp_min(tiny)
        turns.append((column[step] / radius, length / radius))
        column[step] = radius
        columns.append(torch.stack(column))
        cosine, sine = turns[-1]
        left = -sine * wanted[step]
        # A row that is good enough takes nothing from later steps, which others may still need.
        going = left.abs() > tolerance / 10 * size
        wanted[step : step + 1] = [cosine * wanted[step], torch.where(going, left, 0)]
        if not bool(going.any()):
            break
    weights: list[Tensor] = []
    for row in range(len(columns) - 1, -1, -1):
        rest = wanted[row]
        for place, weight in enumerate(reversed(weights), start=1):
            rest = rest - columns[-place][row] * weight
        weights.insert(0, rest / columns[row][row])
    total = torch.zeros_like(start)
    for weight, direction in zip(weights, basis, strict=False):
        total = total + weight[..., None] * direction
    return list(total.split(widths, dim=-1))


def _norm(parts: list[Tensor]) -> Tensor:
    return square_root(torch.stack([part.square().sum(dim=-1) for part in parts]).sum(dim=0))


def _relative(linear: Linearisation, x: list[Tensor], y: list[Tensor], size: Tensor) -> Tensor:
    left = _norm([a - b for a, b in zip(linear.product(x), y, strict=True)])
    return torch.where(size > 0, left / size.clamp_min(torch.finfo(size.dtype).tiny), left)


def _choose(where: Tensor, chosen: list[Tensor], otherwise: list[Tensor]) -> list[Tensor]:
    return [torch.where(where[..., None], a, b) for a, b in zip(chosen, otherwise, strict=True)]
