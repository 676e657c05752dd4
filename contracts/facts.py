"""Facts: everything a decision may look at, complete, so that it can be decided again years later."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.calendar import epoch_day
from contracts.ids import ContractNumber
from contracts.organisation import IsoDay, Role
from contracts.signature import SignatureVerdict
from contracts.value import BasisPoints, Code, Count, Digest, EpochDay, PositiveFen, Recorded, Slug, UserName

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


class ConsortiumFacts(Recorded):
    """Members that bid as one; ``grade`` is the lowest among them, nought where one has none."""

    code: Slug
    lead: Code
    members: tuple[Code, ...]
    agreed: bool = False
    grade: Count = 0


class SubcontractFacts(Recorded):
    """Work that one company hands on to another."""

    giver: Code
    taker: Code
    core: bool = False
    whole: bool = False
    consented: bool = False


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
    payment_days: Count = 60
    pay_when_paid: bool = False
    large_payer: bool = True
    signing_working_days: Count = 10
    consortia: tuple[ConsortiumFacts, ...] = ()
    subcontracts: tuple[SubcontractFacts, ...] = ()
    consulted_by: tuple[Code, ...] = ()
    area_served_by: tuple[Code, ...] = ()
    by_territory: bool = False
    territory_basis: str = ""
    least_grade: Count = 0
    vat_rates_bp: tuple[BasisPoints, ...] = ()
    vat_separate: bool = True
    incumbent: Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9]{1,11})?$")] = ""
    """Who serves under the contract that this one follows; empty if nobody does."""
    renewals: Count = 0
    """How often that member has been kept already."""


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
    controllers: tuple[Code, ...] = ()
    person_in_charge: str = ""
    sme: bool = False
    grade: Count = 0
    """Its grade in the contract's category, 1 being the highest; nought is none."""


class LedgerFacts(Recorded):
    """What a member has already been given, counted on the decision day in the contract's year and category."""

    awarded_fen: Count = 0
    awards: Count = 0
    last_award_day: EpochDay = 0
    reserved: Amounts = {}
    """Capacity taken by running contracts, by resource."""
    declines: Count = 0
    client_awards: Count = 0
    """Awards of the year from this very client, over all categories."""
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
    """
    A durable queue as it stood: its order, and who had the last turn.

    ``served`` have had their turn in this ``cycle``; where nobody is named but ``last``, those up to it have. Who is
    ``joining`` takes part from the next cycle on. A weighted rotation leaves ``credits`` and its ``weights``.
    """

    name: Slug
    order: Codes = ()
    last: Code | None = None
    cycle: Count = 1
    served: tuple[Code, ...] = ()
    joining: tuple[Code, ...] = ()
    credits: dict[Code, int] = {}
    weights: dict[Code, Count] = {}


class DrawFacts(Recorded):
    """The draw of a contract: the SHA-256 that was made known when it was started, and the seed that it binds."""

    commitment: Digest
    seed: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ExceptionFacts(Recorded):
    """
    An exception that concerns this contract and one of its candidates, in force or not.

    It holds from ``from_day`` up to ``to_day``, exclusive, or up to ``revoked_day`` if that is earlier; and only if
    the check of its signature came out ``valid``. No contract named means every contract.
    """

    digest: Digest
    name: Slug
    policy: Slug
    rules: tuple[Slug, ...]
    members: tuple[Code, ...]
    contracts: tuple[ContractNumber, ...] = ()
    category: Slug | None = None
    from_day: EpochDay
    to_day: EpochDay
    revoked_day: EpochDay | None = None
    granted_by: UserName
    role: Role
    signature: SignatureVerdict = SignatureVerdict.CANNOT_TELL


class Facts(Recorded):
    """
    All inputs of one decision.

    ``declined`` names members that have already refused this very award, with the reason; a policy passes over them.
    ``overridden`` names those whom people keep from it against the rules' own answer (另行指定), with their reason.
    """

    decision_day: IsoDay
    contract: ContractFacts
    candidates: Annotated[tuple[Candidate, ...], Field(max_length=MOST_CANDIDATES)]
    queue: QueueFacts | None = None
    draw: DrawFacts | None = None
    declined: Annotated[dict[Code, str], Field(max_length=MOST_LISTED)] = {}
    overridden: Annotated[dict[Code, str], Field(max_length=MOST_LISTED)] = {}
    exceptions: Annotated[tuple[ExceptionFacts, ...], Field(max_length=MOST_LISTED)] = ()

    @property
    def day(self) -> int:
        """The decision day as an epoch day."""
        return epoch_day(self.decision_day)
