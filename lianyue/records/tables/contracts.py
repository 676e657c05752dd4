"""The contracts, who asked for what, and what was done and happened under each number."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import SQLModel

from contracts.service_contract import Stage
from contracts.value import LONGEST_REASON
from lianyue.records.columns import content, document, moment, whole, words, yes_no
from lianyue.records.constraints import one_of
from lianyue.records.tables.widths import COMPANY, DIGEST, KEY, LINE, NUMBER, SLUG, USER


class ContractRow(SQLModel, table=True):
    """A service contract: its order as registered, and how far it has come."""

    __tablename__ = "service_contract"
    __table_args__: ClassVar[Any] = (
        one_of("stage", Stage),
        CheckConstraint("value_fen > 0", name="value_is_positive"),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
    )
    number: str = words(NUMBER, primary_key=True)
    title: str = words(LINE)
    category: str = words(SLUG, index=True)
    client: str = words(COMPANY, foreign_key="company.code", index=True)
    park: str = words(SLUG)
    value_fen: int = whole()
    total_fen: int = whole()
    quantity: int = whole()
    stage: str = words(16, index=True)
    stage_at: datetime | None = moment(default=None)
    is_suspended: bool = yes_no()
    suspended_at: datetime | None = moment(default=None)
    body_hash: str = words(DIGEST)
    order_json: str = document()
    started_by: str = words(USER, index=True)
    started_at: datetime = moment()


class RequestRow(SQLModel, table=True):
    """A request id that a caller has used, and for what."""

    __tablename__ = "request"
    request_id: str = words(KEY, primary_key=True)
    user: str = words(USER)
    verb: str = words(SLUG)
    body_hash: str = words(DIGEST)
    at: datetime = moment()


class RefusedAttemptRow(SQLModel, table=True):
    """An attempt that the desk refused."""

    __tablename__ = "refused_attempt"
    id: int | None = whole(default=None, primary_key=True)
    at: datetime = moment()
    user: str = words(USER)
    company: str = words(COMPANY)
    verb: str = words(SLUG)
    target: str = words(LINE, index=True)
    code: str = words(SLUG)
    message: str = words(LONGEST_REASON)


class EnvelopeRow(SQLModel, table=True):
    """The ciphertext of a sealed quote, or of the office's seed of a draw, found by its commitment."""

    __tablename__ = "envelope"
    commitment: str = words(DIGEST, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    member: str = words(COMPANY, foreign_key="company.code")
    ciphertext: bytes = content()
    at: datetime = moment()


class EffectRow(SQLModel, table=True):
    """Proof that an effect was had, with its request's hash and its answer."""

    __tablename__ = "effect"
    __table_args__: ClassVar[Any] = (UniqueConstraint("workflow_id", "step", "occurrence"),)
    key: str = words(KEY, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    workflow_id: str = words(LINE)
    step: str = words(SLUG)
    occurrence: int = whole()
    request_hash: str = words(DIGEST)
    answer_json: str | None = document(default=None)
    at: datetime = moment()


class HappeningRow(SQLModel, table=True):
    """One thing that happened, in the effect that told it."""

    __tablename__ = "happening"
    __table_args__: ClassVar[Any] = (UniqueConstraint("effect_key", "position"),)
    id: int | None = whole(default=None, primary_key=True)
    effect_key: str = words(KEY, foreign_key="effect.key")
    position: int = whole()
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    at: datetime = moment()
    verb: str = words(SLUG)
    happening_json: str = document()


class HistoryRow(SQLModel, table=True):
    """The archived history of one run of a closed workflow."""

    __tablename__ = "history"
    workflow_id: str = words(LINE, primary_key=True)
    run_id: str = words(SLUG, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    events: int = whole()
    digest: str = words(DIGEST)
    zlibbed: bytes = content()
    encoded_digest: str | None = words(DIGEST, nullable=True)
