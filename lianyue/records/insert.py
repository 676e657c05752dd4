"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy keeps apart."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Columns = tuple[str, ...]


def inserted(session: Session, row: type[SQLModel], values: dict[str, Any]) -> bool:
    """Insert *values* unless they conflict with a row that is there; say whether they were inserted."""
    connection = session.connection()
    return connection.execute(_unless_there(connection.dialect, row, tuple(values)), values).first() is not None


def replaced(session: Session, row: type[SQLModel], values: dict[str, Any], *key: str) -> None:
    """Insert *values*, or put them into the row that has the same *key*."""
    put(session, row, values, key)
    session.expire_all()


def put(
    session: Session, row: type[SQLModel], values: dict[str, Any], key: Columns, *, newer_by: str | None = None
) -> None:
    """
    Insert *values*, or put them into the row with the same *key*; with *newer_by*, only if that column rises.

    What the session has loaded of the row stays as it was.
    """
    connection = session.connection()
    connection.execute(_putting(connection.dialect, row, tuple(values), key, newer_by), values)


@lru_cache(maxsize=256)
def _unless_there(dialect: Any, row: type[SQLModel], columns: Columns) -> Any:
    """Compiled once: SQLAlchemy keeps nothing of what it compiles of INSERT … ON CONFLICT."""
    statement = _inserting(dialect, row).on_conflict_do_nothing().returning(literal_column("1"))
    return statement.compile(dialect=dialect, column_keys=list(columns))


@lru_cache(maxsize=256)
def _putting(dialect: Any, row: type[SQLModel], columns: Columns, key: Columns, newer_by: str | None) -> Any:
    statement = _inserting(dialect, row)
    changes = {name: statement.excluded[name] for name in columns if name not in key}
    where = None if newer_by is None else _table(row).c[newer_by] < statement.excluded[newer_by]
    putting = statement.on_conflict_do_update(index_elements=list(key), set_=changes, where=where)
    return putting.compile(dialect=dialect, column_keys=list(columns))


def _inserting(dialect: Any, row: type[SQLModel]) -> Any:
    return (sqlite.insert if dialect.name == "sqlite" else postgresql.insert)(_table(row))


def _table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]
