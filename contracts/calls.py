"""What the root workflow hands to each child, and what it gets back."""

from __future__ import annotations

from enum import StrEnum

from contracts.agreement import AgreementVersion
from contracts.delivery import SettlementLine
from contracts.ids import ContractNumber
from contracts.review import Review, Standing
from contracts.service_contract import ContractOrder
from contracts.value import Code, Digest, Json, Recorded


class QuotingCall(Recorded):
    """Gather the quotes for *order*."""

    order: ContractOrder


class SigningCall(Recorded):
    """Have *version* signed by all its parties."""

    order: ContractOrder
    version: AgreementVersion


class SigningEnd(StrEnum):
    """How the signing of one version went."""

    SIGNED = "signed"
    REFUSED = "refused"
    CHANGES_REQUIRED = "changes_required"
    EXPIRED = "expired"
    CALLED_OFF = "called_off"
    OVERTAKEN = "overtaken"
    """Fully signed, but an instalment it planned anew was settled meanwhile."""


class SigningResult(Recorded):
    """How it went, and where it stopped: by whom, why, and the terms that party asks for."""

    end: SigningEnd
    version: int
    by: Code | None = None
    reason: str = ""
    terms: Json = {}
    claw_backs: tuple[SettlementLine, ...] = ()
    """What members pay back from now on, where the signed version says so."""


class DeliveringCall(Recorded):
    """Follow *member*'s instalments of *version*."""

    order: ContractOrder
    member: Code
    version: AgreementVersion


class ReviewingCall(Recorded):
    """Review *members* after their delivery."""

    order: ContractOrder
    members: tuple[Code, ...]


class ReviewingResult(Recorded):
    """The final reviews and the standings they led to; both empty if nobody rated."""

    reviews: tuple[Review, ...]
    standings: tuple[Standing, ...]


class ArchiveRequest(Recorded):
    """Archive the whole tree of contract *number*, or of another *root* that is kept under that number."""

    number: ContractNumber
    root: str = ""


class Archived(Recorded):
    """What was archived, by workflow id in the order of the tree."""

    histories: dict[str, Digest]
    events: int
