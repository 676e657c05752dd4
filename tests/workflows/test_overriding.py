"""An award that is not approved: a coordinator says who must or must not have it, others approve that, or it ends."""

from __future__ import annotations

from contracts.errors import DutiesNotSeparated, MalformedDocument
from contracts.organisation import Role
from contracts.service_contract import Stage
from contracts.task import Decline, MemberTask, TaskKind
from contracts.value import Json
from lianyue.audit.replay import audit_contract
from lianyue.records.contests import contests
from lianyue.testing import PRICES, House, small_contract
from rules.documents.policy import DECLINED, OVERRIDDEN

NUMBER = "LY-2025-0001"
OTHERS = {Role.DESK_OFFICER: "desk", Role.FINANCE_LEAD: "money"}
"""Who approves; the coordinator has the first of these roles, too."""


async def refused(home: House) -> MemberTask:
    """Bring a contract of deputy's to its award, have that refused, and return the task of whoever adjusts it."""
    home.script = home.script.model_copy(update={"quotes": {NUMBER: PRICES}})
    await home.desk.start(small_contract(), "deputy")
    await home.answer_all(TaskKind.QUOTE, 3)
    approval = await home.task(TaskKind.APPROVE)
    await home.desk.act("decline", Decline, approval.id, OTHERS[approval.role], reason="应由湖岸承接")
    return await home.task(TaskKind.ADJUST)


def override(*rules: tuple[str, str]) -> Json:
    """An answer that says who must and who must not have the contract."""
    overrides = [{"rule": rule, "member": member} for rule, member in rules]
    return {"decision": "override", "reason": "湖岸熟悉一期设备", "overrides": overrides}


def selected(home: House) -> list[tuple[str, ...]]:
    """Who was selected by each decision."""
    return [kept.decision.selected for kept in home.desk.reading.decisions(NUMBER)]


def reasons(home: House) -> dict[str, list[str]]:
    """By which rules each member is out of the last decision."""
    excluded = home.desk.reading.decisions(NUMBER)[-1].decision.excluded
    return {member: [reason.rule for reason in found] for member, found in excluded.items()}


async def test_an_override_is_decided_on_record_and_approved_by_others(home: House) -> None:
    """LAKE must have it: the rules decide among whom that leaves, and whoever said so does not approve it."""
    task = await refused(home)
    await home.desk.submit(task.id, "coord", override(("require", "LAKE")))
    await home.until(lambda: selected(home) == [("NORTH",), ("LAKE",)])
    approval = await home.task(TaskKind.APPROVE)
    own = await home.refusal(home.desk.submit(approval.id, "coord", {"decision": "approve"}))
    for each in home.desk.reading.tasks(number=NUMBER):
        await home.desk.submit(each.id, OTHERS[each.role], {"decision": "approve"})
    await home.sign_all()
    await home.task(TaskKind.DELIVER)
    report = await audit_contract(home.wiring, NUMBER, home.client)

    told = "coord has overridden the rules; another person must approve the award"
    assert "desk未批准：应由湖岸承接" == task.subject["says"]
    assert (DutiesNotSeparated.code, told) == (own.code, own.message)
    assert {"HILL": [OVERRIDDEN], "NORTH": [OVERRIDDEN]} == reasons(home)
    happening = next(each for each in home.desk.reading.happenings(NUMBER) if each.verb == "award_overridden")
    assert ("coord", ["LAKE"]) == (happening.user, happening.facts["selected"])
    assert [] == [check for check in report.checks if not check.ok]
    assert [("coord", "湖岸熟悉一期设备")] == [each for it in contests(home.wiring.database) for each in it.overrides]


async def test_an_override_ends_with_the_refusal_of_whom_it_named(home: House) -> None:
    """LAKE must have it and will not sign: the rules decide again, but HILL stays out."""
    task = await refused(home)
    await home.desk.submit(task.id, "deputy", override(("require", "LAKE"), ("exclude", "HILL")))
    await home.approve()
    signing = await home.task(TaskKind.SIGN, "LAKE")
    await home.desk.act("decline", Decline, signing.id, "lake", reason="人手不足")
    await home.until(lambda: selected(home)[-1] == ("NORTH",))

    assert {"LAKE": [DECLINED], "HILL": [OVERRIDDEN]} == reasons(home)


async def test_only_who_may_have_it_can_be_named(home: House) -> None:
    """A company that is not eligible, or none at all, is refused with its place; the task stays open."""
    task = await refused(home)
    unknown = await home.refusal(home.desk.submit(task.id, "coord", override(("require", "HARBOUR"))))
    nothing = {"decision": "override", "reason": "湖岸熟悉一期设备"}
    empty = await home.refusal(home.desk.submit(task.id, "coord", nothing))

    assert (MalformedDocument.code, MalformedDocument.code) == (unknown.code, empty.code)
    assert "HILL, LAKE, NORTH" in unknown.message.replace("、", ", ")
    assert home.desk.reading.task(task.id).is_open


async def test_an_award_that_nobody_overrides_ends(home: House) -> None:
    """The coordinator may also award nothing; both reasons stand in the end, and what was reserved is free."""
    task = await refused(home)
    await home.desk.submit(task.id, "deputy", {"decision": "cancel", "reason": "超出年度预算"})
    outcome = await home.outcome()

    assert (Stage.FAILED, ("release",)) == (outcome.stage, outcome.undone)
    assert f"{task.subject['says']}；超出年度预算" == outcome.reason
    assert [] == list(home.desk.reading.tasks(number=NUMBER))
