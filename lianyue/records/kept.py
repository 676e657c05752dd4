"""What the records answer with, where the vocabulary has no noun for it."""

from __future__ import annotations

from datetime import datetime

from contracts.agreement import AgreementState, AgreementVersion
from contracts.calendar import AllianceClock
from contracts.decision import Decision, ShadowDecision
from contracts.facts import Facts
from contracts.service_contract import Stage
from contracts.value import Recorded


class ContractSummary(Recorded):
    """A contract on one line of a list; ``total_fen`` is what is agreed at present, nought before and after."""

    number: str
    title: str
    category: str
    client: str
    park: str
    value_fen: int
    total_fen: int
    quantity: int
    stage: Stage
    is_suspended: bool
    started_by: str
    started_at: datetime


class ContractLine(Recorded):
    """A contract on one line of a list, and the clock by which its deadlines are near or past."""

    summary: ContractSummary
    clock: AllianceClock


class KeptDecision(Recorded):
    """A decision with its facts, as it was recorded."""

    occurrence: int
    facts: Facts
    decision: Decision


class KeptShadow(Recorded):
    """What a shadow edition would have said, beside the decision that counts."""

    number: str
    occurrence: int
    facts: Facts
    decision: Decision
    shadow: ShadowDecision


class KeptAgreement(Recorded):
    """A version of the document and what became of it."""

    version: AgreementVersion
    state: AgreementState
    reason: str


class KeptHistory(Recorded):
    """An archived history; ``zlibbed`` is the compressed protobuf."""

    workflow_id: str
    run_id: str
    number: str
    events: int
    digest: str
    zlibbed: bytes
    encoded_digest: str | None = None
    """The digest of what the server kept, payloads encrypted; None where it kept them plain."""


class RefusedAttempt(Recorded):
    """Who tried what in vain, and why it was refused."""

    at: datetime
    user: str
    company: str
    verb: str
    target: str
    code: str
    message: str


class CategoryTotal(Recorded):
    """What was signed in one category, as first signed."""

    category: str
    contracts: int
    amount_fen: int
    quantity: int


class MemberTotal(Recorded):
    """What one member signed for, as first signed."""

    member: str
    contracts: int
    amount_fen: int


class Edition(Recorded):
    """A published edition without its text."""

    digest: str
    kind: str
    name: str
    edition: str
    effective_from_day: int
    effective_to_day: int | None
