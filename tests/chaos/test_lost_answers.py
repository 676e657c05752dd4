"""A request whose answer never arrived is repeated with its id, and is had once."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from contracts.errors import RequestReused
from contracts.task import MemberTask, TaskKind, TaskState
from lianyue.desk.desk import Desk
from lianyue.dev_server import connect
from lianyue.instance import Instance
from lianyue.simulate.answers import quote
from lianyue.testing import PRICES, small_contract
from tests.chaos.crew import Turn
from tests.chaos.place import settings, until, watched

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(120)]

NUMBER = "LY-2025-0001"
IDENTITY = "quote-of-north"


async def test_a_lost_answer_is_had_by_asking_again(tmp_path: Path) -> None:
    """The caller hangs up while the worker hangs, the worker is killed: asked again, and again, the answer is one."""
    instance = Instance(settings(tmp_path))
    async with watched(instance) as crew:
        await crew.begin(small_contract(NUMBER), Turn.NONE, PRICES)
        desk = instance.wiring.desk(await connect(instance.settings))
        await until(lambda: bool(open_quotes(desk)))
        task = open_quotes(desk)[0]
        content = quote(small_contract(NUMBER), PRICES["NORTH"])
        await hang_up(instance, desk, task, content)
        first = await desk.submit(task.id, "north", content, IDENTITY)
        second = await desk.submit(task.id, "north", content, IDENTITY)
        with pytest.raises(RequestReused):
            await desk.submit(task.id, "north", {**content, "price_fen": 1}, IDENTITY)
        told = [each.task for each in desk.reading.happenings(NUMBER) if each.verb == "submitted"]

    assert (TaskState.COMPLETED, first) == (first.state, second)
    assert [task.id] == told


async def hang_up(instance: Instance, desk: Desk, task: MemberTask, content: dict[str, object]) -> None:
    """Hand in while the worker does not move, wait for no answer, and kill the worker."""
    os.kill(instance.worker_pid, signal.SIGSTOP)
    handing_in = asyncio.create_task(desk.submit(task.id, "north", content, IDENTITY))
    await asyncio.sleep(1)
    handing_in.cancel()
    await asyncio.gather(handing_in, return_exceptions=True)
    os.kill(instance.worker_pid, signal.SIGKILL)


def open_quotes(desk: Desk) -> list[MemberTask]:
    """The open request for a quote of NORTH."""
    return [each for each in desk.reading.tasks(company="NORTH") if each.kind is TaskKind.QUOTE]
