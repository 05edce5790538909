"""What a paper leaves open and what was chosen: reports/<paper>/choices.yaml, which its report prints as a table."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

from annotated_types import MinLen
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from records.errors import ResultError
from records.located_yaml import read_document
from records.wording import first_problem, shortened, suggestion
from reports.paper import declared

_Text = Annotated[str, MinLen(1)]


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    topic: _Text
    switch: _Text | None = None
    """The hyperparameter that turns to another form."""


def check_choices(paper: str, switches: Collection[str], folder: Path) -> None:
    """Check `folder`/<paper>/choices.yaml: every entry has a topic, the columns that the paper declares, and perhaps a switch.

    Raises ResultError, with file and line, for the first thing that is wrong, such as a switch that is not among `switches`.
    """
    document = read_document(folder / paper / "choices.yaml")
    columns: dict[str, Any] = dict.fromkeys(declared(paper).CHOICES, (_Text, ...))
    model: Any = create_model("Choice", __base__=_Choice, **columns)
    kind: Any = list[model]
    try:
        choices: list[_Choice] = TypeAdapter(kind).validate_python(document.contents)
    except ValidationError as error:
        keys, problem = first_problem(error, document.contents, kind)
        raise ResultError(f"{document.place(keys)}: {problem}") from error
    for index, choice in enumerate(choices):
        if choice.switch is not None and choice.switch not in switches:
            problem = f"unknown hyperparameter {shortened(choice.switch)}; {suggestion(choice.switch, switches)}"
            raise ResultError(f"{document.place((index, 'switch'))}: {index}.switch: {problem}")
