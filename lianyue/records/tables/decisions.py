"""What decisions are made of, and what follows from them for ledgers and queues."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from lianyue.records.columns import document, whole, words, yes_no
from lianyue.records.tables.widths import COMPANY, NUMBER, SLUG


class ScreeningRow(SQLModel, table=True):
    """Who may quote; a later round has a later row."""

    __tablename__ = "screening"
    id: int | None = whole(default=None, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    screening_json: str = document()


class QuoteRow(SQLModel, table=True):
    """An opened quote."""

    __tablename__ = "quote"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    round: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    price_fen: int = whole()
    quote_json: str = document()


class DecisionRow(SQLModel, table=True):
    """A decision with the facts it follows from."""

    __tablename__ = "decision"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    occurrence: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    outcome: str = words(32)
    amount_fen: int = whole()
    facts_json: str = document()
    decision_json: str = document()


class ShadowDecisionRow(SQLModel, table=True):
    """What a shadow edition would have said in place of a decision, or why it said nothing."""

    __tablename__ = "shadow_decision"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    occurrence: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    policy: str = words(SLUG, index=True)
    shadow_json: str = document()


class ReservationRow(SQLModel, table=True):
    """What an award counts in a member's ledger and takes of its capacity, until it is released."""

    __tablename__ = "reservation"
    __table_args__: ClassVar[Any] = (
        Index(
            "uq_reservation_in_force",
            "number",
            "member",
            unique=True,
            sqlite_where=text("is_released = 0"),
            postgresql_where=text("NOT is_released"),
        ),
        Index(None, "category", "day"),
    )
    id: int | None = whole(default=None, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number")
    member: str = words(COMPANY, foreign_key="company.code")
    category: str = words(SLUG)
    day: int = whole()
    amount_fen: int = whole()
    needs_json: str = document()
    is_released: bool = yes_no()


class QueueRow(SQLModel, table=True):
    """A queue in which members take turns, as it stands."""

    __tablename__ = "rotation_queue"
    name: str = words(SLUG, primary_key=True)
    queue_json: str = document()
