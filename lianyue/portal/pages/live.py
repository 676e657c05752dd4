"""What keeps a page fresh: a stream that says only «look again», and the scripts out of the wheel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lianyue.access.errors import NotThere
from lianyue.access.views import Tab
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from rules.canonical import digest

router = APIRouter(route_class=PageRoute, include_in_schema=False)
EVERY_SECONDS = 2
BEATS_BETWEEN_SIGNS = 10
LONGEST_BEATS = 900
"""After half an hour the browser asks anew, and the session is looked at again."""
SCRIPTS = {"htmx.js": "htmx-4.min.js", "hx-sse.js": "ext/hx-sse-4.min.js"}
"""Out of the wheel of django-htmx, of which the static files are all that is used."""


@router.get("/static/{name}.js")
def script(name: str) -> Response:
    """Hand out htmx as the wheel brings it, or our own script."""
    if f"{name}.js" in SCRIPTS:
        found = files("django_htmx.static.django_htmx") / SCRIPTS[f"{name}.js"]
    elif name == "app":
        found = files("lianyue.portal") / "static/app.js"
    else:
        raise NotThere(f"there is no script {name!r}")
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(found.read_bytes(), media_type="text/javascript", headers=headers)


@router.get("/events")
async def events(visit: Here, request: Request, of: Annotated[str, Query(max_length=40)] = "tasks") -> Response:
    """Say «look again» whenever what the viewer may see of it has changed; nothing else is in the stream."""
    await asyncio.to_thread(mark, visit, of)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(_beats(visit, request, of), media_type="text/event-stream", headers=headers)


async def _beats(visit: Visit, request: Request, of: str) -> AsyncIterator[str]:
    seen = await asyncio.to_thread(mark, visit, of)
    for beat in range(LONGEST_BEATS):
        if await request.is_disconnected():
            return
        if beat % BEATS_BETWEEN_SIGNS == 0:
            yield ": here\n\n"
        await asyncio.sleep(EVERY_SECONDS)
        now = await asyncio.to_thread(mark, visit, of)
        if now != seen:
            seen = now
            yield "event: look\ndata: again\n\n"


def mark(visit: Visit, of: str) -> str:
    """What changes whenever the viewer's view of *of* does: their tasks, the contracts, or one contract."""
    if of == "tasks":
        return digest([f"{task.id} {task.revision}" for task in visit.scope.tasks(Tab.TODO, limit=1_000)])
    if of == "contracts":
        found = visit.scope.contracts(limit=5_000)
        return digest([f"{each.number} {each.stage} {each.is_suspended}" for each in found])
    return digest([told.happening.model_dump(mode="json") for told in visit.scope.timeline(of)])
