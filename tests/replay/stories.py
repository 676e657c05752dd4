"""The stories whose histories are kept: together they take every turn that a contract can take."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable

from contracts.agreement import AgreementState
from contracts.approval import MandateGrant
from contracts.calendar import epoch_day
from contracts.service_contract import Amendment, Cancellation, Resumption, Suspension
from contracts.task import (
    Claim,
    CopyRequest,
    CoSignMode,
    CoSignRequest,
    Decline,
    Delegation,
    GiveBack,
    Reminder,
    TaskKind,
    Transfer,
    Withdrawal,
)
from lianyue.testing import PRICES, House, exception_text, greening_contract, small_contract

Story = Callable[[House], Awaitable[None]]

NUMBER = "LY-2025-0001"
MILESTONES = 5
OVER = {"from": "2025-07-01", "to": "2025-07-20"}


async def divided_whole_life(home: House) -> None:
    """Three members share a contract, deliver side by side, and are reviewed."""
    prices = {"NORTH": 90_000_000, "LAKE": 90_000_000, "HILL": 90_000_000}
    await home.start(greening_contract(policy="greening"), prices)
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.task(TaskKind.SIGN)
    members = home.desk.reading.agreements(NUMBER)[0].version.agreement.members
    await home.sign_all(len(members) + 2)
    plan = home.desk.reading.agreements(NUMBER)[0].version.agreement
    for member in members:
        await home.task(TaskKind.DELIVER, member)
    for _ in range(len(plan.instalments) // len(members)):
        for member in members:
            await home.answer(TaskKind.DELIVER, member)
            await home.answer(TaskKind.ACCEPT)
    await home.review_all(len(members))


async def refused_and_cascaded(home: House) -> None:
    """The first refuses to sign, the second lets the signature expire, the third delivers, and nobody rates it."""
    await _to_signature(home)
    refused = await home.task(TaskKind.SIGN, "NORTH")
    await home.desk.act("decline", Decline, refused.id, "north", reason="人手不足")
    await home.approve()
    await home.answer(TaskKind.SIGN, "HARBOUR")
    await home.answer(TaskKind.SIGN, "OFFICE")
    await home.pass_days(20)
    await home.approve()
    await home.sign_all()
    await home.deliver_all(MILESTONES)


async def changed_and_amended(home: House) -> None:
    """A party requires changes before it signs; in delivery one amendment falls, one claws back, one adds."""
    await _to_signature(home, signing={"order": "sequential"})
    first = await home.task(TaskKind.SIGN, "HARBOUR")
    await home.answer(
        TaskKind.SIGN,
        "HARBOUR",
        decision="requires_changes",
        document=first.subject["document"],
        reason="服务范围须写明保洁",
        terms={"scope": "综合管理、秩序维护与保洁"},
    )
    await home.sign_all()
    await home.deliver_all(1)
    await home.task(TaskKind.DELIVER)
    await home.desk.amend(NUMBER, "coord", Amendment(reason="缩减范围", value_fen=1_000))
    await home.sign_all()
    await home.until(lambda: "amended" in home.verbs())
    await home.desk.amend(NUMBER, "coord", Amendment(reason="涨价", value_fen=90_000_000))
    refused = await home.task(TaskKind.SIGN, "HARBOUR")
    await home.desk.act("decline", Decline, refused.id, "buyer", reason="不同意涨价")
    await home.until(lambda: "amendment_refused" in home.verbs())
    await home.desk.amend(NUMBER, "coord", Amendment(reason="增加保洁面积", value_fen=70_000_000, extend_days=30))
    await home.sign_all()
    await home.until(lambda: home.desk.reading.agreements(NUMBER)[-1].state is AgreementState.IN_FORCE)
    await home.until(lambda: home.verbs().count("amended") == 2)
    await home.deliver_all(MILESTONES - 1)
    await home.review_all()


async def cancelled_in_delivery(home: House) -> None:
    """A contract is cancelled after the first settlement; what was done is undone in reverse order."""
    await _to_delivery(home)
    await home.deliver_all(1)
    await home.task(TaskKind.DELIVER)
    await home.desk.cancel(NUMBER, "coord", Cancellation(reason="项目终止"))


async def suspended_and_deemed(home: House) -> None:
    """A dispute stops the clock; one delivery is late, one returned, one rejected, one accepted by silence."""
    delivery = {"due_after_days": {"takeover": 10}, "escalate_after": 2, "inspection_working_days": 3}
    await _to_delivery(home, delivery=delivery)
    await home.task(TaskKind.DELIVER)
    await home.pass_days(60)
    await home.until(lambda: "escalated" in home.verbs())
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT, decision="returned", reason="资料缺页")
    await home.answer(TaskKind.DELIVER)
    await home.task(TaskKind.ACCEPT)
    await home.desk.suspend(NUMBER, "coord", Suspension(reason="对验收标准有争议"))
    await home.pass_days(30)
    await home.desk.resume(NUMBER, "coord", Resumption(reason="双方已达成一致"))
    await home.pass_days(8)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT, decision="rejected", reason="未按约定整改")
    await home.deliver_all(MILESTONES - 2)
    await home.review_all()


async def too_few_quotes(home: House) -> None:
    """One quote where two are needed, in both rounds: the contract fails."""
    await home.start(small_contract(quoting={"mode": "invited", "min_quotes": 2, "rounds": 2}, excluded=("HILL",)))
    await home.answer(TaskKind.QUOTE, "NORTH")


async def negotiated_and_appealed(home: House) -> None:
    """The client has the terms changed before the quotes; at the end a member's appeal is heard."""
    await home.start(small_contract(negotiated=True))
    await home.answer(TaskKind.CONFIRM_TERMS, decision="change", reason="须含保洁")
    await home.answer(TaskKind.REVISE_TERMS, terms={"scope": "综合管理与保洁"}, reason="按客户意见")
    await home.answer(TaskKind.CONFIRM_TERMS)
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.sign_all()
    await home.deliver_all(MILESTONES)
    await home.answer_all(TaskKind.RATE, 2)
    await home.answer(TaskKind.REPLY, reply="评分与事实不符", appeal=True)
    await home.answer(TaskKind.HEAR_APPEAL, "OFFICE", "judge", decision="revise", score_bp=9_700, reason="补充了证据")


