"""The kinds of claims that a paper makes: every file in this folder is one, with its keys, its test and its words.

A kind is a subclass of `reports.claims.claim.Claim` whose `kind` is the name of its file. Nothing else names it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import get_args

from reports.claims.claim import Claim


def _read(name: str) -> type[Claim]:
    """The kind that a module of this folder defines. Raises TypeError where it is not exactly one of that name."""
    module = importlib.import_module(f"{__name__}.{name}")
    own = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    kinds = [item for item in own if issubclass(item, Claim)]
    if len(kinds) != 1 or get_args(kinds[0].model_fields["kind"].annotation) != (name,):
        raise TypeError(f"{module.__file__}: it must define one Claim, with `kind: Literal[{name!r}]`")
    return kinds[0]


def _found() -> dict[str, type[Claim]]:
    kinds = {module.name: _read(module.name) for module in pkgutil.iter_modules(__path__)}
    return dict(sorted(kinds.items(), key=lambda item: (item[1].RANK, item[0])))


KINDS: Mapping[str, type[Claim]] = _found()
"""By name, in the order of their ranks."""
