"""The inbox: what a person has to do, has done, has started, and is informed of, found and counted by SQL."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlmodel import Session, col, select

from contracts.errors import UnknownName
from contracts.organisation import Actor, Company, Person, Role
from contracts.task import MemberTask, TaskKind, TaskState
from contracts.value import Recorded
from lianyue.records.columns import holds
from lianyue.records.engine import Database
from lianyue.records.eyes import Readable
from lianyue.records.journal import marked
from lianyue.records.tables import CompanyRow, ContractRow, CopyRow, TaskActRow, TaskRow


class Tab(StrEnum):
    """The four lists of an inbox: 待办, 已办, 我发起的, 抄送我."""

    TODO = "todo"
    DONE = "done"
    STARTED = "started"
    COPIED = "copied"


class Wanted(Recorded):
    """
    What a list is narrowed to; ``search`` looks into number, title and client of the contract.

    With ``company``, to the tasks of that company and of the contracts of which it is the client.
    """

    company: str = ""
    kind: str = ""
    number: str = ""
    category: str = ""
    search: str = ""
    overdue: bool = False
    due_before: datetime | None = None


class Seat(Recorded):
    """For whom somebody looks: for themselves, or in the seat of a colleague for whom they stand in."""

    user: str
    company: str
    roles: tuple[Role, ...]
    may_sign: bool = True
    may_approve: bool = True


class KeptCopy(Recorded):
    """抄送: what somebody is informed of, a task or with an empty ``task`` the contract, and when they read it."""

    number: str
    task: str
    title: str
    given_by: str
    at: datetime
    read_at: datetime | None


class Inbox:
    """Answers from the records, or from what is seen of them; the only thing written is that a copy was read."""

    def __init__(self, database: Database, seen: Readable | None = None) -> None:
        self._database = database
        self._seen = database if seen is None else seen

    def todo(
        self, seats: tuple[Seat, ...], wanted: Wanted | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[MemberTask, ...]:
        """待办: return what the holders of *seats*, all of one company, can do something about, due soonest first."""
        return self._tasks(to_do(seats), wanted, _SOONEST, limit, offset)

    def done(
        self, user: str, wanted: Wanted | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[MemberTask, ...]:
        """已办: return what *user* has dealt with and does not hold again, the latest first."""
        latest = (col(TaskActRow.at).desc(), col(TaskRow.id))
        return self._tasks(_done(user), wanted, latest, limit, offset)

    def started(
        self, user: str, wanted: Wanted | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[MemberTask, ...]:
        """我发起的: return the open tasks of the contracts that *user* started, due soonest first."""
        return self._tasks(_started(user), wanted, _SOONEST, limit, offset)

    def overdue(self, client: str | None, limit: int | None = None) -> tuple[MemberTask, ...]:
        """Return every open task that is overdue, or with *client* those of its contracts, due soonest first."""
        found = select(TaskRow.task_json).join(ContractRow, _OF_CONTRACT)
        found = found.where(holds(TaskRow.is_open), holds(TaskRow.is_overdue))
        found = found if client is None else found.where(ContractRow.client == client)
        return self._read(found.order_by(*_SOONEST).limit(limit))

    def copied(
        self, user: str, wanted: Wanted | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[KeptCopy, ...]:
        """抄送我: return what *user* is informed of, the latest first."""
        with self._seen.reading() as session:
            found = (
                select(CopyRow, ContractRow.title, TaskRow.task_json)
                .join(ContractRow, col(ContractRow.number) == CopyRow.number)
                .join(TaskRow, col(TaskRow.id) == CopyRow.task, isouter=True)
                .where(CopyRow.user == user, *_narrowed(session, wanted))
                .order_by(col(CopyRow.at).desc(), CopyRow.number, CopyRow.task)
            )
            return tuple(_kept(*row) for row in session.exec(found.limit(limit).offset(offset)))

    def counts(self, user: str, seats: tuple[Seat, ...]) -> dict[Tab, int]:
        """Count the lists of *user*; of copies those that are unread."""
        unread = select(func.count()).select_from(CopyRow).where(CopyRow.user == user, col(CopyRow.read_at).is_(None))
        questions = (to_do(seats), _done(user), _started(user))
        with self._seen.reading() as session:
            counted = [session.exec(_counting(question)).one() for question in questions]
            counted.append(session.exec(unread).one())
        return dict(zip(Tab, counted, strict=True))

    def mark_read(self, number: str, task: str, user: str, at: datetime) -> bool:
        """
        已阅: put down that *user* has read a copy; return False if they had before.

        Raises:
            UnknownName: If they are not informed of it.
        """
        return self._database.write(lambda session: _mark_read(session, (number, task, user), at))

    def _tasks(
        self, found: Any, wanted: Wanted | None, order: tuple[Any, ...], limit: int | None, offset: int
    ) -> tuple[MemberTask, ...]:
        with self._seen.reading() as session:
            rows = session.exec(narrowed(session, found, wanted).order_by(*order).limit(limit).offset(offset))
            return tuple(MemberTask.model_validate_json(document) for document in rows)

    def _read(self, found: Any) -> tuple[MemberTask, ...]:
        with self._seen.reading() as session:
            return tuple(MemberTask.model_validate_json(document) for document in session.exec(found))


_OF_CONTRACT = col(ContractRow.number) == TaskRow.number
_SOONEST = (col(TaskRow.due_at).nulls_last(), col(TaskRow.id))


def to_do(seats: tuple[Seat, ...]) -> Any:
    """
    Return the question for what the holders of *seats* can do something about.

    Every seat is of the company of the first: an index leads to the open tasks of that company, by due time.
    """
    mine = or_(*(_of_seat(seat) for seat in seats))
    return select(TaskRow.task_json).where(TaskRow.company == seats[0].company, holds(TaskRow.is_open), mine)


def _of_seat(seat: Seat) -> ColumnElement[bool]:
    """Offered to a role of the seat or held in it and not waiting for co-signers, or waiting for its consent."""
    offered = and_(col(TaskRow.user).is_(None), col(TaskRow.role).in_([role.value for role in seat.roles]))
    acts = and_(or_(offered, col(TaskRow.user) == seat.user), col(TaskRow.state) != TaskState.RESOLVED.value)
    asked = col(TaskRow.co_signers).contains(marked(seat.user), autoescape=True)
    kept_apart = ((seat.may_sign, TaskKind.SIGN), (seat.may_approve, TaskKind.APPROVE))
    return and_(or_(acts, asked), *(col(TaskRow.kind) != kind.value for may, kind in kept_apart if not may))


def _done(user: str) -> Any:
    acted = select(TaskRow.task_json).join(TaskActRow, col(TaskActRow.task) == TaskRow.id)
    again = and_(holds(TaskRow.is_open), col(TaskRow.user) == user, col(TaskRow.state) != TaskState.RESOLVED.value)
    return acted.where(TaskActRow.user == user, or_(~again, col(TaskRow.user).is_(None)))


def _started(user: str) -> Any:
    own = select(ContractRow.number).where(ContractRow.started_by == user)
    return select(TaskRow.task_json).where(col(TaskRow.number).in_(own), holds(TaskRow.is_open))


def _counting(found: Any) -> Any:
    return select(func.count()).select_from(found.subquery())


def narrowed(session: Session, tasks: Any, wanted: Wanted | None) -> Any:
    """Return the question for *tasks*, asking only for those that are *wanted*; of their contracts only if it must."""
    of_contracts = wanted is not None and bool(wanted.search or wanted.number or wanted.category)
    tasks = tasks.join(ContractRow, _OF_CONTRACT) if of_contracts else tasks
    return tasks.where(*_narrowed(session, wanted))


def _narrowed(session: Session, wanted: Wanted | None) -> list[Any]:
    if wanted is None:
        return []
    conditions: list[Any] = [_searched(session, wanted.search)] if wanted.search else []
    conditions += [_concerning(wanted.company)] if wanted.company else []
    conditions += [col(TaskRow.kind) == wanted.kind] if wanted.kind else []
    conditions += [col(ContractRow.number) == wanted.number] if wanted.number else []
    conditions += [col(ContractRow.category) == wanted.category] if wanted.category else []
    conditions += [holds(TaskRow.is_overdue)] if wanted.overdue else []
    conditions += [col(TaskRow.due_at) < wanted.due_before] if wanted.due_before else []
    return conditions


def _concerning(company: str) -> ColumnElement[bool]:
    """Of the company, or of a contract that it buys; a copy of a whole contract is of no task."""
    of_no_task = col(TaskRow.id).is_(None)
    bought = select(ContractRow.number).where(ContractRow.client == company)
    return or_(col(TaskRow.company) == company, col(TaskRow.number).in_(bought), of_no_task)


def _searched(session: Session, text: str) -> ColumnElement[bool]:
    """In the contract's number or title, or in the code or a name of its client."""
    clients = [code for code, document in session.exec(select(CompanyRow.code, CompanyRow.company_json)).all()
               if _is_called(Company.model_validate_json(document), text)]  # fmt: skip
    return or_(
        col(ContractRow.number).icontains(text, autoescape=True),
        col(ContractRow.title).icontains(text, autoescape=True),
        col(ContractRow.client).in_(clients),
    )


def _is_called(company: Company, text: str) -> bool:
    return any(text.casefold() in name.casefold() for name in (company.code, company.name, company.name_en))


def _mark_read(session: Session, key: tuple[str, str, str], at: datetime) -> bool:
    number, task, user = key
    of_key = (CopyRow.number == number, CopyRow.task == task, CopyRow.user == user)
    if session.exec(select(CopyRow.number).where(*of_key)).first() is None:
        raise UnknownName(f"{user} is not informed of {task or number}", where=task or number)
    unread = update(CopyRow).where(*of_key, col(CopyRow.read_at).is_(None)).values(read_at=at)  # type: ignore[arg-type]
    return bool(session.connection().execute(unread).rowcount)


def _kept(row: CopyRow, title: str, task_json: str | None) -> KeptCopy:
    own_title = MemberTask.model_validate_json(task_json).title if task_json else title
    return KeptCopy(title=own_title, **row.model_dump(exclude={"user"}))


def seat_of(person: Person | Actor) -> Seat:
    """Return the own seat of a person, in the roles that they have here."""
    return Seat(user=person.user, company=person.company, roles=person.roles)
