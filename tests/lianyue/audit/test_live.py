"""Three contracts lived through on real servers: what was seen then is what the audit finds afterwards."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlmodel import Session
from temporalio.client import WorkflowHistory

from contracts.task import TaskKind
from lianyue.audit.bundle import read_bundle
from lianyue.audit.diverging import divergence, turns_of
from lianyue.audit.exporting import exported, running
from lianyue.audit.journey import Turn, Watching
from lianyue.audit.log_audit import audited_log
from lianyue.audit.rebuild import compared, rebuilt
from lianyue.audit.time_travel import state_after, stood
from lianyue.audit.verifying import verify_bundle
from lianyue.audit.views import told_by
from lianyue.histories import ServerHistories, unpacked
from lianyue.records.engine import Database, Synchronous
from lianyue.testing import QUIET_SECONDS, House, house, small_contract
from tests.portal.town import Town
from tests.replay.record import archived
from tests.replay.stories import NUMBER, STORIES
from workflows.registry import WORKFLOW_OPTIONS

LIVED = {
    "too_few_quotes": "sqlite_url",
    "passed_between_colleagues": "sqlite_url",
    "cancelled_in_delivery": "postgres_url",
}


class Lived(NamedTuple):
    """A contract that has ended, what was seen of it while it lived, and its archive."""

    home: House
    seen: list[Turn]
    histories: list[WorkflowHistory]


@pytest.fixture(params=LIVED)
async def lived(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lived]:
    """A story that was told while somebody looked at every turn of every workflow."""
    url = request.getfixturevalue(LIVED[request.param])
    watching = Watching()
    monkeypatch.setitem(WORKFLOW_OPTIONS, "workflow_runner", watching)
    async with house(tmp_path, url) as home:
        await STORIES[request.param](home)
        await home.outcome()
        await archived(home)
        monkeypatch.undo()
        kept = home.wiring.reading.histories(NUMBER)
        yield Lived(home, watching.turns, [unpacked(each.workflow_id, each.zlibbed, each.digest) for each in kept])


@pytest.fixture
def other_url(lived: Lived, request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated database of the other kind, so that rows are compared across both."""
    if lived.home.wiring.database.url.get_backend_name() == "sqlite":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'other.db')}"


def _falsified(session: Session) -> None:
    """What somebody with a shell does to a row of the read model."""
    session.connection().exec_driver_sql("UPDATE service_contract SET title = 'other'")


async def test_a_life_is_proved_as_it_was_lived(lived: Lived, other_url: str) -> None:
    """State after every event, bundle and log: one life, looked at from all sides."""
    replayed, failures = await turns_of(lived.histories)
    assert {} == failures
    for history in lived.histories:
        for event in range(1, len(history.events) + 1):
            assert state_after(history, lived.seen, event) == state_after(history, replayed, event), event
        assert "" == divergence(history, replayed)

    wiring = lived.home.wiring
    raw = exported(wiring, NUMBER)
    assert raw == exported(wiring, NUMBER)
    assert [] == [check for check in await verify_bundle(raw) if not check.ok]
    assert [] == [check for check in audited_log(wiring.log, wiring.reading) if not check.ok]

    empty = Database(other_url, Synchronous.OFF)
    assert [] == await rebuilt(wiring, empty)
    assert [] == [check for check in compared(wiring.database, empty) if not check.ok]
    wiring.database.write(_falsified)
    assert ["rows service_contract"] == [check.name for check in compared(wiring.database, empty) if not check.ok]
    empty.close()

    told = told_by(lived.histories)
    events = sum(len(history.events) for history in lived.histories)
    end = await stood(told, events)
    assert (events, []) == (end.of, end.open_tasks)
    await _shown_on_the_pages(Town(lived.home), raw, events)


async def _shown_on_the_pages(town: Town, raw: bytes, events: int) -> None:
    """An overseer is handed the very bundle, proved on the page, and every event's standing; nothing lies beyond."""
    door = town.door("coord")
    handed = await door.get(f"/contracts/{NUMBER}/bundle.zip")
    proved = await door.post(f"/contracts/{NUMBER}/audit")
    pages = {event: await door.get(f"/contracts/{NUMBER}/at/{event}") for event in (1, events // 2, events, events + 1)}
    last = await door.get(f"/contracts/{NUMBER}/at")
    await town.close()

    assert (200, raw) == (handed.status_code, handed.content)
    assert "重放一致" in proved.text
    assert {1: 200, events // 2: 200, events: 200, events + 1: 422} == {
        event: page.status_code for event, page in pages.items()
    }
    assert "<dd>归档</dd>" in pages[events].text
    assert (303, f"/contracts/{NUMBER}/at/{events}") == (last.status_code, last.headers["location"])


async def test_a_contract_that_runs_is_proved_as_far_as_it_has_come(sqlite_url: str, tmp_path: Path) -> None:
    """A bundle of a running contract says that it runs, and everything in it holds."""
    async with house(tmp_path, sqlite_url) as home:
        await home.start(small_contract())
        await home.answer(TaskKind.QUOTE, "NORTH")
        await asyncio.sleep(QUIET_SECONDS)
        raw = exported(home.wiring, NUMBER, await running(home.wiring, NUMBER, ServerHistories(home.client)))

    assert not read_bundle(raw).manifest.closed
    assert [] == [check for check in await verify_bundle(raw) if not check.ok]
