"""Three images of digits, to be told apart by reward alone (docs/kungl2021.md#tasks)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from envs.pattern_bandit import PatternBandit
from envs.task import Task

_DRAWN = (
    """
    ..........
    ...####...
    ..##..##..
    ..#....#..
    ..#....#..
    ..#....#..
    ..#....#..
    ..##..##..
    ...####...
    ..........
    """,
    """
    ..........
    ....##....
    ...###....
    ..#.##....
    ....##....
    ....##....
    ....##....
    ....##....
    ..######..
    ..........
    """,
    """
    ..........
    ..#####...
    .......#..
    .......#..
    ......#...
    ....##....
    ...#......
    ..#.......
    ..######..
    ..........
    """,
)


def images() -> NDArray[np.float32]:
    """The digits 0, 1 and 2 as ink of 1 on 10 x 10 pixels, each less its mean: float32[3, 100]."""
    ink = np.array([[pixel == "#" for line in drawn.split() for pixel in line] for drawn in _DRAWN], np.float32)
    return ink - ink.mean(axis=1, keepdims=True)


class ThreeImages(PatternBandit):
    """Three images of 10 x 10 pixels with zero mean; the right action is the number of the digit."""

    def __init__(self) -> None:
        super().__init__(images())


TASKS = (
    Task(
        name="ThreeImages-v0",
        title="Three images",
        gymnasium_id="ThreeImages-v0",
        kind="single_step",
        bandit=ThreeImages,
        observation_size=100,
        action_size=3,
        discrete=True,
    ),
)
