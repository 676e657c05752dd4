"""What shadow editions would have decided, beside the decisions that count; rows are only added."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

DOCUMENT = 4_000_000
TABLE = "shadow_decision"


def upgrade() -> None:
    """Make the table, and make it append-only."""
    connection = op.get_bind()
    made().create(connection)
    guard = guard_sqlite() if connection.dialect.name == "sqlite" else guard_postgresql()
    for statement in guard:
        connection.exec_driver_sql(statement)


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
    return sa.Table(
        TABLE,
        records,
        words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
        sa.Column(
            "occurrence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        words("policy", 64, index=True),
        words("shadow_json", DOCUMENT),
        *(fits(name, length) for name, length in (("number", 24), ("policy", 64), ("shadow_json", DOCUMENT))),
        sqlite_strict=True,
    )


def words(name: str, length: int, *args: Any, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String(length).with_variant(sa.Text(), "sqlite"), *args, nullable=False, **options)


def fits(name: str, length: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f'length("{name}") <= {length}', name=f"{name}_fits")


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
