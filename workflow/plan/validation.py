"""How large settings may be: beyond these no computer here could train, and a slip of the keyboard is what is meant.

Where the models of a file have the bounds of single values, these are bounds of what values make together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from envs.task import Task
from records.errors import Refusal
from records.wording import shortened

MOST_ROWS = 10**7
"""Episodes or updates of one seed."""
SEARCH_SEEDS = 1000
"""Searches for settings have seeds from here on, and results those below."""
LATEST_FRESH = 200
"""Where a paper's seeds of verdicts begin at the latest."""
MOST_SEEDS = SEARCH_SEEDS - LATEST_FRESH
"""Seeds of a run: even those of verdicts, from the first fresh one on, stay below those that chose settings."""
_MOST_PARAMETERS = 10**7
_MOST_TRANSITIONS = 10**6
_SMALLEST, _LARGEST = 1e-30, 1e9  # which float32 still holds, and the reciprocals and squares of all but the most extreme
_OPTIONS: Mapping[str, tuple[int, int]] = {"address_bits": (1, 12), "target_seed": (0, 2**32 - 1)}
"""The range of each option of a task; an address of k bits makes k + 2^k inputs."""


def check_limits(hyperparameters: Any, task: Task, where: Callable[[str], str]) -> None:
    """Refuse numbers that float32 cannot hold, and networks and memories beyond all measure; `where` names a setting's place."""
    for name, value in asdict(hyperparameters).items():
        for number in _numbers(value):
            if number and not _SMALLEST <= abs(number) <= _LARGEST:
                should = f"should be 0, or from {_SMALLEST:g} to {_LARGEST:g} in size"
                raise Refusal(f"{where(name)}{name}: {shortened(number)} {should}")
    if hasattr(hyperparameters, "layer_sizes"):
        sizes = hyperparameters.layer_sizes(task.observation_size, task.action_size)
        parameters = sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))
        if parameters > _MOST_PARAMETERS:
            made = f"{shortened(hyperparameters.hidden_sizes)} makes {parameters:,} parameters"
            raise Refusal(f"{where('hidden_sizes')}hidden_sizes: {made}; choose fewer units, for at most {_MOST_PARAMETERS:,}")
    transitions = getattr(hyperparameters, "replay_size", 0)
    if transitions > _MOST_TRANSITIONS:
        raise Refusal(f"{where('replay_size')}replay_size: {transitions} should be at most {_MOST_TRANSITIONS}")


def check_options(options: Mapping[str, int], where: str) -> None:
    """Refuse a task's option, known by name, that is out of its range; `where` names the key that holds them."""
    for name, value in options.items():
        low, high = _OPTIONS[name]
        if not low <= value <= high:
            raise Refusal(f"{where}.{name}: {value} should be from {low} to {high}")


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value
