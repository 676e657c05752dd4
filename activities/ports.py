"""What activities need of the world, as protocols; the outer ring keeps these promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from pydantic import BaseModel

from contracts.agreement import Agreement, AgreementState, AgreementVersion
from contracts.approval import SignerFacts
from contracts.decision import Decision, Screening, ShadowDecision
from contracts.delivery import SettlementLine
from contracts.facts import Candidate, Facts, QueueFacts
from contracts.journal import EffectRequest
from contracts.organisation import Actor
from contracts.portfolio import ContractWord, PortfolioOrder
from contracts.quote import Quote, SealedQuote
from contracts.review import Review, Standing
from contracts.service_contract import ContractOrder, ServiceContract, SigningTerms, Stage
from contracts.signature import Signature, SignatureCheck
from contracts.signed_document import DocumentCheck, DocumentRevision, SigningEvidence
from contracts.value import Json
from contracts.waiving import SignedException
from rules.portfolio.answer import Progress, Solved

Answer = TypeVar("Answer", bound=BaseModel)
Seen = TypeVar("Seen")


class Writing(Protocol):
    """
    One write transaction: what is so now, and what becomes so with it.

    Every method sees the state at the start of the transaction plus what was written in it; nobody else writes
    in between.
    """

    def candidates(self, contract: ServiceContract, day: int) -> tuple[Candidate, ...]:
        """Return the members to consider for *contract* with standing and ledger as of *day*, ordered by code."""

    def signers(self) -> tuple[SignerFacts, ...]:
        """Return the people of the alliance's office as the directory has them, ordered by user name."""

    def exceptions(self, ended_after_day: int) -> tuple[SignedException, ...]:
        """Return the signed exceptions whose term ends after epoch day *ended_after_day*, ordered by digest."""

    def queue(self, name: str) -> QueueFacts:
        """Return queue *name*; an unknown one is empty."""

    def keep_queue(self, queue: QueueFacts) -> None:
        """Write down that a queue now stands as *queue* says."""

    def last_decision(self, number: str) -> tuple[Facts, Decision] | None:
        """Return the latest decision of contract *number* with its facts, None if there is none."""

    def sealed_seed(self, number: str, commitment: str) -> bytes:
        """Return the ciphertext of the seed that contract *number* committed to when it was started."""

    def envelope(self, number: str, sealed: SealedQuote) -> bytes:
        """Return the ciphertext that belongs to *sealed*."""

    def keep_screening(self, number: str, screening: Screening) -> None:
        """Keep who may quote for contract *number*."""

    def keep_quotes(self, number: str, quotes: tuple[Quote, ...]) -> None:
        """Keep opened quotes."""

    def keep_decision(self, number: str, occurrence: int, facts: Facts, decision: Decision) -> None:
        """Keep decision *occurrence* of a contract with its facts."""

    def decision(self, number: str, occurrence: int) -> tuple[Facts, Decision]:
        """Return decision *occurrence* of contract *number* with its facts."""

    def order(self, number: str) -> tuple[ContractOrder, Stage]:
        """Return the order of contract *number*, and how far it has come."""

    def quotes(self, number: str) -> tuple[Quote, ...]:
        """Return the opened quotes of contract *number*, ordered by round and member."""

    def free_capacity(self, numbers: tuple[str, ...]) -> Mapping[str, Mapping[str, int]]:
        """Return what each member has left by resource, not counting what the contracts *numbers* take."""

    def portfolio(self, portfolio: str) -> PortfolioOrder | None:
        """Return the order of *portfolio*, None if it is not registered."""

    def keep_portfolio_decision(self, portfolio: str, occurrence: int, body: BaseModel, digest: str) -> None:
        """Keep decision *occurrence* of *portfolio* with all that it follows from."""

    def portfolio_decision(self, portfolio: str, occurrence: int, body: type[Answer]) -> Answer:
        """Return decision *occurrence* of *portfolio*."""

    def keep_shadow(self, number: str, occurrence: int, shadow: ShadowDecision) -> None:
        """Keep what a shadow edition would have said in place of decision *occurrence*."""

    def reserve(self, contract: ServiceContract, decision: Decision, day: int) -> None:
        """Count the decision's shares in the ledger and its needs against the members' capacity."""

    def release(self, number: str, member: str | None = None) -> tuple[str, ...]:
        """Take a contract's reservations back (of one member, or all); return the members concerned."""

    def keep_agreement(self, version: AgreementVersion) -> None:
        """Keep a new version of the document as drawn up."""

    def agreement(self, number: str, version: int) -> AgreementVersion:
        """Return a version of the document."""

    def plan_in_force(self, number: str) -> Agreement:
        """Return the agreement that is in force for contract *number*."""

    def set_agreement_state(self, number: str, version: int, state: AgreementState, reason: str) -> None:
        """Say what became of a version; an older one in force is then replaced."""

    def keep_revision(self, revision: DocumentRevision) -> None:
        """
        Keep the next revision of a signed document.

        Raises:
            StaleRevision: If another one follows on the revision before it.
        """

    def revisions(self, number: str, version: int) -> tuple[DocumentRevision, ...]:
        """Return the revisions of one version's document, first to last."""

    def keep_settlement(self, line: SettlementLine) -> None:
        """Keep what one instalment came to."""

    def settlements(self, number: str) -> tuple[SettlementLine, ...]:
        """Return the settlement lines of contract *number*, ordered by member and milestone."""

    def standing(self, member: str, category: str) -> Standing | None:
        """Return the latest standing of *member* in *category*."""

    def keep_review(self, review: Review) -> None:
        """Keep a draft or final review."""

    def keep_standing(self, standing: Standing) -> None:
        """Keep a new standing beside the older ones."""


