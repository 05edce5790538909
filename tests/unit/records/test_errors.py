"""Messages for the user are one line, whatever went into them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from records.errors import OneLineError


@given(st.text(st.characters(), max_size=50))
def test_one_line_that_a_terminal_can_print(message: str) -> None:
    line = str(OneLineError(message))
    assert line.isprintable()
    if message.isprintable():
        assert line == message.strip()


def test_a_message_that_is_long_keeps_its_file_and_its_remedy() -> None:
    line = str(OneLineError(f"file.yaml: {'x' * 10_000}; correct the file"))
    assert line.startswith("file.yaml: xxx")
    assert line.endswith("xxx; correct the file")
    assert " … " in line
    assert len(line) < 2_100
