"""Sessions and API tokens: made for people of the directory, and turned into viewers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from contracts.errors import Invalid, UnknownName
from contracts.organisation import Company, Person, Role
from lianyue.access.errors import NotSignedIn
from lianyue.access.viewer import Viewer, viewer_of
from lianyue.records.directory import Directory
from lianyue.records.sign_ins import KeptSession, KeptSignIn, KeptToken, SignIns

TOKEN_PREFIX = "alc_"  # noqa: S105 - what a token begins with, not a token
IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=12)
UNDER_WAY = timedelta(minutes=10)
NOTED_EVERY = timedelta(minutes=1)
"""The use of a session or token is written down no more often."""
MOST_DAYS = 366


class SignIn:
    """Opens and ends sessions, issues and revokes tokens; of either only the hash is kept."""

    def __init__(
        self, kept: SignIns, directory: Directory, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._kept = kept
        self._directory = directory
        self._now = now

    # --- sessions -------------------------------------------------------------------------------------------

    def open(self, user: str) -> str:
        """
        Open a session for *user* and return its secret, which goes into the cookie.

        Raises:
            UnknownName: If the directory does not list the user.
        """
        viewer, secret, now = viewer_of(self._directory, user), secrets.token_urlsafe(32), self._now()
        session = KeptSession(
            id_hash=hashed(secret),
            user=viewer.user,
            company=viewer.company,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
        )
        self._kept.open_session(session)
        return secret

    def by_session(self, secret: str) -> Viewer:
        """
        Return who is signed in with *secret*.

        Raises:
            NotSignedIn: If the session ended, idled too long, or its user left or changed the company.
        """
        kept, now = self._kept.session(hashed(secret)), self._now()
        if kept is None or now >= kept.expires_at or now - kept.seen_at >= IDLE:
            raise NotSignedIn("the session has ended")
        viewer = self._listed(kept.user, kept.company, None)
        if now - kept.seen_at >= NOTED_EVERY:
            self._kept.see_session(kept.id_hash, now)
        return viewer

    def end(self, secret: str) -> None:
        """End the session of *secret*."""
        self._kept.end_session(hashed(secret))

    # --- tokens ---------------------------------------------------------------------------------------------

    def issue(self, name: str, user: str, roles: tuple[Role, ...], days: int) -> tuple[str, KeptToken]:
        """
        Issue a token called *name* for *user*, with no role beyond *roles* (none: all of the user's), for so many days.

        The secret is returned this once.

        Raises:
            UnknownName: If the directory does not list the user.
            Invalid: If the user lacks one of the roles, the name is taken, or the days are not 1 to 366.
        """
        viewer = viewer_of(self._directory, user)
        for role in roles:
            if role not in viewer.roles:
                raise Invalid(f"{user} does not hold the role {role}", where="--role")
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(f"a token lasts 1 to {MOST_DAYS} days, not {days}", where="--days")
        secret, now = TOKEN_PREFIX + secrets.token_hex(32), self._now()
        token = KeptToken(
            name=name,
            secret_hash=hashed(secret),
            user=user,
            company=viewer.company,
            roles=" ".join(roles or viewer.roles),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        if not self._kept.keep_token(token):
            raise Invalid(f"there is a token {name!r} already", where="--name")
        return secret, token

    def by_token(self, secret: str) -> Viewer:
        """
        Return whom the token *secret* lets in.

        Raises:
            NotSignedIn: If there is no such token, it has expired or was revoked, or its user left or moved.
        """
        kept, now = self._kept.token(hashed(secret)) if secret.startswith(TOKEN_PREFIX) else None, self._now()
        if kept is None or kept.revoked_at is not None or now >= kept.expires_at:
            raise NotSignedIn("the token is not valid")
        viewer = self._listed(kept.user, kept.company, tuple(Role(role) for role in kept.roles.split()))
        if kept.last_used_at is None or now - kept.last_used_at >= NOTED_EVERY:
            self._kept.use_token(kept.name, now)
        return viewer

    def tokens(self) -> tuple[KeptToken, ...]:
        """Return all tokens, without their secrets."""
        return self._kept.tokens()

    def revoke(self, name: str) -> None:
        """End the token called *name*, or raise UnknownName."""
        self._kept.revoke_token(name, self._now())

    # --- at the identity provider ---------------------------------------------------------------------------

    def begin(self, back_to: str) -> tuple[str, str, str]:
        """Return state, nonce and PKCE verifier of a sign-in that begins now and is good for ten minutes."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        now = self._now()
        under_way = KeptSignIn(
            state_hash=hashed(state), nonce=nonce, verifier=verifier, back_to=back_to, expires_at=now + UNDER_WAY
        )
        self._kept.begin(under_way, now)
        return state, nonce, verifier

    def finish(self, state: str) -> KeptSignIn | None:
        """Return the sign-in that began with *state*, once; None if there is none or it came too late."""
        kept = self._kept.finish(hashed(state))
        return kept if kept is not None and self._now() < kept.expires_at else None

    def users(self) -> tuple[str, ...]:
        """Return the users of the directory, for the development sign-in."""
        return tuple(person.user for person in self._directory.persons())

    def people(self) -> tuple[tuple[Company, tuple[Person, ...]], ...]:
        """Return the companies that have people, with their people, for the development sign-in."""
        persons = self._directory.persons()
        found = (
            (each, tuple(one for one in persons if one.company == each.code)) for each in self._directory.companies()
        )
        return tuple((company, people) for company, people in found if people)

    def _listed(self, user: str, company: str, ceiling: tuple[Role, ...] | None) -> Viewer:
        try:
            viewer = viewer_of(self._directory, user, ceiling)
        except UnknownName:
            raise NotSignedIn(f"{user} is no longer in the directory") from None
        if viewer.company != company:
            raise NotSignedIn(f"{user} has moved to another company; sign in again")
        return viewer


def hashed(secret: str) -> str:
    """Return what is kept of *secret*: 256 random bits need no salt and no slow hash."""
    return "sha256:" + hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
