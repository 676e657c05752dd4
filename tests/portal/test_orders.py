"""What coordinators order by a form: contracts are started and amended, faults stand at their fields."""

from __future__ import annotations

from contracts.order_forms import Choices, amending_form, starting_form
from contracts.service_contract import Amendment, ServiceContract
from contracts.task import TaskKind
from lianyue.packs import categories
from lianyue.portal.entries import read
from lianyue.testing import small_contract
from rules.forms import violations
from tests.portal.sound import objections
from tests.portal.town import AWARDED, PRICES, SEALED, Town

TYPED = {
    "/number": SEALED,
    "/title": "港口三期物业服务",
    "/client": "HARBOUR",
    "/park": "lingang",
    "/value_fen": "64万",
    "/quantity": "21,000",
    "/starts_on": "2025-08-01",
    "/ends_on": "2025-07-31",
    "/terms/site": "港口三期",
    "/terms/price_form": "lump_sum",
    "/terms/scope": "综合管理",
    "/terms/service_grade": "2",
    "/needs/m2": "21000",
    "/quoting/min_quotes": "2",
    "/candidates/0": "NORTH",
    "/candidates/3": "LAKE",
}
NEW = "/contracts/new?category=property"


async def test_a_contract_is_started_by_a_form(fresh: Town) -> None:
    """Faults are shown at their fields, in words; what fits is started once, in fen, and asks whom it names."""
    door = fresh.door("coord")

    faulty = await door.post(NEW, data=TYPED)
    backwards = await door.post(NEW, data={**TYPED, "/value_fen": "640,000.00"})
    fits = {**TYPED, "/value_fen": "640,000.00", "/ends_on": "2026-07-31"}
    started, again = [await door.post(NEW, data=fits) for _ in range(2)]
    other = await door.post(NEW, data={**fits, "/title": "港口四期物业服务"})
    page = await door.get(started.headers["location"])

    assert (422, 422, 409) == (faulty.status_code, backwards.status_code, other.status_code)
    assert 'value="64万"' in faulty.text
    assert '<a href="#f/value_fen">「预算」应在 0.01 至 10,000,000,000,000 之间，最多 2 位小数</a>' in faulty.text
    assert '<a href="#f/ends_on">服务期至少一天，终止日不能早于起始日</a>' in backwards.text
    assert '<a href="#f/number">这个编号已用于另一份内容不同的合同，请换一个编号。</a>' in other.text
    assert [[], [], []] == [objections(each, "zh") for each in (faulty, backwards, other)]
    assert [f"/contracts/{SEALED}?done={done}" for done in ("started", "started_before")] == [
        each.headers["location"] for each in (started, again)
    ]
    assert "合同已启动。" in page.text
    contract = fresh.house.desk.reading.order(SEALED).contract
    assert (64_000_000, {"m2": 21_000}, ("NORTH", "LAKE")) == (contract.value_fen, contract.needs, contract.candidates)


async def test_nobody_else_starts_anything(fresh: Town) -> None:
    """For whoever is no coordinator of the office there is no such form, and nothing is started."""
    answers = [
        await door.request(method, path, **sent)
        for door in (fresh.door("north"), fresh.door("council1"))
        for method, path, sent in (("GET", NEW, {}), ("POST", NEW, {"data": TYPED}), ("POST", "/contracts/new", {}))
    ]

    assert {404} == {each.status_code for each in answers}
    assert () == fresh.house.desk.reading.contracts()


async def test_a_signed_contract_is_amended_by_a_form(fresh: Town) -> None:
    """A change that changes nothing is told at the field, one at the wrong time above the form; else it is signed."""
    house, door, here = fresh.house, fresh.door("coord"), f"/contracts/{AWARDED}/amend"
    await house.start(small_contract(AWARDED, quoting={"min_quotes": 3, "rounds": 1}), PRICES)
    early = await door.post(here, data={"/reason": "面积核减", "/value_fen": "590000"})
    for member in PRICES:
        await house.answer(TaskKind.QUOTE, member)
    await house.approve()
    await house.sign_all()
    await house.task(TaskKind.DELIVER)

    nothing = await door.post(here, data={"/reason": "面积核减", "/terms/posts": ""})
    done = await door.post(here, data={"/reason": "面积核减", "/value_fen": "590000", "/terms/posts": "9"})
    await house.task(TaskKind.SIGN, number=AWARDED)

    assert (409, 422, 303) == (early.status_code, nothing.status_code, done.status_code)
    assert 'role="alert">现在不能这样做' in early.text
    assert '<a href="#f/value_fen">请填写新的合同额、顺延天数或服务要求中的至少一项</a>' in nothing.text
    assert "amendment_proposed" in house.verbs(AWARDED)
    changed = house.desk.reading.agreements(AWARDED)[-1].version.agreement
    assert (59_000_000, 9) == (changed.total_fen, changed.terms["posts"])


def test_what_fits_a_form_fits_the_model() -> None:
    """In every category what the form asks for is of the contract or the change, and bounded as it is there."""
    nobody = Choices((), (), (), ())
    for category in categories().values():
        start, change = starting_form(category, nobody), amending_form(category)

        assert set(start["properties"]) <= set(ServiceContract.model_fields)
        assert set(change["properties"]) == set(Amendment.model_fields)
        assert () == violations(change, read(change, {"/reason": "面积核减", "/value_fen": "0.01"}))
        assert ["/value_fen"] == [
            fault.path for fault in violations(change, read(change, {"/reason": "面积核减", "/value_fen": "0"}))
        ]
