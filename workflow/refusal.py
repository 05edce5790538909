"""Bad input gets one clear line and exit code 2; everything that refuses input raises `Refusal`."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from workflow.errors import Refusal

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


def suggestion(name: object, valid: Iterable[str]) -> str:
    """`did you mean …?` with the nearest of the valid names, or all of them where none is near."""
    by_lower_case = {candidate.lower(): candidate for candidate in valid}
    near = difflib.get_close_matches(str(name).lower(), by_lower_case, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(by_lower_case[key] for key in near)}?"
    return f"it must be one of {', '.join(sorted(by_lower_case.values()))}" if by_lower_case else "there is none"


def check_name(name: str, valid: Iterable[str], kind: str, where: str) -> None:
    """Refuse a name that is not among the valid ones; `kind` is what it should name, `where` the file and key it stands in."""
    valid = list(valid)
    if name not in valid:
        raise Refusal(f"{where}: unknown {kind} {name!r}; {suggestion(name, valid)}")


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Refuses a missing or malformed file, a key given twice, and anything but a mapping."""
    try:
        contents = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeyLoader)
    except FileNotFoundError:
        raise Refusal(f"{path}: no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Refusal(f"{path}: {place}{getattr(error, 'problem', None) or 'not a UTF-8 YAML file'}") from None
    if not isinstance(contents, dict):
        raise Refusal(f"{path}: it must hold keys with values, as in 'scale: quick'")
    return contents


class _UniqueKeyLoader(yaml.SafeLoader):
    """PyYAML lets the last of two equal keys win silently; a setting given twice is refused here."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":  # `<<: *alias`, which may repeat keys on purpose
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def validate(model: type[Model], contents: Mapping[str, Any], where: str) -> Model:
    """`contents` as a `model`, or a `Refusal` with the first thing that is wrong with it; `where` names its source."""
    try:
        return model.model_validate(contents)
    except ValidationError as error:
        raise Refusal(f"{where}: {first_problem(error, contents, model)}") from None


def first_problem(error: ValidationError, contents: Any, model: type[Any]) -> str:
    """`key: what is wrong (given value)` for the first error of a failed validation of `contents` as `model`."""
    problem = error.errors(include_url=False)[0]
    keys = _keys_within(contents, problem["loc"])
    key = ".".join(map(str, keys))
    if problem["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        valid = _field_names(model, problem["loc"][:-1])
        return f"unknown key {key!r}; {suggestion(problem['loc'][-1], valid)}"
    if problem["type"] == "missing":
        return f"the key {'.'.join(map(str, problem['loc']))!r} is missing"
    given = problem["input"]
    if problem["type"] == "literal_error":
        valid = problem["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"{key}: {given!r} is not valid; {suggestion(given, valid)}"
    message = problem["msg"].replace("valid tuple", "valid list")
    reason = message.removeprefix("Value error, ").removeprefix("Input ")
    return f"{key}: {given!r} {reason}" if message.startswith("Input ") else f"{key}: {reason} (given {given!r})"


def _keys_within(contents: Any, location: tuple[int | str, ...]) -> list[int | str]:
    """The part of an error's location that consists of keys and indices, without pydantic's names of union members."""
    keys: list[int | str] = []
    for part in location:
        try:
            contents = contents[part]
        except (KeyError, IndexError, TypeError):
            continue
        keys.append(part)
    return keys


def _field_names(model: Any, location: tuple[int | str, ...]) -> list[str]:
    """Names of the fields of the model that lies at `location` within `model`; none where that is not a model."""
    for part in location:
        fields = getattr(model, "model_fields", None) or getattr(model, "__pydantic_fields__", {})
        annotation = fields[part].annotation if part in fields else model
        model = next(iter(getattr(annotation, "__args__", (annotation,))[-1:]), annotation)
    return list(getattr(model, "model_fields", None) or getattr(model, "__pydantic_fields__", {}))
