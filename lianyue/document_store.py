"""Where the bytes of documents lie: in a folder, each under its own digest, whole or not at all."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import Protocol

from contracts.errors import ArchiveDamaged, UnknownName
from lianyue.content_folder import ContentFolder

_PREFIX = "sha256:"
_DIGEST = re.compile(_PREFIX + r"[0-9a-f]{64}")


class DocumentStore(Protocol):
    """Keeps bytes by their SHA-256; keeping the same twice is keeping it once."""

    def keep(self, content: bytes) -> str:
        """Keep *content* for good and return its digest; it is on the disk before this returns."""

    def content(self, digest: str) -> bytes:
        """
        Return what was kept under *digest*.

        Raises:
            UnknownName: If nothing was.
            ArchiveDamaged: If it is not what was kept.
        """

    def drop(self, digest: str) -> None:
        """Let go of what was kept under *digest*, if anything was."""


class FolderStore:
    """A `DocumentStore` in a `ContentFolder`."""

    def __init__(self, folder: Path) -> None:
        self._files = ContentFolder(folder)

    def keep(self, content: bytes) -> str:
        """Keep *content*; a crash leaves it whole or not there."""
        with self._files.arriving(BytesIO(content), len(content)) as arrived:
            self._files.keep(arrived)
        return f"{_PREFIX}{arrived.sha256}"

    def content(self, digest: str) -> bytes:
        """Return what was kept under *digest*, checked against it."""
        sha256 = _sha256_of(digest)
        try:
            with self._files.opened(sha256) as stream:
                content = stream.read()
        except UnknownName:
            raise UnknownName(f"no document is kept under {digest}") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ArchiveDamaged(f"the document kept under {digest} has changed", where=str(self._files.place(sha256)))
        return content

    def fault(self, digest: str, size: int) -> str:
        """Say what is wrong with a document that should be here; nothing, if it is whole."""
        return self._files.fault(_sha256_of(digest), size)

    def drop(self, digest: str) -> None:
        """Let go of what was kept under *digest*."""
        self._files.drop(_sha256_of(digest))


def _sha256_of(digest: str) -> str:
    if _DIGEST.fullmatch(digest) is None:
        raise UnknownName(f"{digest!r} is not a digest")
    return digest.removeprefix(_PREFIX)
