"""The records behind the activities: every effect once, rule texts by digest, histories for good."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import bindparam, or_, update
from sqlmodel import Session, col, select

from activities.ports import Writing
from contracts.agreement import AgreementVersion
from contracts.errors import EffectConflict, Invalid, UnknownName
from contracts.journal import EffectRequest
from contracts.signed_document import DocumentRevision, PreparedSignature
from lianyue.log.entries import ARCHIVED
from lianyue.records.documents import revisions_of
from lianyue.records.engine import Database
from lianyue.records.insert import inserted
from lianyue.records.journal import apply_journal
from lianyue.records.kept import Edition
from lianyue.records.log import Told, enter_effect
from lianyue.records.tables import ContractRow, EditionRow, EffectRow, HistoryRow, PreparedSignatureRow
from lianyue.records.writing import SqlWriting
from rules.canonical import digest

Answer = TypeVar("Answer", bound=BaseModel)
Seen = TypeVar("Seen")


class SqlRecords:
    """Keeps the promises of ``activities.ports.Records`` in a database."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now
        self._texts: dict[str, str] = {}

    def once(self, request: EffectRequest, act: Callable[[Writing], Answer], answer: type[Answer]) -> Answer:
        """
        Run *act* in one write transaction, unless the effect of ``request.key`` was had before: then its first answer.

        Where the database asks to begin again, *act* runs again on an undone transaction.

        Raises:
            EffectConflict: If the key was used for a different request; nothing is written.
            UnknownName: If the contract is not registered.
        """
        request_hash = hash_of(request)
        return self._database.retried(lambda: self._attempt(request, request_hash, act, answer))

    def look(self, see: Callable[[Writing], Seen]) -> Seen:
        """Return what *see* finds in one state of the records; the database refuses whatever it would write."""
        with self._database.reading() as session:
            return see(SqlWriting(session))

    def text(self, digest: str) -> str:
        """Return the text that was published under *digest*, or raise UnknownName."""
        if digest not in self._texts:
            with self._database.reading() as session:
                row = session.get(EditionRow, digest)
            if row is None:
                raise UnknownName(f"nothing was published under {digest}")
            self._texts[digest] = row.text
        return self._texts[digest]

    def revisions(self, number: str, version: int) -> tuple[DocumentRevision, ...]:
        """Return the revisions of one version's document, first to last."""
        with self._database.reading() as session:
            return revisions_of(session, number, version)

    def agreement_version(self, number: str, version: int) -> AgreementVersion:
        """Return a version of the agreement, or raise UnknownName."""
        with self._database.reading() as session:
            return SqlWriting(session).agreement(number, version)

    def keep_prepared(self, prepared: PreparedSignature, begun_json: str) -> None:
        """Keep what was prepared for a key outside, and how it goes on; the same again changes nothing."""
        columns = {"id", "number", "version", "company", "expires_at"}
        values = {**prepared.model_dump(include=columns), "prepared_json": begun_json}
        self._database.write(lambda session: inserted(session, PreparedSignatureRow, values))

    def prepared(self, id_: str) -> str:
        """Return how the signature goes on that was prepared under *id_*, or raise UnknownName."""
        with self._database.reading() as session:
            row = session.get(PreparedSignatureRow, id_)
        if row is None:
            raise UnknownName(f"no signature was prepared under {id_}")
        return row.prepared_json

    def keep_history(
        self,
        workflow_id: str,
        run_id: str,
        number: str,
        events: int,
        zlibbed: bytes,
        digest: str,
        encoded_digest: str | None = None,
    ) -> None:
        """
        Keep the history of a closed run; keeping it twice is keeping it once.

        Raises:
            EffectConflict: If another history was kept for the same run.
        """
        values = {
            "workflow_id": workflow_id,
            "run_id": run_id,
            "number": number,
            "events": events,
            "digest": digest,
            "encoded_digest": encoded_digest,
            "zlibbed": zlibbed,
        }
        self._database.write(lambda session: _keep_history(session, values, self._now()))

    def publish(
        self,
        kind: str,
        name: str,
        edition: str,
        effective_from_day: int,
        effective_to_day: int | None,
        text: str,
        digest: str,
    ) -> None:
        """
        Publish an edition under the digest of its canonical JSON; the same again changes nothing.

        In force from its first day up to *effective_to_day*, exclusive; open, until the next edition.

        Raises:
            Invalid: If this edition of this name was published with other content.
        """
        values = {
            "digest": digest,
            "kind": kind,
            "name": name,
            "edition": edition,
            "effective_from_day": effective_from_day,
            "effective_to_day": effective_to_day,
            "text": text,
        }
        self._database.write(lambda session: _publish(session, values))

    def edition_in_force(self, kind: str, name: str, day: int) -> str | None:
        """Return the digest of the edition of *name* that is in force on *day*, None if none is."""
        in_force = (
            select(EditionRow.digest)
            .where(EditionRow.kind == kind, EditionRow.name == name, EditionRow.effective_from_day <= day)
            .where(or_(col(EditionRow.effective_to_day).is_(None), col(EditionRow.effective_to_day) > day))
            .order_by(col(EditionRow.effective_from_day).desc(), col(EditionRow.edition).desc())
        )
        with self._database.reading() as session:
            return session.exec(in_force).first()

    def needed_edition(self, kind: str, name: str, day: int) -> str:
        """Return the digest of the edition in force, or raise UnknownName."""
        found = self.edition_in_force(kind, name, day)
        if found is None:
            raise UnknownName(f"no edition of {kind} {name!r} is in force on epoch day {day}")
        return found

    def editions(self) -> tuple[Edition, ...]:
        """Return every published edition, ordered by kind, name and first day."""
        ordered = select(EditionRow).order_by(
            EditionRow.kind, EditionRow.name, col(EditionRow.effective_from_day), EditionRow.edition
        )
        with self._database.reading() as session:
            return tuple(Edition.model_validate(row.model_dump()) for row in session.exec(ordered))

    # --- one attempt ----------------------------------------------------------------------------------------

    def _attempt(
        self, request: EffectRequest, request_hash: str, act: Callable[[Writing], Answer], answer: type[Answer]
    ) -> Answer:
        with self._begin() as session:
            if not self._claim(session, request, request_hash):
                return answer.model_validate_json(_first_answer(session, request, request_hash))
            given = self._have(session, request, act)
            self._commit(session)
            return given

    def _begin(self) -> AbstractContextManager[Session]:
        return self._database.writing()

    def _claim(self, session: Session, request: EffectRequest, request_hash: str) -> bool:
        """Say whether this is the first request under its key; if so, the key is taken."""
        if session.connection().execute(_REGISTERED, {"wanted": request.number}).first() is None:
            raise UnknownName(f"contract {request.number} is not registered")
        values = {
            "key": request.key,
            "number": request.number,
            "workflow_id": request.workflow_id,
            "step": request.step,
            "occurrence": request.occurrence,
            "request_hash": request_hash,
            "at": self._now(),
        }
        return inserted(session, EffectRow, values)

    def _have(self, session: Session, request: EffectRequest, act: Callable[[Writing], Answer]) -> Answer:
        """Apply the journal, act, and keep the answer with the key."""
        apply_journal(session, request)
        given = act(SqlWriting(session))
        session.flush()
        session.connection().execute(_ANSWERED, {"effect": request.key, "given": given.model_dump_json()})
        self._enter(session, request, given)
        return given

    def _enter(self, session: Session, request: EffectRequest, given: BaseModel) -> None:
        """Enter the effect in the log, in the transaction that has it."""
        enter_effect(session, request, given, self._now())

    def _commit(self, session: Session) -> None:
        session.commit()