class Texts(Protocol):
    """What was published, by digest."""

    def text(self, digest: str) -> str:
        """
        Return the rule text, parameter text, type text or pack that was published under *digest*.

        Raises:
            UnknownName: If nothing was.
        """


class Records(Texts, Protocol):
    """The alliance's records."""

    def once(self, request: EffectRequest, act: Callable[[Writing], Answer], answer: type[Answer]) -> Answer:
        """
        Run *act* in one write transaction, unless the effect of ``request.key`` was had before: then its first answer.

        The request's journal is written in the same transaction.

        Raises:
            EffectConflict: If the key was used for a different request.
        """

    def look(self, see: Callable[[Writing], Seen]) -> Seen:
        """Return what *see* finds in one state of the records; it writes nothing."""

    def revisions(self, number: str, version: int) -> tuple[DocumentRevision, ...]:
        """Return the revisions of one version's document, first to last."""

    def agreement_version(self, number: str, version: int) -> AgreementVersion:
        """Return a version of the agreement, or raise UnknownName."""

    def edition_in_force(self, kind: str, name: str, day: int) -> str | None:
        """Return the digest of the edition of *name* that is in force on *day*, None if none is."""

    def keep_history(
        self,
        workflow_id: str,
        run_id: str,
        number: str,
        events: int,
        zlibbed: bytes,
        digest: str,
        encoded_digest: str | None = None,
    ) -> None:
        """Keep the history of a closed workflow; keeping it twice is keeping it once."""


class Seals(Protocol):
    """The keeper of the keys that quotes and seeds are sealed under."""

    def open(self, number: str, member: str, ciphertext: bytes) -> tuple[str, Mapping[str, object]]:
        """
        Return the nonce and the content of a sealed quote.

        Raises:
            SignatureInvalid: If the ciphertext was not sealed for this contract and member.
        """

    def open_split(
        self, number: str, quote: SealedQuote, envelope: bytes, shares: Mapping[str, str]
    ) -> tuple[str, Mapping[str, object]]:
        """
        Return the nonce and the content of a quote that split keys seal, opened with *shares* by keyholder.

        Raises:
            SignatureInvalid: If the shares are too few or wrong, or the envelope is not that of *quote*.
        """

    def open_seed(self, number: str, ciphertext: bytes) -> str:
        """
        Return the seed by which contract *number* draws lots.

        Raises:
            SignatureInvalid: If the ciphertext was not sealed for this contract.
        """


class Documents(Protocol):
    """
    The signed documents: they are made, signed and checked here, and nothing of their bytes goes further.

    A revision's bytes are kept before it is returned; keeping the revision itself is for the records.
    """

    def certified(self, version: AgreementVersion, terms: SigningTerms) -> DocumentRevision:
        """Render *version*, make a field for everybody who signs it, and certify that only signatures may follow."""

    def signed(self, head: DocumentRevision, company: str, evidence: SigningEvidence) -> DocumentRevision:
        """
        Sign for *company* on revision *head*.

        Raises:
            SignatureInvalid: If its certificate is revoked, expired, or made out to another organisation.
            KeyOutside: If only the company can use its key.
        """

    def filled(
        self, head: DocumentRevision, company: str, evidence: SigningEvidence, prepared: str, value: bytes
    ) -> DocumentRevision:
        """
        Put a signature *value* that was made outside into the revision *prepared* for it.

        Raises:
            StaleRevision: If another revision came first, or the time for it is over.
            SignatureInvalid: If the value does not fit.
        """

    def closed(self, head: DocumentRevision) -> DocumentRevision:
        """Close the document with a time stamp over all of it."""

    def check(
        self, revision: DocumentRevision, version: AgreementVersion, grown: tuple[DocumentRevision, ...] = ()
    ) -> DocumentCheck:
        """
        Check the document as the contract on *version*.

        With the revisions that it has *grown* from it is quicker: nothing can have changed between these.
        """

    def shed(self, revisions: tuple[DocumentRevision, ...]) -> None:
        """Let go of the bytes of revisions that are the beginning of a later one."""


class Signatories(Protocol):
    """Whoever can check the signatures of companies; no private key is needed for that."""

    def check(self, signature: Signature, document: str) -> SignatureCheck:
        """Check *signature* against the digest *document* and the authority that certified its key."""


class Signatures(Signatories, Protocol):
    """The provider of the alliance's signatures under statements such as exceptions."""

    def sign(self, company: str, document: str, actor: Actor, signed_at: datetime) -> Signature:
        """Sign the digest *document* with the key of *company* on behalf of *actor*."""


class ClosedHistory(BaseModel):
    """A closed workflow's history as it is archived."""

    workflow_id: str
    run_id: str
    events: int
    digest: str
    encoded_digest: str | None = None
    """The digest of what the server kept, payloads encrypted."""
    zlibbed: bytes


class Allocator(Protocol):
    """The optimiser that awards contracts together."""

    @property
    def seconds(self) -> int | None:
        """The time limit of a search; without one the same document has the same answer."""

    def allocate(self, document: Json, progress: Callable[[Progress], None]) -> Solved:
        """Return the best award of the Portfolio *document*, checked and explained, or what is in its way."""


class Portfolios(Protocol):
    """The portfolios at work."""

    async def tell(self, order: PortfolioOrder, word: ContractWord) -> bool:
        """Tell the portfolio of *order*, which begins with it if it has not begun; False if it is over."""


class Histories(Protocol):
    """The server's histories."""

    async def closed(self, workflow_id: str) -> ClosedHistory | None:
        """Return the history of a closed workflow, zlib protobuf; None while it still runs."""

    async def tree(self, workflow_id: str) -> tuple[str, ...]:
        """Return the ids of the workflows that *workflow_id* started, directly or not, itself first."""
