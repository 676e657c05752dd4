"""What keeps a page fresh: a stream that says only «look again», and the scripts out of the wheel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lianyue.access.scope import Scope
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.pulse import Pulse
from lianyue.portal.visitors import service_of
from rules.canonical import digest

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SIGN_SECONDS = 15
"""A sign of life goes out so often, or whoever stands in between takes the stream for dead."""

SEARCH_SECONDS = 2
"""So often it is asked how far the search of a portfolio is, which nobody writes down."""

LONGEST_SECONDS = 1_800
"""After half an hour the browser asks anew, and the session is looked at again."""

LOOKING_SHARE = 4
"""A page is looked after for at most one part in so many of the time, however much is written."""

PORTFOLIO = "portfolio/"
"""What the page of one portfolio is called here begins with this."""


@router.get("/static/htmx.js")
def htmx() -> Response:
    """
    Hand out htmx 4 with its extension for streams, of the wheel of django-htmx, of which nothing else is used.

    They are one file: htmx begins as soon as it is there, and on a slow line would begin without its extension.
    """
    wheel = files("django_htmx.static.django_htmx")
    content = b"\n".join((wheel / name).read_bytes() for name in ("htmx-4.min.js", "ext/hx-sse-4.min.js"))
    return Response(content, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/events")
async def events(
    visit: Here, request: Request, of: Annotated[str, Query(max_length=80)] = "tasks", since: int = -1
) -> Response:
    """Say «look again» whenever what the viewer may see of it has changed after the beat *since*, and nothing else."""
    shown = await _shown(visit, of, since)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(_looks(visit, request, of, since, shown), media_type="text/event-stream", headers=headers)


async def _shown(visit: Visit, of: str, since: int) -> str:
    """The mark of what a page shows that was drawn at the beat *since*; none, if something was written meanwhile."""
    now = await _now(visit, of)
    beat = await asyncio.to_thread(service_of(visit.request).beat)
    return now if beat == since else ""


async def _looks(visit: Visit, request: Request, of: str, since: int, shown: str) -> AsyncIterator[str]:
    """What was written between the drawing of the page and this stream is told, too: once, whatever it was."""
    pulse: Pulse = request.app.state.pulse
    searches = of.startswith(PORTFOLIO)
    ends = time.monotonic() + LONGEST_SECONDS
    yield ": here\n\n"
    while time.monotonic() < ends and not await request.is_disconnected():
        beat = await pulse.after(since, SEARCH_SECONDS if searches else SIGN_SECONDS)
        if beat == since:
            yield ": here\n\n"
        if beat == since and not searches:
            continue
        since, began = beat, time.monotonic()
        now = await _now(visit, of)
        if now != shown:
            shown = now
            yield "event: look\ndata: again\n\n"
        await asyncio.sleep(LOOKING_SHARE * (time.monotonic() - began))


async def _now(visit: Visit, of: str) -> str:
    """The mark of *of* at this moment; of a portfolio with how far its search is."""
    if not of.startswith("portfolio"):
        return await asyncio.to_thread(mark, visit.scope, of)
    if not of.startswith(PORTFOLIO):
        return digest([line.model_dump(mode="json") for line in await asyncio.to_thread(visit.portfolios.lines)])
    return digest((await visit.portfolios.account(of.removeprefix(PORTFOLIO))).model_dump(mode="json"))


def mark(scope: Scope, of: str) -> str:
    """What changes whenever the viewer's view of *of* does: their tasks, the contracts, or one contract."""
    if of == "tasks":
        return digest([f"{task.id} {task.revision}" for task in scope.inbox.tasks(limit=1_000)])
    if of == "contracts":
        found = scope.contracts(limit=5_000)
        return digest([f"{each.number} {each.stage} {each.is_suspended}" for each in found])
    return digest([told.happening.model_dump(mode="json") for told in scope.timeline(of)])
