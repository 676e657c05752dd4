"""The Temporal server is killed while contracts run: everything goes on, and what was acknowledged is there."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.task import TaskKind
from lianyue.instance import Instance
from lianyue.wiring import Wiring
from tests.chaos.crew import Crew, Handed, Turn
from tests.chaos.examination import faults
from tests.chaos.place import DeadlyInstance, play, settings, until, watched

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(300)]

SEED = 20251122
KILLS = 5
STORY = {"LY-2025-0001": Turn.NONE, "LY-2025-0002": Turn.AMENDED, "LY-2025-0003": Turn.CANCELLED}


@dataclass(frozen=True)
class Aftermath:
    """What became of the contracts: kills, what was acknowledged, what the same requests are answered again, faults."""

    kills: int
    handed: tuple[Handed, ...]
    again: dict[str, object]
    missing: tuple[str, ...]
    refused: tuple[str, ...]
    faults: tuple[str, ...]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """The story, played while the server is killed again and again."""
    return asyncio.run(survived(tmp_path_factory.mktemp("server-kills")))


async def survived(data: Path) -> Aftermath:
    """Play the story, kill, and look at what is left; the worker lives, and does not wait for the dead too long."""
    instance = DeadlyInstance(settings(data), [])
    async with watched(instance) as crew:
        killing = asyncio.create_task(kill_again_and_again(instance, crew))
        await play(crew, instance.wiring.reading, STORY)
        kills = await killing
        again = await repeated(crew)
        return Aftermath(
            kills,
            tuple(crew.handed),
            again,
            tuple(missing(instance.wiring, crew)),
            tuple(crew.refused),
            tuple(await faults(instance.wiring, STORY)),
        )


async def kill_again_and_again(instance: Instance, crew: Crew) -> int:
    """Kill the server KILLS times: each time a little after people could work with it again."""
    chance = random.Random(SEED)
    for _ in range(KILLS):
        acknowledged = len(crew.handed)
        await until(lambda enough=acknowledged + 3: len(crew.handed) >= enough)
        await asyncio.sleep(chance.uniform(0, 0.5))
        killed = instance.server.pid
        os.kill(killed, signal.SIGKILL)
        await until(lambda killed=killed: instance.server.pid != killed)
    return KILLS


async def repeated(crew: Crew) -> dict[str, object]:
    """Hand in every acknowledged answer again under its request id; return the answers by request id."""
    return {each.request_id: await crew.hand_in_again(each) for each in crew.handed}


def missing(wiring: Wiring, crew: Crew) -> list[str]:
    """Return the tasks of which an acknowledged answer is not in the records."""
    return [each.task for each in crew.handed if not is_there(wiring, each)]


def is_there(wiring: Wiring, handed: Handed) -> bool:
    """Whether the records hold what was handed in, by whom; of a quote, that it was."""
    task = wiring.reading.task(handed.task)
    content = task.answer if task.kind is not TaskKind.QUOTE else handed.content
    answered_by = task.answered_by.user if task.answered_by else ""
    return (handed.receipt.state, handed.user, handed.content) == (task.state, answered_by, content)


def test_the_server_was_killed(aftermath: Aftermath) -> None:
    """All kills hit a server that people were working with."""
    assert KILLS == aftermath.kills


def test_nothing_is_lost_and_nothing_doubled(aftermath: Aftermath) -> None:
    """Every contract came to its end and passes every examination."""
    assert () == aftermath.faults


def test_what_was_acknowledged_is_there(aftermath: Aftermath) -> None:
    """Every answer that was acknowledged, before whichever kill, is in the records as it was given."""
    assert () == aftermath.missing


def test_a_repeated_request_has_its_first_answer(aftermath: Aftermath) -> None:
    """The same request under the same id is answered as the first time, even after its workflow has ended."""
    assert {each.request_id: each.receipt for each in aftermath.handed} == aftermath.again


def test_nobody_was_refused(aftermath: Aftermath) -> None:
    """A request whose answer was lost with the server is repeated under its id without being refused."""
    assert () == aftermath.refused
