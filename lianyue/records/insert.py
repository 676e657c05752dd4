"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy keeps apart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert(session: Session, row: type[SQLModel], values: dict[str, Any]) -> Any:
    """Return the INSERT of *values*, to which ON CONFLICT may be added."""
    dialect = session.get_bind().dialect.name
    making = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return making(row).values(**values)


def inserted(session: Session, row: type[SQLModel], values: dict[str, Any]) -> bool:
    """Insert *values* unless they conflict with a row that is there; say whether they were inserted."""
    attempt = insert(session, row, values).on_conflict_do_nothing().returning(literal_column("1"))
    return session.exec(attempt).first() is not None


def replaced(session: Session, row: type[SQLModel], values: dict[str, Any], *key: str) -> None:
    """Insert *values*, or put them into the row that has the same *key*."""
    statement = insert(session, row, values)
    changes = {name: statement.excluded[name] for name in values if name not in key}
    session.exec(statement.on_conflict_do_update(index_elements=list(key), set_=changes))
    session.expire_all()