async def passed_between_colleagues(home: House) -> None:
    """Every verb of a task is used once, one act is refused; the award is not approved, nor what overrides it."""
    await home.start(small_contract())
    north, lake = await home.task(TaskKind.QUOTE, "NORTH"), await home.task(TaskKind.QUOTE, "LAKE")
    act = home.desk.act
    await home.refusal(home.desk.submit(north.id, "lake", home.usual(north)))
    await act("remind", Reminder, north.id, "coord", reason="请尽快报价")
    await act("claim", Claim, north.id, "north")
    await act("delegate", Delegation, north.id, "north", to="north.deputy", reason="请准备报价")
    await act("give_back", GiveBack, north.id, "north.deputy", reason="缺少面积资料")
    await act("transfer", Transfer, north.id, "north", to="north.deputy", reason="休假")
    asked = {"to": ["north"], "mode": CoSignMode.AFTER, "reason": "请复核"}
    await act("add_sign", CoSignRequest, north.id, "north.deputy", **asked)
    await act("copy", CopyRequest, north.id, "north.deputy", to=["deputy"])
    await home.desk.inform(NUMBER, "coord", ["buyer"])
    await home.desk.submit(north.id, "north.deputy", home.usual(north))
    await home.desk.submit(north.id, "north", {"consent": True})
    await act("withdraw", Withdrawal, north.id, "north.deputy", reason="算错了人工")
    await home.desk.submit(north.id, "north.deputy", home.usual(north))
    await home.desk.submit(north.id, "north", {"consent": True})
    await act("decline", Decline, lake.id, "lake", reason="产能不足")
    await home.answer(TaskKind.QUOTE, "HILL")
    await home.approve(1)
    approval = await home.task(TaskKind.APPROVE)
    await act("decline", Decline, approval.id, home.user_for(approval), reason="价格高于预期")
    adjusting = await home.task(TaskKind.ADJUST)
    overrides = [{"rule": "exclude", "member": "NORTH"}]
    await home.desk.submit(
        adjusting.id, "deputy", {"decision": "override", "overrides": overrides, "reason": "另请山脚承接"}
    )
    approval = await home.task(TaskKind.APPROVE)
    await act("decline", Decline, approval.id, home.user_for(approval), reason="仍高于预期")
    await home.answer(TaskKind.ADJUST, user="deputy")


async def called_off_by_framework(home: House) -> None:
    """A call-off of a framework asks nobody for a price."""
    await home.start(small_contract(quoting={"mode": "framework"}))
    await home.approve()
    await home.sign_all()
    await home.deliver_all(MILESTONES)
    await home.review_all()


