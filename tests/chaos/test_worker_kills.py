"""A worker is killed inside and after the transaction of every step: nothing is lost, nothing doubled."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL

from lianyue.settings import Settings
from lianyue.wiring import Wiring
from tests.chaos.crew import Turn
from tests.chaos.examination import faults
from tests.chaos.kill_plan import Death, Point, spread
from tests.chaos.place import DeadlyInstance, play, settings, watched
from tests.chaos.test_portfolio_kills import STEPS_OF_A_PORTFOLIO

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(400)]

OVER = ("postgresql", "sqlite") if os.environ.get("STORMS") == "both" else ("postgresql",)
"""The databases over which there is a storm; the others of these tests are over SQLite."""

AMENDED = ("LY-2025-0001", "LY-2025-0002", "LY-2025-0003")
CANCELLED = "LY-2025-0004"
DIVIDED = "LY-2025-0009"

STEPS_OF_A_LIFE = (
    ("write_down", 4),
    ("screen", 1),
    ("open_quotes", 1),
    ("decide", 1),
    ("draw_up", 1),
    ("certify", 1),
    ("sign", 2),
    ("conclude", 1),
    ("amend", 1),
    ("settle", 2),
    ("draft", 1),
    ("finalise", 1),
    ("archive", 2),
)
"""Each step with the time at which it is struck: the first signature is in the records when the second is hit."""

STEPS_OF_AN_UNDOING = (("void", 1), ("release", 1))

STORY = {**dict.fromkeys(AMENDED, Turn.AMENDED), CANCELLED: Turn.CANCELLED, DIVIDED: Turn.NONE}


@dataclass(frozen=True)
class Storm:
    """What is left after a storm: the planned deaths, those that came, the lives they cost, and what is wrong."""

    planned: tuple[str, ...]
    died: tuple[str, ...]
    lives_lost: int
    refused: tuple[str, ...]
    faults: tuple[str, ...]


def deaths() -> list[Death]:
    """Every step inside its transaction and after it; before it, where nothing has happened yet, one stands for all."""
    points = (Point.INSIDE, Point.AFTER)
    return [
        Death(AMENDED[0], "screen", Point.BEFORE),
        *spread(STEPS_OF_A_LIFE, AMENDED, points),
        *spread(STEPS_OF_AN_UNDOING, (CANCELLED,), points),
    ]


async def weather(chosen: Settings) -> Storm:
    """Play the story under all deaths, and examine what became of it."""
    instance = DeadlyInstance(chosen, deaths())
    async with watched(instance) as crew:
        await play(crew, instance.wiring.reading, STORY)
        found = await asyncio.to_thread(examined, chosen)
    return Storm(
        tuple(instance.plan.planned()),
        tuple(instance.plan.died()),
        instance.lives_lost,
        tuple(crew.refused),
        tuple(found),
    )


def examined(chosen: Settings) -> list[str]:
    """Examine in a thread, beside whatever still runs."""
    wiring = Wiring(chosen)
    try:
        return asyncio.run(faults(wiring, STORY))
    finally:
        wiring.database.close()


@pytest.fixture(scope="module")
def storms(tmp_path_factory: pytest.TempPathFactory, postgres: URL) -> Iterator[dict[str, Storm]]:
    """The storms over the databases, at the same time: most of it is waiting for the dead."""
    url = postgres.set(drivername="postgresql", database=f"lianyue_{uuid.uuid4().hex[:12]}")
    server = postgres.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.database}")
        yield asyncio.run(every(tmp_path_factory.mktemp("storms"), url.render_as_string(hide_password=False)))
        connection.execute(f"DROP DATABASE {url.database} WITH (FORCE)")


async def every(folder: Path, postgres_url: str) -> dict[str, Storm]:
    """Weather the storms."""
    places = {"sqlite": settings(folder / "sqlite"), "postgresql": settings(folder / "postgresql", postgres_url)}
    return dict(zip(OVER, await asyncio.gather(*(weather(places[each]) for each in OVER)), strict=True))


@pytest.fixture(params=OVER)
def storm(storms: dict[str, Storm], request: pytest.FixtureRequest) -> Storm:
    """The storm over each of the databases."""
    return storms[request.param]


def test_every_planned_death_came(storm: Storm) -> None:
    """Each step was struck inside its transaction and after it, and each blow cost a worker its life."""
    assert (storm.planned, 31) == (storm.died, storm.lives_lost)


def test_nothing_is_lost_and_nothing_doubled(storm: Storm) -> None:
    """
    Every contract ended as its story says, was archived whole, and passes the audit.

    Histories and records tell the same effects, each once; every party signed every version once; every instalment
    was settled once and they add up to the total; reservations stand, or are released, as the end demands.
    """
    assert () == storm.faults


def test_nobody_was_refused(storm: Storm) -> None:
    """No request that people had to repeat was taken for another one."""
    assert () == storm.refused


def test_every_activity_is_struck() -> None:
    """A step that is added to the workers has to be added to the plan."""
    struck = {step for step, _ in (*STEPS_OF_A_LIFE, *STEPS_OF_AN_UNDOING, *STEPS_OF_A_PORTFOLIO)} | {"tell"}

    assert steps_of_the_product() == struck


def steps_of_the_product() -> set[str]:
    """The names of the activities that a worker offers."""
    return {activity.__name__ for activity in Wiring(Settings()).activities(client=None)}  # type: ignore[arg-type]
