"""What every request passes before a route sees it, and every answer before it leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import AllianceError
from lianyue.access.errors import CrossSite, Misdirected, TooLarge, TooManyTries
from lianyue.portal.answers import answer_of

LARGEST_BODY = 256 * 1024
BODY_SECONDS = 30
UPLOAD_SECONDS = 600
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
ONE_YEAR = "max-age=31536000"


class Guards:
    """The middleware: headers on every answer; host, origin and size checked of every request."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], secure: bool, largest_file: int = 0) -> None:
        self._app = app
        self._hosts = hosts
        self._secure = secure
        self._largest_upload = largest_file + LARGEST_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it with why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        leaving = self._with_headers(send)
        try:
            headers = Headers(scope=scope)
            self._check_host(headers)
            check_origin(scope["method"], headers)
            limited = _limited(receive, headers, *self._limits(scope, headers))
        except AllianceError as error:
            await answer_of(scope["path"], error)(scope, receive, leaving)
            return
        await self._app(scope, limited, leaving)

    def _check_host(self, headers: Headers) -> None:
        """A stranger's name that leads here would make a stranger's page one of ours."""
        named = urlsplit(f"//{headers.get('host', '')}")
        if (named.hostname or "") not in self._hosts:
            raise Misdirected("the request names a host that this portal is not published under", where="Host")

    def _limits(self, scope: Scope, headers: Headers) -> tuple[int, int]:
        """The most bytes and seconds of a body: more where files are handed over."""
        carries_files = headers.get("content-type", "").lower().startswith("multipart/form-data")
        if scope["method"] == "POST" and carries_files and scope["path"].endswith(("/evidence", "/submit")):
            return self._largest_upload, UPLOAD_SECONDS
        return LARGEST_BODY, BODY_SECONDS

    def _with_headers(self, send: Send) -> Send:
        async def leaving(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._secure:
                    headers.setdefault("Strict-Transport-Security", ONE_YEAR)
            await send(message)

        return leaving


def check_origin(method: str, headers: Headers) -> None:
    """
    Refuse a write that a browser sends for another site; what is not a browser says nothing of a site.

    Raises:
        CrossSite: If the request came from elsewhere.
    """
    if method in SAFE_METHODS or headers.get("authorization", "").lower().startswith("bearer "):
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = origin is None or urlsplit(origin).netloc == headers.get("host")
    if not is_ours:
        raise CrossSite("the request was sent from another site")


def _limited(receive: Receive, headers: Headers, most_bytes: int, seconds: int) -> Receive:
    """Return *receive* for bodies of at most *most_bytes* that come within *seconds*."""
    stated = headers.get("content-length", "0")
    if not stated.isdigit() or int(stated[:20]) > most_bytes:
        raise _too_large(most_bytes)
    taken = 0
    deadline = time.monotonic() + seconds
    complete = False

    async def limited() -> Message:
        nonlocal taken, complete
        if complete:  # what comes after the body is only that the asker went away
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(deadline - time.monotonic(), 0.001))
        except TimeoutError:
            raise TooLarge(f"the body did not arrive within {seconds} s") from None
        taken += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if taken > most_bytes:
            raise _too_large(most_bytes)
        return message

    return limited


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"the body is larger than {most_bytes:,} bytes")


class Throttle:
    """
    Counts failures by asker, and refuses whoever has had too many within a minute.

    The counts are in memory: each process has its own, and a restart forgets them.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._failures: dict[str, list[float]] = {}

    def check(self, asker: str) -> None:
        """Raise TooManyTries if *asker* has failed too often within the last minute."""
        if len(self._recent(asker)) >= self._most:
            raise TooManyTries(f"{self._most} tries within a minute failed")

    def failed(self, asker: str) -> None:
        """Count a failure of *asker*."""
        recent = self._recent(asker)
        if len(self._failures) > 10_000:
            self._failures.clear()
        self._failures[asker] = [*recent, self._now()]

    def _recent(self, asker: str) -> list[float]:
        since = self._now() - 60
        return [moment for moment in self._failures.get(asker, ()) if moment > since]
