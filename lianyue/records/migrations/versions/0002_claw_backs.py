"""A settlement line may take back: a claw-back is negative in all its amounts, an instalment in none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CHECKS = {"deduction_takes": "deduction_fen", "gross_is_owed": "gross_fen"}


def before(column: str) -> str:
    return f"{column} >= 0"


def after(column: str) -> str:
    return f"{column} >= 0 AND agreed_fen >= 0 OR {column} <= 0 AND agreed_fen < 0"


def upgrade() -> None:
    """Widen both checks; the lines that are there stay as they are, and the table only added to."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        rebuild(connection)
        return
    for name, column in CHECKS.items():
        connection.exec_driver_sql(f"ALTER TABLE settlement DROP CONSTRAINT ck_settlement_{name}")
        connection.exec_driver_sql(
            f"ALTER TABLE settlement ADD CONSTRAINT ck_settlement_{name} CHECK ({after(column)})"
        )


def rebuild(connection: sa.Connection) -> None:
    """SQLite changes a check by making the table anew, with its triggers."""
    known = "SELECT sql FROM sqlite_master WHERE tbl_name = 'settlement' AND type = ? ORDER BY name"
    (created,) = connection.exec_driver_sql(known, ("table",)).scalars()
    guards = connection.exec_driver_sql(known, ("trigger",)).scalars().all()
    for column in CHECKS.values():
        created = created.replace(f"CHECK ({before(column)})", f"CHECK ({after(column)})")
    connection.exec_driver_sql("CREATE TEMPORARY TABLE settled AS SELECT * FROM settlement")
    for statement in (
        "DROP TABLE settlement",
        created,
        "INSERT INTO settlement SELECT * FROM settled",
        "DROP TABLE settled",
        *guards,
    ):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Records are not unmade: restore a backup instead."""
    raise NotImplementedError("there is no way back but a backup")
