"""The records through the eyes of one viewer: PostgreSQL itself withholds the rows of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, Protocol

from sqlalchemy import text
from sqlmodel import Session

from lianyue.records.engine import Database

LOOK = text(
    "SELECT set_config('role', :reader, true), set_config('search_path', 'seen, public', true), "
    "set_config('lianyue.company', :company, true), set_config('lianyue.user', :user, true), "
    "set_config('lianyue.oversees', :oversees, true)"
)


class Readable(Protocol):
    """What questions are put to."""

    def reading(self) -> AbstractContextManager[Session]:
        """Give a transaction that sees one state and cannot write."""
        ...


class Eyes(NamedTuple):
    """Who looks: taken from the viewer of a request, never from the request."""

    company: str
    user: str
    oversees: bool


class SeenRecords:
    """
    A database of which only that is seen which policies allow *eyes*.

    Role and eyes are set for one transaction each, so that nothing of them is left on a connection.
    """

    def __init__(self, database: Database, reader: str, eyes: Eyes) -> None:
        self._database = database
        self._look = look_of(reader, eyes)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a transaction of the reader's role, in which the viewer's rows are all there are."""
        with self._database.reading() as session:
            session.connection().execute(LOOK, self._look)
            yield session


def look_of(reader: str, eyes: Eyes) -> dict[str, str]:
    """Return what `LOOK` is told."""
    return {"reader": reader, **eyes._asdict(), "oversees": "yes" if eyes.oversees else "no"}


def seen_by(database: Database, reader: str, eyes: Eyes) -> Readable:
    """Return *database* as *eyes* see it; without a *reader*, or on SQLite, there is no second wall."""
    return SeenRecords(database, reader, eyes) if reader and database.has_row_security else database
