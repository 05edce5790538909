"""A sentence of the paper: one claim, or several that it makes at once ("in each case", "on all tasks").

Verdicts are given on sentences. In claims.yaml one of several parts has the key `parts`; what else stands in its entry holds for
each part that does not say otherwise:

    - id: best-everywhere
      text: Rule A does better than rule B on all tasks
      kind: ordering
      better: [a, v]
      worse: [b, v]
      …
      parts:
        - {id: best-on-x, task: X}
        - {id: best-on-y, task: Y}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self, Union

from annotated_types import MinLen
from pydantic import BaseModel, ConfigDict, Field, model_validator

from reports.claims.claim import Claim
from reports.claims.kinds import KINDS

if TYPE_CHECKING:
    AnyClaim = Claim
else:
    AnyClaim = Annotated[Union[tuple(KINDS.values())], Field(discriminator="kind")]  # noqa: UP007  (| takes no tuple)

_OWN = ("id", "primary")
"""Keys of an entry that are the sentence's alone."""


def _described(schema: dict[str, Any]) -> None:
    """Let an editor take any further key of a sentence, and parts that leave out what the sentence says."""
    schema["additionalProperties"] = True
    schema["properties"]["parts"]["items"] = {"type": "object", "required": ["id"]}


class Sentence(BaseModel):
    """A sentence of the paper with its parts."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, json_schema_extra=_described
    )

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    """Name of the sentence, unique within the paper."""
    text: Annotated[str, MinLen(1)]
    """What the paper says."""
    primary: bool = False
    """Whether it is one of the few that the paper's abstract rests on."""
    parts: Annotated[tuple[AnyClaim, ...], MinLen(1), Field(strict=False)]
    """What it claims at once; each part has an id, and what the sentence does not say for all."""

    @model_validator(mode="before")
    @classmethod
    def _with_shared_keys(cls, contents: Any) -> Any:
        return shared_out(contents) if isinstance(contents, dict) and isinstance(contents.get("parts"), list) else contents

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for part in self.parts:
            if part.primary:
                raise ValueError(f"part {part.id}: a sentence is primary, not one of its parts")
        return self

    @classmethod
    def of(cls, claim: Claim) -> Sentence:
        """The sentence that makes this one claim."""
        alone = claim.model_copy(update={"primary": False})
        return cls.model_construct(id=claim.id, text=claim.text, primary=claim.primary, parts=(alone,))

    @property
    def kind(self) -> str:
        """The kind of its parts; the first one's where they are of several."""
        return self.parts[0].kind


def shared_out(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of claims.yaml with `parts`, each of which has the keys that the sentence has for all of them."""
    shared = {name: value for name, value in entry.items() if name not in (*_OWN, "parts")}
    parts = [{**shared, **part} if isinstance(part, dict) else part for part in entry["parts"]]
    return {name: entry[name] for name in (*_OWN, "text") if name in entry} | {"parts": parts}
