"""An activity that outlives its time limit and commits after its successor changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import BaseModel
from sqlmodel import select

from activities.ports import Writing
from contracts.journal import EffectRequest
from contracts.task import TaskKind
from lianyue import testing
from lianyue.records.sql import SqlRecords
from lianyue.records.tables import EffectRow
from lianyue.wiring import Wiring

pytestmark = pytest.mark.chaos

Answer = TypeVar("Answer", bound=BaseModel)
MILESTONES = 5


class SlowRecords(SqlRecords):
    """Records whose first attempt at *step* waits before its transaction until it is let go."""

    def __init__(self, wiring: Wiring, step: str) -> None:
        super().__init__(wiring.database)
        self._step = step
        self._attempts: dict[str, int] = {}
        self.waiting = threading.Event()
        self.let_go = threading.Event()
        self.committed: list[int] = []
        self.answers: list[str] = []

    def once(self, request: EffectRequest, act: Callable[[Writing], Answer], answer: type[Answer]) -> Answer:
        """Have the effect; the first attempt at the first key of the step comes too late."""
        if (request.step, request.occurrence) != (self._step, 1):
            return super().once(request, act, answer)
        attempt = self._attempts[request.key] = self._attempts.get(request.key, 0) + 1
        if attempt == 1:
            self.waiting.set()
            self.let_go.wait(timeout=30)
        given = super().once(request, act, answer)
        self.committed.append(attempt)
        self.answers.append(given.model_dump_json())
        return given


class SlowWiring(Wiring):
    """A wiring with slow records."""

    step = "settle"

    @cached_property
    def records(self) -> SlowRecords:
        """The records that workflows write."""
        return SlowRecords(self, self.step)


async def test_a_late_attempt_finds_the_effect_there(
    tmp_path: Path, records_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempt 2 settles, attempt 1 commits late: one line, one effect, the same answer, and the contract goes on."""
    monkeypatch.setattr(testing, "Wiring", SlowWiring)
    async with testing.house(tmp_path, records_url) as home:
        records = home.wiring.records
        assert isinstance(records, SlowRecords)
        await home.start(testing.small_contract())
        await home.answer_all(TaskKind.QUOTE, 3)
        await home.approve()
        await home.sign_all()
        await home.answer(TaskKind.DELIVER)
        await home.answer(TaskKind.ACCEPT)
        await home.until(records.waiting.is_set)
        await home.pass_days(62 / 86_400)
        await home.until(lambda: records.committed == [2])
        records.let_go.set()
        await home.until(lambda: records.committed == [2, 1])
        await home.deliver_all(MILESTONES - 1)
        await home.review_all()
        outcome = await home.outcome()
        with home.wiring.database.reading() as session:
            settled = session.exec(select(EffectRow.occurrence).where(EffectRow.step == "settle")).all()

        assert [1, 2, 3, 4, 5] == sorted(settled)
        assert records.answers[0] == records.answers[1]
        assert (63_000_000, MILESTONES) == (outcome.paid_fen, len(home.desk.reading.settlements(outcome.number)))
