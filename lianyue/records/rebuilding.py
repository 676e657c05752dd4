"""
The read model written anew from what the histories say: every effect in the order of time, by its recorded answer.

Nothing is decided, opened or signed again. What no history holds (the directory with its keyholders, published texts,
sealed envelopes, files handed over as evidence, what was prepared for keys outside, grants, request ids, shadows,
refused attempts, portfolios with what their decisions followed from, the log) is a source of its own and is copied. So
is what a portfolio decided for a contract that never took it up. The bytes of evidence and of signed documents lie
outside the records and stay where they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Table, insert, select
from sqlmodel import Session, SQLModel

from activities.allocating import AllocateRequest, LetGo, LetGoRequest, TakeUpRequest
from activities.deciding import DecideRequest, DecisionRecord, Released, ReleaseRequest
from activities.delivering import SettleRequest
from activities.ports import ClosedHistory
from activities.quoting import OpenedQuotes, OpenQuotesRequest, Screened, ScreenRequest
from activities.recording import Written
from activities.reviewing import Drafted, DraftRequest, Finalised, FinaliseRequest
from activities.signing import (
    AmendRequest,
    CertifyRequest,
    Concluded,
    ConcludeRequest,
    DrawUpRequest,
    SignOutcome,
    SignRequest,
    Voided,
    VoidRequest,
)
from contracts.agreement import AgreementState, AgreementVersion
from contracts.decision import DecisionOutcome
from contracts.delivery import SettlementLine
from contracts.errors import Invalid, UnknownName
from contracts.journal import EffectRequest
from contracts.portfolio import PortfolioDecided
from contracts.service_contract import ContractOrder
from contracts.signed_document import DocumentRevision
from lianyue.records.door import register_rows
from lianyue.records.engine import Database
from lianyue.records.insert import inserted
from lianyue.records.sql import SqlRecords
from lianyue.records.tables import HistoryRow
from lianyue.records.writing import SqlWriting
from rules.canonical import digest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

COPIED = (
    *("company", "alliance", "person", "keyholder", "edition", "policy_exception", "mandate", "revocation", "request"),
    *("portfolio", "portfolio_decision"),
    *("refused_attempt", "log_entry", "log_node", "log_checkpoint", "log_cosignature"),
)
"""Tables that are sources themselves, in an order in which each refers only to those before it."""

AFTERWARDS = ("envelope", "evidence", "prepared_signature", "shadow_decision", "draft", "api_token")
"""Those of them that refer to contracts, and what people keep for themselves."""

DERIVED: dict[str, tuple[str, ...]] = {
    "service_contract": (),
    "portfolio_contract": (),
    "effect": ("at",),
    "member_task": (),
    "task_act": (),
    "copy": ("read_at",),
    "notice": ("id",),
    "happening": ("id",),
    "screening": ("id",),
    "quote": (),
    "decision": (),
    "reservation": ("id",),
    "rotation_queue": (),
    "agreement": (),
    "agreement_share": (),
    "document_revision": (),
    "settlement": (),
    "review": (),
    "standing": ("id",),
    "history": (),
}
"""
Tables of which every row follows from histories, each with the columns that do not: numbers that only keep rows apart,
the moment at which a worker wrote, and whether somebody has read a copy.
"""


@dataclass(frozen=True)
class Effect:
    """One effect as a history has it: what was asked for, what was answered, and when that was known."""

    step: str
    request: bytes
    answer: bytes
    at: datetime


class Rebuilding(SqlRecords):
    """Writes effects as they were had; the log has them already."""

    def _enter(self, session: Session, request: EffectRequest, given: BaseModel) -> None:
        """Enter nothing: the log is no row of the read model."""

    def rebuild(self, effect: Effect) -> None:
        """Write one effect."""
        had = _HAD.get(effect.step)
        if had is None:
            return
        asked, answered, write = had
        request, answer = asked.model_validate_json(effect.request), answered.model_validate_json(effect.answer)

        def act(writing: Any) -> Any:
            write(writing, request, answer)
            return answer

        self.once(request, act, answered)


def rebuild(
    target: Database,
    orders: Iterable[ContractOrder],
    effects: Sequence[Effect],
    histories: dict[str, list[ClosedHistory]],
    source: Database,
) -> None:
    """Write the read model of these contracts into *target*, which holds the sources and nothing else."""
    listed = list(orders)
    for order in listed:
        target.write(partial(_registered, order))
    _write_decided_together(source, target, listed, effects)
    at = [EPOCH]
    records = Rebuilding(target, lambda: at[0])
    for effect in sorted(effects, key=lambda each: each.at):
        at[0] = effect.at
        records.rebuild(effect)
    for number, kept in histories.items():
        for each in kept:
            target.write(partial(inserted, row=HistoryRow, values={**each.model_dump(), "number": number}))


def _registered(order: ContractOrder, session: Session) -> None:
    body = order.contract.model_dump(mode="json")
    stated = {"contract": body, "portfolio": order.portfolio} if order.portfolio else body
    register_rows(session, order, digest(stated), order.clock.real_origin)


def _write_decided_together(
    source: Database, target: Database, orders: Sequence[ContractOrder], effects: Iterable[Effect]
) -> None:
    """Write what portfolios decided: what a contract took up as its history has it, the rest as the source has it."""
    taken = [each for each in effects if each.step == "take_up"]
    asked = [TakeUpRequest.model_validate_json(each.request) for each in taken]
    for request, effect in zip(asked, taken, strict=True):
        answer = DecisionRecord.model_validate_json(effect.answer)
        target.write(partial(_taken_up, request, answer))
    known = {(request.number, request.allotted) for request in asked}
    numbers = {order.number for order in orders if order.portfolio}
    table = SQLModel.metadata.tables["decision"]
    with source.reading() as session:
        rows = [dict(row) for row in session.connection().execute(select(table)).mappings()]
    left = [row for row in rows if row["number"] in numbers and (row["number"], row["occurrence"]) not in known]
    _add(target, table, left)


def _taken_up(request: TakeUpRequest, answer: DecisionRecord, session: Session) -> None:
    SqlWriting(session).keep_decision(request.number, request.allotted, answer.facts, answer.decision)


def copy_sources(source: Database, target: Database, tables: Iterable[str]) -> None:
    """Copy *tables* as they are."""
    for name in tables:
        table = SQLModel.metadata.tables[name]
        with source.reading() as session:
            rows = [dict(row) for row in session.connection().execute(select(table)).mappings()]
        _add(target, table, rows)


def _add(target: Database, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        target.write(lambda session: session.connection().execute(insert(table), rows))


def copy_opening_standings(source: Database, target: Database, moved: set[str]) -> None:
    """Copy the standings that members brought along: those that are not among the ones reviews have *moved*."""
    table = SQLModel.metadata.tables["standing"]
    with source.reading() as session:
        rows = [dict(row) for row in session.connection().execute(select(table).order_by(table.c.id)).mappings()]
    _add(target, table, [row for row in rows if row["standing_json"] not in moved])


def differing_rows(one: Database, other: Database) -> dict[str, tuple[int, int, str]]:
    """
    Compare every derived table, row by row and in both directions.

    Returns by table how many rows there are, how many differ, and the first that does.
    """
    return {name: _compared(SQLModel.metadata.tables[name], left_out, one, other) for name, left_out in DERIVED.items()}


def _compared(table: Table, left_out: tuple[str, ...], one: Database, other: Database) -> tuple[int, int, str]:
    here, there = _rows(table, left_out, one), _rows(table, left_out, other)
    missing, besides = _less(here, there), _less(there, here)
    first = f"not rebuilt: {missing[0][:200]}" if missing else f"only rebuilt: {besides[0][:200]}" if besides else ""
    return len(here), max(len(missing), len(besides)), first


def _rows(table: Table, left_out: tuple[str, ...], database: Database) -> list[str]:
    columns = [column for column in table.columns if column.name not in left_out]
    with database.reading() as session:
        return sorted(repr(tuple(row)) for row in session.connection().execute(select(*columns)))


def _less(rows: list[str], others: list[str]) -> list[str]:
    """The *rows* that are not among *others*, each as often as it is missing."""
    return sorted((Counter(rows) - Counter(others)).elements())


# --- what each step wrote ---------------------------------------------------------------------------------------


def _decided(writing: SqlWriting, request: DecideRequest, answer: DecisionRecord) -> None:
    writing.release(request.number)
    writing.keep_decision(request.number, request.occurrence, answer.facts, answer.decision)
    if answer.decision.queue_after:
        writing.keep_queue(answer.decision.queue_after)
    if answer.decision.outcome is DecisionOutcome.AWARDED:
        writing.reserve(request.contract, answer.decision, request.day)


def _allocated(writing: SqlWriting, request: AllocateRequest, answer: PortfolioDecided) -> None:
    """Reserve what was awarded; of a contract without a history nothing is rebuilt."""
    for award in answer.awards:
        try:
            order, _ = writing.order(award.number)
        except UnknownName:
            continue
        _, decision = writing.decision(award.number, request.occurrence)
        if digest(decision.model_dump(mode="json")) != award.decision:
            raise Invalid(f"decision {request.occurrence} of {award.number} is not the one that was announced")
        writing.release(award.number)
        writing.reserve(order.contract, decision, request.day)


def _let_go(writing: SqlWriting, _: LetGoRequest, answer: LetGo) -> None:
    for number in answer.contracts:
        writing.release(number)


def _concluded(writing: SqlWriting, request: ConcludeRequest, answer: Concluded) -> None:
    writing.keep_revision(answer.closed)
    if answer.overtaken_by:
        return
    writing.set_agreement_state(request.number, request.version, AgreementState.IN_FORCE, "")
    for line in answer.claw_backs:
        writing.keep_settlement(line)


def _drafted(writing: SqlWriting, _: DraftRequest, answer: Drafted) -> None:
    for review in answer.reviews:
        writing.keep_review(review)


def _finalised(writing: SqlWriting, request: FinaliseRequest, answer: Finalised) -> None:
    for review, standing in zip(request.reviews, answer.standings, strict=True):
        writing.keep_review(review.model_copy(update={"is_final": True}))
        writing.keep_standing(standing)


def _voided(writing: SqlWriting, request: VoidRequest, _: Voided) -> None:
    writing.set_agreement_state(request.number, request.version, AgreementState.VOIDED, request.reason)


def _screened(writing: SqlWriting, request: ScreenRequest, answer: Screened) -> None:
    writing.keep_screening(request.number, answer.screening)


def _opened(writing: SqlWriting, request: OpenQuotesRequest, answer: OpenedQuotes) -> None:
    writing.keep_quotes(request.number, answer.quotes)


def _certified(writing: SqlWriting, _: CertifyRequest, answer: DocumentRevision) -> None:
    writing.keep_revision(answer)


def _signed(writing: SqlWriting, _: SignRequest, answer: SignOutcome) -> None:
    if answer.revision is not None:
        writing.keep_revision(answer.revision)


def _released(writing: SqlWriting, request: ReleaseRequest, _: Released) -> None:
    writing.release(request.number, request.member)


def _drawn_up(writing: SqlWriting, _: EffectRequest, answer: AgreementVersion) -> None:
    writing.keep_agreement(answer)


def _settled(writing: SqlWriting, _: SettleRequest, answer: SettlementLine) -> None:
    writing.keep_settlement(answer)


def _nothing(*_: object) -> None:
    """What is written down is in the journal, and what is taken up was decided before."""


_Write = Callable[[Any, Any, Any], None]
_HAD: dict[str, tuple[type[EffectRequest], type[BaseModel], _Write]] = {
    "write_down": (EffectRequest, Written, _nothing),
    "screen": (ScreenRequest, Screened, _screened),
    "open_quotes": (OpenQuotesRequest, OpenedQuotes, _opened),
    "decide": (DecideRequest, DecisionRecord, _decided),
    "allocate": (AllocateRequest, PortfolioDecided, _allocated),
    "let_go": (LetGoRequest, LetGo, _let_go),
    "take_up": (TakeUpRequest, DecisionRecord, _nothing),
    "release": (ReleaseRequest, Released, _released),
    "draw_up": (DrawUpRequest, AgreementVersion, _drawn_up),
    "amend": (AmendRequest, AgreementVersion, _drawn_up),
    "certify": (CertifyRequest, DocumentRevision, _certified),
    "sign": (SignRequest, SignOutcome, _signed),
    "conclude": (ConcludeRequest, Concluded, _concluded),
    "void": (VoidRequest, Voided, _voided),
    "settle": (SettleRequest, SettlementLine, _settled),
    "draft": (DraftRequest, Drafted, _drafted),
    "finalise": (FinaliseRequest, Finalised, _finalised),
}
"""By step: what it was asked, what it answered, and what it wrote."""
