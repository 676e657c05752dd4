"""Answers that are not finished: kept by user and task, never in a history, gone with the answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from lianyue.records.engine import Database
from lianyue.records.insert import put
from lianyue.records.tables import DraftRow


class Drafts:
    """Keeps one draft of each user for each task, as ciphertext."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, task: str, user: str, ciphertext: bytes, at: datetime) -> None:
        """Keep a draft in place of the one before."""
        values = {"task": task, "user": user, "content": ciphertext, "at": at}
        self._database.write(lambda session: put(session, DraftRow, values, ("task", "user")))

    def draft(self, task: str, user: str) -> bytes | None:
        """Return the draft of *user* for *task*, None if there is none."""
        with self._database.reading() as session:
            row = session.get(DraftRow, (task, user))
        return None if row is None else row.content

    def drop(self, task: str, user: str) -> None:
        """Let go of the draft of *user* for *task*, if there is one."""
        own = delete(DraftRow).where(col(DraftRow.task) == task, col(DraftRow.user) == user)
        self._database.write(lambda session: session.connection().execute(own))


def drop_drafts(session: Session, task: str) -> None:
    """Let go of everybody's drafts for a *task* that is closed."""
    session.connection().execute(delete(DraftRow).where(col(DraftRow.task) == task))
