"""Delivery: what a member hands over for an instalment, how it is accepted, and what is then owed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from contracts.ids import ContractNumber
from contracts.money import TaxedAmount
from contracts.value import BasisPoints, Code, EpochDay, Fen, Json, Recorded, Slug


class Acceptance(StrEnum):
    """How a delivery was judged."""

    ACCEPTED = "accepted"
    DEEMED_ACCEPTED = "deemed_accepted"
    RETURNED = "returned"
    REJECTED = "rejected"


class Delivery(Recorded):
    """A handed-over milestone: the form the member filled in, and how late it was in working days."""

    member: Code
    milestone: Slug
    attempt: int
    content: Json
    delivered_at: datetime
    delivered_day: EpochDay
    days_late: int


class SettlementLine(Recorded):
    """What one accepted instalment comes to: the agreed amount, the deduction for its score, and what is payable."""

    number: ContractNumber
    member: Code
    milestone: Slug
    plan_version: int
    acceptance: Acceptance
    score_bp: BasisPoints
    agreed_fen: Fen
    deduction_fen: Fen
    payable: TaxedAmount


class ShareOutcome(Recorded):
    """How one member's share ended."""

    member: Code
    lines: tuple[SettlementLine, ...]
    returned: int
    rejected: tuple[Slug, ...]
    days_late: int
    deemed: int
