"""The files that an auditor brings: bundles, and what they trust."""

from __future__ import annotations

from collections.abc import Sequence
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


def bundles_in(named: Sequence[Path]) -> list[Path]:
    """
    Return the files that are *named*; a folder stands for all bundles in it, by name.

    Raises:
        UnreadableFile: If one is not there, before hours have gone into those before it, or a folder holds none.
    """
    return [file for each in named for file in _bundles(each)]


def _bundles(named: Path) -> list[Path]:
    found = sorted(named.glob("*.zip")) if named.is_dir() else [named]
    if not found:
        raise UnreadableFile(f"there is no bundle in {named}", where=str(named))
    if missing := [file for file in found if not file.is_file()]:
        raise UnreadableFile(f"{missing[0]} cannot be read: no such file", where=str(missing[0]))
    return found


def trust_in(file: Path) -> Trust:
    """Return what the trust file *file* says."""
    return document(file, "Trust", Trust)
