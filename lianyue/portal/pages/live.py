"""What keeps a page fresh: a stream that says only «look again», and the scripts out of the wheel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from contracts.errors import Unreachable
from lianyue.access.scope import Scope
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.visitors import service_of
from rules.canonical import digest

router = APIRouter(route_class=PageRoute, include_in_schema=False)
LOOK_SECONDS = 0.1
"""How often the records are asked whether anything has happened at all: once for everybody who watches."""
EVERY_SECONDS = 2
"""How long a viewer waits for that before looking for themselves."""
BEATS_BETWEEN_SIGNS = 10
LONGEST_SECONDS = 1_800
"""After half an hour the browser asks anew, and the session is looked at again."""


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
    if not hasattr(request.app.state, "pulse"):
        request.app.state.pulse = Pulse(service_of(request).pulse)
    await asyncio.to_thread(mark, visit.scope, of)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(_beats(visit, request, of), media_type="text/event-stream", headers=headers)


async def _beats(visit: Visit, request: Request, of: str) -> AsyncIterator[str]:
    pulse: Pulse = request.app.state.pulse
    seen = await asyncio.to_thread(mark, visit.scope, of)
    signed, ends = 0.0, time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < ends and not await request.is_disconnected():
        if time.monotonic() - signed >= BEATS_BETWEEN_SIGNS * EVERY_SECONDS:
            signed = time.monotonic()
            yield ": here\n\n"
        await pulse.next(EVERY_SECONDS)
        now = await asyncio.to_thread(mark, visit.scope, of)
        if now != seen:
            seen = now
            yield "event: look\ndata: again\n\n"


class Pulse:
    """Wakes whoever watches when something has happened; while nobody watches, it does not look."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look = look
        self._waiting: set[asyncio.Event] = set()
        self._watching: asyncio.Task[None] | None = None

    async def next(self, seconds: float) -> None:
        """Return once something has happened, or after so many *seconds*."""
        woken = asyncio.Event()
        self._waiting.add(woken)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait_for(woken.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._waiting.discard(woken)

    async def _watch(self) -> None:
        """Look as long as somebody waits, or has just been woken; records that are away are looked for again."""
        seen, idle = -1, 0
        while idle < 1 / LOOK_SECONDS:
            with suppress(Unreachable):
                now = await asyncio.to_thread(self._look)
                if seen not in (-1, now):
                    for woken in self._waiting:
                        woken.set()
                seen = now
            idle = 0 if self._waiting else idle + 1
            await asyncio.sleep(LOOK_SECONDS)


def mark(scope: Scope, of: str) -> str:
    """What changes whenever the viewer's view of *of* does: their tasks, the contracts, or one contract."""
    if of == "tasks":
        return digest([f"{task.id} {task.revision}" for task in scope.inbox.tasks(limit=1_000)])
    if of == "contracts":
        found = scope.contracts(limit=5_000)
        return digest([f"{each.number} {each.stage} {each.is_suspended}" for each in found])
    return digest([told.happening.model_dump(mode="json") for told in scope.timeline(of)])
