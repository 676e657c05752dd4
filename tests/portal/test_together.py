"""Inbox, drafts, copies and stand-ins over HTTP; and two people who act at once, of whom one wins."""

from __future__ import annotations

import asyncio
import time

import pytest

from contracts.calendar import iso_day
from contracts.organisation import Role
from contracts.task import TaskKind
from lianyue.portal.pulse import Pulse
from lianyue.testing import small_contract
from tests.portal.town import AWARDED, PRICES, SEALED, Town

REFUSED = (403, 409)


async def test_two_claim_and_one_has_it(fresh: Town) -> None:
    """Two colleagues claim a task at the same moment: one has it, the other is told that it is taken."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)

    answers = await asyncio.gather(*(fresh.post(user, f"/tasks/{task.id}/claim") for user in ("north", "north.deputy")))

    won, lost = sorted(answers, key=lambda each: each.status_code)
    assert (200, "claimed") == (won.status_code, won.json()["state"])
    assert lost.status_code in REFUSED
    assert lost.json()["error"]["code"] in ("not-your-task", "wrong-state")


async def test_two_answer_and_one_answer_counts(fresh: Town) -> None:
    """Two colleagues send a quote at the same moment: one is sealed, the other one is refused, and there is one."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    body = {"content": fresh.house.usual(task)}

    answers = await asyncio.gather(
        *(fresh.post(user, f"/tasks/{task.id}/submit", body) for user in ("north", "north.deputy"))
    )

    assert [200, 409] == sorted(each.status_code for each in answers)
    assert 1 == len((await fresh.get("north", f"/contracts/{SEALED}/quotes")).json()["sealed"])


async def test_who_has_an_old_page_is_told(fresh: Town) -> None:
    """An act on a revision that is gone is a conflict, also from a page."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    await fresh.post("north", f"/tasks/{task.id}/claim")

    stale = await fresh.post(
        "north", f"/tasks/{task.id}/return", {"reason": "不归我", "expected_revision": task.revision}
    )
    page = await fresh.door("north.deputy").post(f"/tasks/{task.id}/claim")

    assert (409, "stale-revision") == (stale.status_code, stale.json()["error"]["code"])
    assert page.status_code in REFUSED
    assert 'role="alert"' in page.text


async def test_a_draft_is_ones_own(fresh: Town) -> None:
    """What is laid down comes back in API and page, to nobody else, and is gone once the answer is given."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    to, half = f"/tasks/{task.id}", {"price_fen": 61_234_599}

    kept = await fresh.door("north").put(f"/api/v1{to}/draft", json={"content": half})
    page = (await fresh.door("north").get(to)).text
    others = [(await fresh.get(user, f"{to}/draft")).text for user in ("north.deputy", "coord", "lake")]
    typed = {"/price_fen": "六十万", "/price_form": "lump_sum"}
    by_itself = await fresh.door("north").post(f"{to}/draft", data=typed, headers={"x-draft": "by itself"})
    again = (await fresh.door("north").get(to)).text
    foreign = await fresh.door("lake").put(f"/api/v1{to}/draft", json={"content": half})
    await fresh.post("north", f"{to}/submit", {"content": fresh.house.usual(task)})

    assert (200, 204, 404) == (kept.status_code, by_itself.status_code, foreign.status_code)
    assert 'value="612,345.99"' in page
    assert 'value="六十万"' in again
    assert not any("61234599" in text for text in others)
    assert {"task": task.id, "draft": None} == (await fresh.get("north", f"{to}/draft")).json()


async def test_copies_are_read(fresh: Town) -> None:
    """Whoever is informed finds the task under 抄送我, counted until it is read; nobody else does."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)

    copied = await fresh.post("north", f"/tasks/{task.id}/copy", {"to": ["north.deputy"]})
    unread = (await fresh.get("north.deputy", "/tasks?tab=copied")).json()
    page = await fresh.door("north.deputy").get("/tasks?tab=copied")
    marked = [(await fresh.post("north.deputy", f"/tasks/{task.id}/read")).json()["first"] for _ in range(2)]
    nobody = await fresh.post("lake", f"/tasks/{task.id}/read")

    assert 200 == copied.status_code
    assert (1, [task.id]) == (unread["counts"]["copied"], [each["task"] for each in unread["copies"]])
    assert "未阅" in page.text
    assert [True, False] == marked
    assert 404 == nobody.status_code


async def test_a_stand_in_acts_for_the_absent(fresh: Town) -> None:
    """A colleague's task stands in the inbox of who stands in, and the page says for whom it is answered."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    await fresh.post("north", f"/tasks/{task.id}/claim")
    today = fresh.house.wiring.today()
    body = {"to": "north.deputy", "from": iso_day(today), "until": iso_day(today + 9), "reason": "休假"}
    door = fresh.door("north.deputy")

    given = await fresh.post("north", "/mandates", {**body, "scope": "tasks"})
    inbox, page = await door.get("/tasks"), await door.get(f"/tasks/{task.id}")
    sent = await door.post(f"/tasks/{task.id}/decline", data={"reason": "产能不足"})
    listed = [len((await fresh.get(user, "/mandates")).json()["mandates"]) for user in ("north", "lake", "auditor")]

    answered = fresh.house.desk.reading.task(task.id).answered_by
    assert (201, 303) == (given.status_code, sent.status_code)
    assert "代" in inbox.text
    assert "您代" in page.text
    assert answered is not None
    assert answered.mandate is not None
    assert ("north.deputy", "north") == (answered.user, answered.mandate.principal)
    assert [1, 0, 1] == listed


