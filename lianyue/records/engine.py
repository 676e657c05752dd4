"""The database behind the records: who writes sees what is so, and nobody else writes meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, StatementError
from sqlmodel import Session

from contracts.errors import AllianceError, Invalid, Unreachable

Result = TypeVar("Result")

PATIENCE_MS = 10_000
"""How long a transaction waits for its turn to write before it begins again."""

PAUSES_S = (0.02, 0.05, 0.1, 0.2, 0.5, 1)
"""Between the attempts of a transaction that lost against another one."""

WRITERS_TURN = 0x6C69616E797565
"""The advisory lock of everybody who writes; its number reads ``lianyue``."""

PASSING_STATES = frozenset({"40001", "40P01", "55P03"})
PASSING_CODES = frozenset({5, 6})
"""Serialization failure, deadlock, lock not available; SQLITE_BUSY and SQLITE_LOCKED."""

SQLITE_CANTOPEN = 14


class Synchronous(StrEnum):
    """How far SQLite waits for the disk: FULL also survives a power cut, NORMAL only the death of the process."""

    FULL = "FULL"
    NORMAL = "NORMAL"
    OFF = "OFF"


class Database:
    """One database, by URL: ``sqlite:///path/records.db`` or ``postgresql://host/name``."""

    def __init__(self, url: str, synchronous: Synchronous = Synchronous.FULL) -> None:
        self.url = _understood(url)
        if self.url.get_backend_name() == "sqlite":
            self._writer = _sqlite(self.url, synchronous, "BEGIN IMMEDIATE")
            self._reader = _sqlite(self.url, synchronous, "BEGIN", "query_only = ON")
            # SQLite lets one write at a time and wakes whoever polls first; in line here, the first comes first.
            self._turn: Any = threading.Lock()
            self._beat = _beat_of_sqlite(self._reader)
        else:
            self._writer = create_engine(self.url, isolation_level="READ COMMITTED", pool_pre_ping=True)
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._turn = nullcontext()
            self._beat = _beat_of_postgresql(self._reader)

    @property
    def place(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def has_row_security(self) -> bool:
        """Whether the database itself can withhold rows from a role."""
        return self.url.get_backend_name() == "postgresql"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """
        Give the one write transaction there is at a time; what its user does not commit is undone.

        Raises:
            Unreachable: If the database does not answer.
        """
        with self._turn, self._told(), Session(self._writer, expire_on_commit=False) as session:
            _take_turn(session.connection())
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a transaction that sees one state and cannot write."""
        with self._told(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Give a connection in a write transaction, for a change of the schema; commit at the end."""
        with self._turn, self._told(), self._writer.begin() as connection:
            _take_turn(connection)
            yield connection

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Do *work* in a write transaction and commit it; again, if it lost against another one."""
        return self.retried(lambda: self._written(work))

    def beat(self) -> int:
        """
        Return a number that is another one once anybody has written; that is all it means.

        No table is read, so that it costs next to nothing and tells nobody what was written.

        Raises:
            Unreachable: If the database does not answer.
        """
        with self._told():
            return self._beat()

    def retried(self, attempt: Callable[[], Result]) -> Result:
        """Return what *attempt* returns, beginning again where the database asks to."""
        for pause_s in PAUSES_S:
            try:
                return attempt()
            except DBAPIError as error:
                if not is_passing(error):
                    raise
            time.sleep(pause_s)
        return attempt()

    def close(self) -> None:
        """Give all connections back."""
        self._writer.dispose()
        self._reader.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _written(self, work: Callable[[Session], Result]) -> Result:
        with self.writing() as session:
            result = work(session)
            session.commit()
            return result

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell a refusal of a value, and a database that is away, in the words of the alliance."""
        try:
            yield
        except StatementError as error:
            if isinstance(error.orig, AllianceError):
                raise error.orig from None
            if _is_away(error):
                raise Unreachable(f"the records at {self.place} do not answer") from error
            raise


def is_passing(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is begun again."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in PASSING_CODES
    return getattr(error.orig, "sqlstate", None) in PASSING_STATES


def _is_away(error: StatementError) -> bool:
    """Whether no connection was to be had, or it broke."""
    if not isinstance(error, OperationalError):
        return False
    unopened = getattr(error.orig, "sqlite_errorcode", None) == SQLITE_CANTOPEN
    unconnected = getattr(error.orig, "sqlstate", "") is None
    return bool(error.connection_invalidated or unopened or unconnected)


def _beat_of_sqlite(engine: Engine) -> Callable[[], int]:
    """The version of the file as one connection sees it that never writes and is asked by one thread at a time."""
    asking = threading.Lock()
    kept: list[PoolProxiedConnection] = []

    def beat() -> int:
        with asking:
            if not kept or not kept[0].is_valid:
                kept[:] = [engine.raw_connection()]
            cursor = kept[0].cursor()
            cursor.execute("PRAGMA data_version")
            row: Any = cursor.fetchone()
            cursor.close()
            return int(row[0])

    return beat


def _beat_of_postgresql(engine: Engine) -> Callable[[], int]:
    """Which transactions are over, as one number: the last of them alone would hide that an older one ends after it."""
    asked = text("SELECT hashtextextended(CAST(pg_current_snapshot() AS text), 0)")

    def beat() -> int:
        with engine.connect() as connection:
            return int(connection.scalar(asked))

    return beat


def _take_turn(connection: Connection) -> None:
    """Wait on PostgreSQL until nobody else writes; what is read afterwards includes what they wrote."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(
        text(
            "SELECT set_config('lock_timeout', :patience, true), "
            "set_config('idle_in_transaction_session_timeout', '60s', true)"
        ),
        {"patience": f"{PATIENCE_MS}ms"},
    )
    connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": WRITERS_TURN})


def _understood(url: str) -> URL:
    """Return *url* with the driver we carry; an SQLite database in memory would be another one for each reader."""
    try:
        made = make_url(url)
    except ArgumentError:
        raise Invalid("the address of the records is not a URL like sqlite:///records.db") from None
    backend = made.get_backend_name()
    if backend == "sqlite" and made.database not in (None, "", ":memory:"):
        return made.set(drivername="sqlite+pysqlite")
    if backend in ("postgresql", "postgres"):
        return made.set(drivername="postgresql+psycopg")
    raise Invalid(f"{made.render_as_string()!r} is neither an SQLite file nor a PostgreSQL database")


def _sqlite(url: URL, synchronous: Synchronous, begin: str, *more: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": PATIENCE_MS / 1000})
    pragmas = (
        f"busy_timeout = {PATIENCE_MS}",
        "journal_mode = WAL",
        f"synchronous = {synchronous.value}",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "trusted_schema = OFF",
        *more,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the module's own BEGIN comes too late and loses updates
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
