"""Who belongs to the alliance, how they stand, and by which texts it decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from contracts.organisation import CompanyKind
from contracts.review import Band
from lianyue.records.columns import document, moment, whole, words, yes_no
from lianyue.records.constraints import one_of
from lianyue.records.tables.widths import COMPANY, DIGEST, LINE, SLUG, USER


class AllianceRow(SQLModel, table=True):
    """The one alliance of these records."""

    __tablename__ = "alliance"
    __table_args__: ClassVar[Any] = (CheckConstraint("id = 1", name="only_one"),)
    id: int = whole(primary_key=True)
    name: str = words(LINE)
    name_en: str = words(LINE)
    office: str = words(COMPANY, foreign_key="company.code")


class CompanyRow(SQLModel, table=True):
    """A company; one that is no longer in the directory stays, unlisted, for the contracts that name it."""

    __tablename__ = "company"
    __table_args__: ClassVar[Any] = (one_of("kind", CompanyKind),)
    code: str = words(COMPANY, primary_key=True)
    kind: str = words(16)
    is_listed: bool = yes_no()
    company_json: str = document()


class PersonRow(SQLModel, table=True):
    """A user of the directory as last loaded."""

    __tablename__ = "person"
    user: str = words(USER, primary_key=True)
    company: str = words(COMPANY, foreign_key="company.code")
    person_json: str = document()


class KeyholderRow(SQLModel, table=True):
    """A keyholder as loaded last."""

    __tablename__ = "keyholder"
    name: str = words(SLUG, primary_key=True)
    keyholder_json: str = document()


class StandingRow(SQLModel, table=True):
    """A standing beside the older ones; the last written is the latest."""

    __tablename__ = "standing"
    __table_args__: ClassVar[Any] = (
        one_of("band", Band),
        CheckConstraint("score_bp BETWEEN 0 AND 10000", name="score_is_ratio"),
        Index(None, "category", "member", "id"),
    )
    id: int | None = whole(default=None, primary_key=True)
    member: str = words(COMPANY, foreign_key="company.code")
    category: str = words(SLUG)
    score_bp: int = whole()
    band: str = words(1)
    from_day: int = whole()
    standing_json: str = document()


class EditionRow(SQLModel, table=True):
    """A published text of rules or of a category pack; never edited."""

    __tablename__ = "edition"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("kind", "name", "edition"),
        CheckConstraint("effective_to_day > effective_from_day", name="runs_forward"),
    )
    digest: str = words(DIGEST, primary_key=True)
    kind: str = words(SLUG)
    name: str = words(SLUG)
    edition: str = words(SLUG)
    effective_from_day: int = whole()
    effective_to_day: int | None = whole(default=None)
    text: str = document()


class ExceptionRow(SQLModel, table=True):
    """An exception as it was signed; it ends by its term or by a revocation, never by being changed."""

    __tablename__ = "policy_exception"
    __table_args__: ClassVar[Any] = (CheckConstraint("to_day > from_day", name="runs_forward"),)
    digest: str = words(DIGEST, primary_key=True)
    name: str = words(SLUG, index=True)
    from_day: int = whole()
    to_day: int = whole(index=True)
    granted_by: str = words(USER)
    text: str = document()
    signature_json: str = document()
    at: datetime = moment()


class MandateRow(SQLModel, table=True):
    """The authority to approve, handed over by one person to another for some days."""

    __tablename__ = "mandate"
    __table_args__: ClassVar[Any] = (CheckConstraint("to_day > from_day", name="runs_forward"),)
    digest: str = words(DIGEST, primary_key=True)
    principal: str = words(USER, index=True)
    delegate: str = words(USER, index=True)
    from_day: int = whole()
    to_day: int | None = whole(default=None)
    grant_json: str = document()
    at: datetime = moment()


class RevocationRow(SQLModel, table=True):
    """The end of an exception or a mandate, brought forward."""

    __tablename__ = "revocation"
    digest: str = words(DIGEST, primary_key=True)
    target: str = words(DIGEST, index=True)
    from_day: int = whole()
    revocation_json: str = document()
    at: datetime = moment()
