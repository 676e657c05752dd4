"""Vouchers: what the desk attests of whoever acts, in a form that an auditor can check without the desk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from contracts.errors import Invalid
from contracts.organisation import Role
from contracts.value import Code, Digest, Recorded, UserName

DOMAIN: Final = b"lianyue-voucher-v1\n"
"""What every attested statement begins with, so that no other bytes the key ever signs can pass for one."""


class KnownBy(StrEnum):
    """How the desk knew who was there."""

    SIGNED_IN = "signed_in"
    NAMED = "named"


class Voucher(Recorded):
    """
    What the desk attests of one act: who, for which company, in which roles, asked what of which workflow, and when.

    ``payload`` is the digest of the whole act without its voucher; ``mandate`` that of the mandate it rests on.
    """

    user: UserName
    company: Code
    roles: tuple[Role, ...]
    mandate: Digest | None = None
    known_by: KnownBy
    request_id: str
    verb: str
    workflow_id: str
    payload: Digest
    at: datetime
    signature: str = ""
    """Ed25519 by the key of the desk, base64."""

    def attested(self) -> bytes:
        """
        Return exactly what the desk signs.

        Raises:
            Invalid: If the moment does not say its offset.
        """
        if self.at.utcoffset() is None:
            raise Invalid(f"{self.at.isoformat()} does not say its offset from UTC")
        stated = self.model_dump(mode="json", exclude={"signature", "at"})
        stated["at"] = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return DOMAIN + json.dumps(stated, sort_keys=True, separators=(",", ":")).encode("ascii")
