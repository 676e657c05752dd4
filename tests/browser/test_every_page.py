"""Every page, in both languages, at a desk and on a phone: no barrier, no objection of the browser."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from contracts.task import TaskKind
from lianyue.portal.pages import ROUTERS
from tests.browser.walking import DESK, PHONE, Street
from tests.portal.town import AWARDED, SEALED

NOT_PAGES = {
    *("/", "/events", "/static/htmx.js"),
    *("/contracts.xlsx", "/tasks.xlsx", "/contracts/{number}/agreement.pdf"),
    *("/contracts/{number}/bundle.zip", "/contracts/{number}/at"),
}
PATHS = {
    "/search": "/search?q=物业",
    "/settings": "/settings",
    "/audit": "/audit",
    "/contracts/{number}": f"/contracts/{AWARDED}?show=all",
    "/contracts/{number}/allocation": f"/contracts/{AWARDED}/allocation",
    "/contracts/{number}/agreement": f"/contracts/{AWARDED}/agreement",
    "/contracts/{number}/delivery": f"/contracts/{AWARDED}/delivery",
    "/contracts/{number}/reviews": f"/contracts/{AWARDED}/reviews",
    "/contracts/{number}/audit": f"/contracts/{AWARDED}/audit",
    "/contracts/{number}/at/{event}": f"/contracts/{AWARDED}/at/40",
    "/audit/flags": "/audit/flags",
    "/contracts": "/contracts",
    "/contracts/new": "/contracts/new?category=property",
    "/contracts/{number}/amend": f"/contracts/{AWARDED}/amend",
    "/board": "/board",
    "/portfolios": "/portfolios",
    "/portfolios/{portfolio}": "/portfolios/ceremony",
    "/tasks": "/tasks?tab=started",
    "/alliance": "/alliance",
    "/alliance/{code}": "/alliance/NORTH",
    "/standings": "/standings",
    "/rules": "/rules",
    "/sign-in": "/sign-in",
    "/verify": "/verify",
}
FOUND_THERE = ("/rules/diff", "/rules/{digest}", "/tasks/{task_id:path}")
"""Pages whose addresses are known once the town stands."""


def test_every_page_is_walked() -> None:
    """There is no page that the walk leaves out."""
    pages = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, Route) and "GET" in (route.methods or ())
    }

    assert pages - NOT_PAGES == {*PATHS, *FOUND_THERE}


@pytest.mark.asyncio(loop_scope="package")
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_page_bars_anybody(lived_in: Street, language: str) -> None:
    """Axe finds no violation on any page, the page fits its window, and the browser's console stays empty."""
    walker = await lived_in.walker("coord")
    await walker.speak(language)
    await walker.sign_in()
    paths = {**PATHS, **await _found_there(lived_in)}

    barriers = []
    for name, path in paths.items():
        for size in (DESK, PHONE):
            await walker.page.set_viewport_size(size)
            await walker.go(path)
            await walker.photograph(f"{language}-{size['width']}-{name.strip('/').replace('/', '-') or 'front'}")
            barriers += [f"{path} at {size['width']}: {each}" for each in await walker.barriers()]

    assert [] == barriers, "\n".join(barriers)
    assert [] == walker.objections


@pytest.mark.asyncio(loop_scope="package")
async def test_forms_bar_nobody(lived_in: Street) -> None:
    """A member's form, empty and with faults, is as open to everybody as the other pages."""
    walker = await lived_in.walker("hill")
    await walker.sign_in()
    task = await lived_in.town.house.task(TaskKind.QUOTE, "HILL", SEALED)
    await walker.go(f"/tasks/{task.id}")

    empty = await walker.barriers()
    await walker.page.locator("#form button.main").click()
    await walker.page.locator("#faults").wait_for()
    await walker.photograph("zh-1280-faults")
    faulty = await walker.barriers()

    assert ([], []) == (empty, faulty)
    assert [] == walker.objections


async def _found_there(street: Street) -> dict[str, str]:
    task = await street.town.house.task(TaskKind.QUOTE, "HILL", SEALED)
    editions = street.town.service.scope(street.town.service.viewer("coord")).editions()
    one, other = editions[0].digest, editions[1].digest
    return {
        "/rules/diff": f"/rules/diff?a={one}&b={other}",
        "/rules/{digest}": f"/rules/{one}",
        "/tasks/{task_id:path}": f"/tasks/{task.id}",
    }
