"""The business object: a service contract from its order to its end."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from contracts.calendar import AllianceClock, Deadline, WorkingCalendar, epoch_day
from contracts.errors import Invalid
from contracts.ids import ContractNumber
from contracts.legal import LegalTerms
from contracts.organisation import Actor, IsoDay
from contracts.sealing import QuoteSealing
from contracts.value import Authored, Code, Count, Digest, Json, Line, PositiveFen, Reason, Recorded, Slug, UserName
from contracts.voucher import Voucher

FIRST_DAY, LAST_DAY = 0, 73_000
"""The epoch days between which a service lies; the last is that of `EpochDay`."""


class Stage(StrEnum):
    """How far a service contract has come; every value is something that has happened."""

    REGISTERED = "registered"
    SPECIFIED = "specified"
    QUOTED = "quoted"
    ALLOCATED = "allocated"
    SIGNED = "signed"
    DELIVERED = "delivered"
    REVIEWED = "reviewed"
    CANCELLED = "cancelled"
    FAILED = "failed"


ENDED = (Stage.REVIEWED, Stage.CANCELLED, Stage.FAILED)
"""Stages in which a contract is over and no longer takes capacity."""


class QuotingMode(StrEnum):
    """Where the price comes from."""

    INVITED = "invited"
    FRAMEWORK = "framework"


class SigningOrder(StrEnum):
    """Whether the parties sign in any order or one after the other."""

    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"


class SignerRole(StrEnum):
    """In which capacity a company signs; a witness (见证) states that it was there, and owes nothing."""

    PARTY = "party"
    CONSENTING = "consenting"
    WITNESS = "witness"


class SignerGroup(Authored):
    """Companies besides the parties of which ``needed`` have to sign, after the parties where these sign in order."""

    name: Slug
    role: SignerRole = SignerRole.WITNESS
    companies: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    needed: Annotated[int, Field(strict=True, ge=1, le=20)]

    @model_validator(mode="after")
    def _can_be_met(self) -> SignerGroup:
        if self.role is SignerRole.PARTY:
            raise ValueError("parties follow from the decision; a group consents or witnesses")
        if len(set(self.companies)) < len(self.companies) or self.needed > len(self.companies):
            raise ValueError(f"{self.needed} of {len(set(self.companies))} companies cannot sign")
        return self


class PriceLine(Authored):
    """A supply within the price with a tax of its own: a VAT line of the category's pack, and its part of the price."""

    vat: Slug
    part_bp: Annotated[int, Field(strict=True, ge=1, le=10_000)]


class QuotingTerms(Authored):
    """How quotes are gathered; a framework call-off takes the framework's price and asks nobody."""

    mode: QuotingMode = QuotingMode.INVITED
    min_quotes: Annotated[int, Field(strict=True, ge=1, le=50)] = 1
    rounds: Annotated[int, Field(strict=True, ge=1, le=5)] = 2
    deadline: Deadline = Deadline(working_days=5, remind_after=3)


class SigningTerms(Authored):
    """How the document is signed."""

    order: SigningOrder = SigningOrder.PARALLEL
    deadline: Deadline = Deadline(working_days=10, remind_after=5)
    versions: Annotated[int, Field(strict=True, ge=1, le=20)] = 5
    groups: Annotated[tuple[SignerGroup, ...], Field(max_length=5)] = ()

    @model_validator(mode="after")
    def _each_signs_once(self) -> SigningTerms:
        companies = [code for group in self.groups for code in group.companies]
        names = [group.name for group in self.groups]
        if len(set(companies)) < len(companies) or len(set(names)) < len(names):
            raise ValueError("a company stands in one group alone, and each group has a name of its own")
        return self


class DeliveryTerms(Authored):
    """How long after a milestone's due day a delivery is escalated, and how long the client may inspect."""

    escalate_after: Count = 3
    inspection_working_days: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None
    redeliver_working_days: Annotated[int, Field(strict=True, ge=1, le=120)] = 10
    returns: Annotated[int, Field(strict=True, ge=0, le=10)] = 3
    due_after_days: dict[Slug, Count] = {}
    """Milestone code to days after the start of service, where it differs from the category pack."""


