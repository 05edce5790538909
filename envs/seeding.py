"""Seeds by name: a run's random numbers depend only on the root seed, its task, its method and its own number."""

from __future__ import annotations

import hashlib

import numpy as np

ENVIRONMENT_SEED_BITS = 31


def learner_sequence(root_seed: int, task: str, method: str, seed: int) -> np.random.SeedSequence:
    """The sequence that determines everything a learner draws."""
    return np.random.SeedSequence([root_seed, *_words(task), *_words(method), seed])


def environment_sequence(root_seed: int, task: str, seed: int) -> np.random.SeedSequence:
    """The sequence that determines what a task draws; it ignores the method, so all methods meet the same starts."""
    return np.random.SeedSequence([root_seed, *_words(task), seed])


def environment_seed(root_seed: int, task: str, seed: int) -> int:
    """An environment's seed as one number below 2^31 - 1, for environments that take no sequences."""
    word = int(environment_sequence(root_seed, task, seed).generate_state(1, np.uint64)[0])
    return word % (2**ENVIRONMENT_SEED_BITS - 1)


def _words(name: str) -> list[int]:
    """A name as four 32-bit words: its hash, the same on every machine and in every process."""
    return [int(word) for word in np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u4")]
