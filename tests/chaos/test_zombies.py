"""An activity that outlives its time limit and commits after its successor changes nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import BaseModel
from sqlmodel import select
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.ports import Writing
from contracts.delivery import SettlementLine
from contracts.journal import EffectRequest
from lianyue.books import publish
from lianyue.dev_server import DevServer, connect
from lianyue.records.sql import SqlRecords
from lianyue.records.tables import EffectRow
from lianyue.testing import PRICES, small_alliance, small_contract
from lianyue.wiring import Wiring
from tests.chaos.crew import Crew, Turn
from tests.chaos.place import settings
from workflows import timing
from workflows.registry import WORKFLOW_OPTIONS

pytestmark = pytest.mark.chaos

Answer = TypeVar("Answer", bound=BaseModel)
NUMBER = "LY-2025-0001"


class SlowRecords(SqlRecords):
    """Records whose first attempt at *step* waits before its transaction until another has committed."""

    def __init__(self, wiring: Wiring, step: str) -> None:
        super().__init__(wiring.database)
        self._step = step
        self._attempts: dict[str, int] = {}
        self._successor = threading.Event()
        self.committed: list[int] = []
        self.answers: list[str] = []

    def once(self, request: EffectRequest, act: Callable[[Writing], Answer], answer: type[Answer]) -> Answer:
        """Have the effect; the first attempt at the first key of the step comes too late."""
        if (request.step, request.occurrence) != (self._step, 1):
            return super().once(request, act, answer)
        attempt = self._attempts[request.key] = self._attempts.get(request.key, 0) + 1
        if attempt == 1:
            self._successor.wait(timeout=30)
        given = super().once(request, act, answer)
        self.committed.append(attempt)
        self.answers.append(given.model_dump_json())
        self._successor.set()
        return given


class SlowWiring(Wiring):
    """A wiring with slow records."""

    @cached_property
    def records(self) -> SlowRecords:
        """The records that workflows write."""
        return SlowRecords(self, "settle")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server gives an activity up after a second, where the product waits a minute."""
    ours = ("activities", "contracts", "rules", "workflows")
    shared = SandboxRestrictions.default.with_passthrough_modules(*ours)
    monkeypatch.setitem(timing.WRITING, "start_to_close_timeout", timedelta(seconds=1))
    monkeypatch.setitem(WORKFLOW_OPTIONS, "workflow_runner", SandboxedWorkflowRunner(restrictions=shared))


@pytest.mark.usefixtures("hurried")
async def test_a_late_attempt_finds_the_effect_there(tmp_path: Path, records_url: str) -> None:
    """Attempt 2 settles, attempt 1 commits late: one line of money, one effect, and both have the same answer."""
    chosen = settings(tmp_path, records_url)
    server, wiring = DevServer(chosen), SlowWiring(chosen)
    await server.start()
    try:
        client = await connect(chosen)
        publish(wiring.records, None, wiring.categories)
        wiring.directory.load(small_alliance())
        async with wiring.worker(client):
            crew = Crew(wiring.desk(client))
            await crew.begin(small_contract(NUMBER), Turn.NONE, PRICES)
            await crew.live(lambda: len(wiring.records.committed) > 1)
    finally:
        await asyncio.to_thread(server.stop)
    lines = wiring.reading.settlements(NUMBER)
    with wiring.database.reading() as session:
        effects = session.exec(select(EffectRow.occurrence).where(EffectRow.step == "settle")).all()
    wiring.database.close()

    assert [2, 1] == wiring.records.committed
    assert wiring.records.answers[0] == wiring.records.answers[1]
    assert (len(effects), wiring.records.answers[0]) == (len(lines), lines_of_takeover(lines))


def lines_of_takeover(lines: tuple[SettlementLine, ...]) -> str:
    """What was settled for the first milestone: one line."""
    return "".join(line.model_dump_json() for line in lines if line.milestone == "takeover")
