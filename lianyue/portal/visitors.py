"""Who is at the door: the viewer behind a cookie or a token, and what they may reach."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import Request

from contracts.errors import MalformedDocument
from lianyue.access.acts import Acts
from lianyue.access.errors import NotSignedIn
from lianyue.access.grants import OwnGrants
from lianyue.access.portfolios import SeenPortfolios
from lianyue.access.proofs import Proofs
from lianyue.access.rulings import Rulings
from lianyue.access.scope import Scope
from lianyue.access.service import Service
from lianyue.access.viewer import Viewer
from lianyue.portal.guards import Throttle
from lianyue.portal.ways_in import WaysIn

BEARER = "bearer "
LONGEST_REQUEST_ID = 200


def service_of(request: Request) -> Service:
    """Return the application service of this portal."""
    service: Service = request.app.state.service
    return service


def ways_of(request: Request) -> WaysIn:
    """Return the ways in of this portal."""
    ways: WaysIn = request.app.state.ways
    return ways


def signed_in(request: Request) -> Viewer:
    """
    Return the viewer of the request; a request with a token is judged by the token alone.

    Raises:
        NotSignedIn: If there is neither a valid token nor a session.
        TooManyTries: If this asker has tried too many tokens.
    """
    authorization = request.headers.get("authorization", "")
    sign_in = service_of(request).sign_in
    if not authorization:
        return sign_in.by_session(_cookie(request))
    throttle: Throttle = request.app.state.throttle
    try:
        if not authorization.lower().startswith(BEARER):
            raise NotSignedIn("only bearer tokens are understood")
        return sign_in.by_token(authorization[len(BEARER) :].strip())
    except NotSignedIn:
        throttle.check(asker_of(request))  # only now: a valid token behind the same proxy is not shut out
        throttle.failed(asker_of(request))
        raise


def asker_of(request: Request) -> str:
    """Return where the request came from, as the connection says; forwarded headers are not believed."""
    return request.client.host if request.client else ""


def scope_of(request: Request, viewer: Annotated[Viewer, Depends(signed_in)]) -> Scope:
    """Return what the viewer may see."""
    return service_of(request).scope(viewer)


def acts_of(request: Request, viewer: Annotated[Viewer, Depends(signed_in)]) -> Acts:
    """Return what the viewer may do."""
    return service_of(request).acts(viewer)


def rulings_of(request: Request, viewer: Annotated[Viewer, Depends(signed_in)]) -> Rulings:
    """Return what the viewer may ask of rules and audit."""
    return service_of(request).rulings(viewer)


def proofs_of(request: Request, viewer: Annotated[Viewer, Depends(signed_in)]) -> Proofs:
    """Return the proofs of contracts, as far as they are for the viewer."""
    return service_of(request).proofs(viewer)


def grants_of(request: Request, viewer: Annotated[Viewer, Depends(signed_in)]) -> OwnGrants:
    """Return the viewer's mandates and exceptions."""
    return service_of(request).grants(viewer)


def portfolios_of(request: Request, viewer: Annotated[Viewer, Depends(signed_in)]) -> SeenPortfolios:
    """Return the portfolios that the viewer may see."""
    return service_of(request).portfolios(viewer)


def request_id_of(
    idempotency_key: Annotated[str, Header(description="The same key again is answered as the first time.")] = "",
) -> str:
    """Return the request id; without one, a repeated request is a new one."""
    fits = len(idempotency_key) <= LONGEST_REQUEST_ID and all("!" <= sign <= "~" for sign in idempotency_key)
    if not fits:
        raise MalformedDocument("a request id is up to 200 visible ASCII characters", where="Idempotency-Key")
    return idempotency_key


Seen = Annotated[Scope, Depends(scope_of)]
Doing = Annotated[Acts, Depends(acts_of)]
Asking = Annotated[Rulings, Depends(rulings_of)]
Proving = Annotated[Proofs, Depends(proofs_of)]
Granting = Annotated[OwnGrants, Depends(grants_of)]
Together = Annotated[SeenPortfolios, Depends(portfolios_of)]
Me = Annotated[Viewer, Depends(signed_in)]
RequestId = Annotated[str, Depends(request_id_of)]


def _cookie(request: Request) -> str:
    secret = request.cookies.get(ways_of(request).cookie, "")
    if not secret:
        raise NotSignedIn("nobody is signed in")
    return secret
