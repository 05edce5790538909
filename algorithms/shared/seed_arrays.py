"""What a learner holds for each of its seeds: named once, then kept, saved and loaded by these names."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Learner


class Part(Protocol):
    """Something else that holds arrays for each seed."""

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Go on with these seeds only."""

    def state(self) -> dict[str, NDArray[Any]]:
        """All that it holds, as named copies."""

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        """Take over a `state()`. Raises ValueError on another shape or name."""


class _Place(NamedTuple):
    holder: Any
    key: Any
    axis: int | None


class SeedArrays:
    """Arrays and tensors with a row for each seed, wherever they live, and numbers that all seeds share."""

    def __init__(self, *parts: Part, least: int = 1) -> None:
        """`parts` are kept, saved and loaded with the rest. A single seed's row is repeated up to `least` rows."""
        self.parts = list(parts)
        self._least = least
        self._places: dict[str, _Place] = {}

    def hold(self, name: str, holder: Any, key: Any, axis: int | None = 0) -> None:
        """Take in the array `holder[key]`, whose `axis` counts the seeds, or a number that all seeds share (no axis)."""
        self._places[name] = _Place(holder, key, axis)

    def hold_all(self, name: str, holder: list[Any]) -> None:
        """Take in every array of a list, numbered."""
        for number in range(len(holder)):
            self.hold(f"{name}/{number}", holder, number)

    def hold_attributes(self, owner: object, *names: str, axis: int | None = 0) -> None:
        """Take in attributes of `owner`, under their names without the underscore."""
        for name in names:
            self.hold(name.lstrip("_"), vars(owner), name, axis)

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Go on with these seeds only."""
        padded = np.resize(rows, max(len(rows), self._least))
        for holder, key, axis in self._places.values():
            if axis is not None:
                chosen = holder[key][(slice(None),) * axis + (padded,)]
                holder[key] = np.ascontiguousarray(chosen) if isinstance(chosen, np.ndarray) else chosen.contiguous()
        for part in self.parts:
            part.keep(rows)

    def state(self) -> dict[str, NDArray[Any]]:
        """All that is held, as named copies."""
        state = {name: np.asarray(place.holder[place.key]).copy() for name, place in self._places.items()}
        for part in self.parts:
            state |= part.state()
        return state

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        """Take over a `state()`. Raises ValueError on another shape or name."""
        for name, (holder, key, axis) in self._places.items():
            ours = np.asarray(holder[key])
            if name not in state:
                raise ValueError(f"the checkpoint has no {name}")
            if state[name].shape != ours.shape:
                raise ValueError(f"the checkpoint's {name} has shape {state[name].shape}, not {ours.shape}")
            if axis is None:
                holder[key] = int(state[name])
            else:
                ours[...] = state[name]  # of a tensor, too, this is the memory itself
        for part in self.parts:
            part.load(state)


class SeedArrayLearner(Learner):
    """A learner all of whose state is in `_arrays`."""

    _arrays: SeedArrays

    @abstractmethod
    def layers(self) -> dict[str, list[tuple[NDArray[Any], NDArray[Any]]]]:
        """Weights [S, in, out] and biases [S, out] of every layer, by the network's name."""

    def keep(self, rows: NDArray[np.intp]) -> None:
        self.seeds = len(rows)
        self._arrays.keep(rows)

    def state(self) -> dict[str, NDArray[Any]]:
        return self._arrays.state()

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        self._arrays.load(state)

    def policy(self) -> dict[str, NDArray[Any]]:
        return {
            f"{network}/{kind}_{number}": array.copy()
            for network, layers in self.layers().items()
            for number, layer in enumerate(layers, start=1)
            for kind, array in zip(("weights", "biases"), layer, strict=True)
        }
