"""Four patterns of four numbers, to be told apart by reward alone (docs/kungl2021.md#tasks)."""

from __future__ import annotations

import numpy as np

from envs.contextual_bandit import ContextualBanditEnv, PatternBandit

_SHOWN, _OTHERS = 0.9, -0.3


class FourPatterns(PatternBandit):
    """Pattern k is .9 at place k and -.3 elsewhere, so that its mean is zero; the right action is k."""

    def __init__(self) -> None:
        super().__init__(np.where(np.eye(4), _SHOWN, _OTHERS).astype(np.float32))


class FourPatternsEnv(ContextualBanditEnv):
    """`FourPatterns` as a gymnasium environment, registered as FourPatterns-v0."""

    def __init__(self) -> None:
        super().__init__(FourPatterns())
