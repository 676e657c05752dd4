"""
The second wall: PostgreSQL withholds the rows of others from a question that forgets to.

Policies are asked by plain SELECTs under the reader's role, and by a portal into whose scope holes are made.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from contracts.errors import WrongState
from contracts.journal import Happening
from lianyue.access.permissions import HEARD_BY, Part, heard
from lianyue.access.scope import Scope
from lianyue.access.service import Service
from lianyue.access.viewer import Viewer
from lianyue.records.eyes import LOOK, Eyes, look_of, seen_by
from lianyue.records.row_security import admit_reader
from lianyue.wiring import Wiring
from tests.portal.canaries import leaks, secrets_of
from tests.portal.conftest import READER
from tests.portal.holes import FORGOTTEN_FILTERS
from tests.portal.test_wall import found, routes
from tests.portal.town import AWARDED, PRICES, SEALED, Town

pytestmark = pytest.mark.asyncio(loop_scope="package")

LOOKERS = {"NORTH": "north", "LAKE": "lake", "HILL": "hill", "HARBOUR": "buyer", "MARKET": "stranger"}
TABLES = (
    "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname = 'public' "
    "UNION ALL SELECT 'seen.' || viewname FROM pg_views WHERE schemaname = 'seen' ORDER BY 1"
)


def tables(town: Town) -> list[str]:
    """Every table and view of the records."""
    with town.house.wiring.database.reading() as session:
        return [name for (name,) in session.connection().execute(text(TABLES))]


def rows(town: Town, table: str, eyes: Eyes) -> str:
    """All that *eyes* get out of *table* without a condition, as text; nothing, where they may not ask."""
    try:
        with seen_by(town.house.wiring.database, READER, eyes).reading() as session:
            return "\n".join(str(tuple(row)) for row in session.connection().execute(text(f"SELECT * FROM {table}")))
    except ProgrammingError as refused:
        return _nothing(refused)


def _nothing(refused: ProgrammingError) -> str:
    assert "permission denied" in str(refused)
    return ""


@pytest.mark.parametrize("company", list(LOOKERS))
async def test_a_question_without_a_condition_tells_nothing_foreign(walled: Town, company: str) -> None:
    """Whatever table a company reads whole, no price, task, score or paper of another member is in it."""
    eyes = Eyes(company, LOOKERS[company], oversees=False)
    told = {table: rows(walled, table, eyes) for table in tables(walled)}

    kept = secrets_of("NORTH", walled.house) if company == "HARBOUR" else ()
    leaked = {
        other: [f"{table}: {leak}" for table, text in told.items() for leak in leaks(text, secrets) if leak not in kept]
        for other, secrets in ((each, secrets_of(each, walled.house)) for each in PRICES if each != company)
    }

    assert {other: [] for other in leaked} == leaked
    assert company == "MARKET" or told["public.member_task"]


async def test_without_eyes_there_is_nothing(walled: Town) -> None:
    """Fail-closed: the reader's role without a viewer, or with one that another request left, sees no row."""
    database = walled.house.wiring.database
    for _ in range(3):
        assert rows(walled, "public.quote", Eyes("NORTH", "north", oversees=True))
        with database.reading() as session:
            session.connection().execute(text(f"SET LOCAL ROLE {READER}"))
            counted = [
                session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in tables(walled)
                if rows(walled, table, Eyes("NORTH", "north", oversees=True))
            ]

        assert {0} == set(counted)


async def test_overseers_see_all(walled: Town) -> None:
    """The second wall is no blindfold: with an overseer's eyes every opened quote and decision is there, whole."""
    database = walled.house.wiring.database
    with seen_by(database, READER, Eyes("OFFICE", "coord", oversees=True)).reading() as session:
        counted = [session.connection().execute(text(f"SELECT count(*) FROM {each}")).scalar_one() for each in BOTH]
    with database.reading() as session:
        every = [
            session.connection().execute(text(f"SELECT count(*) FROM public.{each}")).scalar_one() for each in BOTH
        ]

    assert every == counted


BOTH = ("quote", "decision", "member_task", "happening", "service_contract", "review", "standing")


async def test_a_role_above_row_security_is_refused(walled: Town) -> None:
    """A superuser as reader would be no wall."""
    with walled.house.wiring.database.changing() as connection:
        owner = connection.execute(text("SELECT current_user")).scalar_one()
        with pytest.raises(WrongState):
            admit_reader(connection, owner)


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def unwalled(walled: Town) -> AsyncIterator[Town]:
    """The portal of the same town without the second wall."""
    wiring = Wiring(walled.house.wiring.settings.model_copy(update={"database_reader": ""}))
    made = Town(walled.house, Service(wiring, walled.house.client))
    yield made
    await made.close()
    wiring.database.close()


def asked(town: Town) -> list[str]:
    """What is about contracts and tasks in the API, of each task of a kind one."""
    tasks = {each.id.rpartition(":")[2]: each.id for each in town.house.desk.reading.tasks(open_only=False)}
    paths = [path for path in routes(town) if path.startswith("/api/v1/") and ("{number}" in path or "task" in path)]
    holes = {"{number}": [SEALED, AWARDED], "{task_id}": list(tasks.values())}
    return [path.replace(hole, value) for path in paths for hole in holes if hole in path for value in holes[hole]] + [
        "/api/v1/tasks",
        "/api/v1/tasks?tab=done",
        "/api/v1/contracts",
    ]


