"""The seals of quotes: what a member offers stays unreadable in the records until all quotes are opened."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.quoting import commitment
from contracts.errors import MalformedDocument, SignatureInvalid
from lianyue.key_files import kept
from rules.canonical import canonical

KEY_BYTES: Final = 32
IV_BYTES: Final = 12
TAG_BYTES: Final = 16
NONCE_BYTES: Final = 32
BLOCK: Final = 1024
"""The content is filled up to whole blocks of so many bytes: its length would hint at the price and the remarks."""


class SealedContent(NamedTuple):
    """A sealed quote: what binds the member to it, and what only the keeper of the key can open."""

    commitment: str
    ciphertext: bytes


class QuoteSeals:
    """
    Seals and opens quotes with AES-256-GCM under one key, bound to contract and member: `activities.ports.Seals`.

    The key is the file ``quote-seals.key`` of the folder, made on first use, mode 0600. Whoever loses it loses the
    quotes that are not opened yet; whoever reads it and the records could open them early.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "quote-seals.key"

    def seal(self, number: str, member: str, content: Mapping[str, Any]) -> SealedContent:
        """
        Seal the quote of *member* for contract *number* under a fresh nonce.

        Raises:
            NotCanonical: If *content* holds a float or another value without a canonical form.
        """
        nonce = secrets.token_hex(NONCE_BYTES)
        plain = _filled_up(canonical({"nonce": nonce, "content": content}))
        iv = secrets.token_bytes(IV_BYTES)
        ciphertext = iv + self._cipher().encrypt(iv, plain, _bound_to(number, member))
        return SealedContent(commitment(nonce, dict(content)), ciphertext)

    def open(self, number: str, member: str, ciphertext: bytes) -> tuple[str, Mapping[str, object]]:
        """
        Return the nonce and the content of a sealed quote.

        Raises:
            SignatureInvalid: If the ciphertext was not sealed for this contract and member under this key, or was
                changed since.
        """
        message = (
            f"the sealed quote of {member} for {number} does not open: it was changed, or sealed for another contract,"
            " by another member or under another key"
        )
        if len(ciphertext) < IV_BYTES + TAG_BYTES:
            raise SignatureInvalid(message)
        iv, rest = ciphertext[:IV_BYTES], ciphertext[IV_BYTES:]
        try:
            plain = json.loads(self._cipher().decrypt(iv, rest, _bound_to(number, member)))
        except InvalidTag:
            raise SignatureInvalid(message) from None
        return plain["nonce"], plain["content"]

    def _cipher(self) -> AESGCM:
        key = kept(self._file, lambda: secrets.token_bytes(KEY_BYTES))
        if len(key) != KEY_BYTES:
            raise MalformedDocument(f"{self._file.name} is not a key of {KEY_BYTES} bytes", where=str(self._file))
        return AESGCM(key)


def _bound_to(number: str, member: str) -> bytes:
    """What the ciphertext is bound to; neither a contract number nor a code can hold the separator."""
    return f"quote-v1|{number}|{member}".encode()


def _filled_up(text: bytes) -> bytes:
    """Return *text* with blanks behind, which no JSON reader minds, up to a whole number of blocks."""
    return text.ljust(-(-len(text) // BLOCK) * BLOCK)
