"""A portfolio from its batch to its end: decided once, approved as a whole, and again for whoever falls out."""

from __future__ import annotations

import tempfile

from sqlmodel import select

from contracts.errors import Invalid
from contracts.organisation import Actor, Role
from contracts.service_contract import Cancellation
from contracts.task import CoSignMode, CoSignRequest, Decline, TaskKind
from contracts.voucher import KnownBy
from lianyue.audit.exporting import exported
from lianyue.audit.rebuild import compared, rebuilt
from lianyue.audit.replay import audit_contract
from lianyue.audit.together import body_of
from lianyue.audit.verifying import verify_bundle
from lianyue.desk.batch_signing import sign_all
from lianyue.documents.filed import Shelf, filed
from lianyue.documents.rendered import DocumentKind
from lianyue.records.engine import Database, Synchronous
from lianyue.records.tables import ReservationRow
from lianyue.records.upgrade import upgrade
from lianyue.testing import MEMBERS, House, small_contract, small_portfolio
from tests.lianyue.audit.bundles import restated
from tests.lianyue.documents.reading import text_of

FIRST, SECOND, THIRD = (f"LY-2025-000{place}" for place in (1, 2, 3))


def prices(*millions: int) -> dict[str, int]:
    """What NORTH, LAKE and HILL ask, in millions of fen."""
    return {code: million * 1_000_000 for code, million in zip(MEMBERS, millions, strict=True)}


def selected(home: House, number: str) -> tuple[str, ...]:
    """Who was last selected for a contract."""
    return home.desk.reading.decisions(number)[-1].decision.selected


def reserved(home: House, number: str) -> dict[str, int]:
    """What is reserved for a contract, by member."""
    with home.wiring.database.reading() as session:
        rows = session.exec(select(ReservationRow).where(ReservationRow.number == number)).all()
    return {row.member: row.amount_fen for row in rows if not row.is_released}


async def test_contracts_are_decided_together_run_on_alone_and_are_proven(home: House) -> None:
    """
    Both would go to the cheapest; as nobody has more than one, the cheaper exchange goes to the second.

    The approval sheet of each says who approved the whole. The audit replays the portfolio, decides it again, and finds
    a changed body.
    """
    await home.start_together({FIRST: prices(60, 63, 64), SECOND: prices(60, 61, 64)})
    await home.answer_all(TaskKind.QUOTE, 6)
    await home.approve()
    await home.sign_all(6)
    outcome = await home.portfolio_outcome()

    assert {FIRST: ("NORTH",), SECOND: ("LAKE",)} == {number: selected(home, number) for number in (FIRST, SECOND)}
    assert ((FIRST, SECOND), {}, 1) == (outcome.settled, outcome.left, outcome.decisions)
    note = home.desk.reading.decisions(SECOND)[-1].decision.note
    assert "组合ceremony整体决定；价格第2名（共3家）；NORTH低10,000.00 元，但会违反one-each（每家至多一份）" == note
    approvals = home.desk.reading.board("portfolio/ceremony")
    assert [] == [task.id for task in approvals if f"{task.answered_by.user}" not in _sheet(home, SECOND)]
    await _proven(home)


def _sheet(home: House, number: str) -> str:
    """The text of the approval sheet."""
    wiring = home.wiring
    papers = Shelf(wiring.reading, wiring.directory, wiring.records, wiring.categories["property"])
    return text_of(filed(papers, number, DocumentKind.APPROVAL))


async def _bundled_and_rebuilt(home: House) -> None:
    """The bundle of each holds the portfolio's part and proves it; without that part it proves nothing."""
    for number in (FIRST, SECOND):
        raw = exported(home.wiring, number)
        assert [] == [check for check in await verify_bundle(raw) if not check.ok]
    without = restated(raw, lambda _: {"together": None})
    (missing,) = [check for check in await verify_bundle(without) if check.name == "portfolio"]
    assert "portfolio ceremony, which decided the contract, is not in the bundle" == missing.detail
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/again.sqlite"
        upgrade(url)
        empty = Database(url, Synchronous.OFF)
        assert [] == await rebuilt(home.wiring, empty)
        assert [] == [check for check in compared(home.wiring.database, empty) if not check.ok]
        empty.close()