_REGISTERED = select(col(ContractRow.number)).where(col(ContractRow.number) == bindparam("wanted"))
_ANSWERED = update(EffectRow).where(col(EffectRow.key) == bindparam("effect")).values(answer_json=bindparam("given"))
"""Written once, so that they are compiled once: every effect passes here."""


def hash_of(request: EffectRequest) -> str:
    """
    Return the digest of what *request* asks.

    Fields at their defaults do not count, so that a release that adds a field still knows an older request.
    """
    return digest(request.model_dump(mode="json", exclude_defaults=True))


def _first_answer(session: Session, request: EffectRequest, request_hash: str) -> str:
    row = session.get_one(EffectRow, request.key)
    if row.request_hash != request_hash or row.answer_json is None:
        raise EffectConflict(f"{request.key} was used for a different request", where=request.key)
    return row.answer_json


def _keep_history(session: Session, values: dict[str, object], at: datetime) -> None:
    if inserted(session, HistoryRow, values):
        subject = f"{values['workflow_id']} {values['run_id']}"
        Told(session, str(values["number"]), at).enter_digest(ARCHIVED, subject, str(values["digest"]))
        return
    row = session.get_one(HistoryRow, (values["workflow_id"], values["run_id"]))
    if row.digest != values["digest"]:
        raise EffectConflict(f"another history of {row.workflow_id}, run {row.run_id}, was kept before")


def _publish(session: Session, values: dict[str, object]) -> None:
    if inserted(session, EditionRow, values):
        return
    row = session.get(EditionRow, values["digest"])
    if row is None or (row.kind, row.name, row.edition) != (values["kind"], values["name"], values["edition"]):
        which = f"{values['kind']} {values['name']} {values['edition']}"
        raise Invalid(f"{which} was published with other content; an edition is never edited: write the next one")
