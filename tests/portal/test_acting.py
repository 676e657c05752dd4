"""What is done on the pages is done: quotes, approvals."""

from __future__ import annotations

from contracts.task import TaskKind, TaskState
from lianyue.portal.pages.live import mark
from lianyue.testing import small_contract
from tests.portal.sound import objections
from tests.portal.town import AWARDED, PRICES, SEALED, Town


async def test_a_quote_is_typed_refused_and_sent(fresh: Town) -> None:
    """What does not fit is shown again as typed, with every fault; what fits is sealed, and the page looks again."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    door, to = fresh.door("north"), f"/tasks/{task.id}"
    scope = fresh.service.scope(fresh.service.viewer("north"))
    before = mark(scope, "tasks")

    faulty = await door.post(f"{to}/submit", data={"/price_fen": "六十万", "/price_form": "lump_sum"})
    good = {
        "/price_fen": "６１２，３４５.67",
        "/price_form": "lump_sum",
        "/unit_price_fen": "2.5",
        "/unit_price_per": "1",
        "/quantity": "21,000",
        "/staffing": "12",
        "/validity_days": "90",
    }
    sent = await door.post(f"{to}/submit", data={**good, "_request": "one"})
    again = await door.post(f"{to}/submit", data={**good, "_request": "one"})

    assert 422 == faulty.status_code
    assert 'value="六十万"' in faulty.text
    assert '<a href="#f/price_fen">「报价总额」应在 0.01 至 10,000,000,000 之间，最多 2 位小数</a>' in faulty.text
    assert [] == objections(faulty, "zh")
    assert [(303, "/tasks?done=submitted")] * 2 == [
        (each.status_code, each.headers["location"]) for each in (sent, again)
    ]
    assert TaskState.COMPLETED is scope.task(task.id).state
    assert before != mark(scope, "tasks")
    assert "612,345" not in (await door.get(to)).text


async def test_an_award_is_approved_on_its_page(fresh: Town) -> None:
    """The approver sees who gets how much and why, and approves there; a decline needs a reason."""
    house = fresh.house
    await house.start(small_contract(AWARDED, quoting={"min_quotes": 3, "rounds": 1}), PRICES)
    for member in PRICES:
        await house.answer(TaskKind.QUOTE, member)
    task = await house.task(TaskKind.APPROVE, number=AWARDED)
    user = house.user_for(task)
    door, here = fresh.door(user), f"/contracts/{AWARDED}/allocation"

    page = await door.get(here)
    silent = await door.post(f"/tasks/{task.id}/decline", data={"reason": " "})
    done = await door.post(f"/tasks/{task.id}/submit", data={"/decision": "approve", "_back": here})

    assert '<svg class="chart"' in page.text
    assert "选定方式为" in page.text
    assert f'action="/tasks/{task.id}/submit"' in page.text
    assert 422 == silent.status_code
    assert "请写明理由，至少两个字。" in silent.text
    assert (303, f"{here}?done=submitted") == (done.status_code, done.headers["location"])
    assert TaskState.COMPLETED is house.desk.reading.task(task.id).state
