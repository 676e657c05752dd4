"""Where the bytes of documents lie: in a folder, each under its own digest, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Protocol

from contracts.errors import ArchiveDamaged, UnknownName

_DIGEST = re.compile(r"sha256:([0-9a-f]{2})([0-9a-f]{62})")


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
    """A `DocumentStore` in a folder of this machine, or one that all workers share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep *content*; a crash leaves it whole or not there."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        file = self._file(digest)
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
            with draft.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(file)
        return digest

    def content(self, digest: str) -> bytes:
        """Return what was kept under *digest*, checked against it."""
        try:
            content = self._file(digest).read_bytes()
        except FileNotFoundError:
            raise UnknownName(f"no document is kept under {digest}") from None
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            raise ArchiveDamaged(f"the document kept under {digest} has changed", where=str(self._file(digest)))
        return content

    def drop(self, digest: str) -> None:
        """Let go of what was kept under *digest*."""
        self._file(digest).unlink(missing_ok=True)

    def _file(self, digest: str) -> Path:
        matched = _DIGEST.fullmatch(digest)
        if matched is None:
            raise UnknownName(f"{digest!r} is not a digest")
        return self._folder / matched[1] / f"{matched[2]}.pdf"
