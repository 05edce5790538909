"""Disks that are full or may not be written to: found out before anything is run where they can be, else one line."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from records.errors import Refusal

_REMEDIES = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room within your quota of that disk",
    errno.EROFS: "have that disk mounted for writing",
    errno.EACCES: "allow yourself to write there",
    errno.EPERM: "allow yourself to write there",
    errno.EIO: "have that disk checked",
}


def trouble(error: OSError) -> str | None:
    """The line for the user where it is the disk that cannot do what was asked of it; None where the program is at fault."""
    remedy = _REMEDIES.get(error.errno or 0)
    if remedy is None:
        return None
    where = error.filename or Path.cwd()
    return f"{where}: {error.strerror}; {remedy} and run the same command again, which goes on from all that is there"


def nearest(path: Path) -> Path:
    """The path itself, or the nearest of the folders around it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def check_room(needed: int, path: Path, what: str, remedy: str) -> None:
    """Refuse where the disk that holds `path`, or will, has less than `needed` bytes free; `what` needs them."""
    folder = nearest(path)
    free = shutil.disk_usage(folder).free
    if free < needed:
        room = f"{_size(needed)}, but only {_size(free)} are free in {folder.resolve()}"
        raise Refusal(f"{what} may take {room}; make room or {remedy}")


def check_writable(folders: Iterable[Path]) -> None:
    """Refuse where nothing could be written into one of the folders, which need not be there yet."""
    for folder in dict.fromkeys(map(nearest, folders)):
        try:
            with tempfile.TemporaryFile(dir=folder):  # root may write anywhere, says os.access, and then may not
                pass
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, "make it a folder that can be written to")
            raise Refusal(f"{folder}: cannot be written to ({error.strerror}); {remedy}") from None


def check_access(folders: Iterable[Path]) -> None:
    """Check access by the system's word on each folder: less sure, but quick for thousands of them."""
    for folder in folders:
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            check_writable([folder])
            raise Refusal(f"{folder}: cannot be written to; {_REMEDIES[errno.EACCES]}")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
