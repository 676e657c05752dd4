"""What viewers are shown where it is less than what is recorded: the rest is absent, not hidden."""

from __future__ import annotations

from typing import Any

from contracts.agreement import Agreement
from contracts.decision import (
    Decision,
    DecisionOutcome,
    ExclusionReason,
    Fee,
    PolicyReference,
    ScoreParts,
    Share,
    Waiver,
)
from contracts.delivery import SettlementLine
from contracts.journal import Happening
from contracts.organisation import Company, CompanyKind, Person, Role
from contracts.quote import Quote, SealedQuote
from contracts.service_contract import ServiceContract
from contracts.signed_document import DocumentRevision
from contracts.task import MemberTask, TaskState
from contracts.value import Digest, Json, Recorded
from lianyue.access.permissions import WHO_IS_ASKED
from lianyue.records.kept import ContractSummary, KeptAgreement, KeptDecision


class TaskSeen(Recorded):
    """
    A task, the form of its answer, and the verbs that it now allows.

    ``evidence`` is what a delivery must bring; ``draft`` what the viewer has filled in so far; ``stand_ins`` who of
    the company may act for (代) whom today.
    """

    task: MemberTask
    form: Json
    evidence: tuple[str, ...] = ()
    may: tuple[str, ...]
    draft: Json | None = None
    stand_ins: dict[str, str] = {}


class OpenQuote(Recorded):
    """An opened quote. How many arrived before it, it does not say."""

    member: str
    round: int
    price_fen: int
    commitment: Digest
    nonce: str
    content: Json

    @classmethod
    def of(cls, quote: Quote) -> OpenQuote:
        """Take what may be shown."""
        return cls(**quote.model_dump(exclude={"order"}))


class HolderSeen(Recorded):
    """A keyholder, and the task of handing the shares in, once that is asked for."""

    name: str
    title: str
    company: str
    role: Role
    test: bool
    task: str | None = None
    state: TaskState | None = None


class OpeningSeen(Recorded):
    """How far the opening of sealed quotes is: ``handed_in`` of the ``needed`` keyholders have given their shares."""

    needed: int
    handed_in: int
    holders: tuple[HolderSeen, ...]


class QuotesSeen(Recorded):
    """
    The quotes of a contract: those that lie sealed, without a price, and those that were opened.

    ``opening`` says by whose keys they will be, to overseers and as long as they are not.
    """

    sealed: tuple[SealedQuote, ...]
    opened: tuple[OpenQuote, ...]
    opening: OpeningSeen | None = None


class OwnReason(Recorded):
    """Why a rule excluded the viewer's company; what the rule read may be others', and is not here."""

    rule: str
    message: str


class DecisionSeen(Recorded):
    """A decision as others than overseers see it: its result, and of reasons and scores their own."""

    occurrence: int
    decision_day: str
    outcome: DecisionOutcome
    policy: PolicyReference
    method: str
    division: str
    amount_fen: int
    selected: tuple[str, ...]
    shares: tuple[Share, ...]
    fees: tuple[Fee, ...]
    excluded_because: tuple[OwnReason, ...] = ()
    score: ScoreParts | None = None
    waived: tuple[Waiver, ...] = ()

    @classmethod
    def of(cls, kept: KeptDecision, company: str) -> DecisionSeen:
        """Take the result, and what is about *company*."""
        decision = kept.decision
        return cls(
            occurrence=kept.occurrence,
            decision_day=kept.facts.decision_day,
            **{name: getattr(decision, name) for name in _RESULT},
            fees=tuple(fee for fee in decision.fees if company in (fee.payer, fee.payee)),
            excluded_because=tuple(_own(reason) for reason in decision.excluded.get(company, ())),
            score=decision.scores.get(company),
            waived=decision.waived.get(company, ()),
        )


_RESULT = ("outcome", "policy", "method", "division", "amount_fen", "selected", "shares")


class AgreementSeen(Recorded):
    """A version of the document, what became of it, and its signatures."""

    agreement: Agreement
    digest: Digest
    state: str
    reason: str
    signatures: tuple[DocumentRevision, ...]
    """The revisions by which companies signed it."""

    @classmethod
    def of(cls, kept: KeptAgreement, signatures: tuple[DocumentRevision, ...]) -> AgreementSeen:
        """Take a kept version with its *signatures*."""
        version = kept.version
        return cls(
            agreement=version.agreement,
            digest=version.digest,
            state=kept.state,
            reason=kept.reason,
            signatures=signatures,
        )


class Told(Recorded):
    """A happening and the sentence it is told by."""

    happening: Happening
    sentence: str


class ContractSeen(Recorded):
    """A contract on one page; ``contract`` is without the fields that say who else is asked, unless all may be seen."""

    summary: ContractSummary
    contract: Json
    part: str
    shares: tuple[Share, ...]
    fees: tuple[Fee, ...]
    settlements: tuple[SettlementLine, ...]
    open_tasks: tuple[MemberTask, ...]
    portfolio: str | None = None
    """The portfolio that awards it together with others; overseers are told."""


class CompanySeen(Recorded):
    """A company as everybody in the alliance knows it; the rest is its own and the office's."""

    code: str
    name: str
    name_en: str
    kind: CompanyKind
    categories: tuple[str, ...]
    parks: tuple[str, ...]


class PersonSeen(Recorded):
    """A person as everybody in the alliance knows them."""

    user: str
    name: str
    company: str
    roles: tuple[Role, ...]


class DirectorySeen(Recorded):
    """The alliance's office, companies and people."""

    office: str
    companies: tuple[Company | CompanySeen, ...]
    people: tuple[Person | PersonSeen, ...]


class RuleText(Recorded):
    """A published edition with its text."""

    digest: str
    kind: str
    name: str
    edition: str
    effective_from_day: int
    effective_to_day: int | None
    text: str


def stated(contract: ServiceContract, oversees: bool) -> dict[str, Any]:
    """Return *contract* as JSON, without who is asked unless everything may be seen."""
    return contract.model_dump(mode="json", exclude=set() if oversees else set(WHO_IS_ASKED))


def company_seen(company: Company) -> CompanySeen:
    """Take what everybody may know."""
    return CompanySeen(**company.model_dump(include=set(CompanySeen.model_fields)))


def person_seen(person: Person) -> PersonSeen:
    """Take what everybody may know."""
    return PersonSeen(**person.model_dump(include=set(PersonSeen.model_fields)))


def is_announced(decision: Decision, announced: tuple[Happening, ...], has_failed: bool) -> bool:
    """Whether *decision* is known outside the office: its award was approved, or the contract failed with it."""
    if decision.outcome is not DecisionOutcome.AWARDED:
        return has_failed
    awards = [(each.facts.get("members"), each.facts.get("amount_fen")) for each in announced]
    return (list(decision.selected), decision.amount_fen) in awards


def _own(reason: ExclusionReason) -> OwnReason:
    return OwnReason(rule=reason.rule, message=reason.message)
