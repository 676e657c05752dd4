"""The ledger: what members may do, what they have been given, and what capacity running contracts take."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from contracts.calendar import EPOCH, epoch_day, iso_day
from contracts.decision import Decision
from contracts.facts import Candidate, CertificateFacts, LedgerFacts, MemberFacts
from contracts.money import split
from contracts.organisation import Company, CompanyKind
from contracts.review import Standing
from contracts.service_contract import ENDED, ServiceContract
from contracts.task import TaskKind, TaskState
from lianyue.records.columns import holds
from lianyue.records.tables import CompanyRow, ContractRow, ReservationRow, StandingRow, TaskRow


def candidates(session: Session, contract: ServiceContract, day: int) -> tuple[Candidate, ...]:
    """Return the members to consider for *contract* on *day*, ordered by code."""
    standings = _standings(session, contract.category, day)
    ledgers = _Ledgers(session, contract, day)
    return tuple(
        Candidate(
            member=_member(company, contract.category, standings.get(company.code)), ledger=ledgers.of(company.code)
        )
        for company in _members(session)
        if not contract.candidates or company.code in contract.candidates
    )


def reserve(session: Session, contract: ServiceContract, decision: Decision, day: int) -> None:
    """Count each share in the ledger, and the contract's needs in proportion to the shares."""
    weights = {share.member: share.amount_fen for share in decision.shares}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    needs = {resource: split(amount, weights) for resource, amount in sorted(contract.needs.items())}
    for share in decision.shares:
        session.add(
            ReservationRow(
                number=contract.number,
                member=share.member,
                category=contract.category,
                day=day,
                amount_fen=share.amount_fen,
                needs_json=json.dumps({resource: parts[share.member] for resource, parts in needs.items()}),
                is_released=False,
            )
        )
    session.flush()


def release(session: Session, number: str, member: str | None) -> tuple[str, ...]:
    """Take reservations of contract *number* back; return whose, ordered."""
    of_contract = select(ReservationRow).where(ReservationRow.number == number, _stands())
    rows = session.exec(of_contract.order_by(ReservationRow.member)).all()
    released = [row for row in rows if member is None or row.member == member]
    for row in released:
        row.is_released = True
    session.flush()
    return tuple(row.member for row in released)


