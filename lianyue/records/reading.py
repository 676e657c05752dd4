"""The questions people ask the records; every answer comes out of one read-only transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import cast, func, or_
from sqlalchemy import select as columns_of
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import Session, col, select

from contracts.agreement import Agreement, AgreementState, AgreementVersion
from contracts.calendar import AllianceClock
from contracts.decision import Decision, Screening, ShadowDecision
from contracts.delivery import SettlementLine
from contracts.errors import UnknownName
from contracts.facts import Facts
from contracts.ids import contract_workflow, task_id
from contracts.journal import Happening
from contracts.organisation import Role
from contracts.quote import Quote
from contracts.review import Review, Standing
from contracts.service_contract import ContractOrder, Stage
from contracts.signed_document import DocumentRevision
from contracts.task import MemberTask
from contracts.value import Recorded
from lianyue.records.documents import revisions_of
from lianyue.records.evidence import KeptEvidence, evidence_of
from lianyue.records.eyes import Readable
from lianyue.records.inbox import Wanted, narrowed
from lianyue.records.kept import (
    ContractLine,
    ContractSummary,
    KeptAgreement,
    KeptDecision,
    KeptHistory,
    KeptShadow,
    RefusedAttempt,
)
from lianyue.records.narrowing import contract_conditions, task_conditions
from lianyue.records.tables import (
    AgreementRow,
    ContractRow,
    DecisionRow,
    EffectRow,
    HappeningRow,
    HistoryRow,
    QuoteRow,
    RefusedAttemptRow,
    ReviewRow,
    ScreeningRow,
    SettlementRow,
    ShadowDecisionRow,
    StandingRow,
    TaskRow,
)

Noun = TypeVar("Noun", bound=Recorded)


class Reading:
    """The read model; nothing here can write."""

    def __init__(self, database: Readable) -> None:
        self._database = database

    # --- contracts ------------------------------------------------------------------------------------------

    def contracts(
        self,
        *,
        stage: Stage | None = None,
        category: str | None = None,
        member: str | None = None,
        company: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[ContractSummary, ...]:
        """
        Return contracts by number.

        *member* has a share reserved or agreed; *company* is concerned in any way: as client, or by a task.
        """
        found = select(ContractRow).order_by(ContractRow.number).limit(limit).offset(offset)
        for condition in contract_conditions(stage, category, member, company):
            found = found.where(condition)
        with self._database.reading() as session:
            return tuple(ContractSummary.model_validate(row.model_dump()) for row in session.exec(found))

    def contract(self, number: str) -> ContractSummary:
        """Return contract *number*, or raise UnknownName."""
        with self._database.reading() as session:
            return ContractSummary.model_validate(_contract(session, number).model_dump())

    def is_concerned(self, number: str, company: str) -> bool:
        """Say whether *company* has to do with contract *number*: as client, or by a task."""
        buys = select(ContractRow.number).where(ContractRow.number == number, ContractRow.client == company)
        works = select(TaskRow.number).where(TaskRow.number == number, TaskRow.company == company)
        with self._database.reading() as session:
            return any(session.exec(found.limit(1)).first() is not None for found in (buys, works))

    def lines(self, numbers: Sequence[str]) -> dict[str, ContractLine]:
        """Return the contracts *numbers* on one line each, with the clocks that they live by; at most 1,000."""
        columns = [getattr(ContractRow, name) for name in ContractSummary.model_fields]
        with self._database.reading() as session:
            found = columns_of(*columns, _clock_in(session)).where(col(ContractRow.number).in_(numbers))
            lines = [_line(row) for row in session.connection().execute(found)]
        return {each.summary.number: each for each in lines}

    def order(self, number: str) -> ContractOrder:
        """Return the order contract *number* was registered with, or raise UnknownName."""
        with self._database.reading() as session:
            return ContractOrder.model_validate_json(_contract(session, number).order_json)

    def happenings(self, number: str) -> tuple[Happening, ...]:
        """Return what happened to a contract, in the order of time, then of writing."""
        of_contract = select(HappeningRow.happening_json).where(HappeningRow.number == number)
        return self._all(of_contract.order_by(col(HappeningRow.at), col(HappeningRow.id)), Happening)

    # --- tasks ----------------------------------------------------------------------------------------------

    def tasks(
        self,
        *,
        company: str | None = None,
        user: str | None = None,
        roles: Sequence[Role] | None = None,
        number: str | None = None,
        open_only: bool = True,
        wanted: Wanted | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[MemberTask, ...]:
        """
        Return tasks, the most pressing first.

        With *user* and *roles*, those the user may take by role, holds, owns, or is asked to sign with; with one of
        them, by that alone.
        """
        found = select(TaskRow.task_json)
        for condition in task_conditions(company, user, roles, number, open_only):
            found = found.where(condition)
        pressing = (col(TaskRow.priority).desc(), col(TaskRow.due_at).nulls_last(), col(TaskRow.id))
        found = found.order_by(*pressing).limit(limit).offset(offset)
        with self._database.reading() as session:
            return _read(session, narrowed(session, found, wanted), MemberTask)

    def task(self, task_id: str) -> MemberTask:
        """Return task *task_id*, or raise UnknownName."""
        with self._database.reading() as session:
            row = session.get(TaskRow, task_id)
        if row is None:
            raise UnknownName(f"there is no task {task_id!r}")
        return MemberTask.model_validate_json(row.task_json)

    def board(self, workflow_id: str) -> tuple[MemberTask, ...]:
        """Return every task that a workflow itself asked for, by id; those of its children are on their own boards."""
        asked = col(TaskRow.id).startswith(task_id(workflow_id, ""), autoescape=True)
        return self._all(select(TaskRow.task_json).where(asked).order_by(TaskRow.id), MemberTask)

    # --- what a contract left behind ------------------------------------------------------------------------

    def screenings(self, number: str) -> tuple[Screening, ...]:
        """Return who might quote, round by round."""
        of_contract = select(ScreeningRow.screening_json).where(ScreeningRow.number == number)
        return self._all(of_contract.order_by(col(ScreeningRow.id)), Screening)

    def quotes(self, number: str) -> tuple[Quote, ...]:
        """Return the opened quotes, ordered by round and member; nothing of a sealed one."""
        of_contract = select(QuoteRow.quote_json).where(QuoteRow.number == number)
        return self._all(of_contract.order_by(col(QuoteRow.round), QuoteRow.member), Quote)

    def decisions(self, number: str) -> tuple[KeptDecision, ...]:
        """Return the decisions with their facts, first to last."""
        of_contract = select(DecisionRow).where(DecisionRow.number == number)
        with self._database.reading() as session:
            rows = session.exec(of_contract.order_by(col(DecisionRow.occurrence))).all()
        return tuple(_kept_decision(row) for row in rows)

    def answer(self, workflow_id: str, step: str, occurrence: int) -> str | None:
        """Return what one effect of a workflow answered, as JSON, or nothing if there was no such effect."""
        effect = select(EffectRow).where(EffectRow.workflow_id == workflow_id, EffectRow.step == step)
        with self._database.reading() as session:
            row = session.exec(effect.where(EffectRow.occurrence == occurrence)).one_or_none()
        return row.answer_json if row else None

    def shadows(self, policy: str) -> tuple[KeptShadow, ...]:
        """Return what the shadow of a *policy* would have said, beside what was decided, by number and occurrence."""
        same = (col(DecisionRow.number) == ShadowDecisionRow.number) & (
            col(DecisionRow.occurrence) == ShadowDecisionRow.occurrence
        )
        beside = (
            select(ShadowDecisionRow, DecisionRow).join(DecisionRow, same).where(ShadowDecisionRow.policy == policy)
        )
        with self._database.reading() as session:
            rows = session.exec(beside.order_by(DecisionRow.number, col(DecisionRow.occurrence))).all()
        return tuple(_kept_shadow(shadow, decided) for shadow, decided in rows)

    def agreements(self, number: str) -> tuple[KeptAgreement, ...]:
        """Return every version of the document, first to last."""
        of_contract = select(AgreementRow).where(AgreementRow.number == number)
        with self._database.reading() as session:
            rows = session.exec(of_contract.order_by(col(AgreementRow.version))).all()
        return tuple(_kept_agreement(row) for row in rows)

    def revisions(self, number: str, version: int) -> tuple[DocumentRevision, ...]:
        """Return the revisions of one version's document, first to last."""
        with self._database.reading() as session:
            return revisions_of(session, number, version)

    def signatures(self, number: str, version: int) -> tuple[DocumentRevision, ...]:
        """Return the revisions by which companies signed one version, ordered by company."""
        signed = [each for each in self.revisions(number, version) if each.company is not None]
        return tuple(sorted(signed, key=lambda each: each.company or ""))

    def settlements(self, number: str) -> tuple[SettlementLine, ...]:
        """Return the settlement lines, ordered by member and milestone."""
        of_contract = select(SettlementRow.line_json).where(SettlementRow.number == number)
        return self._all(of_contract.order_by(SettlementRow.member, SettlementRow.milestone), SettlementLine)

    def evidence(self, number: str) -> tuple[KeptEvidence, ...]:
        """Return the files that were handed over, in the order of arrival."""
        return evidence_of(self._database, number)

    def reviews(self, number: str) -> tuple[Review, ...]:
        """Return the reviews, ordered by member."""
        of_contract = select(ReviewRow.review_json).where(ReviewRow.number == number)
        return self._all(of_contract.order_by(ReviewRow.member), Review)

    def standings(self, category: str) -> tuple[Standing, ...]:
        """Return the latest standing of every member that has one in *category*, ordered by member."""
        written = select(StandingRow.member, StandingRow.standing_json).where(StandingRow.category == category)
        with self._database.reading() as session:
            latest = dict(session.exec(written.order_by(col(StandingRow.id))).all())
        return tuple(Standing.model_validate_json(latest[member]) for member in sorted(latest))

    def histories(self, number: str) -> tuple[KeptHistory, ...]:
        """
        Return the archived histories, ordered by workflow and run: the root first.

        There are none until the root's is kept, which the archivist keeps last: half a tree is no archive.
        """
        of_contract = select(HistoryRow).where(HistoryRow.number == number)
        with self._database.reading() as session:
            rows = session.exec(of_contract.order_by(HistoryRow.workflow_id, HistoryRow.run_id)).all()
        kept = tuple(KeptHistory.model_validate(row.model_dump()) for row in rows)
        return kept if any(each.workflow_id == contract_workflow(number) for each in kept) else ()

    def effects(self, steps: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
        """Return key, step and answer of every effect that one of *steps* had, ordered by key."""
        had = select(EffectRow.key, EffectRow.step, EffectRow.answer_json).where(col(EffectRow.step).in_(steps))
        with self._database.reading() as session:
            found = session.exec(had.order_by(EffectRow.key)).all()
        return tuple((key, step, answer or "null") for key, step, answer in found)

    def history_digests(self) -> tuple[tuple[str, str, str], ...]:
        """Return workflow, run and digest of every archived history, ordered by workflow and run."""
        kept = select(HistoryRow.workflow_id, HistoryRow.run_id, HistoryRow.digest)
        with self._database.reading() as session:
            return tuple(session.exec(kept.order_by(HistoryRow.workflow_id, HistoryRow.run_id)).all())

    def refused_attempts(self, number: str | None = None) -> tuple[RefusedAttempt, ...]:
        """Return refused attempts in the order of writing; of *number*, those at it, its tasks and its parts."""
        found = select(RefusedAttemptRow).order_by(col(RefusedAttemptRow.id))
        if number is not None:
            target = col(RefusedAttemptRow.target)
            parts = [target.startswith(f"{number}{mark}", autoescape=True) for mark in "/:"]
            found = found.where(or_(target == number, *parts))
        with self._database.reading() as session:
            return tuple(RefusedAttempt.model_validate(row.model_dump()) for row in session.exec(found))

    def _all(self, question: Any, noun: type[Noun]) -> tuple[Noun, ...]:
        """Return the documents that *question* selects."""
        with self._database.reading() as session:
            return _read(session, question, noun)


def _read(session: Session, question: Any, noun: type[Noun]) -> tuple[Noun, ...]:
    return tuple(noun.model_validate_json(document) for document in session.exec(question))


def _clock_in(session: Session) -> Any:
    """The clock alone out of the order: the calendar beside it has the days of years."""
    if session.connection().dialect.name == "sqlite":
        return func.json_extract(ContractRow.order_json, "$.clock")
    return cast(ContractRow.order_json, JSON)["clock"].astext


def _line(row: Any) -> ContractLine:
    *values, clock = row
    summary = ContractSummary.model_validate(dict(zip(ContractSummary.model_fields, values, strict=True)))
    return ContractLine(summary=summary, clock=AllianceClock.model_validate_json(clock))


def _contract(session: Session, number: str) -> ContractRow:
    row = session.get(ContractRow, number)
    if row is None:
        raise UnknownName(f"contract {number} is not registered")
    return row


def _kept_decision(row: DecisionRow) -> KeptDecision:
    return KeptDecision(
        occurrence=row.occurrence,
        facts=Facts.model_validate_json(row.facts_json),
        decision=Decision.model_validate_json(row.decision_json),
    )


def _kept_shadow(row: ShadowDecisionRow, decided: DecisionRow) -> KeptShadow:
    return KeptShadow(
        number=row.number,
        **_kept_decision(decided).model_dump(),
        shadow=ShadowDecision.model_validate_json(row.shadow_json),
    )


def _kept_agreement(row: AgreementRow) -> KeptAgreement:
    agreement = Agreement.model_validate_json(row.agreement_json)
    return KeptAgreement(
        version=AgreementVersion(agreement=agreement, digest=row.digest),
        state=AgreementState(row.state),
        reason=row.reason,
    )
