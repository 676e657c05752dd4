"""The desk vouches for whoever acts: one signature over person, act and moment, which history keeps."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from contracts.organisation import Actor
from contracts.voucher import KnownBy, Voucher
from lianyue.key_files import private_key
from rules.canonical import digest

Act = TypeVar("Act", bound=BaseModel)

SEALED = b"lianyue-seal-v1\n"
"""What a sealed statement begins with: a voucher never passes for one."""


class Vouching:
    """
    Vouches with the Ed25519 key in ``desk.key`` of the folder, made on first use, mode 0600.

    Whoever has the key can act as anybody; whoever loses it can still audit what it has signed.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "desk.key"

    @property
    def public(self) -> str:
        """The public key, base64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def vouched(self, act: Act, actor: Actor, verb: str, workflow_id: str, request_id: str, known_by: KnownBy) -> Act:
        """Return *act* with what the desk attests of *actor* and it."""
        voucher = Voucher(
            user=actor.user,
            company=actor.company,
            roles=actor.roles,
            mandate=actor.mandate.digest if actor.mandate else None,
            known_by=known_by,
            request_id=request_id,
            verb=verb,
            workflow_id=workflow_id,
            payload=digest(stated(act)),
            at=datetime.now(UTC),
        )
        signature = base64.b64encode(self._key.sign(voucher.attested())).decode()
        return act.model_copy(update={"voucher": voucher.model_copy(update={"signature": signature})})

    def sealed(self, content: bytes) -> str:
        """Return the signature over *content*, base64."""
        return base64.b64encode(self._key.sign(SEALED + content)).decode()

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return private_key(self._file)


def stated(act: BaseModel) -> dict[str, Any]:
    """Return *act* field by field, without its voucher: what the voucher is about."""
    return act.model_dump(mode="json", exclude={"voucher"})