async def _proven(home: House) -> None:
    """Both contracts end, and the audit of the second finds what was decided together as it was."""
    await home.until(lambda: bool(home.wiring.portfolios.histories("ceremony")))
    for number in (FIRST, SECOND):
        await home.desk.cancel(number, "coord", Cancellation(reason="演练结束"))
        await home.outcome(number)
        await home.until(lambda number=number: bool(home.desk.reading.histories(number)))
    await _bundled_and_rebuilt(home)
    report = await audit_contract(home.wiring, SECOND)
    changed = _body_changed(home)

    checked = [check.name.partition(" ")[0] for check in report.checks]
    assert [] == [check for check in report.checks if not check.ok]
    assert {"replay", "allocate", "take_up"} <= set(checked)
    assert "replay portfolio/ceremony" in [check.name for check in report.checks]
    assert changed == "decision 1 of ceremony is not the one whose digest was recorded"
    history = home.wiring.portfolios.histories("ceremony")[0]
    assert (history.events < 120, len(history.zlibbed) < 12_000) == (True, True)


def _body_changed(home: House) -> str:
    (kept,) = home.wiring.portfolios.decisions("ceremony")
    forged = kept.model_copy(update={"body_json": kept.body_json.replace("61000000", "61000001", 1)})
    try:
        body_of(forged)
    except Invalid as error:
        return error.message
    return ""


async def test_who_refuses_to_sign_is_replaced_with_the_rest_as_it_stands(home: House) -> None:
    """NORTH refuses its contract; LAKE has one already and keeps it, so that only HILL is left."""
    await home.start_together({FIRST: prices(60, 61, 64), SECOND: prices(63, 60, 64)})
    await home.answer_all(TaskKind.QUOTE, 6)
    await home.approve()
    refused = await home.task(TaskKind.SIGN, "NORTH")
    await home.desk.act("decline", Decline, refused.id, "north", reason="人手不足")
    await home.approve()
    await home.until(lambda: selected(home, FIRST) == ("HILL",))
    await home.sign_all(6)
    outcome = await home.portfolio_outcome()

    assert ((FIRST, SECOND), 2) == (outcome.settled, outcome.decisions)
    assert ("LAKE",) == selected(home, SECOND)
    assert 1 == len(home.desk.reading.decisions(SECOND))


async def test_who_falls_out_with_nobody_left_comes_to_its_own_end(home: House) -> None:
    """Where the rules leave nobody for a refused contract, it ends with a reason that names them."""
    await home.start_together({FIRST: prices(60, 61, 64), SECOND: prices(63, 60, 64)}, excluded=("HILL",))
    await home.answer_all(TaskKind.QUOTE, 4)
    await home.approve()
    refused = await home.task(TaskKind.SIGN, "NORTH", FIRST)
    await home.desk.act("decline", Decline, refused.id, "north", reason="人手不足")
    await home.until(lambda: home.verbs(FIRST)[-1] == "failed")
    await home.sign_all(3)
    outcome = await home.portfolio_outcome()

    assert ((SECOND,), {FIRST: "规则不能同时满足：one-each（每家至多一份）"}) == (outcome.settled, outcome.left)


