"""Images and labels from IDX files, written here: what is read, and what is refused in one line."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.kungl2021.trials.digits import load
from experiments.kungl2021.trials.idx import read_idx, read_pair
from records.errors import Refusal

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 3, 4)).astype(np.uint8)
LABELS = np.array([3, 0, 9, 1, 2], np.uint8)


def idx(array: NDArray[Any]) -> bytes:
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("train", "t10k"):
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(idx(IMAGES))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(idx(LABELS))
    return tmp_path


def test_what_was_written_is_read(folder: Path) -> None:
    images, labels = read_pair(folder, "train", 10)
    assert np.array_equal(images, IMAGES)
    assert labels.tolist() == LABELS.tolist()
    found = load(folder)
    assert (found.name, found.inputs.shape, found.test_inputs.shape) == ("mnist", (5, 12), (5, 12))
    np.testing.assert_allclose(found.inputs[1], IMAGES[1].ravel() / 255)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx(IMAGES)[:-1], r"is truncated: 75 bytes, where its sizes 5 x 3 x 4 make 76$"),
        (idx(IMAGES) + b"\0", r"is too long: 77 bytes, where its sizes 5 x 3 x 4 make 76$"),
        (idx(IMAGES)[:9], r"is truncated: its header has 9 of 16 bytes$"),
        (b"", r"is no IDX file of images: it begins with nothing, not with 00 00 08 03$"),
        (idx(LABELS), r"is no IDX file of images: it begins with 00 00 08 01, not with 00 00 08 03$"),
        (b"\x89PNG" + idx(IMAGES), r"is no IDX file of images: it begins with 89 50 4e 47"),
        (idx(IMAGES).replace(b"\0\0\x08", b"\0\0\x0d", 1), r"begins with 00 00 0d 03"),
        # With a time in it, each process would name the test differently.
        (gzip.compress(idx(IMAGES), mtime=0), r"is compressed; unpack it with gunzip$"),
        (idx(IMAGES[:0]), r"holds no images: its sizes are 0 x 3 x 4$"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(content)
    with pytest.raises(Refusal, match=message) as caught:
        read_idx(file, 3)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_is_refused(folder: Path) -> None:
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(Refusal, match=r"t10k-labels-idx1-ubyte: No such file or directory$"):
        load(folder)


def test_labels_must_fit_the_images_and_the_output_layer(folder: Path) -> None:
    file = folder / "train-labels-idx1-ubyte"
    file.write_bytes(idx(LABELS[:4]))
    with pytest.raises(Refusal, match=r"has 4 labels for 5 images$"):
        read_pair(folder, "train", 10)
    file.write_bytes(idx(LABELS + 1))
    with pytest.raises(Refusal, match=r"label 10 is outside the output layer, which has 0 to 9$"):
        read_pair(folder, "train", 10)


def test_images_for_testing_must_have_the_same_size(folder: Path) -> None:
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(IMAGES.reshape(5, 4, 3)))
    with pytest.raises(Refusal, match=r"the images to learn from have 3 x 4 pixels, those for testing 4 x 3$"):
        load(folder)


def test_without_files_the_digits_of_scikit_learn_are_taken(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    found = load(tmp_path / "nothing")
    assert (found.name, found.inputs.shape, found.test_inputs.shape) == ("digits", (1400, 64), (397, 64))
    assert (found.inputs.min(), found.inputs.max()) == (0, 1)
    assert set(found.labels) == set(found.test_labels) == set(range(10))
