"""Manifests: a record, such as run.json, holds the SHA-256 of the files that it vouches for, and of itself.

    "sha256": {"episodes.parquet": "9f2c…", "policy.npz": "03ab…", "run.json": "77d1…"}

A file's is that of its bytes. The record's own is that of its contents as JSON with sorted keys and no spaces, the rest of the
manifest among them, so that this one number stands for the whole result. A record without a manifest was written before there
were any: it is unsealed, and its files can only be looked at for whether they are whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

MANIFEST = "sha256"
SEALED = "sealed"
"""Says that there must be a manifest, or a byte of its name that changed would leave a record that seems to be from before."""
IS_A_FOLDER = "is a folder, where a file should be"


class Damage(NamedTuple):
    """A file that is not as it was written."""

    path: Path
    what: str
    """Goes on a sentence that begins with the path."""
    lost: bool = True
    """Whether it must be made again; else it is only out of reach."""

    def remedy(self, folder: Path) -> str:
        """What is to be done before the same command can be run again, where `folder` holds all that is made with the file."""
        return f"delete {folder}" if self.lost else "see to its permissions and its disk"


class Examined(NamedTuple):
    """What lies where a record should be."""

    record: dict[str, Any] | None
    """Its contents; None where it is not there or cannot be read."""
    damage: Damage | None
    """The first file found that is not as it was written."""

    @property
    def sealed(self) -> bool:
        """Whether the record has a manifest, so that nothing can have happened unseen."""
        return self.record is not None and MANIFEST in self.record


def sha256(data: bytes | memoryview) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Hash a file's contents in the same way. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sealed(record: Mapping[str, Any], name: str, files: Mapping[str, str]) -> dict[str, Any]:
    """`record`, whose file will be called `name`, with a manifest; `files`: SHA-256 by name of the files that lie beside it."""
    contents: dict[str, Any] = json.loads(json.dumps({**record, SEALED: True, MANIFEST: dict(files)}, allow_nan=False))
    contents[MANIFEST][name] = _own(contents, name)
    return contents


def text_of(record: Mapping[str, Any]) -> str:
    """A record as it is written."""
    return json.dumps(record, indent=1, sort_keys=True, allow_nan=False) + "\n"


def examine(path: Path, files: Iterable[Path]) -> Examined:
    """What has happened to the record `path`, or to one of the `files` that it vouches for by their names, since it was written.

    What is not there is no damage, nor is one whose record is not there; of an unsealed record's files nothing can be said.
    """
    files, record = list(files), None
    try:
        for file in (path, *files):
            if file.is_dir():
                return Examined(None, Damage(file, IS_A_FOLDER))
        if not path.exists():
            return Examined(None, None)
        record = _parsed(path)
        if record is None:
            return Examined(None, Damage(path, "is truncated or not a record in JSON"))
        if MANIFEST not in record and SEALED not in record:
            return Examined(record, None)
        manifest = record.get(MANIFEST)
        if not isinstance(manifest, dict) or manifest.get(path.name) != _own(record, path.name):
            return Examined(record, Damage(path, "is damaged or was edited"))
        for file in files:
            if file.exists() and manifest.get(file.name) != sha256_of_file(file):
                what = f"is not the file that {path.name} vouches for: damaged, edited or of another run"
                return Examined(record, Damage(file, what))
    except OSError as error:
        return Examined(record, Damage(Path(error.filename or path), f"cannot be read ({error.strerror})", lost=False))
    return Examined(record, None)


def parse_json(text: str | bytes) -> Any:
    """What a JSON text holds. Raises ValueError where it is none; Python would take NaN and Infinity too, which JSON has not."""
    return json.loads(text, parse_constant=_no_number)


def _no_number(name: str) -> float:
    raise ValueError(name)


def _own(record: Mapping[str, Any], name: str) -> str:
    """The digest of a record's contents without the manifest's entry for itself."""
    files = {file: digest for file, digest in record[MANIFEST].items() if file != name}
    text = json.dumps({**record, MANIFEST: files}, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode())


def _parsed(path: Path) -> dict[str, Any] | None:
    try:
        record = parse_json(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
