"""The ring of payload keys: the newest encrypts, every one decrypts, and each is named by its own fingerprint."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.errors import MalformedDocument, PayloadUnreadable
from lianyue.key_files import kept, replaced

KEY_BYTES: Final = 32
ID_DIGITS: Final = 16
HEADER: Final = "# 联约 Lianyue: the last key encrypts payloads, every one decrypts them; guard this file\n"


class PayloadKey(NamedTuple):
    """One key of 256 bits; the id is the beginning of its SHA-256, so that a file cannot name a key wrongly."""

    id: str
    secret: bytes


class KeyRing:
    """
    The keys of one file, one a line, oldest first: ``<id> <64 hexadecimal digits>``.

    The file is made with a first key where there is none, with mode 0600. Another process may add a key while this
    one runs: an id that is not known makes the ring look at the file once more.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ciphers: dict[str, AESGCM] = {}
        self._newest = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys in the file, oldest first."""
        return tuple(key.id for key in self._keys())

    def newest(self) -> tuple[str, AESGCM]:
        """Return the id and the cipher that encrypt."""
        if not self._newest:
            self._load()
        return self._newest, self._ciphers[self._newest]

    def cipher(self, key_id: str) -> AESGCM:
        """
        Return the cipher of the key called *key_id*.

        Raises:
            PayloadUnreadable: If the ring does not hold it.
        """
        if key_id not in self._ciphers:
            self._load()
        if key_id not in self._ciphers:
            raise PayloadUnreadable(f"the key {key_id} is not on the ring", where=str(self._file))
        return self._ciphers[key_id]

    def rotate(self) -> str:
        """Add a new key, which encrypts from now on; return its id."""
        keys = (*self._keys(), _fresh())
        replaced(self._file, _written(keys))
        self._load()
        return keys[-1].id

    def _load(self) -> None:
        keys = self._keys()
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys}
        self._newest = keys[-1].id

    def _keys(self) -> tuple[PayloadKey, ...]:
        lines = kept(self._file, lambda: _written((_fresh(),))).decode("utf-8", "replace").splitlines()
        keys = tuple(
            self._key(place, line) for place, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")
        )
        if not keys:
            raise MalformedDocument("the ring holds no key", where=str(self._file))
        return keys

    def _key(self, place: int, line: str) -> PayloadKey:
        key_id, _, digits = line.strip().partition(" ")
        try:
            secret = bytes.fromhex(digits)
        except ValueError:
            secret = b""
        if len(secret) != KEY_BYTES or _id_of(secret) != key_id:
            raise MalformedDocument("this line is no key and its id", where=f"{self._file}:{place}")
        return PayloadKey(key_id, secret)


def _fresh() -> PayloadKey:
    secret = secrets.token_bytes(KEY_BYTES)
    return PayloadKey(_id_of(secret), secret)


def _id_of(secret: bytes) -> str:
    return hashlib.sha256(b"payload-key-v1|" + secret).hexdigest()[:ID_DIGITS]


def _written(keys: tuple[PayloadKey, ...]) -> bytes:
    return (HEADER + "".join(f"{key.id} {key.secret.hex()}\n" for key in keys)).encode()
