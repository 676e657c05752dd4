"""Split keys: who holds them, and of each archived history the digest of what the server kept encrypted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER, DIGEST, SLUG, LINE, DOCUMENT = 24, 71, 64, 200, 4_000_000
ADDED = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def words(name: str, length: int, *more: Any, **options: Any) -> sa.Column[str]:
    kind = sa.String(length).with_variant(sa.Text(), "sqlite")
    check = f'length("{name}") <= {length}'
    return sa.Column(name, kind, *more, **{"nullable": False, **options, "info": {"check": check}})


def table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    checks = [
        sa.CheckConstraint(column.info["check"], name=f"{column.name}_fits")
        for column in columns
        if "check" in column.info
    ]
    return sa.Table(name, ADDED, *columns, *checks, sqlite_strict=True)


sa.Table("service_contract", ADDED, words("number", NUMBER, primary_key=True))
KEYHOLDERS = table("keyholder", words("name", SLUG, primary_key=True), words("keyholder_json", DOCUMENT))
HISTORIES = table(
    "history",
    words("workflow_id", LINE, primary_key=True),
    words("run_id", SLUG, primary_key=True),
    words("number", NUMBER, sa.ForeignKey("service_contract.number"), index=True),
    sa.Column("events", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    words("digest", DIGEST),
    sa.Column("zlibbed", sa.LargeBinary(), nullable=False),
    words("encoded_digest", DIGEST, nullable=True),
)


def upgrade() -> None:
    """Make the table, and widen the archive; what is archived already was never encrypted."""
    connection = op.get_bind()
    KEYHOLDERS.create(connection)
    if connection.dialect.name == "sqlite":
        rebuild(connection)
        return
    fits = f'CONSTRAINT ck_history_encoded_digest_fits CHECK (length("encoded_digest") <= {DIGEST})'
    connection.exec_driver_sql(f"ALTER TABLE history ADD COLUMN encoded_digest VARCHAR({DIGEST}) {fits}")


def rebuild(connection: sa.Connection) -> None:
    """SQLite puts a column with its check in place by making the table anew, with its triggers."""
    known = "SELECT sql FROM sqlite_master WHERE tbl_name = 'history' AND type = 'trigger' ORDER BY name"
    guards = connection.exec_driver_sql(known).scalars().all()
    connection.exec_driver_sql("CREATE TEMPORARY TABLE archived AS SELECT * FROM history")
    connection.exec_driver_sql("DROP TABLE history")
    HISTORIES.create(connection)
    connection.exec_driver_sql("INSERT INTO history SELECT *, NULL FROM archived")
    for statement in ("DROP TABLE archived", *guards):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")
