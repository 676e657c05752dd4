"""What the log proves of a contract: its entries are in it, none is left out, and they say what happened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from contracts.errors import AllianceError
from lianyue.audit.bundle import Bundle, document_in
from lianyue.audit.checks import Check
from lianyue.audit.portfolio_part import PortfolioPart
from lianyue.audit.trust import Trust
from lianyue.audit.views import Told, order_of
from lianyue.log.entries import (
    ARCHIVED,
    CHECKPOINTED,
    EFFECTS,
    NOTHING,
    REFUSED_ATTEMPT,
    REGISTERED,
    Entry,
    hashed,
    is_entered,
    payload_of,
)
from lianyue.log.note import Checkpoint, checkpoint_in, key_in, signed_by
from lianyue.log.proving import LogProof
from lianyue.log.tree import includes, leaf_hash

Stated = tuple[str, str, str]
"""Kind, subject and payload of an entry."""


def logged(bundle: Bundle, told: Told, part: PortfolioPart | None, trust: Trust | None) -> list[Check]:
    """Check what the bundle says of the log."""
    if not bundle.manifest.log:
        return [Check(name="log", ok=False, detail="the bundle says nothing of the log")]
    proof = document_in(bundle.members, bundle.manifest.log, LogProof)
    checkpoint = checkpoint_in(proof.checkpoint)
    entries = [Entry.model_validate_json(each.entry) for each in proof.entries]
    return [
        _signed(proof, checkpoint, trust),
        _included(proof, checkpoint),
        _in_sequence(proof, entries, told),
        _complete(bundle, told, part, entries, proof),
    ]


def _signed(proof: LogProof, checkpoint: Checkpoint, trust: Trust | None) -> Check:
    """The checkpoint is signed by the log, and by as many witnesses as the auditor wants."""
    try:
        wrong = _unsigned(proof, checkpoint, trust)
    except AllianceError as error:
        wrong = error.message
    whose = "the auditor's" if trust and trust.log else "as the bundle states it"
    detail = wrong or f"{checkpoint.size} entries, signed by {checkpoint.origin}, the key {whose}"
    return Check(name="log checkpoint", ok=not wrong, detail=detail)


def _unsigned(proof: LogProof, checkpoint: Checkpoint, trust: Trust | None) -> str:
    key = key_in(trust.log if trust and trust.log else proof.key)
    if checkpoint.origin != key.name:
        return f"the checkpoint is of {checkpoint.origin}, not of {key.name}"
    if not signed_by(proof.checkpoint, key):
        return f"the checkpoint is not signed by {key.name}"
    if trust is None or not trust.quorum:
        return ""
    signed = [each for each in trust.witnesses if signed_by(proof.checkpoint, key_in(each))]
    if len(signed) >= trust.quorum:
        return ""
    return f"{len(signed)} of the witnesses have signed the checkpoint where {trust.quorum} must"


def _included(proof: LogProof, checkpoint: Checkpoint) -> Check:
    wrong = [
        f"entry {each.position} is not in the log of {checkpoint.size} entries"
        for each in proof.entries
        if not includes(
            leaf_hash(each.entry.encode()),
            each.position,
            checkpoint.size,
            [bytes.fromhex(step) for step in each.proof],
            checkpoint.root,
        )
    ]
    detail = "; ".join(wrong[:3]) or f"{len(proof.entries)} entries are in the log"
    return Check(name="log inclusion", ok=not wrong, detail=detail)


def _in_sequence(proof: LogProof, entries: Sequence[Entry], told: Told) -> Check:
    """The entries about the contract follow each other without a gap, from the first on."""
    wrong, previous, position = "", NOTHING, -1
    for number, (each, entry) in enumerate(zip(proof.entries, entries, strict=True), start=1):
        if entry.number != told.number:
            wrong = f"entry {each.position} is about {entry.number or 'the alliance'}"
        elif entry.sequence != number:
            wrong = f"entry {number} about the contract is missing; number {entry.sequence} stands in its place"
        elif entry.previous != previous or each.position <= position:
            wrong = f"entry {number} about the contract does not follow the one before it"
        if wrong:
            break
        previous, position = hashed(leaf_hash(each.entry.encode())), each.position
    return Check(name="log sequence", ok=not wrong, detail=wrong or f"{len(entries)} entries about {told.number}")


def _complete(
    bundle: Bundle, told: Told, part: PortfolioPart | None, entries: Sequence[Entry], proof: LogProof
) -> Check:
    """Whatever is to be entered is in the log, once, and nothing is that did not happen."""
    found = Counter(
        (entry.kind, entry.subject, entry.payload)
        for entry, each in zip(entries, proof.entries, strict=True)
        if entry.kind != CHECKPOINTED and not _is_beside(entry, each.payload)
    )
    own = part if part and part.started.number == told.number else None
    wanted = Counter(_to_be_entered(bundle, told, own))
    missing = [
        f"{kind} {subject} is not in the log, or other than the history has it" for kind, subject, _ in wanted - found
    ]
    if bundle.manifest.closed and (own is None or own.closed):
        missing += [f"{kind} {subject} is in the log and in no history" for kind, subject, _ in found - wanted]
    detail = "; ".join(missing[:3]) or f"{wanted.total()} entries are what the histories say"
    return Check(name="log completeness", ok=not missing, detail=detail)


def _is_beside(entry: Entry, payload: object) -> bool:
    """Whether an entry is of an attempt that the desk refused, which no history has and the bundle tells."""
    return entry.kind == REFUSED_ATTEMPT and payload is not None and payload_of(payload) == entry.payload


def _to_be_entered(bundle: Bundle, told: Told, own: PortfolioPart | None) -> Iterator[Stated]:
    """What is entered about a contract; under the number of its first contract also what its portfolio did."""
    yield REGISTERED, told.root.workflow_id, payload_of(order_of(told))
    for each in (*told.done, *(own.done if own else ())):
        request = each.request_json()
        if "step" not in request:
            continue
        key = f"{request['workflow_id']}#{request['step']}/{request['occurrence']}"
        for position, happening in enumerate(request["journal"]["happenings"]):
            if is_entered(happening):
                yield happening["verb"], f"{key}#{position}", payload_of(happening)
        if each.name in EFFECTS:
            yield each.name, key, payload_of(json.loads(each.answer))
    if bundle.manifest.closed:
        for history in bundle.manifest.histories:
            yield ARCHIVED, f"{history.workflow_id} {history.run_id}", history.digest
    if bundle.manifest.together and own and own.closed:
        history = bundle.manifest.together.history
        yield ARCHIVED, f"{history.workflow_id} {history.run_id}", history.digest
