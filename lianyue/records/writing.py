"""One write transaction as activities see it: what is so now, and what becomes so with it."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel
from sqlmodel import Session, SQLModel, col, select

from contracts.agreement import Agreement, AgreementState, AgreementVersion
from contracts.approval import SignerFacts
from contracts.decision import Decision, Screening, ShadowDecision
from contracts.delivery import SettlementLine
from contracts.errors import OverThePlan, StaleRevision, UnknownName, WrongState
from contracts.facts import Candidate, Facts, QueueFacts
from contracts.portfolio import PortfolioOrder
from contracts.quote import Quote, SealedQuote
from contracts.review import Review, Standing
from contracts.service_contract import ContractOrder, ServiceContract, Stage
from contracts.signed_document import DocumentRevision
from contracts.waiving import SignedException
from lianyue.records import ledger
from lianyue.records.documents import revisions_of
from lianyue.records.grants import signed_exceptions
from lianyue.records.insert import inserted, replaced
from lianyue.records.tables import (
    AgreementRow,
    AllianceRow,
    ContractRow,
    DecisionRow,
    DocumentRevisionRow,
    EnvelopeRow,
    PersonRow,
    PortfolioDecisionRow,
    PortfolioRow,
    QueueRow,
    QuoteRow,
    ReviewRow,
    ScreeningRow,
    SettlementRow,
    ShadowDecisionRow,
    ShareRow,
    StandingRow,
)
from rules.canonical import canonical

Row = TypeVar("Row", bound=SQLModel)
Body = TypeVar("Body", bound=BaseModel)


class SqlWriting:
    """Keeps the promises of ``activities.ports.Writing`` in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def candidates(self, contract: ServiceContract, day: int) -> tuple[Candidate, ...]:
        """Return the members to consider, with standing and ledger as of *day*, ordered by code."""
        return ledger.candidates(self._session, contract, day)

    def signers(self) -> tuple[SignerFacts, ...]:
        """Return the people of the office, ordered by user name; before the first load there are none."""
        of_office = select(PersonRow.person_json).join(AllianceRow, col(AllianceRow.office) == PersonRow.company)
        found = self._session.exec(of_office.order_by(PersonRow.user))
        return tuple(SignerFacts.model_validate_json(person) for person in found)

    def exceptions(self, ended_after_day: int) -> tuple[SignedException, ...]:
        """Return the signed exceptions whose term ends after *ended_after_day*, ordered by digest."""
        return signed_exceptions(self._session, ended_after_day)

    def reserve(self, contract: ServiceContract, decision: Decision, day: int) -> None:
        """Count the decision's shares and needs; a second time without a release in between is a defect."""
        ledger.reserve(self._session, contract, decision, day)

    def release(self, number: str, member: str | None = None) -> tuple[str, ...]:
        """Take a contract's reservations back, of one member or of all; return the members concerned, ordered."""
        return ledger.release(self._session, number, member)

    # --- queues and draws -----------------------------------------------------------------------------------

    def queue(self, name: str) -> QueueFacts:
        """Return queue *name*; an unknown one is empty."""
        row = self._session.get(QueueRow, name)
        return QueueFacts(name=name) if row is None else QueueFacts.model_validate_json(row.queue_json)

    def keep_queue(self, queue: QueueFacts) -> None:
        """Keep *queue* in place of what it was."""
        replaced(self._session, QueueRow, {"name": queue.name, "queue_json": queue.model_dump_json()}, "name")

    def sealed_seed(self, number: str, commitment: str) -> bytes:
        """
        Return the ciphertext of the seed that contract *number* committed to.

        Raises:
            UnknownName: If none was kept for this contract and commitment.
        """
        row = self._session.get(EnvelopeRow, commitment)
        if row is None or row.number != number:
            raise UnknownName(f"no sealed seed for {number} under {commitment}")
        return row.ciphertext

    # --- quotes and decisions -------------------------------------------------------------------------------

    def envelope(self, number: str, sealed: SealedQuote) -> bytes:
        """
        Return the ciphertext that belongs to *sealed*.

        Raises:
            UnknownName: If none was kept for this contract, member and commitment.
        """
        row = self._session.get(EnvelopeRow, sealed.commitment)
        if row is None or (row.number, row.member) != (number, sealed.member):
            raise UnknownName(f"no envelope of {sealed.member} for {number} under {sealed.commitment}")
        return row.ciphertext

    def keep_screening(self, number: str, screening: Screening) -> None:
        """Keep who may quote, beside earlier screenings."""
        self._keep(ScreeningRow(number=number, screening_json=screening.model_dump_json()))

    def keep_quotes(self, number: str, quotes: tuple[Quote, ...]) -> None:
        """Keep opened quotes; a member has one a round."""
        for quote in quotes:
            values = {
                "number": number,
                "member": quote.member,
                "round": quote.round,
                "price_fen": quote.price_fen,
                "quote_json": quote.model_dump_json(),
            }
            replaced(self._session, QuoteRow, values, "number", "member", "round")

    def keep_decision(self, number: str, occurrence: int, facts: Facts, decision: Decision) -> None:
        """Keep decision *occurrence* of a contract with its facts."""
        self._keep(
            DecisionRow(
                number=number,
                occurrence=occurrence,
                outcome=decision.outcome.value,
                amount_fen=decision.amount_fen,
                facts_json=facts.model_dump_json(),
                decision_json=decision.model_dump_json(),
            )
        )

    def last_decision(self, number: str) -> tuple[Facts, Decision] | None:
        """Return the latest decision of a contract with its facts, None if there is none."""
        latest = select(DecisionRow).where(DecisionRow.number == number)
        row = self._session.exec(latest.order_by(col(DecisionRow.occurrence).desc())).first()
        if row is None:
            return None
        return Facts.model_validate_json(row.facts_json), Decision.model_validate_json(row.decision_json)

    def decision(self, number: str, occurrence: int) -> tuple[Facts, Decision]:
        """
        Return decision *occurrence* of a contract with its facts.

        Raises:
            UnknownName: If there is no such decision.
        """
        row = self._session.get(DecisionRow, (number, occurrence))
        if row is None:
            raise UnknownName(f"contract {number} has no decision {occurrence}")
        return Facts.model_validate_json(row.facts_json), Decision.model_validate_json(row.decision_json)

    def order(self, number: str) -> tuple[ContractOrder, Stage]:
        """
        Return the order of a contract, and how far it has come.

        Raises:
            UnknownName: If it is not registered.
        """
        row = self._session.get(ContractRow, number)
        if row is None:
            raise UnknownName(f"contract {number} is not registered")
        return ContractOrder.model_validate_json(row.order_json), Stage(row.stage)

    def quotes(self, number: str) -> tuple[Quote, ...]:
        """Return the opened quotes of a contract, ordered by round and member."""
        opened = select(QuoteRow.quote_json).where(QuoteRow.number == number)
        found = self._session.exec(opened.order_by(col(QuoteRow.round), QuoteRow.member))
        return tuple(Quote.model_validate_json(quote) for quote in found)

    # --- portfolios -----------------------------------------------------------------------------------------

    def free_capacity(self, numbers: tuple[str, ...]) -> dict[str, dict[str, int]]:
        """Return what each member has left by resource, not counting what the contracts *numbers* take."""
        return ledger.free_capacity(self._session, numbers)

    def portfolio(self, portfolio: str) -> PortfolioOrder | None:
        """Return the order of *portfolio*, None if it is not registered."""
        row = self._session.get(PortfolioRow, portfolio)
        return None if row is None else PortfolioOrder.model_validate_json(row.order_json)

    def keep_portfolio_decision(self, portfolio: str, occurrence: int, body: BaseModel, digest: str) -> None:
        """Keep decision *occurrence* of *portfolio*."""
        row = PortfolioDecisionRow(
            portfolio=portfolio, occurrence=occurrence, digest=digest, body_json=body.model_dump_json()
        )
        self._keep(row)

    def portfolio_decision(self, portfolio: str, occurrence: int, body: type[Body]) -> Body:
        """
        Return decision *occurrence* of *portfolio*.

        Raises:
            UnknownName: If there is no such decision.
        """
        row = self._session.get(PortfolioDecisionRow, (portfolio, occurrence))
        if row is None:
            raise UnknownName(f"portfolio {portfolio} has no decision {occurrence}")
        return body.model_validate_json(row.body_json)

    # --- shadows --------------------------------------------------------------------------------------------

    def keep_shadow(self, number: str, occurrence: int, shadow: ShadowDecision) -> None:
        """Keep what a shadow edition would have said in place of decision *occurrence*."""
        row = ShadowDecisionRow(
            number=number, occurrence=occurrence, policy=shadow.policy, shadow_json=shadow.model_dump_json()
        )
        self._keep(row)

    # --- the agreement and its signatures -------------------------------------------------------------------

    def keep_agreement(self, version: AgreementVersion) -> None:
        """Keep a new version of the document as drawn up, in the bytes whose SHA-256 is its digest."""
        agreement = version.agreement
        self._keep(
            AgreementRow(
                number=agreement.number,
                version=agreement.version,
                state=AgreementState.DRAWN_UP.value,
                was_in_force=False,
                total_fen=agreement.total_fen,
                digest=version.digest,
                agreement_json=canonical(agreement.model_dump(mode="json")).decode(),
                reason=agreement.reason,
            )
        )
        for position, share in enumerate(agreement.shares):
            self._session.add(
                ShareRow(
                    number=agreement.number,
                    version=agreement.version,
                    member=share.member,
                    position=position,
                    amount_fen=share.amount_fen,
                )
            )
        self._session.flush()

    def agreement(self, number: str, version: int) -> AgreementVersion:
        """
        Return a version of the document.

        Raises:
            UnknownName: If there is no such version.
        """
        row = self._version(number, version)
        return AgreementVersion(agreement=Agreement.model_validate_json(row.agreement_json), digest=row.digest)

    def plan_in_force(self, number: str) -> Agreement:
        """
        Return the agreement that is in force.

        Raises:
            WrongState: If none is.
        """
        row = self._in_force(number)
        if row is None:
            raise WrongState(f"no agreement is in force for {number}")
        return Agreement.model_validate_json(row.agreement_json)

    def set_agreement_state(self, number: str, version: int, state: AgreementState, reason: str) -> None:
        """
        Say what became of a version; with one that comes into force, the older one is replaced.

        Raises:
            WrongState: If a version is to come into force that is void or was replaced.
        """
        row = self._version(number, version)
        if state is AgreementState.IN_FORCE:
            self._come_into_force(row)
        row.state = state.value
        row.reason = reason or row.reason
        self._session.flush()
        in_force = self._in_force(number)
        self._contract(number).total_fen = in_force.total_fen if in_force else 0
        self._session.flush()

    def keep_revision(self, revision: DocumentRevision) -> None:
        """
        Keep the next revision of a signed document.

        Raises:
            StaleRevision: If it does not follow on the last one that is kept, or its company has signed before.
        """
        there = self.revisions(revision.number, revision.version)
        last = there[-1] if there else None
        ordinal, previous = (last.ordinal + 1, last.digest) if last else (0, None)
        if (revision.ordinal, revision.previous) != (ordinal, previous):
            raise StaleRevision(f"revision {revision.ordinal} does not follow on the last of {revision.number}")
        columns = {"number", "version", "ordinal", "kind", "company", "digest", "previous"}
        values = {**revision.model_dump(mode="json", include=columns), "revision_json": revision.model_dump_json()}
        if not inserted(self._session, DocumentRevisionRow, values):
            which = f"version {revision.version} of {revision.number}"
            raise StaleRevision(f"{revision.company or revision.kind} is in the document of {which} already")

    def revisions(self, number: str, version: int) -> tuple[DocumentRevision, ...]:
        """Return the revisions of one version's document, first to last."""
        return revisions_of(self._session, number, version)

    # --- settlements, reviews, standings --------------------------------------------------------------------

    def keep_settlement(self, line: SettlementLine) -> None:
        """
        Keep what one instalment came to.

        Raises:
            OverThePlan: If the instalment has a line, or the member's lines would exceed its share in force.
        """
        self._check_share(line)
        values = {
            "number": line.number,
            "member": line.member,
            "milestone": line.milestone,
            "agreed_fen": line.agreed_fen,
            "deduction_fen": line.deduction_fen,
            "gross_fen": line.payable.gross_fen,
            "line_json": line.model_dump_json(),
        }
        if not inserted(self._session, SettlementRow, values):
            raise OverThePlan(f"{line.number}: {line.member}'s instalment {line.milestone!r} is settled already")

    def settlements(self, number: str) -> tuple[SettlementLine, ...]:
        """Return the settlement lines of a contract, ordered by member and milestone."""
        of_contract = select(SettlementRow).where(SettlementRow.number == number)
        rows = self._session.exec(of_contract.order_by(SettlementRow.member, SettlementRow.milestone))
        return tuple(SettlementLine.model_validate_json(row.line_json) for row in rows)

    def standing(self, member: str, category: str) -> Standing | None:
        """Return the latest standing of *member* in *category*, None if it has none."""
        written = (
            select(StandingRow)
            .where(StandingRow.member == member, StandingRow.category == category)
            .order_by(col(StandingRow.id).desc())
        )
        row = self._session.exec(written).first()
        return None if row is None else Standing.model_validate_json(row.standing_json)

    def keep_standing(self, standing: Standing) -> None:
        """Keep a new standing beside the older ones."""
        self._keep(
            StandingRow(
                member=standing.member,
                category=standing.category,
                score_bp=standing.score_bp,
                band=standing.band.value,
                from_day=standing.from_day,
                standing_json=standing.model_dump_json(),
            )
        )

    def keep_review(self, review: Review) -> None:
        """
        Keep a draft or final review; a draft gives way to a later one.

        Raises:
            WrongState: If the review is final already.
        """
        row = self._session.get(ReviewRow, (review.number, review.member))
        if row is not None and row.is_final:
            raise WrongState(f"the review of {review.member} for {review.number} is final")
        values = {
            "number": review.number,
            "member": review.member,
            "is_final": review.is_final,
            "review_json": review.model_dump_json(),
        }
        replaced(self._session, ReviewRow, values, "number", "member")

    # --- steps ----------------------------------------------------------------------------------------------

    def _keep(self, row: Row) -> Row:
        """Write *row* now, so that a refusal comes where its cause is."""
        self._session.add(row)
        self._session.flush()
        return row

    def _contract(self, number: str) -> ContractRow:
        row = self._session.get(ContractRow, number)
        if row is None:
            raise UnknownName(f"contract {number} is not registered")
        return row

    def _version(self, number: str, version: int) -> AgreementRow:
        row = self._session.get(AgreementRow, (number, version))
        if row is None:
            raise UnknownName(f"there is no version {version} of the agreement for {number}")
        return row

    def _in_force(self, number: str) -> AgreementRow | None:
        in_force = select(AgreementRow).where(AgreementRow.number == number)
        return self._session.exec(in_force.where(AgreementRow.state == AgreementState.IN_FORCE.value)).one_or_none()

    def _come_into_force(self, row: AgreementRow) -> None:
        if row.state in (AgreementState.VOIDED, AgreementState.REPLACED):
            raise WrongState(f"version {row.version} of the agreement for {row.number} is {row.state}")
        older = self._in_force(row.number)
        if older is not None and older.version != row.version:
            older.state = AgreementState.REPLACED.value
            self._session.flush()
        row.was_in_force = True

    def _check_share(self, line: SettlementLine) -> None:
        shares = {share.member: share.amount_fen for share in self.plan_in_force(line.number).shares}
        settled = [other for other in self.settlements(line.number) if other.member == line.member]
        share_fen = shares.get(line.member, 0)
        agreed_fen = sum(other.agreed_fen for other in settled) + line.agreed_fen
        payable_fen = sum(other.payable.gross_fen for other in settled) + line.payable.gross_fen
        if max(agreed_fen, payable_fen) > share_fen:
            raise OverThePlan(
                f"{line.number}: with {line.milestone!r}, {line.member} would settle "
                f"{max(agreed_fen, payable_fen)} fen of a share of {share_fen} fen"
            )
