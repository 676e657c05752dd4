"""Signatures: one company, one document, one key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from contracts.errors import Invalid
from contracts.organisation import Actor
from contracts.value import Code, Digest, Recorded

DOMAIN: Final = b"lianyue-signature-v1\n"
"""What every signed statement begins with, so that no other bytes a key ever signs can pass for one."""


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


def signed_bytes(company: str, document: str, actor_user: str, signed_at: datetime) -> bytes:
    """
    Return exactly what a signature of *company* is over, so that an auditor can rebuild it from the record.

    `DOMAIN`, then a canonical JSON object (RFC 8785; every value is ASCII) with the company's code, the document's
    digest, ``signed_at`` in UTC to the microsecond, and the user: one moment has one form, in whichever offset it
    was written down.

    Raises:
        Invalid: If *signed_at* does not say its offset.
    """
    if signed_at.utcoffset() is None:
        raise Invalid(f"{signed_at.isoformat()} does not say its offset from UTC")
    statement = {
        "company": company,
        "document": document,
        "signed_at": signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "user": actor_user,
    }
    return DOMAIN + json.dumps(statement, separators=(",", ":")).encode("ascii")


PLATFORM_ORGANISATION: Final = "LIANYUE-PLATFORM"
"""How the platform's certificate names it; no company's identifier begins like this."""


def organisation_identifier(code: str, credit_code: str | None) -> str:
    """Return how a certificate names a company (ETSI EN 319 412-1): by its credit code, or without one by its code."""
    return f"NTRCN-{credit_code or code}"