class ReviewTerms(Authored):
    """How long raters rate, members may reply, and an appeal may take."""

    rating: Deadline = Deadline(working_days=10)
    reply_working_days: Annotated[int, Field(strict=True, ge=1, le=60)] = 5
    appeal: Deadline = Deadline(working_days=10)


class ServiceContract(Authored):
    """What is to be done, for whom, for how much and under which rules."""

    number: ContractNumber
    title: Line
    category: Slug
    client: Code
    park: Slug
    value_fen: PositiveFen
    quantity: Annotated[int, Field(strict=True, ge=1, le=10**12)]
    starts_on: IsoDay
    ends_on: IsoDay
    needs: dict[Slug, Count] = {}
    urgent: bool = False
    public_green: bool = False
    tender_mode: Slug = "internal"
    candidates: tuple[Code, ...] = ()
    """Members to consider; empty means all members of the alliance."""
    excluded: tuple[Code, ...] = ()
    incumbent: Code | None = None
    """The member that serves under the contract which this one follows."""
    renewals: Count = 0
    """How often the incumbent has been kept already."""
    price_lines: tuple[PriceLine, ...] = ()
    """The supplies within the price that have a tax of their own; without any, all of it is the main supply."""
    separately_accounted: bool = True
    """Whether the supplies are accounted for separately; if not, the highest of their rates holds for the whole."""
    terms: Json = {}
    negotiated: bool = False
    """Whether the client confirms the terms before anybody quotes (前置招商)."""
    policy: Slug | None = None
    """The allocation policy by name; without one, the category's own, else the default."""
    quoting: QuotingTerms = QuotingTerms()
    signing: SigningTerms = SigningTerms()
    delivery: DeliveryTerms = DeliveryTerms()
    review: ReviewTerms = ReviewTerms()
    legal: LegalTerms = LegalTerms()
    copied: tuple[UserName, ...] = ()
    """抄送: people of the office and the client who are informed of the contract, and people of the parties who are
    informed of every task of their company."""
    story: str = Field(default="", max_length=500)
    synthetic: bool = False

    @property
    def starts_day(self) -> int:
        """The first day of service."""
        return epoch_day(self.starts_on)

    @property
    def ends_day(self) -> int:
        """The last day of service."""
        return epoch_day(self.ends_on)

    @model_validator(mode="after")
    def _term_runs_forward(self) -> ServiceContract:
        """The service has at least one day, and dates are dates."""
        try:
            forward = self.starts_day <= self.ends_day
        except Invalid as error:
            raise ValueError(error.message) from None
        if not forward:
            raise ValueError(f"the service ends on {self.ends_on}, before it starts on {self.starts_on}")
        for day, stated in ((self.starts_day, self.starts_on), (self.ends_day, self.ends_on)):
            if not FIRST_DAY <= day <= LAST_DAY:
                raise ValueError(f"{stated} is no day of a service; it lies before 1970 or after 2169")
        return self

    @model_validator(mode="after")
    def _price_lines_make_a_whole(self) -> ServiceContract:
        """Each supply stands once, and the parts sum to the price."""
        _refuse_partial(self.price_lines)
        return self


def _refuse_partial(lines: tuple[PriceLine, ...]) -> None:
    total_bp = sum(line.part_bp for line in lines)
    if lines and total_bp != 10_000:
        raise ValueError(f"the parts of price_lines sum to {total_bp} bp, not to 10000 bp")
    names = [line.vat for line in lines]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            raise ValueError(f"the VAT line {name!r} stands twice in price_lines")


class RulePins(Recorded):
    """
    The rule editions a contract was started under, by content; they decide it to its end.

    ``parts`` holds whatever else policy and matrix rest on, directly or not, sorted.
    """

    policy: Digest
    params: Digest
    types: Digest
    authority: Digest
    pack: Digest
    parts: tuple[Digest, ...] = ()


