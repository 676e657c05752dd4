"""Key files: written whole or not at all, readable by their owner alone, and the first writer wins."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.errors import MalformedDocument
from lianyue.disk import settle

SEED_BYTES = 32


def kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """
    Return what *file* holds; if there is none yet, it first gets what *make* returns, for good.

    Processes that make the same file at the same moment all return the content of the one that came first. The
    file has mode 0600 from its first byte on, and is on the disk before anybody sees it; missing folders are made
    with mode 0700. The file system must know hard links.
    """
    with suppress(FileNotFoundError):
        return file.read_bytes()
    _make_private(file.parent)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, make())
        with suppress(FileExistsError):
            os.link(draft, file)  # unlike a rename, a link never replaces what is there
    finally:
        draft.unlink(missing_ok=True)
    settle(file.parent)
    return file.read_bytes()


def private_key(file: Path) -> Ed25519PrivateKey:
    """
    Return the Ed25519 key in *file*, made on first use, mode 0600.

    Raises:
        MalformedDocument: If the file does not hold 32 bytes.
    """
    seed = kept(file, lambda: secrets.token_bytes(SEED_BYTES))
    if len(seed) != SEED_BYTES:
        raise MalformedDocument(f"{file.name} is not a key of {SEED_BYTES} bytes", where=str(file))
    return Ed25519PrivateKey.from_private_bytes(seed)


def replaced(file: Path, content: bytes) -> None:
    """Put *content* in place of what *file* holds; whoever reads meanwhile finds one or the other, whole."""
    _make_private(file.parent)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, content)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    settle(file.parent)


def _make_private(folder: Path) -> None:
    """Make *folder* and those above it that are missing; ``mkdir(parents=True)`` would leave these open to all."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
