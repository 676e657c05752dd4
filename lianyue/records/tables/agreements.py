"""What was agreed, signed, settled and reviewed."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from contracts.agreement import AgreementState
from contracts.value import LONGEST_REASON
from lianyue.records.columns import document, whole, words, yes_no
from lianyue.records.constraints import of_a_version, one_of
from lianyue.records.tables.widths import COMPANY, DIGEST, NUMBER, SLUG


class AgreementRow(SQLModel, table=True):
    """A version of the document: the canonical JSON whose SHA-256 is ``digest``, and what became of it."""

    __tablename__ = "agreement"
    __table_args__: ClassVar[Any] = (
        one_of("state", AgreementState),
        Index(
            "uq_agreement_in_force",
            "number",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
    )
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    version: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str = words(16)
    was_in_force: bool = yes_no()
    total_fen: int = whole()
    digest: str = words(DIGEST)
    agreement_json: str = document()
    reason: str = words(LONGEST_REASON)


class ShareRow(SQLModel, table=True):
    """A member's share in one version, at its position in the document."""

    __tablename__ = "agreement_share"
    __table_args__: ClassVar[Any] = (of_a_version(),)
    number: str = words(NUMBER, primary_key=True)
    version: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code", index=True)
    position: int = whole()
    amount_fen: int = whole()


class SignatureRow(SQLModel, table=True):
    """One company's signature of one version."""

    __tablename__ = "signature"
    __table_args__: ClassVar[Any] = (of_a_version(),)
    number: str = words(NUMBER, primary_key=True)
    version: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    company: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    signature_json: str = document()


def _in_one_direction(column: str) -> str:
    """An instalment takes nothing back, and a claw-back gives nothing."""
    return f"{column} >= 0 AND agreed_fen >= 0 OR {column} <= 0 AND agreed_fen < 0"


class SettlementRow(SQLModel, table=True):
    """What one instalment came to, or a claw-back takes back; there is never a second line for it."""

    __tablename__ = "settlement"
    __table_args__: ClassVar[Any] = (
        CheckConstraint(_in_one_direction("deduction_fen"), name="deduction_takes"),
        CheckConstraint(_in_one_direction("gross_fen"), name="gross_is_owed"),
        CheckConstraint("gross_fen = agreed_fen - deduction_fen", name="gross_is_the_rest"),
    )
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    milestone: str = words(SLUG, primary_key=True)
    agreed_fen: int = whole()
    deduction_fen: int = whole()
    gross_fen: int = whole()
    line_json: str = document()


class ReviewRow(SQLModel, table=True):
    """One member's review of one contract, draft or final."""

    __tablename__ = "review"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    is_final: bool = yes_no()
    review_json: str = document()
