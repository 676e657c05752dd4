"""Contracts as contests: who asked what, who has how much, what is payable, and when the result was told."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, func, select

from contracts.agreement import AgreementState
from contracts.calendar import AllianceClock, WorkingCalendar, day_of
from contracts.journal import Happening
from contracts.service_contract import QuotingMode, Stage
from lianyue.records.eyes import Readable
from lianyue.records.tables import (
    AgreementRow,
    ContractRow,
    DecisionRow,
    HappeningRow,
    QuoteRow,
    SettlementRow,
    ShareRow,
)

APPROVING = ":approve-"
"""What the ids of tasks of approving have in them, and no others."""

OVERRIDDEN = "award_overridden"

Amounts = dict[str, dict[str, int]]
"""Fen by contract and member."""


@dataclass(frozen=True)
class Contest:
    """One contract as it was competed for, awarded and settled."""

    number: str
    client: str
    category: str
    day: int
    value_fen: int
    is_invited: bool
    prices: dict[str, int] = field(default_factory=dict)
    """What each member asked, in the last round."""
    shares: dict[str, int] = field(default_factory=dict)
    """What each member has by the agreement in force, or was awarded."""
    settled: dict[str, int] = field(default_factory=dict)
    """What is payable to each member."""
    told_after: int = 0
    """The most working days from when a result was settled to when those concerned were told of it."""
    overrides: tuple[tuple[str, str], ...] = ()
    """Who overrode what the rules found, and why."""


def contests(database: Readable, category: str | None = None) -> list[Contest]:
    """Return every contract as a contest, or those of one *category*, by number; six questions, however many."""
    with database.reading() as session:
        found = _of(category, select(ContractRow).order_by(ContractRow.number))
        rows = session.exec(found).all()
        prices, settled = _prices(session, category), _settled(session, category)
        shares = {**_awarded(session, category), **_agreed(session, category)}
        told = _told(session, category)
        return [_contest(row, prices, shares, settled, told[row.number]) for row in rows]


def _contest(row: ContractRow, prices: Amounts, shares: Amounts, settled: Amounts, told: list[Happening]) -> Contest:
    order = json.loads(row.order_json)
    clock = AllianceClock.model_validate(order["clock"])
    calendar = WorkingCalendar.model_validate(order["calendar"]) if told else WorkingCalendar()
    return Contest(
        number=row.number,
        client=row.client,
        category=row.category,
        day=clock.day(clock.real_origin),
        value_fen=row.value_fen,
        is_invited=order["contract"]["quoting"]["mode"] == QuotingMode.INVITED,
        prices=prices.get(row.number, {}),
        shares=shares.get(row.number, {}),
        settled=settled.get(row.number, {}),
        told_after=max(gaps(told, calendar), default=0),
        overrides=tuple((each.user, each.facts["reason"]) for each in told if each.verb == OVERRIDDEN),
    )


def gaps(told: Iterable[Happening], calendar: WorkingCalendar) -> Iterator[int]:
    """The working days from each result to its telling: settled is what was approved last, or decided by the rules."""
    settled: int | None = None
    for each in told:
        if each.verb == OVERRIDDEN:
            continue
        if each.verb != Stage.ALLOCATED:
            settled = day_of(each.on)
        elif settled is not None:
            yield calendar.between(settled, day_of(each.on))
            settled = None


def _of(category: str | None, question: Any) -> Any:
    return question if category is None else question.where(col(ContractRow.category) == category)


def _about(category: str | None, number: Any, question: Any) -> Any:
    """Narrow a *question* of rows about contracts to those of *category*."""
    if category is None:
        return question
    return question.where(col(number).in_(select(ContractRow.number).where(ContractRow.category == category)))


def _prices(session: Session, category: str | None) -> Amounts:
    asked = select(QuoteRow.number, QuoteRow.member, QuoteRow.price_fen).order_by(col(QuoteRow.round), QuoteRow.member)
    return _gathered(session.exec(_about(category, QuoteRow.number, asked)))


def _settled(session: Session, category: str | None) -> Amounts:
    payable = select(SettlementRow.number, SettlementRow.member, func.sum(SettlementRow.gross_fen))
    summed = payable.group_by(SettlementRow.number, SettlementRow.member)
    return _gathered(session.exec(_about(category, SettlementRow.number, summed)))


def _agreed(session: Session, category: str | None) -> Amounts:
    """The shares of the versions in force."""
    same = (col(AgreementRow.number) == ShareRow.number) & (col(AgreementRow.version) == ShareRow.version)
    shares = select(ShareRow.number, ShareRow.member, ShareRow.amount_fen).join(AgreementRow, same)
    in_force = shares.where(AgreementRow.state == AgreementState.IN_FORCE.value).order_by(col(ShareRow.position))
    return _gathered(session.exec(_about(category, ShareRow.number, in_force)))


def _awarded(session: Session, category: str | None) -> Amounts:
    """The shares of the last decision on each contract of which no version is in force."""
    in_force = select(AgreementRow.number).where(AgreementRow.state == AgreementState.IN_FORCE.value)
    decided = select(DecisionRow.number, DecisionRow.decision_json).where(col(DecisionRow.number).not_in(in_force))
    found = session.exec(_about(category, DecisionRow.number, decided.order_by(col(DecisionRow.occurrence))))
    last = {number: json.loads(decision)["shares"] for number, decision in found}
    return {number: {share["member"]: share["amount_fen"] for share in shares} for number, shares in last.items()}


def _told(session: Session, category: str | None) -> dict[str, list[Happening]]:
    """What settles a result, what overrides it, and what tells it, in the order of time."""
    found = select(HappeningRow.number, HappeningRow.happening_json)
    approved = (col(HappeningRow.verb) == "submitted") & col(HappeningRow.happening_json).contains(APPROVING)
    results = found.where(approved | col(HappeningRow.verb).in_(("decided", Stage.ALLOCATED.value, OVERRIDDEN)))
    ordered = results.order_by(col(HappeningRow.at), col(HappeningRow.id))
    told: dict[str, list[Happening]] = defaultdict(list)
    for number, happening in session.exec(_about(category, HappeningRow.number, ordered)):
        told[number].append(Happening.model_validate_json(happening))
    return told


def _gathered(rows: Iterable[tuple[str, str, int]]) -> Amounts:
    found: Amounts = defaultdict(dict)
    for number, member, fen in rows:
        found[number][member] = int(fen)
    return found