async def test_of_several_that_fall_out_together_each_has_what_is_left(home: House) -> None:
    """
    NORTH refuses all three; of two that only HILL can still take, HILL may take one.

    Together they cannot be had, so that they are tried one by one: the first goes to HILL, the other ends.
    """
    few = {"id": "few", "type": "max_contracts", "value": 1, "title": "山南至多一份", "of": {"member": "HILL"}}
    asked = {number: prices(60, 61, 64) for number in (FIRST, SECOND, THIRD)}
    await home.start_together(asked, small_portfolio(few))
    for number in (SECOND, THIRD):
        task = await home.task(TaskKind.QUOTE, "LAKE", number)
        await home.desk.act("decline", Decline, task.id, "lake", reason="产能不足")
    await home.answer_all(TaskKind.QUOTE, 7)
    await home.approve()
    for number in (FIRST, SECOND, THIRD):
        task = await home.task(TaskKind.SIGN, "NORTH", number)
        await home.desk.act("decline", Decline, task.id, "north", reason="人手不足")
        await home.task(TaskKind.APPROVE)
    await home.approve()
    await home.until(lambda: selected(home, FIRST) == ("LAKE",))
    await home.approve()
    await home.sign_all(6)
    outcome = await home.portfolio_outcome()

    assert {FIRST: ("LAKE",), SECOND: ("HILL",)} == {number: selected(home, number) for number in (FIRST, SECOND)}
    assert ((FIRST, SECOND), {THIRD: "规则不能同时满足：few（山南至多一份）"}) == (outcome.settled, outcome.left)
    assert 5 == outcome.decisions, "the whole, the first again, both together in vain, and each for itself"


async def test_what_is_cancelled_while_it_is_approved_is_decided_without(home: House) -> None:
    """A contract is cancelled before the approval: the rest is decided again, and NORTH is free for it."""
    await home.start_together({FIRST: prices(60, 63, 64), SECOND: prices(60, 61, 64)})
    await home.answer_all(TaskKind.QUOTE, 6)
    await home.task(TaskKind.APPROVE)
    await home.desk.cancel(FIRST, "coord", Cancellation(reason="项目终止"))
    await home.until(lambda: selected(home, SECOND) == ("NORTH",))
    await home.approve()
    await home.sign_all(3)
    outcome = await home.portfolio_outcome()

    assert ((SECOND,), {FIRST: "项目终止"}, 2) == (outcome.settled, outcome.left, outcome.decisions)
    assert {} == reserved(home, FIRST)


async def test_rules_that_conflict_are_named_and_give_way_by_priority(home: House) -> None:
    """Two contracts of one bidder, one each: the coordinator is shown the rule and what leaving it out costs."""
    await home.start_together({FIRST: prices(60, 61, 64), SECOND: prices(63, 60, 64)}, excluded=("HILL", "LAKE"))
    await home.answer_all(TaskKind.QUOTE, 2)
    task = await home.task(TaskKind.ADJUST)
    await home.desk.submit(task.id, "deputy", {"decision": "relax", "step": 1, "reason": "只有一家报价"})
    await home.approve()
    await home.sign_all(6)
    outcome = await home.portfolio_outcome()

    assert "规则不能同时满足：one-each（每家至多一份）" == task.subject["says"]
    assert "放弃 one-each：总价 1,230,000.00 元" == task.subject["step_1"]
    assert {FIRST: ("NORTH",), SECOND: ("NORTH",)} == {number: selected(home, number) for number in (FIRST, SECOND)}
    assert (FIRST, SECOND) == outcome.settled


async def test_nobody_gives_way_and_everything_ends(home: House) -> None:
    """The coordinator may also let the portfolio go; every contract ends with the reason."""
    await home.start_together({FIRST: prices(60, 61, 64), SECOND: prices(63, 60, 64)}, excluded=("HILL", "LAKE"))
    await home.answer_all(TaskKind.QUOTE, 2)
    task = await home.task(TaskKind.ADJUST)
    await home.desk.submit(task.id, "deputy", {"decision": "cancel", "reason": "重新招募"})
    outcome = await home.portfolio_outcome()

    reason = "规则不能同时满足：one-each（每家至多一份）；重新招募"
    assert ((), {FIRST: reason, SECOND: reason}) == (outcome.settled, outcome.left)


