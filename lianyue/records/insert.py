"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy keeps apart."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Columns = tuple[str, ...]


def inserted(session: Session, row: type[SQLModel], values: dict[str, Any]) -> bool:
    """Insert *values* unless they conflict with a row that is there; say whether they were inserted."""
    attempt = _attempt(_dialect(session), row, tuple(values))
    return session.connection().execute(attempt, values).first() is not None


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
    session.connection().execute(_putting(_dialect(session), row, tuple(values), key, newer_by), values)


def _dialect(session: Session) -> str:
    return str(session.get_bind().dialect.name)


@lru_cache(maxsize=256)
def _inserting(dialect: str, row: type[SQLModel], columns: Columns) -> Any:
    """The same statement for the same columns, so that it is compiled once."""
    making = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return making(_table(row)).values({name: bindparam(name) for name in columns})


@lru_cache(maxsize=256)
def _attempt(dialect: str, row: type[SQLModel], columns: Columns) -> Any:
    return _inserting(dialect, row, columns).on_conflict_do_nothing().returning(literal_column("1"))


@lru_cache(maxsize=256)
def _putting(dialect: str, row: type[SQLModel], columns: Columns, key: Columns, newer_by: str | None) -> Any:
    statement = _inserting(dialect, row, columns)
    changes = {name: statement.excluded[name] for name in columns if name not in key}
    where: ColumnElement[bool] | None = None
    if newer_by is not None:
        where = _table(row).c[newer_by] < statement.excluded[newer_by]
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes, where=where)


def _table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]
