"""What is wrong with data that a model does not take, in words: the key, the value that was given, and what would do."""

from __future__ import annotations

import datetime
import difflib
import reprlib
from collections.abc import Iterable, Sequence
from types import NoneType
from typing import Any, get_args

from pydantic import ValidationError

_TYPES = {"valid tuple": "valid list", "valid boolean": "valid boolean: true or false"}
_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
_MAPPINGS = {"dict_type", "model_type", "dataclass_type", "model_attributes_type"}


class _Short(reprlib.Repr):
    """However large a value is, neither its text nor the making of it is."""

    def __init__(self) -> None:
        super().__init__()
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = 10
        self.maxlevel, self.maxstring, self.maxother = 4, 80, 80

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if abs(x) < 10**20 else f"an integer of {x.bit_length()} bits"


shortened = _Short().repr
"""A value as Python writes it, or the beginning of that."""


def suggestion(name: object, valid: Iterable[str]) -> str:
    """`did you mean …?` with the nearest of the valid names, or all of them where none is near."""
    by_lower_case = {candidate.lower(): candidate for candidate in valid}
    near = difflib.get_close_matches(str(name)[:100].lower(), by_lower_case, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(by_lower_case[key] for key in near)}?"
    return f"it must be one of {', '.join(sorted(by_lower_case.values()))}" if by_lower_case else "there is none"


def first_problem(error: ValidationError, contents: Any, model: Any) -> tuple[list[str | int], str]:
    """Where the first error of a failed validation of `contents` as `model` lies, as keys and indices, and what it is.

    What it is begins with the key, after which may come the value that was given.
    """
    problem, keys = _most_telling(error, contents)
    location, kind, given = problem["loc"], problem["type"], problem["input"]
    key = ".".join(map(str, keys))
    if kind in _UNKNOWN:
        return keys, f"unknown key {key!r}; {suggestion(location[-1], _field_names(model, location[:-1]))}"
    if kind == "missing":
        return keys, f"the key {'.'.join(map(str, [*keys, location[-1]]))!r} is missing; add it"
    text = shortened(given)
    if kind == "literal_error":
        valid = problem["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return keys, f"{key}: {text} is not valid; {suggestion(given, valid)}"
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    for name, better in _TYPES.items():
        message = message.replace(name, better)
    if kind in _MAPPINGS:
        message = "should be a mapping of keys to values"
    if kind == "string_type" and isinstance(given, (bool, int, float, datetime.date)):
        message += "; put quotes around it"
    if not problem["msg"].startswith("Input "):
        return keys, f"{key}: {message} (given {text})" if key else message
    return keys, f"{key}: {text} {message}" if key else f"it {message}"


def _most_telling(error: ValidationError, contents: Any) -> tuple[Any, list[str | int]]:
    """The first error and its keys, or one that says more of the same mistake.

    A key that is missing may be there by a wrong name. Of a value that has none of several forms, the nearest form counts.
    """
    problems = [(problem, _keys_within(contents, problem["loc"])) for problem in error.errors(include_url=False)]
    first, keys = problems[0]
    if first["type"] == "missing":
        misnamed = (other for other in problems if other[0]["type"] in _UNKNOWN and other[0]["loc"][:-1] == first["loc"][:-1])
        return next(misnamed, problems[0])
    if not first["type"].endswith("_type"):
        return first, keys
    rivals = [rival for rival in problems if rival[1][: len(keys)] == keys and rival[0]["type"] != "missing"]
    return max(rivals, key=lambda rival: (len(rival[1]), not rival[0]["type"].endswith("_type")))


def _keys_within(contents: Any, location: Sequence[int | str]) -> list[int | str]:
    """The part of an error's location that consists of keys and indices, without pydantic's names of union members."""
    keys: list[int | str] = []
    for part in location:
        try:
            contents = contents[part]
        except (KeyError, IndexError, TypeError):
            continue
        keys.append(part)
    return keys


def _field_names(model: Any, location: Sequence[int | str]) -> list[str]:
    """Names of the fields of the model that lies at `location` within `model`; none where that is not a model."""
    for part in location:
        fields = getattr(model, "model_fields", None) or getattr(model, "__pydantic_fields__", {})
        annotation = fields[part].annotation if part in fields else model
        arguments = [argument for argument in get_args(annotation) if argument not in (..., NoneType)]
        model = arguments[-1] if arguments else annotation
    return list(getattr(model, "model_fields", None) or getattr(model, "__pydantic_fields__", {}))
