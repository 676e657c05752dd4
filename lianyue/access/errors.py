"""What the door of the portal refuses before the desk is asked."""

from __future__ import annotations

from contracts.errors import AllianceError, Invalid, Refused, UnknownName


class NotThere(UnknownName):
    """Check the name; what belongs to others is not there for you either."""

    code = "not-there"


class NotSignedIn(Refused):
    """Sign in, or send a valid token as `Authorization: Bearer alc_…`."""

    code = "not-signed-in"


class CrossSite(Refused):
    """Send the request from a page of this portal, or as a program with a token."""

    code = "cross-site"


class TooManyTries(Refused):
    """Wait a minute, then try again with the right name or token."""

    code = "too-many-tries"


class SignInUnavailable(Refused):
    """Sign in the way this installation offers; the operator knows which."""

    code = "sign-in-unavailable"


class SignInFailed(Refused):
    """Begin the sign-in again from the portal's own page."""

    code = "sign-in-failed"


class UnsafePortal(Refused):
    """Listen on 127.0.0.1, or set LIANYUE_OIDC_ISSUER, LIANYUE_OIDC_CLIENT_ID and an https LIANYUE_PUBLIC_URL."""

    code = "unsafe-portal"


class TooLarge(Invalid):
    """Send less at once; documents are handed in by their digest."""

    code = "too-large"


class NotArchived(Refused):
    """Wait until it has ended and is archived, or have the operator run `lianyue audit export`."""

    code = "not-archived"


class BundleTooLarge(Refused):
    """Have the operator run `lianyue audit export`, which writes a file of any size."""

    code = "bundle-too-large"


class WrongMediaType(Invalid):
    """Send JSON with `Content-Type: application/json`."""

    code = "wrong-media-type"


class NoSuchRoute(Invalid):
    """Look the path and its methods up in /api/v1/openapi.json."""

    code = "no-such-route"


class Misdirected(Invalid):
    """Use the address under which the portal is published (LIANYUE_PUBLIC_URL)."""

    code = "misdirected"


class Broken(AllianceError):
    """Try again; if it stays so, tell the operator when it happened."""

    code = "broken"
