"""Counts for operators in Prometheus' text form: by route template and status, never by what was asked for."""

from __future__ import annotations

import time
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Requests and seconds since the start of this process."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._micros: Counter[tuple[str, str]] = Counter()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        known = method if method in METHODS else "other"
        self._requests[known, route, status] += 1
        self._micros[known, route] += round(seconds * 1_000_000)

    def text(self) -> str:
        """Return all counts, sorted."""
        lines = ["# TYPE lianyue_http_requests_total counter"]
        for (method, route, status), count in sorted(self._requests.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            lines.append(f"lianyue_http_requests_total{{{labels}}} {count}")
        lines.append("# TYPE lianyue_http_request_seconds_sum counter")
        for (method, route), micros in sorted(self._micros.items()):
            labels = f'method="{method}",route="{route}"'
            lines.append(f"lianyue_http_request_seconds_sum{{{labels}}} {micros / 1_000_000:.6f}")
        return "\n".join(lines) + "\n"


class Counting:
    """The middleware that counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request once its answer has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            self._metrics.count(scope["method"], route, status, time.monotonic() - started)
