"""Exceptions that a user should read rather than report: whatever went into their message, it is one line of bounded length."""

from __future__ import annotations

_LONGEST = 2_000
_END = 500  # characters of it that a message which is cut keeps of its end, where the remedy stands


class OneLineError(Exception):
    """Its message is one line that a terminal can print."""

    def __init__(self, message: str) -> None:
        line = "".join(_printable(character) for character in message.strip())
        super().__init__(line if len(line) <= _LONGEST else f"{line[: _LONGEST - _END]} … {line[-_END:]}")


class ResultError(OneLineError):
    """Results that cannot be reported as they are; the message is one line naming the file and what to do."""


class Refusal(OneLineError):
    """Input that cannot be used: the message names the file and the key, and says what would do instead."""


class TrainingError(OneLineError):
    """Training broke down: the message names the seed and the episode or update."""


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode()
