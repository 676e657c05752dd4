"""Which schema a database has and which is this release's, told without the migration tool: every command asks."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from lianyue.records.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
KEPT_IN = "alembic_version"


def newest() -> str:
    """Return the schema of this release, by the names of the steps."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*.py"))


def schema_of(connection: Connection) -> str | None:
    """Return the schema of a database; nothing if it has none yet."""
    if not inspect(connection).has_table(KEPT_IN):
        return None
    return connection.scalar(text(f"SELECT version_num FROM {KEPT_IN}"))  # noqa: S608 - a constant


def is_current(url: str) -> bool:
    """Say whether the database at *url* has the schema of this release."""
    with Database(url) as database, database.reading() as session:
        return schema_of(session.connection()) == newest()
