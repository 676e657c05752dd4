"""The tasks, who has to hear of them, and what became of the notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from contracts.task import TaskState
from contracts.value import LONGEST_REASON
from lianyue.records.columns import content, document, moment, whole, words, yes_no
from lianyue.records.constraints import one_of
from lianyue.records.tables.widths import COMPANY, KEY, LINE, NUMBER, USER


class TaskRow(SQLModel, table=True):
    """A task as last written down, with what inboxes are searched by."""

    __tablename__ = "member_task"
    __table_args__: ClassVar[Any] = (
        one_of("state", TaskState),
        CheckConstraint("revision >= 1", name="revision_counts"),
        Index(None, "company", "is_open", "due_at"),
    )
    id: str = words(LINE, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    kind: str = words(32)
    company: str = words(COMPANY)
    role: str = words(32)
    user: str | None = words(USER, default=None)
    owner: str | None = words(USER, default=None)
    co_signers: str = words(LONGEST_REASON)
    state: str = words(16)
    is_open: bool = yes_no()
    opened_day: int = whole()
    due_at: datetime | None = moment(default=None)
    is_overdue: bool = yes_no()
    priority: int = whole()
    revision: int = whole()
    task_json: str = document()


class TaskActRow(SQLModel, table=True):
    """When somebody last did something about a task: 已办."""

    __tablename__ = "task_act"
    __table_args__: ClassVar[Any] = (Index(None, "user", "at"),)
    task: str = words(LINE, primary_key=True)
    user: str = words(USER, primary_key=True)
    at: datetime = moment()


class CopyRow(SQLModel, table=True):
    """Who is informed of a task, or with an empty ``task`` of the contract; and when they marked it read, once."""

    __tablename__ = "copy"
    __table_args__: ClassVar[Any] = (Index(None, "user", "at"),)
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    task: str = words(LINE, primary_key=True)
    user: str = words(USER, primary_key=True)
    given_by: str = words(USER)
    at: datetime = moment()
    read_at: datetime | None = moment(default=None)


class DraftRow(SQLModel, table=True):
    """What somebody has filled in of a task's form so far; that of a quote is ciphertext."""

    __tablename__ = "draft"
    task: str = words(LINE, primary_key=True)
    user: str = words(USER, primary_key=True)
    content: bytes = content()
    at: datetime = moment()


class NoticeRow(SQLModel, table=True):
    """Something that somebody must hear of: one user, or whoever holds a role at a company. Never a price."""

    __tablename__ = "notice"
    id: int | None = whole(default=None, primary_key=True)
    key: str = words(KEY, unique=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    task: str = words(LINE)
    event: str = words(32)
    company: str = words(COMPANY)
    role: str = words(32)
    user: str = words(USER)
    at: datetime = moment()


class DeliveryRow(SQLModel, table=True):
    """What became of a notice on one way to one recipient: tried, handed over, or given up."""

    __tablename__ = "notice_delivery"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("notice", "channel", "recipient"),
        Index(None, "channel", "done_at", "is_dead"),
    )
    id: int | None = whole(default=None, primary_key=True)
    notice: int = whole(foreign_key="notice.id")
    channel: str = words(16)
    recipient: str = words(USER)
    attempts: int = whole()
    next_at: datetime = moment()
    done_at: datetime | None = moment(default=None)
    is_dead: bool = yes_no()
    error: str = words(LINE)


class ChannelRow(SQLModel, table=True):
    """How far a channel has taken up the notices."""

    __tablename__ = "notice_channel"
    name: str = words(16, primary_key=True)
    taken_up_to: int = whole()