async def test_an_override_is_decided_and_approved_by_others(home: House) -> None:
    """An approval is refused; LAKE must have the first, and whoever said so does not approve it."""
    await home.start_together({FIRST: prices(60, 63, 64), SECOND: prices(60, 61, 64)})
    await home.answer_all(TaskKind.QUOTE, 6)
    approval = await home.task(TaskKind.APPROVE)
    await home.desk.act("decline", Decline, approval.id, "desk", reason="一期应由湖岸承接")
    task = await home.task(TaskKind.ADJUST)
    overrides = [{"contract": FIRST, "member": "LAKE", "rule": "require"}]
    answer = {"decision": "override", "overrides": overrides, "reason": "一期由湖岸熟悉"}
    await home.desk.submit(task.id, "deputy", answer)
    await home.until(lambda: selected(home, FIRST) == ("LAKE",))
    await home.approve()
    await home.sign_all(6)
    await home.portfolio_outcome()

    assert "desk未批准：一期应由湖岸承接" == task.subject["says"]
    assert ("NORTH",) == selected(home, SECOND)


async def test_too_few_quotes_are_no_reason_to_wait(home: House) -> None:
    """A contract nobody quotes for falls out; the portfolio is decided without it."""
    asked = {FIRST: prices(60, 61, 64), SECOND: prices(60, 61, 64)}
    await home.start_together(asked, quoting={"mode": "invited", "rounds": 1})
    for member in MEMBERS:
        task = await home.task(TaskKind.QUOTE, member, FIRST)
        await home.desk.submit(task.id, home.user_for(task), home.usual(task))
        task = await home.task(TaskKind.QUOTE, member, SECOND)
        await home.desk.act("decline", Decline, task.id, home.user_for(task), reason="产能不足")
    await home.approve()
    await home.sign_all(3)
    outcome = await home.portfolio_outcome()

    assert ((FIRST,), {SECOND: "1轮询价后只有0家报价"}) == (outcome.settled, outcome.left)


async def test_the_portfolio_begins_with_the_first_word_and_once(home: House) -> None:
    """
    A contract that is ready before its portfolio is registered waits, and its word begins it.

    Started again nothing changes; other rules are refused; who joins later is decided with the rest as it stands.
    """
    document = small_portfolio()
    home.script = home.script.model_copy(update={"quotes": {FIRST: prices(60, 61, 64)}})
    await home.desk.register(small_contract(FIRST), "coord", "ceremony")
    await home.desk.run_registered(FIRST)
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.until(lambda: "joined" in home.verbs(FIRST))
    coordinator = Actor(user="coord", company="OFFICE", roles=(Role.COORDINATOR,))
    await home.desk.portfolios.register(document, [FIRST], coordinator, KnownBy.NAMED)
    await home.approve()
    again = await home.desk.start_portfolio(document, [FIRST], "coord")
    other = small_portfolio({"id": "one-each", "type": "max_contracts", "value": 2})
    refused = await home.refusal(home.desk.start_portfolio(other, [FIRST], "coord"))
    await home.start_together({SECOND: prices(60, 61, 64)}, document)
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()

    assert (False, "already-started") == (again.first, refused.code)
    assert {FIRST: ("NORTH",), SECOND: ("LAKE",)} == {number: selected(home, number) for number in (FIRST, SECOND)}


async def test_one_signature_that_fails_blocks_no_other(home: House) -> None:
    """NORTH signs in one go; the document for which consent is still wanted is told, and the other is signed."""
    both = small_portfolio({"id": "most", "type": "max_contracts", "value": 2})
    await home.start_together({FIRST: prices(60, 63, 64), SECOND: prices(60, 61, 64)}, both)
    await home.answer_all(TaskKind.QUOTE, 6)
    await home.approve()
    waits = await home.task(TaskKind.SIGN, "NORTH", FIRST)
    await home.task(TaskKind.SIGN, "NORTH", SECOND)
    asked = {"to": ["north.deputy"], "mode": CoSignMode.BEFORE, "reason": "请先复核"}
    await home.desk.act("add_sign", CoSignRequest, waits.id, "north", **asked)
    results = await sign_all(home.desk, "north", "in-one-go")
    again = await sign_all(home.desk, "north", "in-one-go")

    assert [(waits.id, True), (f"{SECOND}/sign/v1:sign-NORTH", False)] == [
        (each.task, each.error is not None) for each in results
    ]
    assert [waits.id] == [each.task for each in again]
    assert "role-missing" == (await home.refusal(sign_all(home.desk, "desk"))).code
