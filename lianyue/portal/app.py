"""The application: routes, guards and errors put together; pages are routers of their own that are handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from contracts.errors import AllianceError
from lianyue.access.service import Service
from lianyue.portal import answers, health, signing_in
from lianyue.portal.api import alliance, audits, contracts, evidence, portfolios, rules, tasks
from lianyue.portal.guards import Guards, Throttle
from lianyue.portal.metrics import Counting, Metrics
from lianyue.portal.oidc import Provider
from lianyue.portal.pulse import Pulse
from lianyue.portal.ways_in import ways_in

STATIC = Path(__file__).parent / "static"
MOST_FAILURES = 10
"""So many wrong names or tokens a minute from one address."""


def make_app(service: Service, *pages: APIRouter, handlers: Mapping[Any, Callable[..., Any]] | None = None) -> FastAPI:
    """
    Return the portal of *service*, with *pages* beside the API and their *handlers* of errors before its own.

    Raises:
        UnsafePortal: If the settings would let anybody in.
    """
    ways, metrics = ways_in(service.settings), Metrics()
    app = FastAPI(
        title="联约 Lianyue",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(Counting, metrics=metrics),
            Middleware(
                Guards,
                hosts=ways.hosts,
                secure=ways.secure,
                largest_file=service.settings.evidence_bytes,
            ),
        ],
        exception_handlers={
            AllianceError: answers.told,
            RequestValidationError: answers.unfit,
            HTTPException: answers.unrouted,
            Exception: answers.broken,
            **(handlers or {}),
        },
    )
    app.state.service, app.state.ways, app.state.metrics = service, ways, metrics
    app.state.throttle, app.state.pulse = Throttle(MOST_FAILURES), Pulse(service.beat)
    app.state.provider = Provider(service.settings) if ways.oidc else None
    contracted = (evidence.router, tasks.router, contracts.router, portfolios.router)
    api = (*contracted, rules.router, alliance.router, audits.router)
    for router in (*api, signing_in.router, health.router, *pages):
        app.include_router(router)
    if not any(getattr(route, "path", "") == "/" for page in pages for route in page.routes):
        app.add_api_route("/", _front, include_in_schema=False)
    app.mount("/static", _Static(directory=STATIC), name="static")
    return app


class _Static(StaticFiles):
    """Files that browsers keep and ask about: unchanged, they are not sent again."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """Answer with a file, or with nothing where the browser has it."""
        response = super().file_response(*given, **named)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _front() -> Response:
    return PlainTextResponse("联约 Lianyue\nAPI: /api/v1/openapi.json\n")
