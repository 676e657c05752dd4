"""
Signed notes and checkpoints, byte for byte as C2SP writes them: signed-note, tlog-checkpoint and tlog-cosignature.

A note is text, an empty line, and one line a signature: ``— name base64(key id ‖ signature)``. Any tool that knows the
form reads ours, and we read theirs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts.errors import MalformedDocument

ED25519, COSIGNATURE = b"\1", b"\4"
"""The algorithms: a signature over the text, and a witness's over the text and a moment."""

_NAME = re.compile(r"[^\s+]{1,200}")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
_LONGEST = 100_000


class Key(NamedTuple):
    """A verifier key: the name, the algorithm, and the public key of 32 bytes."""

    name: str
    algorithm: bytes
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that a signature names its key by."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.algorithm + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.algorithm + self.public).decode()}"


class Checkpoint(NamedTuple):
    """What a log says of itself: its origin, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signer:
    """Signs notes under one name with one key."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        if not _NAME.fullmatch(name):
            raise MalformedDocument(f"{name!r} cannot be the name of a key: no blanks, no '+'")
        self._key = key
        self.name = name
        self._public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key(self) -> Key:
        """The verifier key of its plain signatures."""
        return Key(self.name, ED25519, self._public)

    @property
    def witness_key(self) -> Key:
        """The verifier key of its cosignatures."""
        return Key(self.name, COSIGNATURE, self._public)

    def sign(self, text: str) -> str:
        """Return the signature line for *text*."""
        return _line(self.key, self._key.sign(text.encode()))

    def cosign(self, text: str, at_seconds: int) -> str:
        """Return the line by which a witness says that it saw *text* then, and nothing that contradicts it."""
        signature = self._key.sign(_cosigned(text, at_seconds))
        return _line(self.witness_key, at_seconds.to_bytes(8, "big") + signature)


def key_in(text: str) -> Key:
    """
    Return the verifier key that *text* writes.

    Raises:
        MalformedDocument: If it writes none, or its id is not that of its key.
    """
    name, _, rest = text.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if not _NAME.fullmatch(name) or raw is None or len(raw) != 33 or raw[:1] not in (ED25519, COSIGNATURE):
        raise MalformedDocument(f"{text[:80]!r} is not a verifier key like name+1a2b3c4d+AbC…")
    key = Key(name, raw[:1], raw[1:])
    if key.id.hex() != stated:
        raise MalformedDocument(f"the key of {name} does not have the id {stated}")
    return key


def text_of(note: str) -> str:
    """Return the signed text of *note*, or raise MalformedDocument."""
    text, _ = _parted(note)
    return text


def signed_by(note: str, key: Key) -> bool:
    """Say whether *note* bears a signature, or for a witness's key a cosignature, that *key* verifies."""
    text, lines = _parted(note)
    return any(_verifies(text, line, key) for line in lines)


def with_lines(note: str, lines: Iterable[str]) -> str:
    """Return *note* with further signature *lines* below its own."""
    return note + "".join(f"{line.strip()}\n" for line in lines)


def checkpoint_in(note: str) -> Checkpoint:
    """Return the checkpoint that *note* states, signed by whomever, or raise MalformedDocument."""
    lines = text_of(note).split("\n")
    root = _decoded(lines[2]) if len(lines) >= 4 else None
    if root is None or len(root) != 32 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]) or not lines[0]:
        raise MalformedDocument("this note states no checkpoint: origin, size and root, each on a line")
    return Checkpoint(lines[0], int(lines[1]), root)


def _parted(note: str) -> tuple[str, list[str]]:
    text, gap, below = note.rpartition("\n\n")
    if len(note) > _LONGEST or not gap or not below.endswith("\n"):
        raise MalformedDocument("this is no signed note: a text, an empty line, and signatures")
    return text + "\n", below.splitlines()


def _verifies(text: str, line: str, key: Key) -> bool:
    found = _SIGNATURE.fullmatch(line)
    raw = _decoded(found[2]) if found and found[1] == key.name else None
    if raw is None or raw[:4] != key.id:
        return False
    signed = text.encode() if key.algorithm == ED25519 else _cosigned(text, int.from_bytes(raw[4:12], "big"))
    signature = raw[4:] if key.algorithm == ED25519 else raw[12:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _line(key: Key, signature: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.id + signature).decode()}"


def _cosigned(text: str, at_seconds: int) -> bytes:
    return f"cosignature/v1\ntime {at_seconds}\n{text}".encode()


def _decoded(text: str) -> bytes | None:
    """What base64 *text* writes; nothing unless it is the one spelling of it."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if base64.b64encode(raw).decode() == text else None
