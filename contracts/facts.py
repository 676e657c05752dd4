"""Facts: everything a decision may look at, complete, so that it can be decided again years later."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.calendar import epoch_day
from contracts.ids import ContractNumber
from contracts.organisation import IsoDay
from contracts.value import BasisPoints, Code, Count, EpochDay, PositiveFen, Recorded, Slug

MOST_CANDIDATES = 1_000
MOST_LISTED = 1_000
"""How long any list or mapping within the facts may be; what is put to rules has an end."""

Slugs = Annotated[tuple[Slug, ...], Field(max_length=MOST_LISTED)]
Codes = Annotated[tuple[Code, ...], Field(max_length=MOST_LISTED)]
Amounts = Annotated[dict[Slug, Count], Field(max_length=MOST_LISTED)]
"""So much of each resource."""


class CertificateFacts(Recorded):
    """A certificate with its first and last valid day."""

    code: Slug
    valid_from_day: EpochDay
    valid_to_day: EpochDay


class ContractFacts(Recorded):
    """The contract as rules see it."""

    number: ContractNumber
    category: Slug
    client: Code
    park: Slug
    value_fen: PositiveFen
    quantity: Count
    starts_day: EpochDay
    ends_day: EpochDay
    divisible: bool = True
    required_certificates: Slugs = ()
    urgent: bool = False
    public_green: bool = False
    tender_mode: Slug = "internal"
    framework: bool = False
    excluded_members: Codes = ()
    needs: Amounts = {}


class MemberFacts(Recorded):
    """A member company on the decision day."""

    code: Code
    categories: Slugs = ()
    parks: Slugs = ()
    certificates: Annotated[tuple[CertificateFacts, ...], Field(max_length=MOST_LISTED)] = ()
    capacity: Amounts = {}
    joined_day: EpochDay = 0
    band: Annotated[str, Field(max_length=64)] = "B"
    """Standing in the contract's category: A, B, C, D or E (suspended)."""
    score_bp: BasisPoints = 8_000
    suspended_to_day: EpochDay = 0


class LedgerFacts(Recorded):
    """What a member has already been given, counted on the decision day in the contract's year and category."""

    awarded_fen: Count = 0
    awards: Count = 0
    last_award_day: EpochDay = 0
    reserved: Amounts = {}
    """Capacity taken by running contracts, by resource."""
    declines: Count = 0


class QuoteFacts(Recorded):
    """A member's opened quote."""

    price_fen: PositiveFen
    order: Count = 0
    round: Count = 1


class Candidate(Recorded):
    """One member with its quote (absent in a framework call-off or before quoting) and its ledger."""

    member: MemberFacts
    quote: QuoteFacts | None = None
    ledger: LedgerFacts = LedgerFacts()


class QueueFacts(Recorded):
    """A durable rotation queue as it stood: its order, and who had the last turn."""

    name: Slug
    order: Codes = ()
    last: Code | None = None


class Facts(Recorded):
    """
    All inputs of one decision.

    ``declined`` names members that have already refused this very award, with the reason; a policy passes over them.
    """

    decision_day: IsoDay
    contract: ContractFacts
    candidates: Annotated[tuple[Candidate, ...], Field(max_length=MOST_CANDIDATES)]
    queue: QueueFacts | None = None
    declined: Annotated[dict[Code, str], Field(max_length=MOST_LISTED)] = {}

    @property
    def day(self) -> int:
        """The decision day as an epoch day."""
        return epoch_day(self.decision_day)
