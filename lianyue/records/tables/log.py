"""The tables of the log: its entries, the whole subtrees over them, its checkpoints, and who signed these too."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import SQLModel

from lianyue.records.columns import document, moment, whole, words
from lianyue.records.tables.widths import DIGEST, KEY, LINE, NUMBER, SLUG


class LogEntryRow(SQLModel, table=True):
    """
    One entry: the canonical JSON that the tree is over, and what it is found by.

    ``number`` is the contract's, or empty for the alliance as a whole; ``sequence`` counts from 1 within it.
    """

    __tablename__ = "log_entry"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("number", "sequence"),
        CheckConstraint("position >= 0", name="position_counts"),
        CheckConstraint("sequence >= 1", name="sequence_counts"),
    )
    position: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: str = words(NUMBER)
    sequence: int = whole()
    kind: str = words(SLUG)
    subject: str = words(KEY)
    leaf: str = words(DIGEST)
    entry_json: str = document()


class LogNodeRow(SQLModel, table=True):
    """The hash over a whole subtree, at a level above the leaves."""

    __tablename__ = "log_node"
    __table_args__: ClassVar[Any] = (CheckConstraint("level >= 1", name="level_counts"),)
    level: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    place: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = words(DIGEST)


class LogCheckpointRow(SQLModel, table=True):
    """A checkpoint as the log signed it; there is one for a size, for good."""

    __tablename__ = "log_checkpoint"
    size: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    note: str = document()
    at: datetime = moment()


class LogCosignatureRow(SQLModel, table=True):
    """The line by which a witness has signed a checkpoint too."""

    __tablename__ = "log_cosignature"
    size: int = whole(primary_key=True, foreign_key="log_checkpoint.size")
    witness: str = words(LINE, primary_key=True)
    line: str = words(1_000)
    at: datetime = moment()
