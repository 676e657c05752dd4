"""One story for each of the four kinds of people, from the sign-in until their work is done, in a real browser."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from contracts.task import TaskKind, TaskState
from lianyue.testing import small_contract
from tests.browser.walking import PHONE, Street
from tests.portal.town import AWARDED, PRICES, SEALED

pytestmark = pytest.mark.asyncio(loop_scope="package")
QUOTE = {
    "price_fen": "612,345.67",
    "unit_price_fen": "2.50",
    "quantity": "21000",
    "staffing": "12",
    "validity_days": "90",
}


async def test_a_member_quotes(fresh: Street) -> None:
    """A member finds the task by the keyboard, types a quote, is told what is wrong, and sends it sealed."""
    house = fresh.town.house
    await house.start(small_contract(SEALED), PRICES)
    task = await house.task(TaskKind.QUOTE, "NORTH", SEALED)
    walker = await fresh.walker("north", PHONE)
    page = await walker.sign_in()

    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/tasks/{task.id}")
    await page.get_by_label("报价总额").fill("很多")
    await _send(page)
    await expect(page.locator("#faults")).to_be_focused()
    await walker.photograph("story-member-faults")
    await _fill(page, QUOTE)
    await page.locator('[name="/unit_price_per"][value="1"]').check()
    await page.locator('[name="/price_form"][value="lump_sum"]').check()
    await _send(page)
    await page.wait_for_url("**/tasks?done=submitted")
    await expect(page.get_by_role("status")).to_have_text("已提交。")
    await walker.photograph("story-member-done")

    assert TaskState.COMPLETED is house.desk.reading.task(task.id).state
    assert [] == await walker.barriers()
    assert [] == walker.objections


async def test_a_coordinator_follows_and_approves(fresh: Street) -> None:
    """A coordinator sees a contract move by itself, reads why it was awarded, and an approver approves on that page."""
    house = fresh.town.house
    await house.start(small_contract(AWARDED, quoting={"min_quotes": 3, "rounds": 1}), PRICES)
    coordinator = await fresh.walker("coord")
    page = await coordinator.sign_in()
    await page.goto(f"{fresh.address}/contracts/{AWARDED}")
    for member in PRICES:
        await house.answer(TaskKind.QUOTE, member)
    await expect(page.locator(".stages [aria-current=step]")).to_have_text("已报价")

    task = await house.task(TaskKind.APPROVE, number=AWARDED)
    approver = await fresh.walker(house.user_for(task))
    desk = await approver.sign_in()
    await approver.go(f"/contracts/{AWARDED}/allocation")
    await expect(desk.locator("svg.chart").first).to_be_visible()
    await approver.photograph("story-approver-allocation")
    await desk.get_by_role("button", name="批准", exact=True).first.click()
    await desk.wait_for_url("**/allocation?done=submitted")
    await house.answer(TaskKind.APPROVE)
    await expect(page.locator(".stages [aria-current=step]")).to_have_text("已分配")
    await coordinator.photograph("story-coordinator-awarded")

    assert [] == [*coordinator.objections, *approver.objections]


async def test_a_client_accepts_a_delivery(fresh: Street) -> None:
    """A client sees the delivery arrive in an inbox that lies open, and accepts it with a score."""
    house = fresh.town.house
    await house.start(small_contract(AWARDED, quoting={"min_quotes": 3, "rounds": 1}), PRICES)
    for member in PRICES:
        await house.answer(TaskKind.QUOTE, member)
    await house.approve()
    await house.sign_all()
    walker = await fresh.walker("buyer")
    page = await walker.sign_in()

    await house.answer(TaskKind.DELIVER)
    row = page.locator("[data-row]", has=page.locator(".k-accept"))
    await expect(row).to_have_count(1)
    await row.locator("a").first.click()
    await walker.photograph("story-client-accept")
    await page.locator('[name="/decision"][value="accepted"]').check()
    await page.locator('[name="/score_bp"]').fill("93")
    await _send(page)
    await page.wait_for_url("**/tasks?done=submitted")
    await house.until(lambda: bool(house.desk.reading.settlements(AWARDED)))

    assert [] == walker.objections


async def test_an_auditor_replays(lived_in: Street) -> None:
    """An auditor searches a contract, has it replayed, and reads every check."""
    walker = await lived_in.walker("auditor")
    page = await walker.sign_in()

    await page.keyboard.press("/")
    await page.keyboard.type(AWARDED)
    await page.keyboard.press("Enter")
    await page.locator(f'main a[href="/contracts/{AWARDED}"]').click()
    await page.get_by_role("link", name="审计", exact=True).last.click()
    await page.get_by_role("button", name="重放").click()
    await expect(page.get_by_text("重放一致")).to_be_visible()
    await walker.photograph("story-auditor-replayed")

    assert [] == await walker.barriers()
    assert [] == walker.objections


async def test_the_keyboard_is_enough(lived_in: Street) -> None:
    """The keys j and k move, x picks, / searches, ? explains, Escape closes."""
    walker = await lived_in.walker("coord")
    page = await walker.sign_in()
    await walker.go("/tasks?tab=started")

    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator("[data-count]")).to_have_text("1")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#keys")).to_be_hidden()
    await page.keyboard.press("/")
    await expect(page.locator("#q")).to_be_focused()

    assert [] == walker.objections


async def test_nothing_is_lost_between_a_page_and_its_stream(fresh: Street) -> None:
    """What happens after a page was drawn and before its stream began is shown, too."""
    house = fresh.town.house
    await house.start(small_contract(AWARDED, quoting={"min_quotes": 3, "rounds": 1}), PRICES)
    task = await house.task(TaskKind.QUOTE, "NORTH", AWARDED)
    walker = await fresh.walker("north")
    page = await walker.sign_in()
    row = page.locator("[data-row]")
    await expect(row).to_have_count(1)

    async def late(route: Route) -> None:
        if (await asyncio.to_thread(house.desk.reading.task, task.id)).is_open:
            await house.desk.submit(task.id, "north.deputy", house.usual(task))
        await route.continue_()

    await page.route("**/events?*", late)
    await page.reload()
    await expect(row).to_have_count(0)

    assert [] == walker.objections


async def _fill(page: Page, answers: dict[str, str]) -> None:
    for path, text in answers.items():
        await page.locator(f'[name="/{path}"]').fill(text)


async def _send(page: Page) -> None:
    await page.locator("#form button.main").click()
