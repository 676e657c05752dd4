"""What was granted for some days: exceptions to rules, mandates to approve, and the revocations of either."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from contracts.approval import MandateGrant, Revocation
from contracts.calendar import epoch_day
from contracts.errors import UnknownName
from contracts.signature import Signature
from contracts.value import Recorded
from contracts.waiving import SignedException, SignedRevocation
from lianyue.records.engine import Database
from lianyue.records.insert import inserted
from lianyue.records.log import Told
from lianyue.records.tables import ExceptionRow, MandateRow, RevocationRow
from rules.canonical import digest
from rules.documents.authority import PolicyException
from rules.exceptions import exception_in


class KeptMandate(Recorded):
    """A mandate as it was granted, and from which day it was revoked."""

    digest: str
    grant: MandateGrant
    revoked_day: int | None = None

    @property
    def to_day(self) -> int | None:
        """The first day on which it is no longer in force, where there is one."""
        return min((day for day in (self.grant.to_day, self.revoked_day) if day is not None), default=None)

    def is_in_force(self, day: int) -> bool:
        """Say whether it is in force on epoch *day*."""
        return self.grant.from_day <= day and (self.to_day is None or day < self.to_day)


class Grants:
    """Adds what is granted and what is revoked; nothing here changes or deletes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- exceptions -----------------------------------------------------------------------------------------

    def keep_exception(self, document: PolicyException, text: str, signature: Signature, at: datetime) -> bool:
        """Keep a signed exception; return False if the same was kept before: the first signature stands."""
        spec = document.spec
        values = {
            "digest": signature.document,
            "name": document.metadata.name,
            "from_day": spec.effective.from_day,
            "to_day": epoch_day(spec.effective.end),
            "granted_by": spec.granted_by.user,
            "text": text,
            "signature_json": signature.model_dump_json(),
            "at": at,
        }
        return self._database.write(lambda session: _granted(session, ExceptionRow, values, "exception"))

    def exceptions(self) -> tuple[SignedException, ...]:
        """Return every exception with its revocations, ordered by digest."""
        with self._database.reading() as session:
            return signed_exceptions(session)

    def exception(self, named: str) -> SignedException:
        """
        Return the exception with the digest *named*, or the only one of that name.

        Raises:
            UnknownName: If there is none, or several of that name.
        """
        found = [each for each in self.exceptions() if named in (each.digest, _name(each))]
        if not found:
            raise UnknownName(f"there is no exception {named!r}", where=named)
        if len(found) > 1:
            raise UnknownName(f"{len(found)} exceptions are called {named!r}; give the digest", where=named)
        return found[0]

    def keep_signed_revocation(self, revocation: SignedRevocation, at: datetime) -> bool:
        """Keep the revocation of an exception; return False if the same was kept before."""
        document = revocation.model_dump_json()
        return self._keep_revocation(revocation.digest, revocation.revocation, document, at)

    # --- mandates -------------------------------------------------------------------------------------------

    def keep_mandate(self, grant: MandateGrant, at: datetime) -> KeptMandate:
        """Keep a mandate; the same again is the same mandate."""
        values = {
            "digest": digest_of(grant),
            "principal": grant.principal,
            "delegate": grant.delegate,
            "from_day": grant.from_day,
            "to_day": grant.to_day,
            "grant_json": grant.model_dump_json(),
            "at": at,
        }
        self._database.write(lambda session: _granted(session, MandateRow, values, "mandate"))
        return self.mandate(digest_of(grant))

    def mandates(self) -> tuple[KeptMandate, ...]:
        """Return every mandate, the earliest first."""
        ordered = select(MandateRow).order_by(col(MandateRow.from_day), MandateRow.digest)
        with self._database.reading() as session:
            revoked = _revoked_days(session)
            return tuple(_kept(row, revoked) for row in session.exec(ordered))

    def mandate(self, digest: str) -> KeptMandate:
        """Return the mandate with *digest*, or raise UnknownName."""
        for each in self.mandates():
            if each.digest == digest:
                return each
        raise UnknownName(f"there is no mandate {digest!r}", where=digest)

    def revoke_mandate(self, revocation: Revocation, at: datetime) -> bool:
        """Keep the revocation of a mandate; return False if the same was kept before."""
        return self._keep_revocation(digest_of(revocation), revocation, revocation.model_dump_json(), at)

    def _keep_revocation(self, its_digest: str, revocation: Revocation, document: str, at: datetime) -> bool:
        values = {
            "digest": its_digest,
            "target": revocation.target,
            "from_day": revocation.from_day,
            "revocation_json": document,
            "at": at,
        }
        return self._database.write(lambda session: _granted(session, RevocationRow, values, "revocation"))


def _granted(session: Session, row: type[SQLModel], values: dict[str, Any], kind: str) -> bool:
    """Insert what was granted or revoked, and enter it in the log; say whether it is new."""
    if not inserted(session, row, values):
        return False
    Told(session, "", values["at"]).enter_digest(kind, values.get("target", values["digest"]), values["digest"])
    return True


def digest_of(noun: MandateGrant | Revocation) -> str:
    """Return the digest of the canonical JSON of a grant or revocation: its identity."""
    return digest(noun.model_dump(mode="json"))


def signed_exceptions(session: Session, ended_after_day: int = -(10**6)) -> tuple[SignedException, ...]:
    """Return the exceptions whose term ends after epoch day *ended_after_day*, ordered by digest."""
    wanted = select(ExceptionRow).where(col(ExceptionRow.to_day) > ended_after_day).order_by(ExceptionRow.digest)
    rows = session.exec(wanted).all()
    targets = [row.digest for row in rows]
    ended = select(RevocationRow).where(col(RevocationRow.target).in_(targets)).order_by(RevocationRow.digest)
    revocations = [SignedRevocation.model_validate_json(row.revocation_json) for row in session.exec(ended)]
    return tuple(
        SignedException(
            digest=row.digest,
            text=row.text,
            signature=Signature.model_validate_json(row.signature_json),
            revocations=tuple(each for each in revocations if each.revocation.target == row.digest),
        )
        for row in rows
    )


def _name(signed: SignedException) -> str:
    return exception_in(signed.text)[0].metadata.name


def _revoked_days(session: Session) -> dict[str, int]:
    """The earliest day from which each target is revoked."""
    latest_first = select(RevocationRow.target, RevocationRow.from_day).order_by(col(RevocationRow.from_day).desc())
    return dict(session.exec(latest_first).all())


def _kept(row: MandateRow, revoked: dict[str, int]) -> KeptMandate:
    grant = MandateGrant.model_validate_json(row.grant_json)
    return KeptMandate(digest=row.digest, grant=grant, revoked_day=revoked.get(row.digest))
