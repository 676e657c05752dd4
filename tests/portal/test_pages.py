"""The pages: who sees which, that each is sound, and that what is done on them is done."""

from __future__ import annotations

import gzip
import re

import httpx2
import pytest

from contracts.task import TaskKind
from tests.portal.sound import objections
from tests.portal.town import AWARDED, SEALED, USERS, Town

pytestmark = pytest.mark.asyncio(loop_scope="package")

LISTS = ("/tasks", "/tasks?tab=copied", "/tasks?kind=quote&due=late", "/board", "/contracts", "/rules", "/settings")
AROUND = (
    "/standings?category=property",
    "/alliance",
    "/alliance/NORTH",
    "/search?q=LY-2025",
    "/search?q=%00",
    "/sign-in",
)
PARTS = ("", "?show=all", "?show=signing", "/allocation", "/agreement", "/delivery", "/reviews")
OVERSIGHT = (
    *("/audit", "/audit/flags", f"/contracts/{AWARDED}/audit", f"/contracts/{AWARDED}/at/40"),
    *("/portfolios", "/portfolios/ceremony"),
)
ORDERS = ("/contracts/new", "/contracts/new?category=property", f"/contracts/{AWARDED}/amend")
OVERSEERS = ("coordinator", "approver", "auditor")
LARGEST = 40 * 1024
PAGE = {"Accept": "text/html"}
SCRIPTS = ("htmx.js", "app.js", "app.css", "icons.svg", "mark.svg")


async def looked_at(town: Town, who: str, path: str, language: str = "zh") -> httpx2.Response:
    """What *who* is shown at *path*."""
    return await town.door(USERS[who]).get(path, headers={**PAGE, "Cookie": f"language={language}"})


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("who", USERS)
async def test_every_page_is_sound(lived_in: Town, who: str, language: str) -> None:
    """Whoever looks, in either language: one headline, a language, labels, no id twice, nothing inline."""
    scope = lived_in.service.scope(lived_in.service.viewer(USERS[who]))
    tasks = [f"/tasks/{task.id}" for task in scope.tasks()]
    numbers = [each.number for each in scope.contracts() if each.number in (SEALED, AWARDED)]
    parts = [f"/contracts/{number}{part}" for number in numbers for part in PARTS]
    own = (*(OVERSIGHT if who in OVERSEERS else ()), *(ORDERS if who == "coordinator" else ()))
    paths = [*LISTS, *AROUND, *parts, *tasks, *own]

    pages = {path: await looked_at(lived_in, who, path, language) for path in paths}

    assert dict.fromkeys(paths, 200) == {path: page.status_code for path, page in pages.items()}
    assert {path: [] for path in paths} == {path: objections(page, language) for path, page in pages.items()}


@pytest.mark.parametrize("who", [who for who in USERS if who not in OVERSEERS])
async def test_oversight_is_not_there_for_others(lived_in: Town, who: str) -> None:
    """Whoever does not oversee is told that there is nothing, in words, as of a page that never was."""
    answers = [await looked_at(lived_in, who, path) for path in (*OVERSIGHT, *ORDERS, "/contracts/LY-2025-9999")]

    assert {404} == {each.status_code for each in answers}
    assert all("没有找到这一页" in each.text and not objections(each, "zh") for each in answers)


async def test_an_english_page_speaks_english(lived_in: Town) -> None:
    """In English nothing of the page itself is Chinese: what is left are names and titles that people gave."""
    page = await looked_at(lived_in, "coordinator", "/contracts?category=property", "en")

    told = re.sub(r"港口[一二]期物业服务|中文", "", page.text)
    assert [] == re.findall("[\u4e00-\u9fff]+", told)


async def test_whoever_is_not_signed_in_comes_back_after_the_door(lived_in: Town) -> None:
    """A page leads to the sign-in and remembers where to; the API refuses."""
    async with lived_in.knocking(**PAGE) as door:
        page, api = await door.get(f"/contracts/{SEALED}?show=all"), await door.get("/api/v1/tasks")

    assert (303, f"/sign-in?next=%2Fcontracts%2F{SEALED}%3Fshow%3Dall") == (page.status_code, page.headers["location"])
    assert 401 == api.status_code


async def test_a_page_weighs_little(lived_in: Town) -> None:
    """An inbox with everything that it loads is at most 40 KB, compressed."""
    page = await looked_at(lived_in, "coordinator", "/tasks?tab=started")
    loaded = [(await lived_in.door("coord").get(f"/static/{name}")).content for name in SCRIPTS]

    weight = sum(len(gzip.compress(each, 9)) for each in (page.content, *loaded))

    assert weight <= LARGEST


async def test_the_policy_allows_nothing_inline(lived_in: Town) -> None:
    """A page carries the strict policy, and is kept by nobody on the way."""
    page = await looked_at(lived_in, "client", "/tasks")

    policy = page.headers["content-security-policy"]
    assert "script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "no-store" == page.headers["cache-control"]


async def test_the_language_is_the_readers_choice(lived_in: Town) -> None:
    """The choice is kept in a cookie, and leads back to the page; elsewhere it leads nowhere."""
    door = lived_in.door("north")
    chosen = await door.post("/settings", data={"language": "en", "back": "/board"})
    away = await door.post("/settings", data={"language": "zh", "back": "//evil.example/"})

    assert (303, "/board") == (chosen.status_code, chosen.headers["location"])
    assert "language=en" in chosen.headers["set-cookie"]
    assert "/" == away.headers["location"]


async def test_several_tasks_are_urged_at_once(lived_in: Town) -> None:
    """What may not be urged is told task by task, in words; the others are."""
    task = (await lived_in.house.task(TaskKind.QUOTE, "HILL", SEALED)).id
    data = {"task": [task, f"{SEALED}/quote:quote-SOUTH-1"], "verb": "remind"}

    answer = await lived_in.door("coord").post("/tasks/bulk", data=data)

    assert 409 == answer.status_code
    assert "已办 1 项" in answer.text
    assert "quote-SOUTH-1" in answer.text


async def test_a_replay_is_told_on_the_page(lived_in: Town) -> None:
    """An auditor has a contract replayed, and sees every check."""
    answer = await lived_in.door("auditor").post(f"/contracts/{AWARDED}/audit")

    assert 200 == answer.status_code
    assert "重放一致" in answer.text
