"""Whether a voucher holds: made by the desk, for this very act, of the person who acts."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.organisation import Actor
from contracts.value import Json
from contracts.voucher import Voucher
from rules.canonical import digest


def obstacle(
    voucher: Voucher | None, key: str, actor: Actor, act: Json, verb: str, workflow_id: str, request_id: str
) -> str:
    """
    Return why *voucher* does not attest that *actor* asked *act* of the workflow, or nothing if it does.

    *key* is the public key of the desk, base64; *act* is the request field by field, without its voucher.
    """
    if voucher is None:
        return "nobody vouches for whoever sent this"
    stated = (voucher.user, voucher.company, voucher.roles, voucher.mandate)
    if stated != (actor.user, actor.company, actor.roles, actor.mandate.digest if actor.mandate else None):
        return f"the desk vouches for {voucher.user} of {voucher.company}, not for {actor.user} of {actor.company} here"
    if (voucher.verb, voucher.workflow_id, voucher.request_id) != (verb, workflow_id, request_id):
        return f"the desk vouches for request {voucher.request_id}, {voucher.verb} on {voucher.workflow_id}"
    if voucher.payload != digest(act):
        return "the desk vouches for another content"
    return "" if is_attested(voucher, key) else "the voucher is not signed by the desk"


def is_attested(voucher: Voucher, key: str) -> bool:
    """Whether the desk with the public *key* has signed *voucher*."""
    public = _public(key)
    try:
        signature = base64.b64decode(voucher.signature, validate=True)
        if public is None or base64.b64encode(signature).decode() != voucher.signature:
            return False
        public.verify(signature, voucher.attested())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def _public(key: str) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError):
        return None
