"""The schema: migrated or fresh, the same on both databases."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from contracts.errors import WrongState
from lianyue.records import tables  # noqa: F401 - defines the metadata
from lianyue.records.engine import Database
from lianyue.records.schema import is_current
from lianyue.records.upgrade import upgrade

ON_POSTGRESQL = (
    """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = 'public'
    """,
    """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    """,
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    "SELECT tablename, policyname, cmd, qual FROM pg_policies",
    "SELECT viewname, definition FROM pg_views WHERE schemaname = 'seen'",
)


def schema(connection: Connection) -> list[Any]:
    """All that the database knows of its schema, in an order of its own."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
        found = [(kind, name, sorted(re.split(r",?\s*\n\s*", sql.strip()))) for kind, name, sql in rows]
    else:
        found = [tuple(row) for question in ON_POSTGRESQL for row in connection.execute(text(question))]
    return sorted((row for row in found if "alembic_version" not in str(row)), key=str)


def test_migrated_equals_fresh(empty_url: str, records_url: str) -> None:
    """A migrated database has, to the last check and trigger, the schema that the tables describe."""
    with Database(empty_url) as database, database.changing() as connection:
        SQLModel.metadata.create_all(connection)
    with Database(empty_url) as fresh, fresh.changing() as connection:
        described = schema(connection)

    with Database(records_url) as migrated, migrated.changing() as connection:
        assert described == schema(connection)


def test_upgrade_makes_current(empty_url: str) -> None:
    """An empty database is not current; upgraded it is, and upgrading it again changes nothing."""
    assert not is_current(empty_url)

    upgrade(empty_url)
    upgrade(empty_url)

    assert is_current(empty_url)


def test_newer_schema_is_refused(records_url: str) -> None:
    """Records that a newer release has written are left alone."""
    with Database(records_url) as database, database.changing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert not is_current(records_url)
    with pytest.raises(WrongState) as refusal:
        upgrade(records_url)
    assert "the records have schema '9999', which this release does not know; use the newer release" == str(
        refusal.value
    )
