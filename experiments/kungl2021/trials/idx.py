"""Images and labels from files in the IDX format, as MNIST comes (LeCun, Cortes and Burges, 1998)."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.errors import Refusal

_BYTES = 0x08
"""The format's code for unsigned bytes, the only type that MNIST has."""
_GZIP = b"\x1f\x8b"
_KINDS = {1: "labels", 3: "images"}


def read_idx(file: Path, dimensions: int) -> NDArray[np.uint8]:
    """The array of bytes in a file with so many dimensions, 1 for labels and 3 for images.

    Raises Refusal, in one line that names the file, where it is missing, compressed, truncated, too long, or no such IDX file.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file}: {error.strerror or error}") from None
    if content[:2] == _GZIP:
        raise Refusal(f"{file}: is compressed; unpack it with gunzip")
    header = 4 + 4 * dimensions
    wanted = bytes((0, 0, _BYTES, dimensions))
    if content[:4] != wanted:
        found = content[:4].hex(" ") or "nothing"
        raise Refusal(f"{file}: is no IDX file of {_KINDS[dimensions]}: it begins with {found}, not with {wanted.hex(' ')}")
    if len(content) < header:
        raise Refusal(f"{file}: is truncated: its header has {len(content)} of {header} bytes")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) != (size := header + math.prod(shape)):
        state = "is truncated" if len(content) < size else "is too long"
        raise Refusal(f"{file}: {state}: {len(content)} bytes, where its sizes {' x '.join(map(str, shape))} make {size}")
    if 0 in shape:
        raise Refusal(f"{file}: holds no {_KINDS[dimensions]}: its sizes are {' x '.join(map(str, shape))}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def read_pair(folder: Path, name: str, classes: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Images [N, height, width] and labels int64[N] of `<name>-images-idx3-ubyte` and `<name>-labels-idx1-ubyte`.

    Raises Refusal as `read_idx`, and where there are not as many labels as images, or labels that are no class.
    """
    images = read_idx(folder / f"{name}-images-idx3-ubyte", 3)
    file = folder / f"{name}-labels-idx1-ubyte"
    labels = read_idx(file, 1).astype(np.int64)
    if len(labels) != len(images):
        raise Refusal(f"{file}: has {len(labels)} labels for {len(images)} images")
    if labels.max() >= classes:
        raise Refusal(f"{file}: label {labels.max()} is outside the output layer, which has 0 to {classes - 1}")
    return images, labels
