"""Errors as HTTP answers: the status, the document for programs, the lines for people."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from contracts.errors import (
    AllianceError,
    DutiesNotSeparated,
    Invalid,
    MalformedDocument,
    NotYourTask,
    Refused,
    RoleMissing,
    SignatureInvalid,
    Unreachable,
)
from lianyue.access.errors import (
    Broken,
    CrossSite,
    Misdirected,
    NoSuchRoute,
    NotSignedIn,
    NotThere,
    SignInFailed,
    SignInUnavailable,
    TooLarge,
    TooManyTries,
    WrongMediaType,
)
from lianyue.telling import error_document, visible

API = "/api/"
RETRY_SECONDS = "5"
THROTTLED_SECONDS = "60"

STATUS: tuple[tuple[type[AllianceError], int], ...] = (
    (NotThere, 404),
    (NoSuchRoute, 404),
    (NotSignedIn, 401),
    (SignInFailed, 401),
    (TooManyTries, 429),
    (CrossSite, 403),
    (SignInUnavailable, 403),
    (RoleMissing, 403),
    (NotYourTask, 403),
    (DutiesNotSeparated, 403),
    (TooLarge, 413),
    (WrongMediaType, 415),
    (Misdirected, 421),
    (Invalid, 422),
    (Refused, 409),
    (SignatureInvalid, 409),
    (Unreachable, 503),
)
"""The first that fits counts; what is none of them is a defect, 500."""


def status_of(error: AllianceError) -> int:
    """Return the status that stands for *error*."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def answer_of(path: str, error: AllianceError, status: int = 0) -> Response:
    """Return *error* as the answer to a request for *path*: JSON under the API, plain text elsewhere."""
    status = status or status_of(error)
    headers = _headers(status)
    if path.startswith(API):
        return JSONResponse(error_document(error), status, headers)
    where = f"\n位置 where: {error.where}" if error.where else ""
    text = f"{error.message}{where}\n怎么办 what to do: {error.advice}\n"
    return PlainTextResponse(visible(text), status, headers)


async def told(request: Request, error: Exception) -> Response:
    """Answer a request that ended with an *error* of ours."""
    assert isinstance(error, AllianceError)  # noqa: S101 - the handler is registered for these
    error.where = error.where or _place(request)
    return answer_of(request.url.path, error)


async def unfit(request: Request, error: Exception) -> Response:
    """Answer a request whose parameters or body do not fit; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [f"{_path(each['loc'])}: {_lower(each['msg'])}" for each in error.errors()[:20]]
    first = _path(error.errors()[0]["loc"]) if error.errors() else ""
    return answer_of(request.url.path, MalformedDocument("; ".join(faults), where=first))


async def unrouted(request: Request, error: Exception) -> Response:
    """Answer a request that no route takes."""
    assert isinstance(error, HTTPException)  # noqa: S101
    message = f"{request.method} {request.url.path} is nothing here"
    answer = answer_of(request.url.path, NoSuchRoute(visible(message)), error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def broken(request: Request, _: Exception) -> Response:
    """Answer a request on which a defect came to light; what it was goes to the log alone."""
    return answer_of(request.url.path, Broken("something broke here"))


def _headers(status: int) -> dict[str, str]:
    return {
        401: {"WWW-Authenticate": "Bearer"},
        429: {"Retry-After": THROTTLED_SECONDS},
        503: {"Retry-After": RETRY_SECONDS},
    }.get(status, {})


def _place(request: Request) -> str:
    return visible(f"{request.method} {request.url.path}")[:200]


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in location)


def _lower(message: str) -> str:
    plain = message.removeprefix("Value error, ")
    return plain[:1].lower() + plain[1:]