async def test_what_outlasts_a_token_takes_all_roles(fresh: Town) -> None:
    """A token that is limited to one role hands nothing over that reaches beyond it."""
    token = fresh.token("coord", Role.SIGNER)
    body = {"to": "council1", "from": "2025-07-01", "until": "2025-08-01", "reason": "休假", "scope": "approvals"}
    async with fresh.knocking(Authorization=f"Bearer {token}") as door:
        refused = await door.post("/api/v1/mandates", json=body)

    assert (403, "role-missing") == (refused.status_code, refused.json()["error"]["code"])


async def test_several_are_urged_and_handed_over(fresh: Town) -> None:
    """One result for each task; the same request again is the same answer."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    own = (await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)).id
    other = own.replace("NORTH", "LAKE")
    body, key = {"tasks": [own, other], "to": "north.deputy", "reason": "出差"}, {"Idempotency-Key": "many"}

    first, again = [(await fresh.post("north", "/tasks/several/transfer", body, **key)).json() for _ in range(2)]
    neither = await fresh.post("coord", "/tasks/several/remind", {})

    assert first == again
    assert [("claimed", None), (None, "not-there")] == [
        (each["receipt"] and each["receipt"]["state"], each["error"] and each["error"]["code"])
        for each in first["results"]
    ]
    assert 422 == neither.status_code


async def test_a_batch_starts_what_can_be_started(fresh: Town) -> None:
    """A row that does not fit is its own result, with its place, and stops no other."""
    rows = [small_contract(SEALED).model_dump(mode="json"), {"number": "LY-2025-0002"}, "nothing"]

    told = (await fresh.post("coord", "/contracts/start-batch", {"contracts": rows})).json()
    again = (await fresh.post("coord", "/contracts/start-batch", {"contracts": rows[:1]})).json()

    assert (1, 2) == (told["started"], told["failed"])
    assert [(1, True, None), (2, None, "malformed-document"), (3, None, "malformed-document")] == [
        (each["row"], each["first"], each["error"] and each["error"]["code"]) for each in told["results"]
    ]
    assert (0, False) == (again["started"], again["results"][0]["first"])


@pytest.mark.asyncio(loop_scope="package")
async def test_other_rules_are_thought_through(lived_in: Town) -> None:
    """Overseers ask what another edition would have decided, by name or by text; members find nothing there."""
    same = await lived_in.post("auditor", f"/rules/whatif/{AWARDED}", {"policy": "property", "language": "en"})
    faulty = await lived_in.post("coord", f"/rules/whatif/{AWARDED}", {"text": "kind: AllocationPolicy\n"})
    file = await lived_in.post("coord", f"/rules/whatif/{AWARDED}", {"policy": "/etc/hostname"})
    member = await lived_in.post("north", f"/rules/whatif/{AWARDED}", {"policy": "property"})
    page = await lived_in.door("coord").post(f"/contracts/{AWARDED}/allocation", data={"policy": "property"})

    assert [False] == [each["award_changed"] for each in same.json()["decisions"]]
    assert [(422, "rule-problems"), (422, "unknown-name"), (404, "not-there")] == [
        (each.status_code, each.json()["error"]["code"]) for each in (faulty, file, member)
    ]
    assert "中选与份额不变" in page.text


async def test_orders_and_mandates_are_given_on_pages(fresh: Town) -> None:
    """A coordinator suspends a contract on its page, and hands over in the settings what may be handed over."""
    await fresh.house.start(small_contract(SEALED), PRICES)
    await fresh.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    today = fresh.house.wiring.today()
    door, to = fresh.door("coord"), f"/contracts/{SEALED}"
    grant = {"first": iso_day(today), "until": iso_day(today + 5), "reason": "休假", "scope": "tasks"}

    silent = await door.post(f"{to}/order", data={"verb": "suspend", "reason": " "})
    done = await door.post(f"{to}/order", data={"verb": "suspend", "reason": "争议"})
    handed = await door.post("/settings/mandates", data={**grant, "to": "deputy"})
    outside = await door.post("/settings/mandates", data={**grant, "to": "north"})

    assert (422, 303, 303, 403) == tuple(each.status_code for each in (silent, done, handed, outside))
    assert "恢复合同" in (await door.get(to)).text
    assert "收回" in (await door.get("/settings")).text
    assert [("coord", "deputy")] == [
        (each.grant.principal, each.grant.delegate) for each in fresh.house.wiring.mandates.all()
    ]


async def test_whoever_watches_is_woken_at_once() -> None:
    """Everybody who waits is woken by the next thing that is written, and by nothing else; one look serves all."""
    beat, looks = 1, 0

    def look() -> int:
        nonlocal looks
        looks += 1
        return beat

    pulse = Pulse(look)
    began = time.monotonic()
    waiting = [asyncio.create_task(pulse.after(1, 20)) for _ in range(50)]
    await asyncio.sleep(0.35)
    quiet = [each for each in waiting if each.done()]
    beat = 2
    woken = await asyncio.gather(*waiting)

    assert ([], {2}) == (quiet, set(woken))
    assert time.monotonic() - began < 10
    assert looks < 50
