"""The alliance's directory: its office, companies and people as last loaded, and the standings they brought along."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, delete, select, update

from contracts.calendar import epoch_day
from contracts.errors import Invalid, UnknownName
from contracts.organisation import Alliance, Company, CompanyKind, Keyholder, Person
from lianyue.records.columns import holds
from lianyue.records.engine import Database
from lianyue.records.insert import replaced
from lianyue.records.tables import AllianceRow, CompanyRow, KeyholderRow, PersonRow, StandingRow
from lianyue.records.text import normal
from lianyue.records.writing import SqlWriting
from rules.standing import opening


class Directory:
    """Who takes part."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, alliance: Alliance) -> None:
        """
        Make *alliance* the directory.

        People who are no longer in it can no longer sign in; companies stay for the contracts that name them, and
        are no longer considered. A standing brought along counts only where the member has none yet.

        Raises:
            Invalid: If a text is not in Unicode normal form C, or a standing is of a company that is not listed.
        """
        body = alliance.model_dump(mode="json")
        if normal(body) != body:
            raise Invalid("a text of the alliance is not in Unicode normal form C")
        self._database.write(lambda session: _load(session, alliance))

    def office(self) -> str:
        """Return the company that is the alliance's office, or raise UnknownName before the first load."""
        with self._database.reading() as session:
            row = session.get(AllianceRow, 1)
        if row is None:
            raise UnknownName("no alliance is loaded; `lianyue alliance load FILE` does it")
        return row.office

    def companies(self, kind: CompanyKind | None = None) -> tuple[Company, ...]:
        """Return the companies listed, of one *kind* or all, ordered by code."""
        listed = select(CompanyRow).where(holds(CompanyRow.is_listed)).order_by(CompanyRow.code)
        with self._database.reading() as session:
            rows = [row for row in session.exec(listed) if kind is None or row.kind == kind]
        return tuple(Company.model_validate_json(row.company_json) for row in rows)

    def company(self, code: str) -> Company:
        """Return company *code*, listed or not, or raise UnknownName."""
        with self._database.reading() as session:
            row = session.get(CompanyRow, code)
        if row is None:
            raise UnknownName(f"{code} is not a company of the alliance")
        return Company.model_validate_json(row.company_json)

    def persons(self, company: str | None = None) -> tuple[Person, ...]:
        """Return the people, of one *company* or all, ordered by user name."""
        with self._database.reading() as session:
            rows = session.exec(select(PersonRow).order_by(PersonRow.user)).all()
        wanted = [row for row in rows if company is None or row.company == company]
        return tuple(Person.model_validate_json(row.person_json) for row in wanted)

    def keyholders(self) -> tuple[Keyholder, ...]:
        """Return who holds a key by which quotes are opened, ordered by name."""
        with self._database.reading() as session:
            rows = session.exec(select(KeyholderRow).order_by(KeyholderRow.name)).all()
        return tuple(Keyholder.model_validate_json(row.keyholder_json) for row in rows)

    def person(self, user: str) -> Person:
        """Return the person who signs in as *user*, or raise UnknownName."""
        with self._database.reading() as session:
            row = session.get(PersonRow, user)
        if row is None:
            raise UnknownName(f"{user} is not a user")
        return Person.model_validate_json(row.person_json)


def _load(session: Session, alliance: Alliance) -> None:
    session.exec(delete(KeyholderRow))
    for holder in alliance.keyholders:
        session.add(KeyholderRow(name=holder.name, keyholder_json=holder.model_dump_json()))
    session.exec(update(CompanyRow).values(is_listed=False))
    for company in alliance.companies:
        replaced(session, CompanyRow, _company_values(company), "code")
    session.exec(delete(PersonRow))
    for person in alliance.people:
        session.add(PersonRow(user=person.user, company=person.company, person_json=person.model_dump_json()))
    values = {"id": 1, "name": alliance.name, "name_en": alliance.name_en, "office": alliance.office}
    replaced(session, AllianceRow, values, "id")
    _open_standings(session, alliance)


def _company_values(company: Company) -> dict[str, Any]:
    return {
        "code": company.code,
        "kind": company.kind.value,
        "is_listed": True,
        "company_json": company.model_dump_json(),
    }


def _open_standings(session: Session, alliance: Alliance) -> None:
    joined = {company.code: epoch_day(company.joined_on) for company in alliance.companies}
    held = {(row.member, row.category) for row in session.exec(select(StandingRow))}
    for brought in alliance.standings:
        if brought.member not in joined:
            raise Invalid(f"the standing in {brought.category} is of {brought.member}, which is not a company here")
        if (brought.member, brought.category) not in held:
            first = opening(brought.member, brought.category, brought.score_bp, joined[brought.member])
            SqlWriting(session).keep_standing(first)
