"""Arrays from a file that anyone may have written: plain numbers and text, and never an object that is unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


def read_arrays(file: Path | IO[bytes]) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file by name. Raises OSError where it cannot be opened, ValueError where it holds anything else."""
    try:
        archive = np.load(file, allow_pickle=False)
        arrays = dict(archive) if isinstance(archive, np.lib.npyio.NpzFile) else {}
    except OSError:
        raise
    except Exception as error:  # of arbitrary bytes, the readers of ZIP and of numpy raise whatever comes first
        raise ValueError(f"not a file of arrays ({error})") from error
    if not arrays or not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise ValueError("not a file of arrays")
    return arrays
