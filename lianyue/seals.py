"""Seals: what a member offers, and what lots are drawn by, stays unreadable in the records until its hour has come."""

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
from contracts.quote import SealedQuote
from lianyue.key_files import kept
from lianyue.sealing import envelopes
from lianyue.sealing.plain import IV_BYTES, KEY_BYTES, NONCE_BYTES, TAG_BYTES, filled_up
from rules.canonical import canonical
from rules.select.lottery import commitment_to

SEED_BYTES: Final = 32


class SealedContent(NamedTuple):
    """A sealed quote or seed: what binds to it, and what only the keeper of the key can open."""

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
        plain = filled_up(canonical({"nonce": nonce, "content": content}))
        return SealedContent(commitment(nonce, dict(content)), self._encrypted(plain, _bound_to(number, member)))

    def seal_seed(self, number: str) -> SealedContent:
        """Draw the seed by which contract *number* will draw lots, and seal it; nobody has seen it."""
        seed = secrets.token_hex(SEED_BYTES)
        return SealedContent(commitment_to(seed), self._encrypted(seed.encode(), _draw_of(number)))

    def seal_draft(self, task: str, user: str, content: Mapping[str, Any]) -> bytes:
        """
        Seal what *user* has filled in of the form of *task*; nothing binds to it.

        Raises:
            NotCanonical: If *content* holds a float or another value without a canonical form.
        """
        return self._encrypted(filled_up(canonical(dict(content))), _draft_of(task, user))

    def open_draft(self, task: str, user: str, ciphertext: bytes) -> dict[str, Any]:
        """
        Return what *user* has filled in of the form of *task*.

        Raises:
            SignatureInvalid: If the ciphertext was not sealed for this task and user under this key.
        """
        message = f"the draft of {user} for {task} does not open: it was changed, or sealed for another task or key"
        content: dict[str, Any] = json.loads(self._decrypted(ciphertext, _draft_of(task, user), message))
        return content

    def open_seed(self, number: str, ciphertext: bytes) -> str:
        """
        Return the seed by which contract *number* draws lots.

        Raises:
            SignatureInvalid: If the ciphertext was not sealed for this contract under this key, or was changed since.
        """
        message = f"the sealed seed of {number} does not open: it was changed, or sealed for another contract or key"
        return self._decrypted(ciphertext, _draw_of(number), message).decode()

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
        plain = json.loads(self._decrypted(ciphertext, _bound_to(number, member), message))
        return plain["nonce"], plain["content"]

    def open_split(
        self, number: str, quote: SealedQuote, envelope: bytes, shares: Mapping[str, str]
    ) -> tuple[str, Mapping[str, object]]:
        """
        Return the nonce and the content of a quote that split keys seal; no key of the installation helps.

        Raises:
            SignatureInvalid: If the shares are too few or wrong, or the envelope is not that of *quote*.
        """
        return envelopes.opened(number, quote, envelope, shares)

    def _encrypted(self, plain: bytes, bound_to: bytes) -> bytes:
        iv = secrets.token_bytes(IV_BYTES)
        return iv + self._cipher().encrypt(iv, plain, bound_to)

    def _decrypted(self, ciphertext: bytes, bound_to: bytes, message: str) -> bytes:
        if len(ciphertext) < IV_BYTES + TAG_BYTES:
            raise SignatureInvalid(message)
        try:
            return self._cipher().decrypt(ciphertext[:IV_BYTES], ciphertext[IV_BYTES:], bound_to)
        except InvalidTag:
            raise SignatureInvalid(message) from None

    def _cipher(self) -> AESGCM:
        key = kept(self._file, lambda: secrets.token_bytes(KEY_BYTES))
        if len(key) != KEY_BYTES:
            raise MalformedDocument(f"{self._file.name} is not a key of {KEY_BYTES} bytes", where=str(self._file))
        return AESGCM(key)


def _bound_to(number: str, member: str) -> bytes:
    """What the ciphertext is bound to; neither a contract number nor a code can hold the separator."""
    return f"quote-v1|{number}|{member}".encode()


def _draw_of(number: str) -> bytes:
    """What the seed of a draw is bound to."""
    return f"draw-v1|{number}".encode()


def _draft_of(task: str, user: str) -> bytes:
    """What a draft is bound to; neither an id nor a user name can hold the separator."""
    return f"draft-v1|{task}|{user}".encode()