async def told(town: Town, user: str) -> dict[str, str]:
    """What *user* is told there."""
    return {path: (await town.door(user).get(path)).text for path in asked(town)}


@pytest.mark.parametrize("user", ["lake", "buyer", "coord"])
async def test_the_portal_tells_the_same(walled: Town, unwalled: Town, user: str) -> None:
    """With and without the second wall the API tells the same: nothing is withheld that may be seen."""
    alone, behind = await told(unwalled, user), await told(walled, user)

    assert {path: json.loads(text) for path, text in alone.items()} == {
        path: json.loads(text) for path, text in behind.items()
    }


@pytest.mark.parametrize("hole", list(FORGOTTEN_FILTERS))
async def test_a_hole_in_the_first_wall_leaks_nothing(
    walled: Town, unwalled: Town, monkeypatch: pytest.MonkeyPatch, hole: str
) -> None:
    """A filter that the scope forgets leaks where it is the only wall, and nothing where there is a second one."""
    FORGOTTEN_FILTERS[hole](monkeypatch)

    secrets = tuple(secret for other in ("NORTH", "HILL") for secret in secrets_of(other, walled.house))

    assert found(await told(unwalled, "lake"), secrets)
    assert [] == found(await told(walled, "lake"), secrets)


async def test_a_portfolio_is_behind_both_walls(walled: Town, unwalled: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the scope forgets that portfolios are for overseers, their prices are told; not where there is a wall."""
    monkeypatch.setattr(Scope, "need_oversight", lambda *_: None)
    alone, behind = [await town.get("lake", "/portfolios/ceremony") for town in (unwalled, walled)]
    secrets = secrets_of("NORTH", walled.house)

    assert (200, 500) == (alone.status_code, behind.status_code)
    assert leaks(alone.text, secrets)
    assert [] == leaks(behind.text, secrets)


async def test_both_walls_have_the_same_audiences(walled: Town) -> None:
    """Of every happening that the permissions let a company hear, the policies let it read the same; of others none."""
    viewers = [
        (Viewer(user=user, company=company, kind="member", is_office=False, roles=()), part, number)
        for company, user, part, number in (
            ("NORTH", "north", Part.PARTY, AWARDED),
            ("LAKE", "lake", Part.ASKED, AWARDED),
            ("HARBOUR", "buyer", Part.CLIENT, AWARDED),
            ("MARKET", "stranger", Part.STRANGER, AWARDED),
            ("HILL", "hill", Part.ASKED, SEALED),
        )
    ]
    own = {
        company: [task.id for task in walled.house.desk.reading.tasks(company=company, open_only=False)]
        for company in LOOKERS
    }
    database = walled.house.wiring.database
    for viewer, part, number in viewers:
        tried = list(trials(viewer.company, own, number))
        eyes = Eyes(viewer.company, viewer.user, oversees=False)
        with database.changing() as connection:
            keep(connection, number, tried)
            with_eyes(connection, eyes)
            seen = connection.execute(
                text("SELECT happening_json FROM happening WHERE id >= 1000000 ORDER BY id")
            ).all()
            connection.rollback()

        expected = [heard(viewer, part, each, each.task in own[viewer.company]) for each in tried]
        assert [each for each in expected if each] == [Happening.model_validate_json(row[0]) for row in seen]


def trials(company: str, own: dict[str, list[str]], number: str) -> Iterator[Happening]:
    """Every verb, and one that nobody knows, of the company itself, of another, about either's task, or none."""
    now = datetime(2025, 7, 1, tzinfo=UTC)
    tasks = ["", f"{number}/deliver/SOUTH:x", *own[company][:1]]
    for verb in (*HEARD_BY, "unheard_of"):
        for by in (company, "SOUTH", ""):
            for task in tasks:
                yield Happening(at=now, on=now, verb=verb, company=by, task=task, facts={"reason": "缘由", "count": 3})


def keep(connection: Connection, number: str, told: list[Happening]) -> None:
    """Write *told* as if they had happened to contract *number*."""
    effect = connection.execute(text("SELECT key FROM effect LIMIT 1")).scalar_one()
    insert = text(
        "INSERT INTO happening (id, effect_key, position, number, at, verb, happening_json) OVERRIDING SYSTEM VALUE "
        "VALUES (:id, :effect, :id, :number, '2025-07-01T00:00:00.000000Z', :verb, :body)"
    )
    values = [
        {"id": 1_000_000 + place, "effect": effect, "number": number, "verb": each.verb, "body": each.model_dump_json()}
        for place, each in enumerate(told)
    ]
    connection.execute(insert, values)


def with_eyes(connection: Connection, eyes: Eyes) -> None:
    """Let the rest of the transaction be seen by *eyes*."""
    connection.execute(LOOK, look_of(READER, eyes))


async def test_secrets_of_the_door_are_closed_to_readers(walled: Town) -> None:
    """Sessions, tokens, envelopes, effects and requests are no reader's, not even an overseer's."""
    eyes = Eyes("OFFICE", "coord", oversees=True)
    closed = ("session", "api_token", "sign_in", "envelope", "effect", "request")

    assert {""} == {rows(walled, table, eyes) for table in closed}


async def test_the_inbox_is_drawn_behind_the_wall(walled: Town) -> None:
    """The inbox, which looks its contracts up at once, is whole on PostgreSQL, and counts only what may be seen."""
    answer = await walled.door("lake").get("/tasks?tab=done", headers={"accept": "text/html"})

    assert 200 == answer.status_code
    assert AWARDED in answer.text
    assert "NORTH-1" not in answer.text
