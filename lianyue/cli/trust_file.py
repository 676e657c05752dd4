"""The files that an auditor brings: bundles, and what they trust."""

from __future__ import annotations

from pathlib import Path

from lianyue.audit.container import LARGEST_FILE
from lianyue.audit.trust import Trust
from lianyue.strict_files import UnreadableFile, document


def raw_bundle(file: Path) -> bytes:
    """Return the bytes of a bundle; of a file larger than any bundle only so many that it is known to be none."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be read: {error.strerror or error}", where=str(file)) from None


def need_file(file: Path) -> None:
    """Raise UnreadableFile unless *file* is there, before hours have gone into those before it."""
    if not file.is_file():
        raise UnreadableFile(f"{file} cannot be read: no such file", where=str(file))


def trust_in(file: Path) -> Trust:
    """Return what the trust file *file* says."""
    return document(file, "Trust", Trust)
