"""The outbox: notices written with the effects they tell of, and what became of each on its way to people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from contracts.journal import EffectRequest, Happening
from contracts.notice import Event, Notice
from contracts.organisation import Role
from contracts.service_contract import Stage
from contracts.task import MemberTask, TaskState
from contracts.value import Recorded
from lianyue.records.columns import holds
from lianyue.records.engine import Database
from lianyue.records.insert import inserted, put
from lianyue.records.tables import LINE, ChannelRow, ContractRow, CopyRow, DeliveryRow, NoticeRow, TaskRow

NEWS = timedelta(days=1)
"""A channel that is used for the first time hears of what happened so long before."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
ATTEMPTS = 10
"""After so many failures, within about five hours, a delivery is given up: a dead letter."""

Recipients = Callable[[Notice], tuple[str, ...]]


class Pending(Recorded):
    """A delivery that is due, with its notice."""

    delivery: int
    recipient: str
    attempts: int
    notice: Notice


class DeadLetter(Recorded):
    """A delivery that was given up."""

    channel: str
    recipient: str
    notice: str
    attempts: int
    error: str


class Outbox:
    """What the sender asks of the records: what is due, and what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_up(self, channel: str, recipients: Recipients, now: datetime) -> int:
        """Make a delivery for each of the *recipients* of every notice that is new to *channel*; return how many."""
        return self._database.write(lambda session: _take_up(session, channel, recipients, now))

    def pending(self, channel: str, now: datetime, limit: int | None = None) -> tuple[Pending, ...]:
        """Return the deliveries by *channel* that are due, in the order of the notices."""
        due = (
            select(DeliveryRow, NoticeRow)
            .join(NoticeRow, col(NoticeRow.id) == DeliveryRow.notice)
            .where(DeliveryRow.channel == channel, col(DeliveryRow.done_at).is_(None), ~holds(DeliveryRow.is_dead))
            .where(col(DeliveryRow.next_at) <= now)
            .order_by(col(DeliveryRow.notice), DeliveryRow.recipient)
        )
        with self._database.reading() as session:
            rows = session.exec(due.limit(limit)).all()
            return tuple(_pending(session, delivery, notice) for delivery, notice in rows)

    def handed_over_since(self, channel: str, moment: datetime) -> int:
        """Count what *channel* has taken since *moment*."""
        taken = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.channel == channel)
        with self._database.reading() as session:
            return session.exec(taken.where(col(DeliveryRow.done_at) > moment)).one()

    def handed_over(self, deliveries: tuple[int, ...], at: datetime) -> None:
        """Put down that *deliveries* have been taken."""
        done = update(DeliveryRow).where(col(DeliveryRow.id).in_(deliveries)).values(done_at=at, error="")
        self._database.write(lambda session: session.connection().execute(done))

    def failed(self, pending: tuple[Pending, ...], error: str, at: datetime) -> None:
        """Put down that deliveries failed: they are due again later, or given up."""
        self._database.write(lambda session: _fail(session, pending, error, at))

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return what was given up, the oldest first."""
        dead = select(DeliveryRow, NoticeRow.key).join(NoticeRow, col(NoticeRow.id) == DeliveryRow.notice)
        with self._database.reading() as session:
            rows = session.exec(dead.where(holds(DeliveryRow.is_dead)).order_by(col(DeliveryRow.id))).all()
        return tuple(
            DeadLetter(notice=key, **row.model_dump(include={"channel", "recipient", "attempts", "error"}))
            for row, key in rows
        )

    def notices(self, number: str) -> tuple[Notice, ...]:
        """Return every notice about a contract, the oldest first."""
        of_contract = select(NoticeRow).where(NoticeRow.number == number).order_by(col(NoticeRow.id))
        with self._database.reading() as session:
            return tuple(_notice(session, row) for row in session.exec(of_contract).all())


def write_notices(session: Session, request: EffectRequest) -> None:
    """Write the notices of a journal beside it, in the same transaction; the key makes each the only one."""
    tasks = {task.id: task for task in request.journal.tasks}
    for position, happening in enumerate(request.journal.happenings):
        for place, told in enumerate(_told_of(session, request, happening, tasks.get(happening.task))):
            _write(session, request, f"{position}/{place}", {"task": happening.task, "at": happening.at, **told})
    for position, copy in enumerate(request.journal.copies):
        told = {"event": Event.COPIED.value, "task": copy.task, "user": copy.user}
        _write(session, request, f"copy/{position}", {"at": copy.at, **told})


def _write(session: Session, request: EffectRequest, place: str, told: dict[str, Any]) -> None:
    values = {"key": f"{request.key}#{place}", "number": request.number, **_NOBODY, **told}
    inserted(session, NoticeRow, values)


