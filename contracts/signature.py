"""Signatures: one company, one document, one key."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from contracts.organisation import Actor
from contracts.value import Code, Digest, Recorded


class SignatureVerdict(StrEnum):
    """What a check of a signature came to; not being able to tell is an answer."""

    VALID = "valid"
    CANNOT_TELL = "cannot_tell"
    INVALID = "invalid"


class Signature(Recorded):
    """A company's signature over the digest of an agreement version."""

    company: Code
    document: Digest
    actor: Actor
    signed_at: datetime
    algorithm: str
    certificate_pem: str
    value_base64: str
    test_key: bool


class SignatureCheck(Recorded):
    """The verdict on one signature, with a reason code."""

    company: Code
    verdict: SignatureVerdict
    reason: str
