"""Facts: everything a decision may look at, complete, so that it can be decided again years later."""

from __future__ import annotations

from contracts.calendar import epoch_day
from contracts.ids import ContractNumber
from contracts.organisation import IsoDay
from contracts.value import BasisPoints, Code, Count, EpochDay, PositiveFen, Recorded, Slug


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
    required_certificates: tuple[Slug, ...] = ()
    urgent: bool = False
    public_green: bool = False
    tender_mode: Slug = "internal"
    framework: bool = False
    excluded_members: tuple[Code, ...] = ()
    needs: dict[Slug, Count] = {}


class MemberFacts(Recorded):
    """A member company on the decision day."""

    code: Code
    categories: tuple[Slug, ...] = ()
    parks: tuple[Slug, ...] = ()
    certificates: tuple[CertificateFacts, ...] = ()
    capacity: dict[Slug, Count] = {}
    joined_day: EpochDay = 0
    band: str = "B"
    """Standing in the contract's category: A, B, C, D or E (suspended)."""
    score_bp: BasisPoints = 8_000
    suspended_to_day: EpochDay = 0


class LedgerFacts(Recorded):
    """What a member has already been given, counted on the decision day in the contract's year and category."""

    awarded_fen: Count = 0
    awards: Count = 0
    last_award_day: EpochDay = 0
    reserved: dict[Slug, Count] = {}
    """Capacity taken by running contracts, by resource."""
    declines: Count = 0
    delivered: dict[Slug, Count] = {}
    """What was measured in the period that is settled, by unit, such as ``kwh``; an estimate until it is trued up."""


class QuoteFacts(Recorded):
    """A member's opened quote."""

    price_fen: PositiveFen
    order: Count = 0
    round: Count = 1
    quantity: Count = 0
    """In the category's unit; nought where the form asks for none."""
    unit_price_fen: Count = 0
    unit_price_per: Count = 1
    """How many units the unit price is for, so that a price may be finer than a fen."""


class Candidate(Recorded):
    """One member with its quote (absent in a framework call-off or before quoting) and its ledger."""

    member: MemberFacts
    quote: QuoteFacts | None = None
    ledger: LedgerFacts = LedgerFacts()


class QueueFacts(Recorded):
    """A durable rotation queue as it stood: its order, and who had the last turn."""

    name: Slug
    order: tuple[Code, ...] = ()
    last: Code | None = None


class Facts(Recorded):
    """
    All inputs of one decision.

    ``declined`` names members that have already refused this very award, with the reason; a policy passes over them.
    """

    decision_day: IsoDay
    contract: ContractFacts
    candidates: tuple[Candidate, ...]
    queue: QueueFacts | None = None
    declined: dict[Code, str] = {}

    @property
    def day(self) -> int:
        """The decision day as an epoch day."""
        return epoch_day(self.decision_day)
