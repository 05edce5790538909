"""Files that appear whole or not at all, whoever else writes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

from records.files import UNFINISHED, write_atomically, write_text


def test_of_two_writers_at_once_both_succeed_and_the_last_has_its_way(tmp_path: Path) -> None:
    path = tmp_path / "sources.json"

    def write_while_another_does(file: IO[bytes]) -> None:
        write_text(path, "theirs")
        assert path.read_text() == "theirs"
        file.write(b"ours")

    write_atomically(path, write_while_another_does)
    assert path.read_text() == "ours"
    assert list(tmp_path.iterdir()) == [path]


def test_what_one_that_was_killed_left_is_swept_up(tmp_path: Path) -> None:
    path = tmp_path / "sources.json"
    program = f"""
import os, pathlib, signal
from records.files import write_atomically
write_atomically(pathlib.Path({str(path)!r}), lambda file: os.kill(os.getpid(), signal.SIGKILL))
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(UNFINISHED)
    write_text(path, "whole")
    assert list(tmp_path.iterdir()) == [path]
