"""Compiled twins of the learning rules, one file each, under the same names."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numba

# numba keeps a compiled kernel until the kernel's own file changes, and would not notice an edit in the pieces it inlines.
# So the cache lies in a folder named after the content of all of them: beside the code, or else in the working directory.
_HERE = Path(__file__).parent
_CONTENT = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_HERE.rglob("*.py")))).hexdigest()
_BESIDE = _HERE.parents[1] / ".numba_cache"
_WRITABLE = os.access(_BESIDE if _BESIDE.exists() else _BESIDE.parent, os.W_OK)
numba.config.CACHE_DIR = str((_BESIDE if _WRITABLE else Path.cwd() / _BESIDE.name) / _CONTENT[:16])
