"""What overseers are shown to judge a contract by: how it stood, who could see what, contests, and clear refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.service_contract import Stage
from contracts.task import TaskKind
from lianyue.access.permissions import Part
from lianyue.audit.time_travel import Journey, parts_then, seen_by
from lianyue.records.contests import Contest, contests
from tests.lianyue.audit.test_diverging import plant
from tests.portal.town import AWARDED, PRICES, SEALED, Town
from tests.replay.variants import OneStepMore

pytestmark = pytest.mark.asyncio(loop_scope="package")
PAGE = {"Accept": "text/html"}


async def journey_of(town: Town) -> Journey:
    """The life of the contract that was awarded, as a coordinator may have it replayed."""
    proofs = town.service.proofs(town.service.viewer("coord"))
    return (await proofs.lived(AWARDED)).journey


async def test_the_past_is_as_it_was(lived_in: Town) -> None:
    """When quotes were asked for, each member could see its own task alone; later there was a client, and parties."""
    journey = await journey_of(lived_in)
    companies = ["OFFICE", "HARBOUR", *PRICES]
    then = next(
        standing
        for standing in map(journey.stood, journey.changes)
        if [task.kind for task in standing.open_tasks] == [TaskKind.QUOTE] * 3
    )
    now = journey.stood(len(journey.places))

    assert {task.company: ["OFFICE", task.company] for task in then.open_tasks} == {
        task.company: seen_by(task, "HARBOUR", "OFFICE", companies) for task in then.open_tasks
    }
    asked = dict.fromkeys(sorted(PRICES), Part.ASKED)
    assert {"OFFICE": Part.OVERSEER, "HARBOUR": Part.CLIENT, **asked} == parts_then(journey.told, then)
    assert Part.PARTY == parts_then(journey.told, now)["NORTH"]
    assert Part.ASKED == parts_then(journey.told, now)["LAKE"]
    assert Stage.SIGNED == now.states[f"contract/{AWARDED}"]["stage"]


async def test_a_life_is_replayed_once_for_all_its_events(lived_in: Town) -> None:
    """Whoever moves about in a life is answered from one replay, as long as its histories are the same."""
    assert await journey_of(lived_in) is await journey_of(lived_in)


async def test_what_is_not_archived_is_not_handed_out(lived_in: Town) -> None:
    """A contract that runs has no bundle to download; the page says so in words, and says who can export it."""
    answer = await lived_in.door("auditor").get(f"/contracts/{AWARDED}/bundle.zip", headers=PAGE)

    assert 409 == answer.status_code
    assert "办结后即可下载" in answer.text
    assert "lianyue audit export" in answer.text


async def test_the_slider_leads_to_the_event(lived_in: Town) -> None:
    """Without a script the form of the slider leads to a page of its own; to others there is nothing."""
    chosen = await lived_in.door("coord").get(f"/contracts/{AWARDED}/at?event=7")
    others = await lived_in.door("lake").get(f"/contracts/{AWARDED}/at?event=7")

    assert (303, f"/contracts/{AWARDED}/at/7") == (chosen.status_code, chosen.headers["location"])
    assert 404 == others.status_code


async def test_contests_are_read_alike_on_both_databases(lived_in: Town, walled: Town) -> None:
    """Who asked what, who has what, what is payable: SQLite and PostgreSQL tell the same, for all or one category."""
    common = {"client": "HARBOUR", "category": "property", "day": 0, "value_fen": 64_000_000, "is_invited": True}
    for town in (lived_in, walled):
        database = town.house.wiring.database
        sealed, awarded, *together = contests(database)
        won = {"shares": {"NORTH": PRICES["NORTH"]}, "settled": awarded.settled}

        assert [Contest(SEALED, **common), Contest(AWARDED, **common, prices=PRICES, **won)] == [
            replace(each, day=0) for each in (sealed, awarded)
        ]
        assert 0 < awarded.settled["NORTH"] < PRICES["NORTH"]
        assert ([sealed, awarded, *together], []) == (contests(database, "property"), contests(database, "canteen"))


async def test_a_divergence_is_shown_first(lived_in: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where today's code does something else, the page says so, with what was expected and what was done instead."""
    plant(OneStepMore, monkeypatch)

    town = Town(lived_in.house)
    proved = await town.door("auditor").post(f"/contracts/{AWARDED}/audit")
    past = await town.door("auditor").get(f"/contracts/{AWARDED}/at/40")
    await town.close()

    told = "expected: wrote down what had happened; actual: asked the rules who may quote"
    assert "项检查中 1 项未通过，排在最前" in proved.text
    assert told in proved.text.partition("<tbody>")[2].partition("</tr>")[0]
    assert "此处之后的状态不可知" in past.text
    assert told in past.text
