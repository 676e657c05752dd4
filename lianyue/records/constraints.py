"""What both databases check of every table, so that neither stores what the other refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table

from lianyue.records.columns import MOMENT_LENGTH, Moment, Words, YesNo

MOST_FEN = 10**15

NAMING = {
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Only the words of the vocabulary."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def of_a_version() -> ForeignKeyConstraint:
    """A row that belongs to one version of the document."""
    return ForeignKeyConstraint(["number", "version"], ["agreement.number", "agreement.version"])


def harden(table: Table) -> None:
    """Have SQLite check types and lengths as PostgreSQL does, and both the bounds of money."""
    table.dialect_options["sqlite"]["strict"] = True
    for column in table.columns:
        for name, condition in _conditions(column.name, column.type):
            table.append_constraint(CheckConstraint(condition, name=name))


def _conditions(name: str, kind: Any) -> Iterable[tuple[str, str]]:
    if isinstance(kind, Words):
        yield f"{name}_fits", f'length("{name}") <= {kind.length}'
    if isinstance(kind, Moment):
        yield f"{name}_fits", f'length("{name}") = {MOMENT_LENGTH}'
    if isinstance(kind, YesNo):
        yield f"{name}_is_truth", f"CAST({name} AS INTEGER) IN (0, 1)"
    if name.endswith("_fen"):
        yield f"{name}_is_money", f"{name} BETWEEN {-MOST_FEN} AND {MOST_FEN}"
