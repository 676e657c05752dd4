"""The log in the records: an entry is added in the transaction of what it tells, and nothing is ever changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import bindparam, insert
from sqlmodel import Session, col, func, select

from contracts.errors import UnknownName
from contracts.ids import NUMBER
from contracts.journal import EffectRequest
from lianyue.log.entries import EFFECTS, NOTHING, REFUSED_ATTEMPT, Entry, hashed, is_entered, payload_of, unhashed
from lianyue.log.note import Checkpoint, checkpoint_in, with_lines
from lianyue.log.tree import completed, consistency_proof, inclusion_proof, leaf_hash, root
from lianyue.records.engine import Database
from lianyue.records.insert import inserted
from lianyue.records.tables import LogCheckpointRow, LogCosignatureRow, LogEntryRow, LogNodeRow

_LAST = select(func.max(col(LogEntryRow.position)))
_TIP = (
    select(LogEntryRow.sequence, LogEntryRow.leaf)
    .where(col(LogEntryRow.number) == bindparam("wanted"))
    .order_by(col(LogEntryRow.sequence).desc())
    .limit(1)
)
_LEAF = select(LogEntryRow.leaf).where(col(LogEntryRow.position) == bindparam("wanted"))
_NODE = select(LogNodeRow.hash).where(
    col(LogNodeRow.level) == bindparam("level"), col(LogNodeRow.place) == bindparam("place")
)
"""Written once, so that they are compiled once."""


class Told:
    """What one transaction enters: several entries about one contract, numbered on from the last."""

    def __init__(self, session: Session, number: str, at: datetime) -> None:
        self._session = session
        self._number = number
        self._at = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def enter(self, kind: str, subject: str, payload: Any) -> None:
        """Add one entry that stands for *payload*, a JSON value."""
        self.enter_digest(kind, subject, payload_of(payload))

    def enter_digest(self, kind: str, subject: str, payload: str) -> None:
        """Add one entry that stands for what has the digest *payload*."""
        connection = self._session.connection()
        last = connection.execute(_LAST).scalar()
        position = 0 if last is None else last + 1
        tip = connection.execute(_TIP, {"wanted": self._number}).first()
        sequence, previous = (tip[0] + 1, tip[1]) if tip else (1, NOTHING)
        entry = Entry(
            number=self._number,
            sequence=sequence,
            previous=previous,
            kind=kind,
            subject=subject[:240],
            payload=payload,
            at=self._at,
        )
        line = entry.line()
        made = completed(position, leaf_hash(line), lambda level, index: _node(self._session, level, index))
        values = {"position": position, "number": self._number, "sequence": sequence, "kind": kind}
        kept = {"subject": entry.subject, "leaf": hashed(made[0][2]), "entry_json": line.decode()}
        connection.execute(insert(LogEntryRow), {**values, **kept})
        nodes = [{"level": level, "place": index, "hash": hashed(found)} for level, index, found in made[1:]]
        if nodes:
            connection.execute(insert(LogNodeRow), nodes)


def enter_attempt(session: Session, attempt: Mapping[str, Any], at: datetime) -> None:
    """Enter an attempt that the desk refused: about a contract where its target is one, else about the alliance."""
    number = re.split("[/:]", str(attempt["target"]), maxsplit=1)[0]
    subject = f"{attempt['verb']} {attempt['target']}"
    Told(session, number if NUMBER.fullmatch(number) else "", at).enter(REFUSED_ATTEMPT, subject, attempt)


def enter_effect(session: Session, request: EffectRequest, answer: BaseModel, at: datetime) -> None:
    """Enter what an effect answered, and what its journal tells that nobody may leave out."""
    told = Told(session, request.number, at)
    for position, happening in enumerate(request.journal.happenings):
        stated = happening.model_dump(mode="json")
        if is_entered(stated):
            told.enter(happening.verb, f"{request.key}#{position}", stated)
    if request.step in EFFECTS:
        told.enter(request.step, request.key, answer.model_dump(mode="json"))


class LogBook:
    """The log, for reading, and its checkpoints."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def size(self) -> int:
        """Return how many entries there are."""
        with self._database.reading() as session:
            return _size(session)

    def entries(self, number: str | None = None) -> tuple[tuple[int, bytes], ...]:
        """Return the entries about contract *number*, or all, in order: each its position and its bytes."""
        found = select(LogEntryRow.position, LogEntryRow.entry_json).order_by(col(LogEntryRow.position))
        if number is not None:
            found = found.where(LogEntryRow.number == number)
        with self._database.reading() as session:
            return tuple((position, line.encode()) for position, line in session.exec(found))

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """Return every whole subtree that is kept, by level and place, leaves among them."""
        with self._database.reading() as session:
            leaves = session.exec(select(LogEntryRow.position, LogEntryRow.leaf)).all()
            above = session.exec(select(LogNodeRow.level, LogNodeRow.place, LogNodeRow.hash)).all()
        return {
            **{(0, position): unhashed(leaf) for position, leaf in leaves},
            **{(level, place): unhashed(found) for level, place, found in above},
        }

    def state(self, size: int) -> bytes:
        """Return the root over the first *size* entries."""
        with self._database.reading() as session:
            return root(size, lambda level, index: _node(session, level, index))

    def inclusion(self, positions: Sequence[int], size: int) -> dict[int, list[bytes]]:
        """Return what proves that the entries at *positions* are among the first *size*."""
        with self._database.reading() as session:
            known: dict[tuple[int, int], bytes] = {}

            def node(level: int, index: int) -> bytes:
                if (level, index) not in known:
                    known[level, index] = _node(session, level, index)
                return known[level, index]

            return {position: inclusion_proof(position, size, node) for position in positions}

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Return what proves that the log of *second* entries begins with the one of *first*."""
        with self._database.reading() as session:
            return consistency_proof(first, second, lambda level, index: _node(session, level, index))

    # --- checkpoints ----------------------------------------------------------------------------------------

    def checkpoint(self, at_least: int) -> tuple[Checkpoint, str] | None:
        """Return the first checkpoint over *at_least* so many entries with every signature under it."""
        first = select(LogCheckpointRow).where(col(LogCheckpointRow.size) >= at_least)
        with self._database.reading() as session:
            row = session.exec(first.order_by(col(LogCheckpointRow.size)).limit(1)).first()
            return None if row is None else _checkpoint(session, row)

    def checkpoints(self) -> tuple[tuple[Checkpoint, str], ...]:
        """Return every checkpoint, the smallest first."""
        with self._database.reading() as session:
            rows = session.exec(select(LogCheckpointRow).order_by(col(LogCheckpointRow.size))).all()
            return tuple(_checkpoint(session, row) for row in rows)

    def newest(self) -> tuple[Checkpoint, datetime] | None:
        """Return the largest checkpoint and when it was kept; nothing if there is none."""
        with self._database.reading() as session:
            row = session.exec(select(LogCheckpointRow).order_by(col(LogCheckpointRow.size).desc()).limit(1)).first()
            return None if row is None else (checkpoint_in(row.note), row.at)

    def witnessed(self) -> tuple[tuple[str, int, datetime], ...]:
        """Return the verifier key of every witness, how many entries it has signed for, and when it did last."""
        size, at = func.max(col(LogCosignatureRow.size)), func.max(LogCosignatureRow.at)
        signed = select(LogCosignatureRow.witness, size, at).group_by(LogCosignatureRow.witness)
        with self._database.reading() as session:
            return tuple(session.exec(signed.order_by(LogCosignatureRow.witness)))

    def witnesses(self, size: int) -> tuple[str, ...]:
        """Return the verifier keys of those who have signed the checkpoint of *size*."""
        signed = select(LogCosignatureRow.witness).where(LogCosignatureRow.size == size)
        with self._database.reading() as session:
            return tuple(session.exec(signed.order_by(LogCosignatureRow.witness)))

    def keep_checkpoint(self, checkpoint: Checkpoint, note: str, at: datetime) -> None:
        """Keep a signed checkpoint; the first of a size stands."""
        values = {"size": checkpoint.size, "note": note, "at": at}
        self._database.write(lambda session: inserted(session, LogCheckpointRow, values))

    def keep_cosignatures(self, size: int, lines: Iterable[tuple[str, str]], at: datetime) -> int:
        """Keep the *lines* of witnesses under the checkpoint of *size*; return how many are new."""
        values = [{"size": size, "witness": witness, "line": line, "at": at} for witness, line in lines]
        return self._database.write(lambda session: _keep_cosignatures(session, size, values))


def _keep_cosignatures(session: Session, size: int, values: list[dict[str, Any]]) -> int:
    if session.get(LogCheckpointRow, size) is None:
        raise UnknownName(f"there is no checkpoint over {size} entries")
    return sum(inserted(session, LogCosignatureRow, each) for each in values)


def _checkpoint(session: Session, row: LogCheckpointRow) -> tuple[Checkpoint, str]:
    lines = select(LogCosignatureRow.line).where(LogCosignatureRow.size == row.size)
    cosigned = session.exec(lines.order_by(LogCosignatureRow.witness)).all()
    return checkpoint_in(row.note), with_lines(row.note, cosigned)


def _size(session: Session) -> int:
    last = session.connection().execute(_LAST).scalar()
    return 0 if last is None else int(last) + 1


def _node(session: Session, level: int, index: int) -> bytes:
    connection = session.connection()
    if level == 0:
        return unhashed(connection.execute(_LEAF, {"wanted": index}).scalar_one())
    return unhashed(connection.execute(_NODE, {"level": level, "place": index}).scalar_one())
