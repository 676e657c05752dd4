"""The database as it is opened."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from contracts.errors import Invalid, Unreachable
from lianyue.records.engine import Database


def test_sqlite_is_set_for_durability(sqlite_url: str) -> None:
    """A writing connection has the settings under which nothing committed is lost or bent."""
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "recursive_triggers", "trusted_schema")
    with Database(sqlite_url) as database, database.writing() as session:
        found = {name: session.connection().execute(text(f"PRAGMA {name}")).scalar() for name in names}

    assert {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 10_000,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
    } == found


def test_reading_cannot_write(database: Database) -> None:
    """A session for reading refuses to write."""
    with database.reading() as session, pytest.raises(DBAPIError):
        session.connection().execute(text("DELETE FROM person"))


def test_the_beat_changes_with_every_commit_and_with_nothing_else(alliance: Database) -> None:
    """Whoever waits for news need not read a table: a commit moves the beat, looking and undoing do not."""
    before = alliance.beat()
    with alliance.reading() as session:
        session.connection().execute(text("SELECT count(*) FROM person"))
    looked = alliance.beat()
    alliance.write(lambda session: session.connection().execute(text("DELETE FROM person")))

    assert (before, False) == (looked, alliance.beat() == before)
    assert alliance.beat() == alliance.beat()


def test_uncommitted_is_undone(alliance: Database) -> None:
    """What a writer does not commit has not happened."""
    with alliance.writing() as session:
        session.connection().execute(text("DELETE FROM person"))

    with alliance.reading() as session:
        assert 2 == session.connection().execute(text("SELECT count(*) FROM person")).scalar()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "'sqlite://' is neither an SQLite file nor a PostgreSQL database"),
        ("mysql://host/name", "'mysql://host/name' is neither an SQLite file nor a PostgreSQL database"),
        ("records.db", "the address of the records is not a URL like sqlite:///records.db"),
    ],
)
def test_unusable_address_is_refused(url: str, message: str) -> None:
    """Only a file of SQLite or a PostgreSQL database can hold the records."""
    with pytest.raises(Invalid) as refusal:
        Database(url)

    assert message == str(refusal.value)


def test_away_database_is_unreachable(tmp_path: Path) -> None:
    """A database that does not answer is told without its password."""
    url = f"postgresql://li.lei:secret@/records?host={tmp_path}"
    with Database(url) as database, pytest.raises(Unreachable) as failure, database.reading() as session:
        session.connection()

    place = f"postgresql+psycopg://li.lei:***@/records?host={quote(str(tmp_path), safe='')}"
    assert f"the records at {place} do not answer" == str(failure.value)


def test_missing_folder_is_unreachable(tmp_path: Path) -> None:
    """So is a file in a folder that does not exist."""
    with Database(f"sqlite:///{tmp_path}/none/records.db") as database, pytest.raises(Unreachable):
        database.write(Session.flush)
