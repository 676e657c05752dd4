"""Instances to be killed: real server, real records, real worker process, an alliance of three members."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from contracts.service_contract import ENDED, ServiceContract
from lianyue.dev_server import free_port
from lianyue.instance import Instance
from lianyue.records.reading import Reading
from lianyue.settings import Settings
from lianyue.testing import ORIGIN, PRICES, greening_contract, small_alliance, small_contract
from tests.chaos.crew import Crew, Turn
from tests.chaos.kill_plan import Death, KillPlan

CLOCK_SPEED = 1_800
"""A day is 48 seconds: timers are armed all the time, and nobody is late because of a few deaths."""

PATIENCE_SECONDS = 240


def settings(data: Path, database_url: str = "", **changes: object) -> Settings:
    """Return the settings of an instance in *data* on a free port."""
    values = {"data": data, "database_url": database_url, "clock_origin": ORIGIN, "clock_speed": CLOCK_SPEED}
    return Settings(**{**values, "temporal_address": f"127.0.0.1:{free_port()}", "port": free_port(), **changes})  # type: ignore[arg-type]


MIGRATIONS = threading.Lock()
"""The migration tool keeps what it does in globals of its module."""


class DeadlyInstance(Instance):
    """An instance whose worker dies by the plan."""

    def __init__(self, chosen: Settings, deaths: list[Death]) -> None:
        super().__init__(chosen)
        self.plan = KillPlan(chosen.data / "plan")
        self._deaths = deaths

    def prepare(self) -> None:
        """Prepare the records and the plan."""
        with MIGRATIONS:
            super().prepare()
        self.plan.announce(self._deaths)

    def worker_command(self) -> list[str]:
        """Return the words that start the worker that dies."""
        places = (str(self.settings.data / "plan"), str(self.settings.data / "deaths"))
        return [sys.executable, "-m", "tests.chaos.killing_worker", *places]

    @property
    def lives_lost(self) -> int:
        """How many times the worker was killed."""
        book = self.settings.data / "deaths"
        return len(book.read_text().split()) if book.exists() else 0


@asynccontextmanager
async def watched(instance: Instance) -> AsyncIterator[Crew]:
    """Start *instance*, keep what dies alive, and give the crew that works in it."""
    stop = asyncio.Event()
    watching: asyncio.Task[None] | None = None
    try:
        desk = await instance.start()
        instance.wiring.directory.load(small_alliance())
        watching = asyncio.create_task(instance.watch(stop))
        yield Crew(desk)
    finally:
        stop.set()
        if watching:
            await watching
        await asyncio.to_thread(instance.stop)


async def play(crew: Crew, reading: Reading, story: dict[str, Turn]) -> None:
    """Start the contracts of *story*, and let the crew live until each has ended and is archived."""
    starting = asyncio.create_task(start_all(crew, story))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await crew.live(lambda: starting.done() and are_archived(reading, story))
    await starting


async def start_all(crew: Crew, story: dict[str, Turn]) -> None:
    """Start the contracts of *story*, one after the other."""
    for number, turn in story.items():
        await crew.begin(contract(number), turn, PRICES)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until *holds* does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - it is a file or a table that is looked at
            await asyncio.sleep(0.02)


def contract(number: str) -> ServiceContract:
    """Return the contract *number*: one that ends in nine is divided among three members."""
    if number.endswith("9"):
        return greening_contract(number, policy="greening", value_fen=64_000_000)
    return small_contract(number)


def are_archived(reading: Reading, story: dict[str, Turn]) -> bool:
    """Whether every contract has ended, and its last history is in the archive."""
    ended = {summary.number for summary in reading.contracts() if summary.stage in ENDED}
    return all(number in ended and root_is_kept(reading, number) for number in story)


def root_is_kept(reading: Reading, number: str) -> bool:
    """Whether the archive has as many histories as the contract has workflows; the archivist begins with the root."""
    kept = {history.workflow_id for history in reading.histories(number)}
    return bool(kept) and len(kept) == expected_histories(reading, number)


def expected_histories(reading: Reading, number: str) -> int:
    """Root and quoting, a signing for each version, a delivery for each member, and the review."""
    agreements = reading.agreements(number)
    members = agreements[0].version.agreement.members if agreements else ()
    return 2 + len(agreements) + len(members) + bool(reading.reviews(number))
