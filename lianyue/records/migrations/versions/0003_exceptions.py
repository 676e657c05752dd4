"""Exceptions to rules, mandates to approve, and the revocations of either."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ADDED = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
APPEND_ONLY = ("mandate", "policy_exception", "revocation")
DOCUMENT, MOMENT = 4_000_000, 27


def words(name: str, length: int, **options: Any) -> sa.Column[str]:
    kind = sa.String(length).with_variant(sa.Text(), "sqlite")
    check = f'length("{name}") <= {length}'
    return sa.Column(name, kind, **{"nullable": False, **options, "info": {"check": check}})


def whole(name: str, **options: Any) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, **{"nullable": False, **options})


def moment(name: str) -> sa.Column[str]:
    kind = sa.String(MOMENT).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, nullable=False, info={"check": f'length("{name}") = {MOMENT}'})


def table(name: str, *parts: Any) -> None:
    columns = [part for part in parts if isinstance(part, sa.Column)]
    checks = [
        sa.CheckConstraint(column.info["check"], name=f"{column.name}_fits")
        for column in columns
        if "check" in column.info
    ]
    sa.Table(name, ADDED, *parts, *checks, sqlite_strict=True)


table(
    "policy_exception",
    words("digest", 71, primary_key=True),
    words("name", 64, index=True),
    whole("from_day"),
    whole("to_day", index=True),
    words("granted_by", 40),
    words("text", DOCUMENT),
    words("signature_json", DOCUMENT),
    moment("at"),
    sa.CheckConstraint("to_day > from_day", name="runs_forward"),
)
table(
    "mandate",
    words("digest", 71, primary_key=True),
    words("principal", 40, index=True),
    words("delegate", 40, index=True),
    whole("from_day"),
    whole("to_day", nullable=True),
    words("grant_json", DOCUMENT),
    moment("at"),
    sa.CheckConstraint("to_day > from_day", name="runs_forward"),
)
table(
    "revocation",
    words("digest", 71, primary_key=True),
    words("target", 71, index=True),
    whole("from_day"),
    words("revocation_json", DOCUMENT),
    moment("at"),
)


def upgrade() -> None:
    """Make the tables, to which rows are only added."""
    connection = op.get_bind()
    ADDED.create_all(connection, checkfirst=False)
    guard = guard_sqlite if connection.dialect.name == "sqlite" else guard_postgresql
    for name in APPEND_ONLY:
        for statement in guard(name):
            connection.exec_driver_sql(statement)


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
