"""The keys of keyholders: made and kept by themselves, or, for tests and demonstrations, following from a name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from contracts.errors import Invalid, MalformedDocument, SignatureInvalid
from contracts.organisation import Keyholder

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
SHORTEST_PASSPHRASE: Final = 12


def test_key(name: str) -> X25519PrivateKey:
    """Return the key of the test keyholder called *name*: it is no secret, and production refuses it."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha256(f"lianyue test keyholder|{name}".encode()).digest())


test_key.__test__ = False  # type: ignore[attr-defined]


def public_hex(key: X25519PrivateKey) -> str:
    """Return the public half of *key* as the directory states it."""
    return key.public_key().public_bytes_raw().hex()


def with_key(holder: Keyholder) -> Keyholder:
    """Return *holder* with its public key, which for a test keyholder follows from the name."""
    return holder.model_copy(update={"public_key": public_hex(test_key(holder.name))}) if holder.test else holder


def make_key(file: Path, passphrase: str) -> X25519PrivateKey:
    """
    Make a key and write it to *file* under *passphrase*: encrypted PKCS#8, mode 0600.

    Raises:
        Invalid: If the passphrase is short, or there is such a file already.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Invalid(f"the passphrase has {len(passphrase)} characters; at least {SHORTEST_PASSPHRASE} are needed")
    key = X25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Invalid(f"{file} cannot be made: {error.strerror}", where=str(file)) from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
        stream.flush()
        os.fsync(stream.fileno())
    return key


def read_key(file: Path, passphrase: str) -> X25519PrivateKey:
    """
    Return the key in *file*.

    Raises:
        MalformedDocument: If the file is not there or holds no such key, or the passphrase is another.
    """
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), passphrase.encode())
    except OSError as error:
        raise MalformedDocument(f"{file} cannot be read: {error.strerror}", where=str(file)) from None
    except (ValueError, TypeError):
        raise MalformedDocument("the file holds no key, or the passphrase is another", where=str(file)) from None
    if not isinstance(key, X25519PrivateKey):
        raise MalformedDocument("the file holds a key of another kind; X25519 is needed", where=str(file))
    return key


def wrapped(share: bytes, public_key: str, info: bytes) -> bytes:
    """Wrap *share* for the holder of *public_key* (HPKE, RFC 9180), bound to *info*."""
    return bytes(_SUITE.encrypt(share, X25519PublicKey.from_public_bytes(bytes.fromhex(public_key)), info))


def unwrapped(sealed: bytes, key: X25519PrivateKey, info: bytes) -> bytes:
    """
    Return the share that was wrapped for *key* and bound to *info*.

    Raises:
        SignatureInvalid: If it was wrapped for another key, quote or holder, or was changed.
    """
    try:
        return bytes(_SUITE.decrypt(sealed, key, info))
    except Exception:  # noqa: BLE001 - the library tells a wrong key and a malformed point by different classes
        raise SignatureInvalid("a share does not open: it was wrapped for another key or quote, or changed") from None