async def excepted_and_passed_on(home: House) -> None:
    """By an exception one member may quote; a delegate approves, and silence leads to the next band."""
    home.wiring.exceptions.grant(exception_text(), "exception.yaml", "council1")
    home.wiring.exceptions.grant(exception_text("over", effective=OVER), "exception.yaml", "council1")
    today = epoch_day("2025-07-01")
    home.wiring.exceptions.revoke("over", "council1", today, "重复")
    mandate = MandateGrant(principal="desk", delegate="judge", from_day=today, to_day=today + 31, reason="休假")
    home.desk.mandates.grant(mandate, "desk")
    await home.start(small_contract(park="south"))
    await home.answer(TaskKind.QUOTE, "NORTH")
    approval = await home.task(TaskKind.APPROVE)
    await home.refusal(home.desk.submit(approval.id, "coord", {"decision": "approve"}))
    await home.desk.submit(approval.id, "judge", {"decision": "approve"}, acting_for="desk")
    await home.pass_days(8)
    await home.until(lambda: "approval_passed_on" in home.verbs())
    await home.approve(3)
    await home.sign_all()
    await home.deliver_all(MILESTONES)
    await home.review_all()


async def awarded_together(home: House) -> None:
    """
    Two contracts are awarded together once a rule has given way; one is refused, and nobody is left for it.

    The other is signed, and cancelled before anything is delivered.
    """
    other = "LY-2025-0002"
    only_north = ("HILL", "LAKE")
    await home.start_together({NUMBER: PRICES, other: PRICES}, excluded=only_north)
    await home.answer_all(TaskKind.QUOTE, 2)
    await home.answer(TaskKind.ADJUST, user="deputy")
    await home.approve()
    refused = await home.task(TaskKind.SIGN, "NORTH", NUMBER)
    await home.desk.act("decline", Decline, refused.id, "north", reason="人手不足")
    await home.until(lambda: home.verbs()[-1] == "failed")
    await home.sign_all()
    await home.portfolio_outcome()
    await home.task(TaskKind.DELIVER)
    await home.desk.cancel(other, "coord", Cancellation(reason="项目终止"))
    await home.outcome(other)


async def witnessed_and_handed_in(home: House) -> None:
    """One of two witnesses signs; a member signs with its own device, too late at first, and again."""
    group = {"name": "witnesses", "companies": ("LAKE", "HILL"), "needed": 1}
    await _to_signature(home, signing={"groups": (group,)})
    early = await _prepared(home, "NORTH")
    await home.answer(TaskKind.SIGN, "HARBOUR")
    await home.until(lambda: bool(home.desk.reading.signatures(NUMBER, 1)))
    await home.answer(TaskKind.SIGN, "NORTH", **early)
    await home.until(lambda: "sign_again" in home.verbs())
    await home.answer(TaskKind.SIGN, "NORTH", **await _prepared(home, "NORTH"))
    await home.answer(TaskKind.SIGN, "LAKE")
    await home.answer(TaskKind.SIGN, "OFFICE")
    await home.deliver_all(MILESTONES)
    await home.review_all()


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        divided_whole_life,
        refused_and_cascaded,
        changed_and_amended,
        cancelled_in_delivery,
        suspended_and_deemed,
        too_few_quotes,
        negotiated_and_appealed,
        passed_between_colleagues,
        called_off_by_framework,
        excepted_and_passed_on,
        awarded_together,
        witnessed_and_handed_in,
    )
}
"""By name; once nobody has to act any more, days pass until the contract has ended."""


async def _to_signature(home: House, **changes: object) -> None:
    await home.start(small_contract(**changes))
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()


async def _prepared(home: House, company: str) -> dict[str, str]:
    """What *company* answers that has signed with its own device."""
    task = await home.task(TaskKind.SIGN, company)
    wiring = home.wiring
    prepared = wiring.documents.prepare(wiring.reading.revisions(NUMBER, 1)[-1], company)
    value = wiring.test_authority.value(company, base64.b64decode(prepared.attributes_base64))
    told = {"prepared": prepared.id, "value": base64.b64encode(value).decode()}
    return {"decision": "sign", "document": task.subject["document"], **told}


async def _to_delivery(home: House, **changes: object) -> None:
    await _to_signature(home, **changes)
    await home.sign_all()
