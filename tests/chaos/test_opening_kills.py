"""A worker is killed between two shares and at every point of the opening: no share is lost, no quote opened twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from contracts.organisation import Keyholder
from contracts.task import TaskKind, TaskState
from lianyue.testing import PRICES
from tests.chaos.crew import Turn
from tests.chaos.kill_plan import Death, Point, spread
from tests.chaos.place import DeadlyInstance, settings, watched
from tests.workflows.test_split_keys import ROLES, alliance, sealed_contract

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(200)]

NUMBER = "LY-2025-0001"
DEATHS = [
    Death(NUMBER, "write_down", Point.BEFORE, 4),
    Death(NUMBER, "write_down", Point.INSIDE, 5),
    Death(NUMBER, "write_down", Point.AFTER, 6),
    *spread([("open_quotes", 1)], [NUMBER]),
]
"""The last quote, the asking and the first share as each is written down; then the opening."""


async def test_an_opening_survives_the_death_of_its_worker(tmp_path: Path) -> None:
    """Every quote is opened once with its price, by two keyholders; what was acknowledged is answered alike again."""
    holders = tuple(Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], test=True) for name in ROLES)
    instance = DeadlyInstance(settings(tmp_path), DEATHS)
    async with watched(instance) as crew:
        instance.wiring.directory.load(alliance(keyholders=holders))
        crew.meet_everybody()
        reading = instance.wiring.reading
        await crew.begin(sealed_contract(NUMBER), Turn.NONE, PRICES)
        async with asyncio.timeout(150):
            await crew.live(lambda: any(task.kind is TaskKind.APPROVE for task in reading.tasks(number=NUMBER)))
        again = {each.task: await crew.hand_in_again(each) for each in crew.handed}

        assert (sorted(death.name for death in DEATHS), len(DEATHS)) == (instance.plan.died(), instance.lives_lost)
        assert PRICES == {quote.member: quote.price_fen for quote in reading.quotes(NUMBER)}
        verbs = Counter(each.verb for each in reading.happenings(NUMBER))
        shares = [each for each in reading.tasks(number=NUMBER, open_only=False) if each.kind is TaskKind.OPEN_QUOTES]
        states = Counter(each.state for each in shares)
        assert (1, len(PRICES) + states[TaskState.COMPLETED]) == (verbs["quotes_opened"], verbs["submitted"])
        assert states[TaskState.COMPLETED] in (2, 3), "a third share may arrive before the opening"
        assert len(holders) == states[TaskState.COMPLETED] + states[TaskState.CANCELLED]
        assert {each.task: each.receipt for each in crew.handed} == again
