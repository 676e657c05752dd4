"""The routes by which people come in and leave: development sign-in, OpenID Connect, sign-out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.errors import UnknownName
from lianyue.access.errors import SignInFailed, SignInUnavailable
from lianyue.access.sign_in import LONGEST
from lianyue.portal.guards import Throttle
from lianyue.portal.oidc import Provider
from lianyue.portal.visitors import asker_of, service_of, ways_of

router = APIRouter(tags=["sign-in"])
OIDC_COOKIE = "sign-in"


@router.get("/api/v1/sign-in")
def ways(request: Request) -> dict[str, Any]:
    """登录方式：How one may sign in here; in development, as whom."""
    here = ways_of(request)
    users = service_of(request).sign_in.users() if here.development else ()
    return {"development": here.development, "oidc": here.oidc, "users": list(users)}


@router.post("/sign-in", response_class=RedirectResponse)
def development(
    request: Request,
    user: Annotated[str, Form(max_length=40)],
    back_to: Annotated[str, Form(alias="next", max_length=200)] = "/",
) -> Response:
    """开发登录：Sign in as anybody, without a password; only where nobody else can knock."""
    if not ways_of(request).development:
        raise SignInUnavailable("there is no development sign-in here")
    throttle: Throttle = request.app.state.throttle
    throttle.check(asker_of(request))
    try:
        secret = service_of(request).sign_in.open(user)
    except UnknownName:
        throttle.failed(asker_of(request))
        raise SignInFailed("there is no such user") from None
    return _let_in(request, secret, back_to)


@router.post("/sign-out", response_class=RedirectResponse)
def leave(request: Request) -> Response:
    """退出：End the session."""
    cookie = ways_of(request).cookie
    if secret := request.cookies.get(cookie):
        service_of(request).sign_in.end(secret)
    gone = RedirectResponse("/", 303)
    gone.delete_cookie(cookie, secure=ways_of(request).secure, httponly=True, samesite="lax")
    return gone


@router.get("/sign-in/oidc", response_class=RedirectResponse)
async def begin(request: Request, next: str = "/") -> Response:  # noqa: A002 - the parameter's name in the address
    """统一身份登录：Go to the identity provider."""
    provider = _provider(request)
    state, nonce, verifier = await run_in_threadpool(service_of(request).sign_in.begin, local_path(next))
    answer = RedirectResponse(await provider.address(state, nonce, verifier), 303)
    answer.set_cookie(OIDC_COOKIE, state, max_age=600, path="/sign-in", **_cookie_options(request))
    return answer


@router.get("/sign-in/callback", response_class=RedirectResponse)
async def callback(request: Request, state: str = "", code: str = "") -> Response:
    """登录回调：Come back from the identity provider."""
    provider = _provider(request)
    throttle: Throttle = request.app.state.throttle
    sign_in = service_of(request).sign_in
    under_way = await run_in_threadpool(sign_in.finish, state) if state else None
    try:
        if under_way is None or request.cookies.get(OIDC_COOKIE) != state or not code:
            raise SignInFailed("this sign-in was not begun here, is over, or was refused by the identity provider")
        user = await provider.user(code, under_way.nonce, under_way.verifier)
        secret = await run_in_threadpool(sign_in.open, user)
    except UnknownName:
        raise SignInFailed("the identity provider knows you, the alliance's directory does not") from None
    except SignInFailed:
        throttle.check(asker_of(request))
        throttle.failed(asker_of(request))
        raise
    answer = _let_in(request, secret, under_way.back_to)
    answer.delete_cookie(OIDC_COOKIE, path="/sign-in", secure=ways_of(request).secure, httponly=True, samesite="lax")
    return answer


def local_path(wanted: str) -> str:
    """Return *wanted* if it is a path of this portal, else the front page: nobody is sent elsewhere from here."""
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    is_plain = len(wanted) <= 200 and all("!" <= sign <= "~" and sign != "\\" for sign in wanted)
    return wanted if is_path and is_plain else "/"


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise SignInUnavailable("OpenID Connect is not configured here")
    return provider


def _let_in(request: Request, secret: str, back_to: str) -> Response:
    answer = RedirectResponse(local_path(back_to), 303)
    lasting = int(LONGEST.total_seconds())
    answer.set_cookie(ways_of(request).cookie, secret, max_age=lasting, path="/", **_cookie_options(request))
    return answer


def _cookie_options(request: Request) -> dict[str, Any]:
    """Lax, so that a link in a chat finds its reader signed in."""
    return {"secure": ways_of(request).secure, "httponly": True, "samesite": "lax"}