def free_capacity(session: Session, numbers: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Return what every member has left of each resource, not counting what contracts of *numbers* take."""
    running = (
        select(ReservationRow.member, ReservationRow.needs_json)
        .join(ContractRow, col(ContractRow.number) == ReservationRow.number)
        .where(_stands(), col(ContractRow.stage).not_in(ENDED), col(ReservationRow.number).not_in(numbers))
    )
    free = {company.code: dict(company.capacity) for company in _members(session)}
    for member, needs_json in session.exec(running):
        left = free.get(member, {})
        for resource, amount in json.loads(needs_json).items():
            if resource in left:
                left[resource] = max(0, left[resource] - amount)
    return free


class _Ledgers:
    """What every member has been given by contracts other than this one, counted with five questions."""

    def __init__(self, session: Session, contract: ServiceContract, day: int) -> None:
        self._session = session
        self._contract = contract
        self._first, self._last = _year_of(day)
        self._awarded = self._count_awards()
        self._last_award = self._find_last_awards()
        self._reserved = self._add_needs()
        self._declines = self._count_declines()
        self._client_awards = self._count_client_awards()

    def of(self, member: str) -> LedgerFacts:
        awarded_fen, awards = self._awarded.get(member, (0, 0))
        return LedgerFacts(
            awarded_fen=awarded_fen,
            awards=awards,
            last_award_day=self._last_award.get(member, 0),
            reserved=dict(sorted(self._reserved.get(member, {}).items())),
            declines=self._declines.get(member, 0),
            client_awards=self._client_awards.get(member, 0),
        )

    def _count_awards(self) -> dict[str, tuple[int, int]]:
        counted = (
            select(ReservationRow.member, func.sum(ReservationRow.amount_fen), func.count())
            .where(*self._of_others(), ReservationRow.category == self._contract.category)
            .where(col(ReservationRow.day).between(self._first, self._last))
            .group_by(ReservationRow.member)
        )
        return {member: (amount, count) for member, amount, count in self._session.exec(counted)}

    def _find_last_awards(self) -> dict[str, int]:
        latest = (
            select(ReservationRow.member, func.max(ReservationRow.day))
            .where(*self._of_others(), ReservationRow.category == self._contract.category)
            .group_by(ReservationRow.member)
        )
        return dict(self._session.exec(latest).all())

    def _add_needs(self) -> dict[str, dict[str, int]]:
        running = (
            select(ReservationRow.member, ReservationRow.needs_json)
            .join(ContractRow, col(ContractRow.number) == ReservationRow.number)
            .where(*self._of_others(), col(ContractRow.stage).not_in(ENDED))
        )
        taken: dict[str, dict[str, int]] = {}
        for member, needs_json in self._session.exec(running):
            of_member = taken.setdefault(member, {})
            for resource, amount in json.loads(needs_json).items():
                of_member[resource] = of_member.get(resource, 0) + amount
        return taken

    def _count_declines(self) -> dict[str, int]:
        refused = (
            select(TaskRow.company, func.count())
            .join(ContractRow, col(ContractRow.number) == TaskRow.number)
            .where(ContractRow.category == self._contract.category, TaskRow.number != self._contract.number)
            .where(TaskRow.state == TaskState.REFUSED, col(TaskRow.kind).in_((TaskKind.QUOTE, TaskKind.SIGN)))
            .where(col(TaskRow.opened_day).between(self._first, self._last))
            .group_by(TaskRow.company)
        )
        return dict(self._session.exec(refused).all())

    def _count_client_awards(self) -> dict[str, int]:
        counted = (
            select(ReservationRow.member, func.count())
            .join(ContractRow, col(ContractRow.number) == ReservationRow.number)
            .where(*self._of_others(), ContractRow.client == self._contract.client)
            .where(col(ReservationRow.day).between(self._first, self._last))
            .group_by(ReservationRow.member)
        )
        return dict(self._session.exec(counted).all())

    def _of_others(self) -> tuple[Any, Any]:
        return _stands(), ReservationRow.number != self._contract.number


def _stands() -> Any:
    """The condition that a reservation has not been released."""
    return ~holds(ReservationRow.is_released)


def _year_of(day: int) -> tuple[int, int]:
    """The first and the last day of the calendar year in which *day* lies."""
    year = date.fromisoformat(iso_day(day)).year
    return epoch_day(EPOCH.replace(year=year)), epoch_day(EPOCH.replace(year=year + 1)) - 1


def _members(session: Session) -> list[Company]:
    listed = select(CompanyRow.company_json).where(CompanyRow.kind == CompanyKind.MEMBER)
    ordered = listed.where(holds(CompanyRow.is_listed)).order_by(CompanyRow.code)
    return [Company.model_validate_json(company) for company in session.exec(ordered)]


def _standings(session: Session, category: str, day: int) -> dict[str, Standing]:
    """The latest standing of each member in *category* as of *day*."""
    written = (
        select(StandingRow.member, StandingRow.standing_json)
        .where(StandingRow.category == category, StandingRow.from_day <= day)
        .order_by(col(StandingRow.id))
    )
    latest = dict(session.exec(written).all())
    return {member: Standing.model_validate_json(standing) for member, standing in latest.items()}


def _member(company: Company, category: str, standing: Standing | None) -> MemberFacts:
    facts = MemberFacts(
        code=company.code,
        categories=tuple(sorted(company.categories)),
        parks=tuple(sorted(company.parks)),
        certificates=tuple(
            CertificateFacts(
                code=paper.code,
                valid_from_day=epoch_day(paper.valid_from),
                valid_to_day=epoch_day(paper.valid_to),
            )
            for paper in company.certificates
        ),
        capacity=dict(sorted(company.capacity.items())),
        joined_day=epoch_day(company.joined_on),
        controllers=company.controllers,
        person_in_charge=company.person_in_charge or "",
        sme=company.sme,
        grade=company.grades.get(category, 0),
    )
    if standing is None:
        return facts
    placed = {"band": standing.band.value, "score_bp": standing.score_bp, "suspended_to_day": standing.suspended_to_day}
    return facts.model_copy(update=placed)
