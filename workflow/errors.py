"""The exceptions of this package whose message is one line for the user; anything else is a fault of the program."""

from __future__ import annotations

from reports.errors import OneLineError


class Refusal(OneLineError):
    """Input that cannot be used: the message names the file and the key, and says what would do instead."""


class TrainingError(OneLineError):
    """Training broke down: the message names the seed and the episode or update."""
