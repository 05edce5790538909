"""Images of handwritten digits: scikit-learn's, or the whole of MNIST where data/mnist/ holds its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.kungl2021.trials.idx import read_pair
from records.errors import Refusal
from records.sources import ROOT

CLASSES = 10
MNIST = ROOT / "data" / "mnist"
"""Where MNIST's four files are looked for; nothing is downloaded."""
_TRAINED = 1400
"""Images of scikit-learn's 1797 to learn from; the others are for testing."""


@dataclass(frozen=True)
class Digits:
    """Inputs between 0 and 1, [N, d], and labels from 0 to 9, int64[N]."""

    name: str
    """`digits` or `mnist`."""
    inputs: NDArray[Any]
    labels: NDArray[Any]
    test_inputs: NDArray[Any]
    test_labels: NDArray[Any]


def load(folder: Path = MNIST) -> Digits:
    """MNIST if `folder` is there, else scikit-learn's 8 x 8 digits.

    Raises Refusal, in one line, for a folder with a file that is missing or damaged.
    """
    return mnist(folder) if folder.exists() else digits()


def digits() -> Digits:
    """scikit-learn's digits, 8 x 8 pixels, which come with the package (Alpaydin and Kaynak, 1998)."""
    from sklearn.datasets import load_digits  # a second of imports, for this alone

    inputs, labels = load_digits(return_X_y=True)
    # The set is sorted by writer: the last images are by other hands.
    order = np.random.default_rng(0).permutation(len(inputs))
    inputs, labels = inputs[order] / 16.0, labels[order].astype(np.int64)
    return Digits("digits", inputs[:_TRAINED], labels[:_TRAINED], inputs[_TRAINED:], labels[_TRAINED:])


def mnist(folder: Path) -> Digits:
    """MNIST from its four IDX files in `folder`."""
    images, labels = read_pair(folder, "train", CLASSES)
    test_images, test_labels = read_pair(folder, "t10k", CLASSES)
    if images.shape[1:] != test_images.shape[1:]:
        shapes = [" x ".join(map(str, shape)) for shape in (images.shape[1:], test_images.shape[1:])]
        raise Refusal(f"{folder}: the images to learn from have {shapes[0]} pixels, those for testing {shapes[1]}")
    inputs, test_inputs = (found.reshape(len(found), -1) / 255.0 for found in (images, test_images))
    return Digits("mnist", inputs, labels, test_inputs, test_labels)
