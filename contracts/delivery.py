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


class SettlementKind(StrEnum):
    """Whether a line pays an instalment, or takes back what an amendment no longer agrees to."""

    INSTALMENT = "instalment"
    CLAW_BACK = "claw_back"


class SettlementLine(Recorded):
    """
    What one accepted instalment comes to: the agreed amount, the deduction for its score, and what is payable.

    A claw-back is negative in all three, judged by nobody, and payable by the member to the client by ``due_day``;
    of what was deducted it takes back the same part as of what was agreed.
    """

    number: ContractNumber
    member: Code
    milestone: Slug
    plan_version: int
    kind: SettlementKind = SettlementKind.INSTALMENT
    acceptance: Acceptance | None = None
    score_bp: BasisPoints | None = None
    agreed_fen: Fen
    deduction_fen: Fen
    payable: TaxedAmount
    by_supply: dict[Slug, TaxedAmount] = {}
    """The same by tax line, where the agreement has several; they add up to ``payable``."""
    due_day: EpochDay | None = None


class ShareOutcome(Recorded):
    """How one member's share ended."""

    member: Code
    lines: tuple[SettlementLine, ...]
    returned: int
    rejected: tuple[Slug, ...]
    days_late: int
    deemed: int
