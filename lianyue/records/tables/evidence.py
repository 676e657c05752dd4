"""Which files were handed over as evidence; the bytes lie elsewhere, under their digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from lianyue.records.columns import moment, whole, words
from lianyue.records.tables.widths import COMPANY, LINE, NUMBER, SLUG, USER


class EvidenceRow(SQLModel, table=True):
    """A file that a company handed over for a contract, by whom and for which milestone first."""

    __tablename__ = "evidence"
    __table_args__: ClassVar[Any] = (CheckConstraint("size > 0", name="size_is_positive"),)
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    company: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    sha256: str = words(64, primary_key=True, index=True)
    name: str = words(LINE)
    size: int = whole()
    media_type: str = words(LINE)
    milestone: str = words(SLUG)
    user: str = words(USER)
    at: datetime = moment()
