"""Full disks and those that may not be written to: real ones, mounted for the purpose, which takes root."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from records.errors import Refusal
from records.files import write_atomically, write_text
from records.results import write_results
from tests.mounts import mounted
from workflow.process.disk import check_access, check_room, check_writable, nearest, trouble
from workflow.training.checkpoint import Checkpoint

LOG = {"seed": np.repeat(np.arange(4), 50_000), "return": np.random.default_rng(0).normal(size=200_000)}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    with mounted(tmp_path / "small", "size=256k") as folder:
        yield folder


def test_a_file_that_finds_no_room_leaves_nothing_and_says_where(small: Path) -> None:
    for write in (
        lambda path: write_text(path, "x" * 10**6),
        lambda path: write_atomically(path, pd.DataFrame(LOG).to_parquet),
        lambda path: write_atomically(path, lambda file: np.savez(file, returns=LOG["return"])),
    ):
        with pytest.raises(OSError, match="No space left") as caught:
            write(small / "file")
        assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(small / "file"))
        line = trouble(caught.value)
        assert line is not None
        assert line.startswith(
            f"{small / 'file'}: No space left on device; make room on that disk and run the same command again"
        )
        assert not list(small.iterdir())


def test_results_that_find_no_room_leave_the_checkpoint_and_no_record(small: Path) -> None:
    checkpoint = Checkpoint(small / "training.checkpoint", {"configuration": {}, "sources": {}, "versions": {}})
    checkpoint.save({"actions": np.ones(9)})
    before = checkpoint.path.read_bytes()
    with pytest.raises(OSError, match="No space left"):
        write_results(small, LOG, {"W": np.ones(3)}, {"seeds": [0]})
    assert [path.name for path in small.iterdir()] == [checkpoint.path.name]
    checkpoint.save({"actions": np.random.default_rng(0).normal(size=10**5)})  # nor does this one find room
    assert checkpoint.path.read_bytes() == before


def test_too_little_room_is_refused_where_the_results_will_be(small: Path, tmp_path: Path) -> None:
    check_room(10**6, tmp_path, "config.yaml: the results", "choose less")
    with pytest.raises(Refusal) as caught:
        check_room(10**6, small / "not" / "there" / "yet", "config.yaml: the results", "choose less")
    room = f"1 MB, but only 0 MB are free in {small}"
    assert str(caught.value) == f"config.yaml: the results may take {room}; make room or choose less"


def test_a_disk_mounted_for_reading_is_refused_to_root_as_well(small: Path, tmp_path: Path) -> None:
    (small / "block").mkdir()
    check_writable([small, small / "block", tmp_path / "not there yet"])
    check_access([small / "block", tmp_path / "not there yet"])
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    line = f"{small}: cannot be written to (Read-only file system); have that disk mounted for writing"
    with pytest.raises(Refusal) as caught:
        check_writable([tmp_path, small / "not" / "there"])
    assert str(caught.value) == line
    with pytest.raises(Refusal) as caught:
        check_access([tmp_path, small / "block"])
    assert str(caught.value) == line.replace(str(small), str(small / "block"), 1)


def test_what_is_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(Refusal, match=r"results: cannot be written to \(Not a directory\); make it a folder"):
        check_writable([tmp_path / "results" / "full"])


def test_faults_of_the_program_are_not_the_disks(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_text(tmp_path / "no" / "file", "")
    assert trouble(caught.value) is None
    assert nearest(tmp_path / "no" / "file") == tmp_path
