"""Bad input gets one clear line and exit code 2; everything that refuses input raises `Refusal`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from records.errors import Refusal, ResultError
from records.located_yaml import read_document
from records.wording import first_problem, shortened, suggestion

EXIT_CODE = 2

Model = TypeVar("Model", bound=BaseModel)


@contextmanager
def exit_on_refusal() -> Iterator[None]:
    """Turn a `Refusal` into its one line on stderr and exit code 2, without a traceback."""
    try:
        yield
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        raise SystemExit(EXIT_CODE) from None


@contextmanager
def refused() -> Iterator[None]:
    """Refuse what `reports` cannot use: before anything is run it is bad input like any other."""
    try:
        yield
    except ResultError as error:
        raise Refusal(str(error)) from None


def check_name(name: str, valid: Iterable[str], kind: str, where: str) -> None:
    """Refuse a name that is not among the valid ones; `kind` is what it should name, `where` the file and key it stands in."""
    valid = list(valid)
    if name not in valid:
        raise Refusal(f"{where}: unknown {kind} {shortened(name)}; {suggestion(name, valid)}")


def check_unique(names: Sequence[str], where: str) -> None:
    """Refuse a name that stands twice in a list."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Refusal(f"{where}: {shortened(name)} is there twice; delete one of the two")


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Refuses a missing or malformed file, a key given twice, and anything but a mapping."""
    with refused():
        contents = read_document(path).contents
    if not isinstance(contents, dict):
        raise Refusal(f"{path}: it must hold keys with values, as in 'scale: quick'")
    return contents


def validate(model: type[Model], contents: Mapping[str, Any], where: str) -> Model:
    """`contents` as a `model`, or a `Refusal` with the first thing that is wrong with it; `where` names its source."""
    try:
        return model.model_validate(contents)
    except ValidationError as error:
        _, problem = first_problem(error, contents, model)
        raise Refusal(f"{where}: {problem}") from None
