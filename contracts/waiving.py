"""Exceptions as they were signed: the text, the office's signature over its digest, and the revocations since."""

from __future__ import annotations

from contracts.approval import Revocation
from contracts.signature import Signature
from contracts.value import Digest, Recorded


class SignedRevocation(Recorded):
    """A revocation and the office's signature over the digest of its canonical JSON."""

    digest: Digest
    revocation: Revocation
    signature: Signature


class SignedException(Recorded):
    """An exception's text, the digest of its canonical JSON, and the office's signature over that."""

    digest: Digest
    text: str
    signature: Signature
    revocations: tuple[SignedRevocation, ...] = ()
