"""Sessions, API tokens and sign-ins under way: only hashes of what opens a door are kept."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, delete, select

from contracts.errors import UnknownName
from contracts.value import Recorded
from lianyue.records.engine import Database
from lianyue.records.insert import inserted
from lianyue.records.tables import ApiTokenRow, SessionRow, SignInRow


class KeptSession(Recorded):
    """A session; ``company`` is the user's at sign-in, and ends the session when it is no longer."""

    id_hash: str
    user: str
    company: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class KeptToken(Recorded):
    """An API token without the secret; ``roles`` is its ceiling, separated by blanks."""

    name: str
    secret_hash: str
    user: str
    company: str
    roles: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class KeptSignIn(Recorded):
    """A sign-in at the identity provider that is under way."""

    state_hash: str
    nonce: str
    verifier: str
    back_to: str
    expires_at: datetime


class SignIns:
    """Who is signed in, and by what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- sessions -------------------------------------------------------------------------------------------

    def open_session(self, kept: KeptSession) -> None:
        """Keep a new session, and forget those that have ended."""
        self._database.write(lambda session: _open_session(session, kept))

    def session(self, id_hash: str) -> KeptSession | None:
        """Return the session, ended or not; None if there is none."""
        with self._database.reading() as session:
            row = session.get(SessionRow, id_hash)
        return None if row is None else KeptSession.model_validate(row.model_dump())

    def see_session(self, id_hash: str, at: datetime) -> None:
        """Remember that a session was used."""
        self._database.write(lambda session: _seen(session, id_hash, at))

    def end_session(self, id_hash: str) -> None:
        """Forget a session; one that is not there is forgotten already."""
        self._database.write(lambda session: session.exec(delete(SessionRow).where(col(SessionRow.id_hash) == id_hash)))

    # --- tokens ---------------------------------------------------------------------------------------------

    def keep_token(self, kept: KeptToken) -> bool:
        """Keep a new token; return False if its name is taken."""
        return self._database.write(lambda session: inserted(session, ApiTokenRow, kept.model_dump()))

    def token(self, secret_hash: str) -> KeptToken | None:
        """Return the token with this hash, valid or not; None if there is none."""
        with self._database.reading() as session:
            row = session.exec(select(ApiTokenRow).where(col(ApiTokenRow.secret_hash) == secret_hash)).first()
        return None if row is None else KeptToken.model_validate(row.model_dump())

    def tokens(self) -> tuple[KeptToken, ...]:
        """Return all tokens, ordered by name."""
        with self._database.reading() as session:
            rows = session.exec(select(ApiTokenRow).order_by(ApiTokenRow.name)).all()
        return tuple(KeptToken.model_validate(row.model_dump()) for row in rows)

    def use_token(self, name: str, at: datetime) -> None:
        """Remember that a token was used."""
        self._database.write(lambda session: _change_token(session, name, "last_used_at", at))

    def revoke_token(self, name: str, at: datetime) -> None:
        """End a token, or raise UnknownName; revoking twice keeps the first moment."""
        self._database.write(lambda session: _revoke(session, name, at))

    # --- at the identity provider ---------------------------------------------------------------------------

    def begin(self, kept: KeptSignIn, now: datetime) -> None:
        """Keep a sign-in that is under way, and forget those that were never finished."""
        self._database.write(lambda session: _begin(session, kept, now))

    def finish(self, state_hash: str) -> KeptSignIn | None:
        """Return the sign-in that is under way and forget it: it is finished once."""
        return self._database.write(lambda session: _finish(session, state_hash))


def _open_session(session: Session, kept: KeptSession) -> None:
    session.exec(delete(SessionRow).where(col(SessionRow.expires_at) < kept.created_at))
    session.add(SessionRow(**kept.model_dump()))


def _seen(session: Session, id_hash: str, at: datetime) -> None:
    row = session.get(SessionRow, id_hash)
    if row is not None:
        row.seen_at = at
        session.add(row)


def _change_token(session: Session, name: str, field: str, at: datetime) -> None:
    row = session.get(ApiTokenRow, name)
    if row is None:
        raise UnknownName(f"there is no token {name!r}")
    setattr(row, field, at)
    session.add(row)


def _revoke(session: Session, name: str, at: datetime) -> None:
    row = session.get(ApiTokenRow, name)
    if row is None or row.revoked_at is None:
        _change_token(session, name, "revoked_at", at)


def _begin(session: Session, kept: KeptSignIn, now: datetime) -> None:
    session.exec(delete(SignInRow).where(col(SignInRow.expires_at) < now))
    session.add(SignInRow(**kept.model_dump()))


def _finish(session: Session, state_hash: str) -> KeptSignIn | None:
    row = session.get(SignInRow, state_hash)
    if row is None:
        return None
    session.delete(row)
    return KeptSignIn.model_validate(row.model_dump())
