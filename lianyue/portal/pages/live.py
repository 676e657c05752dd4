"""What keeps a page fresh: a stream that says only «look again», and the scripts out of the wheel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lianyue.access.scope import Scope
from lianyue.access.views import Tab
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.watch import EVERY_SECONDS, Watch
from rules.canonical import digest

router = APIRouter(route_class=PageRoute, include_in_schema=False)
BEATS_BETWEEN_SIGNS = 200
LONGEST_BEATS = 18_000
"""After half an hour of beats of `watch.EVERY_SECONDS` the browser asks anew, and the session is looked at again."""


@router.get("/static/htmx.js")
def htmx() -> Response:
    """Hand out htmx 4."""
    return _script("htmx-4.min.js")


@router.get("/static/hx-sse.js")
def streams() -> Response:
    """Hand out its extension for streams of events."""
    return _script("ext/hx-sse-4.min.js")


def _script(name: str) -> Response:
    """A static file of the wheel of django-htmx, of which nothing else is used."""
    content = (files("django_htmx.static.django_htmx") / name).read_bytes()
    return Response(content, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/events")
async def events(visit: Here, request: Request, of: Annotated[str, Query(max_length=40)] = "tasks") -> Response:
    """Say «look again» whenever what the viewer may see of it has changed; nothing else is in the stream."""
    await asyncio.to_thread(mark, visit.scope, of)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(_beats(visit, request, of), media_type="text/event-stream", headers=headers)


async def _beats(visit: Visit, request: Request, of: str) -> AsyncIterator[str]:
    watch: Watch = request.app.state.watch
    written = await watch.last()
    seen = await asyncio.to_thread(mark, visit.scope, of)
    for beat in range(LONGEST_BEATS):
        if await request.is_disconnected():
            return
        if beat % BEATS_BETWEEN_SIGNS == 0:
            yield ": here\n\n"
        await asyncio.sleep(EVERY_SECONDS)
        if (last := await watch.last()) == written:
            continue
        written, now = last, await asyncio.to_thread(mark, visit.scope, of)
        if now != seen:
            seen = now
            yield "event: look\ndata: again\n\n"


def mark(scope: Scope, of: str) -> str:
    """What changes whenever the viewer's view of *of* does: their tasks, the contracts, or one contract."""
    if of == "tasks":
        return digest([f"{task.id} {task.revision}" for task in scope.tasks(Tab.TODO, limit=1_000)])
    if of == "contracts":
        found = scope.contracts(limit=5_000)
        return digest([f"{each.number} {each.stage} {each.is_suspended}" for each in found])
    return digest([told.happening.model_dump(mode="json") for told in scope.timeline(of)])
