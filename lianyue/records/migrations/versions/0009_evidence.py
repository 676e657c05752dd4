"""Files handed over as evidence: who, when, what, how large; rows are only added, the bytes lie outside."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from lianyue.records.row_security import lay_down

revision = "0009"
down_revision = "0008"

TABLE, MOMENT = "evidence", 27


def upgrade() -> None:
    """Make the table, make it append-only, and let row security hold on it."""
    connection = op.get_bind()
    made().create(connection)
    for statement in guard_sqlite() if connection.dialect.name == "sqlite" else guard_postgresql():
        connection.exec_driver_sql(statement)
    lay_down(connection, "0009")


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")


def made() -> sa.Table:
    """The table as this release describes it."""
    naming = {
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
    records = sa.MetaData(naming_convention=naming)
    sa.Table("service_contract", records, words("number", 24, primary_key=True))
    sa.Table("company", records, words("code", 12, primary_key=True))
    columns: tuple[sa.Column[Any], ...] = (
        words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
        words("company", 12, sa.ForeignKey("company.code"), primary_key=True),
        words("sha256", 64, primary_key=True, index=True),
        words("name", 200),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        words("media_type", 200),
        words("milestone", 64),
        words("user", 40),
        words("at", MOMENT),
    )
    checks = [
        sa.CheckConstraint(fits(each.name, getattr(each.type, "length", 0)), name=f"{each.name}_fits")
        for each in columns
        if each.name != "size"
    ]
    positive = sa.CheckConstraint("size > 0", name="size_is_positive")
    return sa.Table(TABLE, records, *columns, *checks, positive, sqlite_strict=True)


def words(name: str, length: int, *args: Any, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String(length).with_variant(sa.Text(), "sqlite"), *args, nullable=False, **options)


def fits(name: str, length: int) -> str:
    return f'length("{name}") {"=" if name == "at" else "<="} {length}'


def guard_sqlite() -> list[str]:
    refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of {TABLE} are only added'); END"
    return [
        f"CREATE TRIGGER {TABLE}_keeps BEFORE UPDATE ON {TABLE} {refusal}",
        f"CREATE TRIGGER {TABLE}_stays BEFORE DELETE ON {TABLE} {refusal}",
    ]


def guard_postgresql() -> list[str]:
    refusal = "EXECUTE FUNCTION refuse_change()"
    return [
        f"CREATE TRIGGER {TABLE}_keeps BEFORE UPDATE ON {TABLE} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {TABLE}_stays BEFORE DELETE ON {TABLE} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {TABLE}_lasts BEFORE TRUNCATE ON {TABLE} {refusal}",
    ]
