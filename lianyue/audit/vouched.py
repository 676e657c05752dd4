"""Who did it: that the desk vouched for every act of a person, and that whoever made the bundle is the same desk."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.organisation import Actor
from contracts.value import Recorded
from contracts.voucher import Voucher
from lianyue.audit.acts import Act
from lianyue.audit.bundle import MANIFEST, SEAL, Bundle, document_in
from lianyue.audit.checks import Check
from lianyue.audit.portfolio_part import PortfolioPart
from lianyue.audit.trust import Trust
from lianyue.audit.views import Told, order_of
from lianyue.desk.vouching import SEALED
from rules.vouching import obstacle


class Seal(Recorded):
    """The desk's signature over the SHA-256 of the manifest."""

    desk: str
    signature: str


def vouched(bundle: Bundle, told: Told, part: PortfolioPart | None, trust: Trust | None) -> list[Check]:
    """Check the desk's key, its vouchers, and its seal under the bundle."""
    key = trust.desk if trust and trust.desk else told.order.desk_key
    return [_desk(told, trust), _acts(told, part, key), _seal(bundle, told)]


def sealed_bytes(manifest: bytes) -> bytes:
    """Return what the seal is a signature over."""
    return hashlib.sha256(manifest).digest()


def _desk(told: Told, trust: Trust | None) -> Check:
    own = told.order.desk_key
    if not own:
        return Check(name="desk", ok=False, detail="the contract was started without a key of the desk")
    if trust and trust.desk and trust.desk != own:
        return Check(name="desk", ok=False, detail=f"the contract was started by the desk {own}, which is not yours")
    return Check(name="desk", ok=True, detail=f"{own}, {'yours' if trust and trust.desk else 'as the order states it'}")


def _acts(told: Told, part: PortfolioPart | None, key: str) -> Check:
    """For every act that was taken in the desk has vouched, and what was done without is refused in history."""
    wrong = [*_unvouched_start(told, key), *(_unvouched_portfolio(part, key) if part else ())]
    acts = (*told.acts, *(part.acts if part else ()))
    refused = 0
    for act in acts:
        fault = _fault(act, key)
        if fault and act.refusal:
            refused += 1
        elif fault:
            wrong.append(f"{act.verb} {act.workflow_id}@{act.event}: {fault}")
    counted = f"{len(acts)} acts of people, the desk vouches for each"
    detail = "; ".join(wrong[:3]) or (f"{counted} but {refused} that were refused" if refused else counted)
    return Check(name="vouchers", ok=not wrong, detail=detail)


def _fault(act: Act, key: str) -> str:
    stated = act.request.get("voucher")
    voucher = Voucher.model_validate(stated) if stated else None
    actor = Actor.model_validate(act.actor)
    return obstacle(voucher, key, actor, _without(act.request), act.verb, act.workflow_id, act.request_id)


def _unvouched_start(told: Told, key: str) -> Iterator[str]:
    order = told.order
    fault = obstacle(
        order.voucher, key, order.started_by, _without(order_of(told)), "start", told.root.workflow_id, told.number
    )
    if fault:
        yield f"start: {fault}"


def _unvouched_portfolio(part: PortfolioPart, key: str) -> Iterator[str]:
    order = part.started
    place = part.history.workflow_id
    fault = obstacle(order.voucher, key, order.started_by, _without(part.stated), "start", place, order.id)
    if fault:
        yield f"start {place}: {fault}"


def _without(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name != "voucher"}


def _seal(bundle: Bundle, told: Told) -> Check:
    """The manifest is sealed by the desk under which the contract was started."""
    if SEAL not in bundle.members:
        return Check(name="seal", ok=False, detail="nobody has signed the manifest")
    seal = document_in(bundle.members, SEAL, Seal)
    if seal.desk != told.order.desk_key:
        detail = f"the manifest is signed by {seal.desk}; the contract was started by the desk {told.order.desk_key}"
        return Check(name="seal", ok=False, detail=detail)
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(seal.desk, validate=True))
        signature = base64.b64decode(seal.signature, validate=True)
        public.verify(signature, SEALED + sealed_bytes(bundle.members[MANIFEST]))
    except (InvalidSignature, binascii.Error, ValueError):
        return Check(name="seal", ok=False, detail="the manifest is not the one that the desk has signed")
    return Check(name="seal", ok=True, detail="the manifest is signed by the desk")
