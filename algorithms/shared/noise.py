"""Random numbers: every seed has its own generators, so no seed can disturb another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.seed_arrays import SeedArrays

_BLOCK_VALUES = 1 << 14  # numbers drawn at once and seed: large enough to hide numpy's cost a call, small enough for the cache


class NoiseStreams(SeedArrays):
    """Standard normal and uniform numbers for S seeds, a fixed count a step, drawn in blocks of steps.

    Normals and uniforms come from two generators a seed, each read strictly in order: the numbers of a step do not depend on
    the block's length, on S, or on the other seeds.

    Args:
        seed_sequences: one a seed; each spawns this seed's generators for initial parameters, normals, uniforms, fixed weights.
        normals, uniforms: how many of each one step of one seed consumes.
        dtype: numpy's float32 and float64 streams differ, so each engine asks for the one it computes in.
    """

    def __init__(self, seed_sequences: Sequence[np.random.SeedSequence], normals: int, uniforms: int, dtype: str) -> None:
        super().__init__()
        # Sequences are copied: spawning counts up inside them, and a second learner must draw the same numbers.
        families = [np.random.SeedSequence(s.entropy, spawn_key=s.spawn_key).spawn(4) for s in seed_sequences]
        self.initial = [np.random.default_rng(family[0]) for family in families]
        self._generators = [(np.random.default_rng(family[1]), np.random.default_rng(family[2])) for family in families]
        self.fixed = [np.random.default_rng(family[3]) for family in families]
        self._dtype = np.dtype(dtype)
        self._steps = max(1, _BLOCK_VALUES // max(1, normals + uniforms))
        self._position = self._steps
        self._normal = np.zeros((self._steps, len(families), normals), self._dtype)
        self._uniform = np.zeros((self._steps, len(families), uniforms), self._dtype)
        self.hold("noise/normal", vars(self), "_normal", axis=1)
        self.hold("noise/uniform", vars(self), "_uniform", axis=1)
        self.hold("noise/position", vars(self), "_position", axis=None)

    def next(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The next step's normals [S, normals] and uniforms [S, uniforms]; valid until the next call."""
        if self._position == self._steps:
            for row, (normal, uniform) in enumerate(self._generators):
                self._normal[:, row] = normal.standard_normal(self._normal[:, row].shape, self._dtype)
                self._uniform[:, row] = uniform.random(self._uniform[:, row].shape, self._dtype)
            self._position = 0
        step = self._position
        self._position += 1
        return self._normal[step], self._uniform[step]

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._generators = [self._generators[row] for row in rows]

    def state(self) -> dict[str, NDArray[Any]]:
        words = [[_words(generator) for generator in pair] for pair in self._generators]
        return {"noise/generators": np.array(words, np.uint64), **super().state()}

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        super().load(state)
        for pair, words in zip(self._generators, state["noise/generators"], strict=True):
            for generator, numbers in zip(pair, words, strict=True):
                _set_words(generator, numbers)


def _words(generator: np.random.Generator) -> list[int]:
    """A PCG64 generator's state as six 64-bit words."""
    state: Any = generator.bit_generator.state
    low = (1 << 64) - 1
    pcg = state["state"]
    halves = [pcg["state"] >> 64, pcg["state"] & low, pcg["inc"] >> 64, pcg["inc"] & low]
    return [*halves, state["has_uint32"], state["uinteger"]]


def _set_words(generator: np.random.Generator, words: NDArray[Any]) -> None:
    high_state, low_state, high_inc, low_inc, has_uint32, uinteger = (int(word) for word in words)
    state: Any = generator.bit_generator.state
    state["state"] = {"state": high_state << 64 | low_state, "inc": high_inc << 64 | low_inc}
    state["has_uint32"], state["uinteger"] = has_uint32, uinteger
    generator.bit_generator.state = state


def glorot_uniform(
    generators: Sequence[np.random.Generator], sizes: Sequence[int], dtype: str
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Draw each layer's weights [S, in, out], uniform in ±sqrt(6 / (in + out)); its biases [S, out] are 0.

    As released: docs/chung2021.md#initial-weights-and-biases.
    """
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        bound = np.sqrt(6.0 / (inputs + outputs))
        weights = np.stack([generator.uniform(-bound, bound, (inputs, outputs)) for generator in generators])
        layers.append((weights.astype(dtype), np.zeros((len(generators), outputs), dtype)))
    return layers


def fan_in_uniform(
    generators: Sequence[np.random.Generator], sizes: Sequence[int], dtype: str
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Draw each layer's weights [S, in, out] and biases [S, out] in ±1 / sqrt(in) (docs/kubo2022.md#initial-weights)."""
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        bound = inputs**-0.5
        weights = np.stack([generator.uniform(-bound, bound, (inputs, outputs)) for generator in generators])
        biases = np.stack([generator.uniform(-bound, bound, outputs) for generator in generators])
        layers.append((weights.astype(dtype), biases.astype(dtype)))
    return layers
