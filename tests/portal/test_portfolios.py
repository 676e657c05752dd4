"""Contracts that are awarded together, as overseers see them; what the command line says of them is the same."""

from __future__ import annotations

import gzip

import pytest

from lianyue.casebook.together import account_of
from lianyue.records.opened import Opened
from tests.portal.canaries import secrets_of
from tests.portal.test_pages import LARGEST, SCRIPTS
from tests.portal.test_wall import found, routes, told_about
from tests.portal.town import TOGETHER, USERS, Town

pytestmark = pytest.mark.asyncio(loop_scope="package")
FIRST, SECOND = TOGETHER


async def test_one_account_is_told_everywhere(lived_in: Town) -> None:
    """The API tells what the records' own account says, which the command line prints; the page tells it in words."""
    wiring = lived_in.house.wiring
    account = account_of(Opened(wiring.reading, wiring.directory, wiring.records, wiring.portfolios), "ceremony")
    told = (await lived_in.get("auditor", "/portfolios/ceremony")).json()
    lines = (await lived_in.get("coord", "/portfolios?limit=1")).json()
    page = (await lived_in.door("coord").get("/portfolios/ceremony")).text

    assert account.model_dump(mode="json") == told
    assert {FIRST: ["LAKE"], SECOND: ["NORTH"]} == {row["number"]: row["members"] for row in told["rows"]}
    assert ("approving", "optimal", None) == (told["state"], told["status"], lines["next"])
    assert ["completed", "offered"] == [task["state"] for task in told["approvals"]]
    assert told["tasks"] == [told["approvals"][1]["id"]]
    reason = "2 家报价中第 2 低；北极星（NORTH） 可省 6,419.82 元，但会违反 one-each（每家至多一份）"
    assert all(text in page for text in (reason, "已证明最优", "规则的代价", f'href="/contracts/{SECOND}"'))
    assert all(f'href="/tasks/{task["id"]}"' in page for task in told["approvals"])
    assert 'href="/portfolios/ceremony"' in (await lived_in.door("auditor").get("/search?q=签约大会")).text


async def test_a_contract_leads_to_its_portfolio(lived_in: Town) -> None:
    """Overseers are led from a contract and from an approval to the portfolio; a member hears nothing of one."""
    pages = [await lived_in.door(user).get(f"/contracts/{FIRST}") for user in ("coord", "north")]
    task = await lived_in.door("council1").get("/tasks/portfolio/ceremony:approve-desk_officer-1-1")
    refused = [await lived_in.get("north", path) for path in ("/portfolios", "/portfolios/ceremony", "/portfolios/no")]

    assert [True, False] == ['href="/portfolios/ceremony"' in page.text for page in pages]
    assert "ceremony" not in pages[1].text
    assert 'href="/portfolios/ceremony"' in task.text
    assert [(404, refused[0].json())] * 3 == [
        (each.status_code, {"error": {**each.json()["error"], "where": "GET /api/v1/portfolios"}}) for each in refused
    ]
    assert 404 == (await lived_in.get(USERS["coordinator"], "/portfolios/no")).status_code
    assert 404 == (await lived_in.door("north").get("/events?of=portfolio/ceremony")).status_code


async def test_what_is_not_approved_yet_is_told_to_nobody(lived_in: Town) -> None:
    """An award that waits for its approval is not announced: a member is told nothing of the other's quote or of it."""
    paths = [path.replace("{number}", FIRST) for path in routes(lived_in) if "{number}" in path]
    told = await told_about(lived_in, "lake", paths)

    assert [] == found(told, secrets_of("NORTH", lived_in.house))
    assert told[f"/api/v1/contracts/{FIRST}/decisions"] == "[]"


async def test_a_portfolio_weighs_little(lived_in: Town) -> None:
    """The page with everything that it loads is at most 40 KB, compressed."""
    page = await lived_in.door("coord").get("/portfolios/ceremony")
    loaded = [(await lived_in.door("coord").get(f"/static/{name}")).content for name in SCRIPTS]

    assert sum(len(gzip.compress(each, 9)) for each in (page.content, *loaded)) <= LARGEST
