"""Portfolios, their contracts, and what was decided for them together; rows are only added."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from lianyue.records.row_security import fence

revision = "0010"
down_revision = "0009"

DOCUMENT = 4_000_000
ADDED = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
MOMENT = 27


def words(name: str, length: int, *args: Any, **options: Any) -> sa.Column[str]:
    kind = sa.String(length).with_variant(sa.Text(), "sqlite")
    check = f'length("{name}") <= {length}'
    return sa.Column(name, kind, *args, **{"nullable": False, **options, "info": {"check": check}})


def moment(name: str) -> sa.Column[str]:
    kind = sa.String(MOMENT).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, nullable=False, info={"check": f'length("{name}") = {MOMENT}'})


def whole(name: str, **options: Any) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, **{"nullable": False, **options})


def table(name: str, *parts: Any) -> sa.Table:
    columns = [part for part in parts if isinstance(part, sa.Column) and "check" in part.info]
    checks = [sa.CheckConstraint(column.info["check"], name=f"{column.name}_fits") for column in columns]
    return sa.Table(name, ADDED, *parts, *checks, sqlite_strict=True)


sa.Table("service_contract", ADDED, words("number", 24, primary_key=True))
NEW = (
    table(
        "portfolio",
        words("id", 64, primary_key=True),
        words("title", 200),
        words("body_hash", 71),
        words("order_json", DOCUMENT),
        words("started_by", 40),
        moment("started_at"),
    ),
    table(
        "portfolio_contract",
        words("number", 24, sa.ForeignKey("service_contract.number"), primary_key=True),
        words("portfolio", 64, index=True),
    ),
    table(
        "portfolio_decision",
        words("portfolio", 64, sa.ForeignKey("portfolio.id"), primary_key=True),
        whole("occurrence", primary_key=True, autoincrement=False),
        words("digest", 71),
        words("body_json", DOCUMENT),
    ),
)


def upgrade() -> None:
    """Make the tables, make them append-only, and let no reader in: nobody reads them through the portal."""
    connection = op.get_bind()
    guard = guard_sqlite if connection.dialect.name == "sqlite" else guard_postgresql
    for new in NEW:
        new.create(connection)
        for statement in guard(new.name):
            connection.exec_driver_sql(statement)
    fence(connection)


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")


def guard_sqlite(name: str) -> list[str]:
    refusal = f"BEGIN SELECT RAISE(ABORT, 'rows of {name} are only added'); END"
    return [
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} {refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} {refusal}",
    ]


def guard_postgresql(name: str) -> list[str]:
    refusal = "EXECUTE FUNCTION refuse_change()"
    return [
        f"CREATE TRIGGER {name}_keeps BEFORE UPDATE ON {name} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} FOR EACH ROW {refusal}",
        f"CREATE TRIGGER {name}_lasts BEFORE TRUNCATE ON {name} {refusal}",
    ]
