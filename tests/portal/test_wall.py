"""
The wall between companies: every GET route, asked by everybody about everything, tells nothing of another's.

For each ordered pair of companies and each role the whole API is walked; prices are looked for in every spelling,
and so are tasks, scores and the papers of quotes, in answers and in errors alike.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pytest

from contracts.task import TaskKind
from lianyue.access import permissions
from lianyue.access.scope import Scope
from lianyue.access.viewer import Viewer
from lianyue.portal.pages import ROUTERS
from tests.portal.canaries import leaks, secrets_of, spellings
from tests.portal.holes import FORGOTTEN_FILTERS, Hole
from tests.portal.town import AWARDED, PRICES, SEALED, SEALED_PRICES, TOGETHER, USERS, Town

pytestmark = pytest.mark.asyncio(loop_scope="package")

MEMBERS = {"north": "NORTH", "lake": "LAKE", "hill": "HILL", "lake.auditor": "LAKE"}
OVERSEERS = ("coord", "council1", "auditor")
OUTSIDERS = {"buyer": "HARBOUR", "stranger": "MARKET"}
QUERIES = ("", "?tab=done", "?tab=started", "?tab=copied", f"?number={SEALED}", "?search=LY-2025", "?limit=0")
VISIBLE = ("", "?closed=true", "?closed=true&company=NORTH", "?company=LAKE", f"?closed=true&number={AWARDED}")


def routes(town: Town) -> list[str]:
    """The paths of every GET route of the portal."""
    described = town.app.openapi()["paths"]
    hidden = ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/static/{name}"]
    api = [path for path, verbs in described.items() if "get" in verbs and "/sign-in/" not in path]
    return [*api, *hidden, *pages()]


def pages() -> list[str]:
    """The paths of the pages; the stream of events is no answer, and tells nothing but «look again»."""
    found = [route.path for router in ROUTERS for route in router.routes if "GET" in route.methods]
    return [path.replace(":path", "") for path in found if path != "/events"]


def filled(path: str, town: Town) -> Iterator[str]:
    """*path* with everything in its holes that somebody could try."""
    every = [task.id for task in town.house.desk.reading.tasks(open_only=False)]
    together = [task for task in every if task.startswith((*TOGETHER, "portfolio/"))]
    tasks = [*(task for task in every if task not in together), min(together), max(together)]
    values = {
        "{number}": [SEALED, AWARDED, "LY-2025-9999"],
        "{task_id}": [*tasks, f"{SEALED}/quote:quote-SOUTH-1"],
        "{sha256}": ["0" * 64, *(each.sha256 for each in town.house.desk.evidence.rows.all()[:1])],
        "{digest}": [town.house.wiring.records.editions()[0].digest, "sha256:0"],
        "{category}": ["property", "nothing"],
        "{policy}": ["property"],
        "{portfolio}": ["ceremony", "nothing"],
        "{event}": ["40"],
        "{name}": ["app.css"],
        "{code}": ["NORTH", "LAKE", "HARBOUR", "NOBODY"],
    }
    hole = next((hole for hole in values if hole in path), None)
    if hole is None:
        asked = {"/tasks": QUERIES, "/visible": VISIBLE, "/diff": ("?a=property&b=property",)}
        queries = next((found for end, found in asked.items() if path.endswith(end)), ("", "?limit=0"))
        yield from (path + query for query in queries)
        return
    for value in values[hole]:
        yield path.replace(hole, value)


async def walked(town: Town, user: str) -> dict[str, str]:
    """Everything that *user* is told, by what they asked; nobody changes anything here, so it is asked once."""
    if user not in town.walks:
        town.walks[user] = await told_about(town, user, routes(town))
    return town.walks[user]


async def told_about(town: Town, user: str, paths: list[str]) -> dict[str, str]:
    """What *user* is told at each of *paths*; a defect is no answer."""
    told = {}
    for asked in [each for path in paths for each in filled(path, town)]:
        answer = await town.door(user).get(asked)
        assert answer.status_code < 500, f"{user} broke {asked}: {answer.text}"
        read = READERS.get(asked.partition("?")[0].rpartition(".")[2])
        told[asked] = read(answer.content) if read else answer.text
    return told


def _unzipped(workbook: bytes) -> str:
    if not zipfile.is_zipfile(io.BytesIO(workbook)):
        return workbook.decode()
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


def _printed(document: bytes) -> str:
    """The text of a document, and the JSON inside it."""
    if not document.startswith(b"%PDF"):
        return document.decode()
    with pypdfium2.PdfDocument(document) as pdf:
        inside = bytes(pdf.get_attachment(0).get_data()).decode()
        return inside + "".join(page.get_textpage().get_text_range() for page in pdf)


READERS: dict[str, Callable[[bytes], str]] = {"xlsx": _unzipped, "zip": _unzipped, "pdf": _printed}
"""How to read what is no text."""


def found(told: dict[str, str], secrets: tuple[str, ...]) -> list[str]:
    """Where the *secrets* were told, except where the asker named them in the question and got a refusal."""
    return [
        f"{asked}: {leaked}"
        for asked, text in told.items()
        for leaked in leaks(text, secrets)
        if not (leaked in asked and '"code":"not-there"' in text)
    ]


@pytest.mark.parametrize("user", [*MEMBERS, *OUTSIDERS])
async def test_nothing_of_another_company_is_told(lived_in: Town, user: str) -> None:
    """Whatever a user asks, no price, task, score or paper of another member is in any answer."""
    own = (MEMBERS | OUTSIDERS)[user]
    told = await walked(lived_in, user)

    leaked = {
        other: found(told, _less(secrets_of(other, lived_in.house), user, other)) for other in PRICES if other != own
    }

    assert {other: [] for other in PRICES if other != own} == leaked


def _less(secrets: tuple[str, ...], user: str, other: str) -> tuple[str, ...]:
    """The client sees, of the member it contracts with, the quote and the delivery."""
    if user != "buyer" or other != "NORTH":
        return secrets
    prices = (SEALED_PRICES["NORTH"], *(prices["NORTH"] for prices in TOGETHER.values()))
    kept = tuple(spelling for fen in prices for spelling in spellings(fen))
    return tuple(secret for secret in secrets if secret.startswith((SEALED, *TOGETHER)) or secret in kept)


@pytest.mark.parametrize("user", list(USERS.values()))
async def test_no_sealed_price_is_told_to_anybody(lived_in: Town, user: str) -> None:
    """Before the opening not even its owner, the office or an auditor is told a sealed price: it is absent."""
    told = await walked(lived_in, user)

    leaked = [found(told, spellings(fen)) for fen in SEALED_PRICES.values()]

    assert [[], []] == leaked


async def test_a_stranger_is_told_nothing(lived_in: Town) -> None:
    """Without a sign-in every route of the API but its description and its ways in answers 401."""
    async with lived_in.knocking() as door:
        asked = [each for path in routes(lived_in) for each in filled(path, lived_in) if "/api/v1/" in each]
        open_to_all = ("/api/v1/openapi.json", "/api/v1/sign-in")
        statuses = {each: (await door.get(each)).status_code for each in asked if not each.startswith(open_to_all)}

    assert set(statuses.values()) == {401}


async def test_what_is_theirs_is_told(lived_in: Town) -> None:
    """The wall is no blindfold: each sees its own quote and score, the office and the auditor see all."""
    quotes = {user: (await lived_in.get(user, f"/contracts/{AWARDED}/quotes")).json() for user in USERS.values()}
    sealed = {user: (await lived_in.get(user, f"/contracts/{SEALED}/quotes")).json() for user in USERS.values()}
    lake = (await lived_in.get("lake", f"/contracts/{AWARDED}/decisions")).json()[0]

    assert {
        "north": ["NORTH"],
        "lake": ["LAKE"],
        "hill": ["HILL"],
        "lake.auditor": ["LAKE"],
        "buyer": ["NORTH"],
        **{overseer: ["HILL", "LAKE", "NORTH"] for overseer in OVERSEERS},
        "stranger": None,
    } == {user: _members(told, "opened") for user, told in quotes.items()}
    assert {
        "north": ["NORTH"],
        "lake": ["LAKE"],
        "hill": [],
        "lake.auditor": ["LAKE"],
        "buyer": [],
        **{overseer: ["LAKE", "NORTH"] for overseer in OVERSEERS},
        "stranger": None,
    } == {user: _members(told, "sealed") for user, told in sealed.items()}
    assert lake["selected"] == ["NORTH"]
    assert not {"price_fen", "content", "nonce"} & set(sealed["coord"]["sealed"][0])


def _members(told: dict[str, Any], which: str) -> list[str] | None:
    return sorted(quote["member"] for quote in told[which]) if which in told else None


async def test_not_theirs_and_not_there_are_one_answer(lived_in: Town) -> None:
    """A contract of others and one that does not exist are told apart by nothing but the name that was asked for."""
    paths = [path.replace("{event}", "40") for path in routes(lived_in) if "{number}" in path]

    for path in paths:
        theirs = await lived_in.door("stranger").get(path.replace("{number}", AWARDED))
        nobodys = await lived_in.door("stranger").get(path.replace("{number}", "LY-2025-9999"))
        assert (404, theirs.status_code) == (nobodys.status_code, 404), path
        assert theirs.text.replace(AWARDED, "LY-2025-9999") == nobodys.text


def writes(town: Town) -> Iterator[tuple[str, str, Any]]:
    """Method, path and a body that fits, of every route of the API that writes to a contract or a task."""
    described = town.app.openapi()
    for path, verbs in described["paths"].items():
        for method, route in verbs.items():
            if method != "get" and ("{number}" in path or "{task_id}" in path):
                stated = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
                yield method, path, None if stated is None else _fitting(stated, described["components"]["schemas"])


ONE_OF_SEVERAL = {"OtherRules": {"policy": "property"}, "Amendment": {"reason": "somebody", "extend_days": 30}}
"""Bodies of which one field or another has to be there."""


def _fitting(schema: Any, known: Any) -> Any:
    """A value that fits *schema*, with nothing in it that need not be there."""
    if "$ref" in schema:
        return _fitting(known[schema["$ref"].rpartition("/")[2]], known)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _fitting(schema[several][0], known)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("title") in ONE_OF_SEVERAL:
        return ONE_OF_SEVERAL[schema["title"]]
    if schema.get("type") == "object":
        return {name: _fitting(schema["properties"][name], known) for name in schema.get("required", ())}
    if schema.get("type") == "array":
        return [_fitting(schema["items"], known)]
    return {"integer": 1, "boolean": True}.get(str(schema.get("type")), "somebody")


async def test_what_is_written_to_others_is_written_to_nothing(lived_in: Town) -> None:
    """Every write to another's task or contract is answered as if there were none, whatever the route."""
    before = await lived_in.house.task(TaskKind.QUOTE, "HILL", SEALED)
    task, asked = before.id, list(writes(lived_in))

    for method, path, body in asked:
        user = "lake" if "{task_id}" in path else "stranger"
        theirs = path.replace("{task_id}", task).replace("{number}", AWARDED)
        nobodys = path.replace("{task_id}", task.replace("HILL", "SOUTH")).replace("{number}", "LY-2025-9999")
        sent = {"files": {"file": ("a.pdf", b"%PDF-1.7")}} if path.endswith("/evidence") else {"json": body}
        told = [await lived_in.door(user).request(method, each, **sent) for each in (theirs, nobodys)]
        assert [404, 404] == [each.status_code for each in told], f"{method} {path} {body}: {told[0].text}"
        assert told[0].text.replace(AWARDED, "LY-2025-9999").replace("HILL", "SOUTH") == told[1].text
    assert len(asked) > 20
    assert before == lived_in.house.desk.reading.task(task)


HOLES: dict[str, Hole] = {
    **FORGOTTEN_FILTERS,
    "a member's auditor oversees": lambda patch: patch.setattr(
        Viewer, "oversees", property(lambda viewer: viewer.is_office or "auditor" in viewer.roles)
    ),
    "everybody is concerned": lambda patch: patch.setattr(Scope, "part", lambda *_: permissions.Part.CLIENT),
}


@pytest.mark.parametrize("hole", list(HOLES))
async def test_a_hole_is_found(lived_in: Town, monkeypatch: pytest.MonkeyPatch, hole: str) -> None:
    """A hole that somebody makes in the permissions is found by walking the API."""
    HOLES[hole](monkeypatch)

    leaked: list[str] = []
    paths = [path for path in routes(lived_in) if "{number}" in path or "tasks" in path]
    for user in ("lake", "lake.auditor"):
        told = await told_about(lived_in, user, paths)
        for other in ("NORTH", "HILL"):
            leaked += found(told, secrets_of(other, lived_in.house))

    assert leaked