_NOBODY = {"company": "", "role": "", "user": ""}
_EVENTS = {
    "opened": Event.OPENED,
    "reminded": Event.DUE_SOON,
    "overdue": Event.OVERDUE,
    "expired": Event.OVERDUE,
    "escalated": Event.ESCALATED,
    "transferred": Event.HANDED_OVER,
    "delegated": Event.HANDED_OVER,
    "given_back": Event.RETURNED,
    "co_sign_asked": Event.CO_SIGN_ASKED,
    "declined": Event.RETURNED,
    "voided_for": Event.VOIDED,
    **{stage.value: Event.ENDED for stage in (Stage.REVIEWED, Stage.CANCELLED, Stage.FAILED)},
}


def _told_of(
    session: Session, request: EffectRequest, happening: Happening, task: MemberTask | None
) -> list[dict[str, str]]:
    """Who must hear of *happening*, each with the event; nobody of most."""
    event = _EVENTS.get(happening.verb)
    if event is None or (event is Event.ENDED and happening.task):
        return []
    if event is Event.ENDED:
        return [{"event": event.value, **each} for each in _concerned(session, request.number)]
    if happening.verb == "voided_for":
        return [{"event": event.value, "company": happening.company, "role": Role.SIGNER.value}]
    if event is Event.CO_SIGN_ASKED:
        return [{"event": event.value, "user": user} for user in happening.facts.get("to", ())]
    if task is None or (event is Event.RETURNED and (not task.is_open or task.state is TaskState.RESOLVED)):
        return []
    urged = Event.REMINDED if event is Event.DUE_SOON and happening.user else event
    if event is Event.ESCALATED:
        return [{"event": event.value, "company": happening.facts["to"], "role": Role.COORDINATOR.value}]
    return [{"event": urged.value, **_holder(task)}]


def _holder(task: MemberTask) -> dict[str, str]:
    """Whoever holds the task, or while nobody does whoever has its role."""
    return {"user": task.user} if task.user else {"company": task.company, "role": task.role.value}


def _concerned(session: Session, number: str) -> list[dict[str, str]]:
    """Who hears of a contract's end: who started it, whoever is informed of it, and the client's buyers."""
    contract = session.get_one(ContractRow, number)
    informed = select(CopyRow.user).where(CopyRow.number == number, CopyRow.task == "").order_by(CopyRow.user)
    users = dict.fromkeys((contract.started_by, *session.exec(informed)))
    return [*({"user": user} for user in users), {"company": contract.client, "role": Role.BUYER.value}]


def _take_up(session: Session, channel: str, recipients: Recipients, now: datetime) -> int:
    row = session.get(ChannelRow, channel)
    new = select(NoticeRow).order_by(col(NoticeRow.id))
    news = col(NoticeRow.at) > now - NEWS if row is None else col(NoticeRow.id) > row.taken_up_to
    made = sum(
        inserted(session, DeliveryRow, _delivery(notice, channel, recipient, now))
        for notice in session.exec(new.where(news)).all()
        for recipient in recipients(_notice(session, notice))
    )
    last = session.exec(select(func.max(NoticeRow.id))).one() or 0
    put(session, ChannelRow, {"name": channel, "taken_up_to": last}, ("name",))
    return made


def _delivery(notice: NoticeRow, channel: str, recipient: str, now: datetime) -> dict[str, Any]:
    own = {"notice": notice.id, "channel": channel, "recipient": recipient}
    return {**own, "attempts": 0, "next_at": now, "is_dead": False, "error": ""}


def _fail(session: Session, pending: tuple[Pending, ...], error: str, at: datetime) -> None:
    for each in pending:
        attempts = each.attempts + 1
        pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        row = session.get_one(DeliveryRow, each.delivery)
        row.attempts, row.next_at, row.error = attempts, at + pause, error[:LINE]
        row.is_dead = attempts >= ATTEMPTS
    session.flush()


def _pending(session: Session, delivery: DeliveryRow, notice: NoticeRow) -> Pending:
    own = {"delivery": delivery.id, "recipient": delivery.recipient, "attempts": delivery.attempts}
    return Pending.model_validate({**own, "notice": _notice(session, notice)})


def _notice(session: Session, row: NoticeRow) -> Notice:
    task = session.get(TaskRow, row.task) if row.task else None
    kept = MemberTask.model_validate_json(task.task_json) if task else None
    title = kept.title if kept else session.get_one(ContractRow, row.number).title
    due = kept.due_at if kept else None
    return Notice.model_validate({**row.model_dump(exclude={"id"}), "title": title, "due_at": due})
