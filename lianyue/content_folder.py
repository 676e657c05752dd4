"""A folder in which every file is called by its SHA-256: written whole or not at all, never written over."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol
from uuid import uuid4

from contracts.errors import UnknownName
from lianyue.access.errors import TooLarge
from lianyue.disk import settle

PIECE = 1 << 16


class Arrived(NamedTuple):
    """A file that has come in and has no place yet."""

    path: Path
    sha256: str
    size: int


class ContentFiles(Protocol):
    """Where bytes lie that are called by their digest."""

    def arriving(self, stream: BinaryIO, most: int) -> AbstractContextManager[Arrived]:
        """Read *stream* and give what came; what is not kept is gone afterwards."""

    def keep(self, arrived: Arrived) -> None:
        """Give *arrived* its place."""

    def opened(self, sha256: str) -> BinaryIO:
        """Return a file, open for reading, or raise UnknownName."""

    def fault(self, sha256: str, size: int) -> str:
        """Say what is wrong with a file that should be here; nothing, if it is whole."""


class ContentFolder:
    """Files in a folder of this machine, or of a share that all portals and workers mount."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def arriving(self, stream: BinaryIO, most: int) -> Iterator[Arrived]:
        """
        Read *stream* into the folder piece by piece and give what came; what is not kept is gone afterwards.

        Raises:
            TooLarge: If it has more than *most* bytes; the rest is not read.
        """
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = incoming / uuid4().hex
        try:
            yield _written(stream, path, most)
        finally:
            path.unlink(missing_ok=True)

    def keep(self, arrived: Arrived) -> None:
        """Give *arrived* its place; a file that is there already is the same."""
        place = self.place(arrived.sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.link(arrived.path, place)
        except FileExistsError:
            return
        for folder in (place.parent, self.folder):
            settle(folder)

    def opened(self, sha256: str) -> BinaryIO:
        """Return the file, open for reading, or raise UnknownName."""
        try:
            return self.place(sha256).open("rb")
        except OSError:
            raise UnknownName(f"there is no file {sha256}") from None

    def fault(self, sha256: str, size: int) -> str:
        """Say what is wrong with a file that should be here; nothing, if it is whole."""
        try:
            with self.opened(sha256) as stream:
                found = _digest(stream)
        except UnknownName:
            return "missing"
        return "" if found == sha256 and self.place(sha256).stat().st_size == size else "altered"

    def drop(self, sha256: str) -> None:
        """Let go of the file, if it is there."""
        self.place(sha256).unlink(missing_ok=True)

    def place(self, sha256: str) -> Path:
        """Where the file with this digest lies."""
        return self.folder / sha256[:2] / sha256


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _written(stream: BinaryIO, path: Path, most: int) -> Arrived:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > most:
                raise TooLarge(f"the file is larger than {most:,} bytes", where="file")
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o400)
    return Arrived(path, digest.hexdigest(), size)
