"""A worker is killed at every step of a portfolio, in the middle of its search too: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import select

from contracts.ids import contract_workflow, portfolio_workflow
from contracts.journal import EffectRequest
from contracts.organisation import Person
from contracts.task import Decline, MemberTask, TaskKind
from lianyue.audit.evidence import activities_done
from lianyue.audit.together import body_of, solved_again
from lianyue.desk.desk import Desk
from lianyue.dev_server import connect
from lianyue.histories import ServerHistories
from lianyue.records.tables import EffectRow, ReservationRow
from lianyue.settings import Settings
from lianyue.simulate.script import Deviation
from lianyue.testing import small_contract, small_portfolio
from lianyue.wiring import Wiring
from tests.chaos.crew import Crew
from tests.chaos.kill_plan import Death, Point, spread
from tests.chaos.place import PATIENCE_SECONDS, DeadlyInstance, settings, watched

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(400)]

FIRST, SECOND = "LY-2025-0001", "LY-2025-0002"
PRICES = {
    FIRST: {"NORTH": 60_000_000, "LAKE": 61_000_000, "HILL": 64_000_000},
    SECOND: {"NORTH": 63_000_000, "LAKE": 60_000_000, "HILL": 64_000_000},
}
STEPS_OF_A_PORTFOLIO = (("allocate", 1), ("let_go", 1), ("take_up", 1))
DEATHS = [
    *spread(STEPS_OF_A_PORTFOLIO[:1], (FIRST,)),
    Death(FIRST, "let_go", Point.INSIDE),
    Death(FIRST, "take_up", Point.AFTER),
    *(Death("portfolio", "look", Point.AFTER, nth) for nth in (2, 4)),
]
"""
Each distinct moment once: the other points of a transaction are those of every step, and struck elsewhere.

The two looks are a word that is not carried, and a search that does not end: no transaction stands around them.
"""


class Refusing(Crew):
    """People of whom NORTH refuses to sign what it was awarded first."""

    def _take_up(self, task: MemberTask, group: asyncio.TaskGroup) -> None:
        """Nobody else signs what NORTH is about to refuse: they might come too late, and be refused rightly."""
        if task.company == "NORTH" or not task.id.startswith(f"{FIRST}/sign/v1:"):
            super()._take_up(task, group)

    async def _do(self, task: MemberTask, person: Person, departure: Deviation | None) -> None:
        if (task.kind, task.company, task.number) != (TaskKind.SIGN, "NORTH", FIRST):
            await super()._do(task, person, departure)
            return
        identity = f"crew/{task.id}"
        await self._insist(
            lambda: self._desk.act("decline", Decline, task.id, person.user, identity, reason="人手不足")
        )


async def weather(chosen: Settings) -> tuple[list[str], list[str], list[str]]:
    """Let the portfolio come to its end under all deaths; return the planned, those that came, and what is wrong."""
    instance = DeadlyInstance(chosen, DEATHS)
    async with watched(instance) as crew:
        people = await begun(crew._desk)
        wiring = instance.wiring
        async with asyncio.timeout(PATIENCE_SECONDS):
            await people.live(lambda: bool(wiring.portfolios.histories("ceremony")))
        found = await faults(wiring, chosen)
    return instance.plan.planned(), instance.plan.died(), [*found, *people.refused]


async def begun(desk: Desk) -> Refusing:
    """Start both contracts together; whatever is asked is asked again until it is answered."""
    people, document = Refusing(desk), small_portfolio()
    people._script = people._script.model_copy(update={"quotes": PRICES})
    for number in PRICES:
        await people._insist(lambda number=number: desk.register(small_contract(number), "coord", "ceremony"))
    await people._insist(lambda: desk.start_portfolio(document, list(PRICES), "coord"))
    for number in PRICES:
        await people._insist(lambda number=number: desk.run_registered(number))
    return people


async def faults(wiring: Wiring, chosen: Settings) -> list[str]:
    """Everything that is wrong; nothing, if all is well."""
    histories = ServerHistories(await connect(chosen))
    found: list[str] = []
    with wiring.database.reading() as session:
        for workflow_id in (portfolio_workflow("ceremony"), *map(contract_workflow, PRICES)):
            history = await histories.history(workflow_id)
            done = [each for each in activities_done(history) if each.name not in ("tell", "archive")]
            keys = Counter(each.asked(EffectRequest).key for each in done)
            found += [f"{key} was completed {times} times" for key, times in keys.items() if times > 1]
            for each in done:
                row = session.get(EffectRow, each.asked(EffectRequest).key)
                if row is None or json.loads(row.answer_json or "null") != json.loads(each.answer):
                    found.append(f"{each.asked(EffectRequest).key} differs between history and records")
        held = session.exec(select(ReservationRow).order_by(ReservationRow.number, ReservationRow.id)).all()
    standing = [(row.number, row.member, row.amount_fen) for row in held if not row.is_released]
    due = [(FIRST, "HILL", 64_000_000), (SECOND, "LAKE", 60_000_000)]
    found += [] if standing == due else [f"reserved is {standing}, not {due}"]
    bodies = [body_of(kept) for kept in wiring.portfolios.decisions("ceremony")]
    found += [] if len(bodies) == 2 else [f"{len(bodies)} decisions, not 2"]
    return found + [difference for body in bodies if (difference := solved_again(body)[1])]


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str], list[str]]:
    """The storm, weathered once."""
    place: Path = tmp_path_factory.mktemp("portfolio")
    return asyncio.run(weather(settings(place / "sqlite")))


def test_every_planned_death_of_a_portfolio_came(storm: tuple[list[str], list[str], list[str]]) -> None:
    """Gathering, searching, keeping, letting go, taking up and telling were all struck."""
    planned, died, _ = storm

    assert planned == died


def test_a_portfolio_loses_and_doubles_nothing(storm: tuple[list[str], list[str], list[str]]) -> None:
    """Both contracts are awarded and signed once, the refused one anew, and the search comes out the same."""
    assert [] == storm[2]