class ContractOrder(Recorded):
    """Everything the root workflow is started with; nothing else steers it but what people do."""

    schema_version: int = 1
    contract: ServiceContract
    office: Code
    pins: RulePins
    clock: AllianceClock
    calendar: WorkingCalendar
    sealing: QuoteSealing | None = None
    """Whose keys open the quotes; without any it is the key of the installation."""
    started_by: Actor
    draw_commitment: Digest | None = None
    """SHA-256 of the seed by which the policy draws lots, if it does; older than any knowledge of who is eligible."""
    copied: tuple[Actor, ...] = ()
    """Whom the contract names to be informed, as the directory had them when it was started."""
    portfolio: Slug | None = None
    """The portfolio that decides this contract together with others; without one it is decided by itself."""
    desk_key: str = ""
    """The public key, Ed25519 in base64, by which the desk vouches for whoever acts; empty, nobody does."""
    voucher: Voucher | None = None
    """What the desk attests of who started it."""

    @property
    def number(self) -> ContractNumber:
        """The contract's number."""
        return self.contract.number

    @property
    def title(self) -> str:
        """The contract's title."""
        return self.contract.title

    @property
    def client(self) -> Code:
        """Who buys."""
        return self.contract.client

    def hears_of_all(self, person: Actor) -> bool:
        """Whether *person* may be informed of the contract as a whole: the office and the client may."""
        return person.company in (self.office, self.contract.client)


class Outcome(Recorded):
    """How a service contract ended."""

    number: ContractNumber
    stage: Stage
    total_fen: int = 0
    paid_fen: int = 0
    members: tuple[Code, ...] = ()
    reason: str = ""
    undone: tuple[str, ...] = ()
    """What a cancellation undid, in the order in which it was undone."""


class Cancellation(Authored):
    """A coordinator ends the contract; what was done is undone in reverse order, what was paid stays paid."""

    reason: Reason


class Suspension(Authored):
    """A dispute: deadlines stop, people may go on."""

    reason: Reason


class Resumption(Authored):
    """The dispute is settled: deadlines run on from where they stopped."""

    reason: Reason


class Amendment(Authored):
    """
    A change of a signed contract, in force once every party has signed it; paid instalments stay as they are.

    Where the new value is less than what a member has been settled, the member pays the difference back.
    """

    reason: Reason
    value_fen: PositiveFen | None = None
    extend_days: Annotated[int, Field(strict=True, ge=1, le=3650)] | None = None
    terms: Json = {}
    repay_within_days: Annotated[int, Field(strict=True, ge=1, le=365)] = 30
    """How long a member may take to pay back what it was settled too much."""

    @model_validator(mode="after")
    def _changes_something(self) -> Amendment:
        """An amendment that changes nothing is a mistake."""
        if self.value_fen is None and self.extend_days is None and not self.terms:
            raise ValueError("the amendment changes nothing; give value_fen, extend_days or terms")
        return self


class CancelOrder(Recorded):
    """A cancellation, and who ordered it."""

    actor: Actor
    body: Cancellation
    voucher: Voucher | None = None


class SuspendOrder(Recorded):
    """A suspension, and who ordered it."""

    actor: Actor
    body: Suspension
    voucher: Voucher | None = None


class ResumeOrder(Recorded):
    """A resumption, and who ordered it."""

    actor: Actor
    body: Resumption
    voucher: Voucher | None = None


class AmendOrder(Recorded):
    """An amendment, and who proposes it."""

    actor: Actor
    body: Amendment
    voucher: Voucher | None = None


class InformOrder(Recorded):
    """抄送: people to be informed of the contract as a whole, and who ordered it."""

    actor: Actor
    to: tuple[Actor, ...]
    voucher: Voucher | None = None


class OrderReceipt(Recorded):
    """What the coordinator gets back at once."""

    number: ContractNumber
    stage: Stage
    is_suspended: bool
