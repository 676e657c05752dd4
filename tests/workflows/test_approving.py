"""Who approves an award in a running workflow: who may not, who may for another, and whom silence leads to."""

from __future__ import annotations

import pytest

from contracts.approval import MandateGrant
from contracts.calendar import epoch_day
from contracts.errors import DutiesNotSeparated, RoleMissing
from contracts.organisation import Role
from contracts.service_contract import Resumption, Suspension
from contracts.task import Claim, CoSignRequest, MemberTask, Reminder, TaskKind, TaskState, Transfer
from lianyue.histories import ServerHistories
from lianyue.testing import House, small_alliance, small_contract

NUMBER = "LY-2025-0001"
APPROVE = {"decision": "approve"}


async def to_approval(home: House, **changes: object) -> dict[Role, MemberTask]:
    """Bring a contract to its approvals and return them by role."""
    await home.start(small_contract(**changes))
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.task(TaskKind.APPROVE)
    return approvals(home)


def approvals(home: House) -> dict[Role, MemberTask]:
    """The open approvals by role; where a role is asked several times, the last."""
    return {task.role: task for task in home.desk.reading.tasks(number=NUMBER) if task.kind is TaskKind.APPROVE}


def relate(home: House, user: str, *companies: str) -> None:
    """Load the directory anew, with *user* related to *companies*."""
    alliance = small_alliance()
    people = [each.model_copy(update={"related": companies}) if each.user == user else each for each in alliance.people]
    home.wiring.directory.load(alliance.model_copy(update={"people": tuple(people)}))


def hand_over(home: House, principal: str, delegate: str, first: str = "2025-07-01", end: str = "2025-08-01") -> str:
    """Have *principal* hand the authority to approve over to *delegate*; return the mandate's digest."""
    days = {"from_day": epoch_day(first), "to_day": epoch_day(end)}
    grant = MandateGrant(principal=principal, delegate=delegate, **days, reason="出差")
    return home.desk.mandates.grant(grant, principal).digest


async def test_a_related_person_is_recused_on_record(home: House) -> None:
    """Whoever is related to a winner can neither claim nor approve nor be given the task; all of it is on record."""
    relate(home, "money", "NORTH")
    task = (await to_approval(home))[Role.FINANCE_LEAD]

    claim = await home.refusal(home.desk.act("claim", Claim, task.id, "money"))
    approval = await home.refusal(home.desk.submit(task.id, "money", APPROVE))
    given = await home.refusal(home.desk.act("transfer", Transfer, task.id, "desk", to="money", reason="休假"))

    told = "money is recused by related-party: 与中选单位或委托方有关联关系"
    assert [(DutiesNotSeparated.code, told)] * 3 == [(each.code, each.message) for each in (claim, approval, given)]
    assert [told] * 3 == [each.message for each in home.desk.reading.refused_attempts(task.id)]
    assert 3 == home.verbs().count("refused")
    assert TaskState.OFFERED == home.desk.reading.task(task.id).state


async def test_whoever_joins_later_was_not_examined(home: House) -> None:
    """A person who came into the directory after the decision cannot approve: nobody looked at their relations."""
    alliance = small_alliance()
    without = tuple(each for each in alliance.people if each.user != "money")
    home.wiring.directory.load(alliance.model_copy(update={"people": without}))
    task = (await to_approval(home))[Role.FINANCE_LEAD]
    home.wiring.directory.load(alliance)

    refusal = await home.refusal(home.desk.submit(task.id, "money", APPROVE))

    assert refusal.message.startswith("money was not among the people of the office when this was decided")


async def test_anybody_may_urge_an_approval(home: House) -> None:
    """Whoever started the contract may not approve its award, but may ask others to hurry."""
    task = (await to_approval(home))[Role.DESK_OFFICER]

    receipt = await home.desk.act("remind", Reminder, task.id, "coord", reason="请尽快")

    assert TaskState.OFFERED == receipt.state


async def test_a_delegate_approves_for_the_principal(home: House) -> None:
    """The approval names both, and the history holds the mandate by which it was given."""
    digest = hand_over(home, "money", "judge")
    task = (await to_approval(home))[Role.FINANCE_LEAD]

    await home.desk.submit(task.id, "judge", APPROVE, acting_for="money")

    answered = home.desk.reading.task(task.id).answered_by
    assert answered is not None
    assert answered.mandate is not None
    assert ("judge", "money", digest) == (answered.user, answered.mandate.principal, answered.mandate.digest)
    history = await ServerHistories(home.client).history(f"contract/{NUMBER}")
    assert any(digest.encode() in event.SerializeToString() for event in history.events)
    told = [each.facts for each in home.desk.reading.happenings(NUMBER) if each.verb == "submitted"]
    assert {"acting_for": "money", "mandate": digest}.items() <= told[-1].items()


async def test_without_a_mandate_nobody_acts_for_another(home: House) -> None:
    """To say so is not enough: the authority must have been handed over, and the attempt is on record."""
    task = (await to_approval(home))[Role.FINANCE_LEAD]

    refusal = await home.refusal(home.desk.submit(task.id, "judge", APPROVE, acting_for="money"))

    assert (RoleMissing.code, "money has handed no authority over to judge") == (refusal.code, refusal.message)
    assert [RoleMissing.code] == [each.code for each in home.desk.reading.refused_attempts(task.id)]


@pytest.mark.parametrize(
    ("first", "end", "told"),
    [
        ("2025-06-01", "2025-07-01", "was handed over up to 2025-07-01, exclusive; today is 2025-07-01"),
        ("2025-07-02", "2025-08-01", "is handed over from 2025-07-02; today is 2025-07-01"),
    ],
)
async def test_a_mandate_holds_from_day_to_day(home: House, first: str, end: str, told: str) -> None:
    """A mandate that has ended or not begun is refused in the workflow, so that the refusal is in history."""
    hand_over(home, "money", "judge", first, end)
    task = (await to_approval(home))[Role.FINANCE_LEAD]

    refusal = await home.refusal(home.desk.submit(task.id, "judge", APPROVE, acting_for="money"))

    assert (DutiesNotSeparated.code, f"the authority of money {told}") == (refusal.code, refusal.message)
    assert "refused" in home.verbs()


async def test_separation_looks_through_a_mandate(home: House) -> None:
    """A delegate counts as both: neither for a recused principal nor for two people can anybody approve."""
    relate(home, "money", "NORTH")
    hand_over(home, "money", "judge")
    hand_over(home, "desk", "judge")
    open_now = await to_approval(home)
    officer, lead = open_now[Role.DESK_OFFICER], open_now[Role.FINANCE_LEAD]

    recused = await home.refusal(home.desk.submit(lead.id, "judge", APPROVE, acting_for="money"))
    await home.desk.submit(officer.id, "judge", APPROVE, acting_for="desk")
    for_two = await home.refusal(home.desk.submit(lead.id, "desk", APPROVE))

    assert "money is recused by related-party: 与中选单位或委托方有关联关系" == recused.message
    assert "desk has approved this award already; another person must" == for_two.message


async def test_a_mandate_is_for_approvals_only(home: House) -> None:
    """A task of another kind is nobody's to do for somebody else."""
    hand_over(home, "coord", "deputy")
    await home.start(small_contract(negotiated=True))
    await home.answer(TaskKind.CONFIRM_TERMS, decision="change", reason="须含保洁")
    task = await home.task(TaskKind.REVISE_TERMS)

    refusal = await home.refusal(home.desk.act("claim", Claim, task.id, "deputy", acting_for="coord"))

    assert (RoleMissing.code, "coord has handed no tasks over to deputy") == (refusal.code, refusal.message)


async def test_silence_leads_to_the_next_band(home: House) -> None:
    """After five working days the next band is asked instead of whoever is silent; what was approved stands."""
    first = await to_approval(home)
    await home.desk.submit(first[Role.DESK_OFFICER].id, "desk", APPROVE)
    await home.pass_days(8)
    await home.until(lambda: "approval_passed_on" in home.verbs())
    passed_on = next(each for each in home.desk.reading.happenings(NUMBER) if each.verb == "approval_passed_on")
    asked = [task.role for task in home.desk.reading.tasks(number=NUMBER) if task.kind is TaskKind.APPROVE]
    for user, role in (("money", Role.FINANCE_LEAD), ("council1", Role.COUNCIL_MEMBER)):
        await home.desk.submit(approvals(home)[role].id, user, APPROVE)
    await home.until(lambda: Role.FINANCE_LEAD not in approvals(home))
    await home.desk.submit(approvals(home)[Role.COUNCIL_MEMBER].id, "council2", APPROVE)

    assert {
        "rule": "up-to-2m",
        "working_days": 5,
        "roles": ["finance_lead", "council_member", "council_member"],
    } == passed_on.facts
    assert ["council_member", "council_member", "finance_lead"] == sorted(asked)
    assert TaskState.EXPIRED == home.desk.reading.task(first[Role.FINANCE_LEAD].id).state
    await home.task(TaskKind.SIGN)


async def test_a_suspension_stops_the_time_for_approving(home: House) -> None:
    """While a contract is suspended nobody is passed over."""
    first = await to_approval(home)
    await home.desk.suspend(NUMBER, "coord", Suspension(reason="对需求有争议"))
    await home.pass_days(30)
    await home.desk.resume(NUMBER, "coord", Resumption(reason="已解决"))
    await home.until(lambda: home.desk.reading.task(first[Role.FINANCE_LEAD].id).revision > 1)

    assert {task.id for task in first.values()} == {task.id for task in approvals(home).values()}


async def test_a_co_signer_of_an_approval_is_looked_at_too(home: House) -> None:
    """Consent is asked of nobody who may not approve, whatever roles they hold."""
    relate(home, "judge", "NORTH")
    task = (await to_approval(home))[Role.FINANCE_LEAD]

    refusal = await home.refusal(
        home.desk.act("add_sign", CoSignRequest, task.id, "money", to=["judge"], reason="请复核")
    )

    assert "judge is recused by related-party: 与中选单位或委托方有关联关系" == refusal.message


async def test_too_few_approvers_are_told_at_the_start(home: House) -> None:
    """A contract whose award nobody could approve starts, and whoever starts it is told so."""
    alliance = small_alliance()
    people = tuple(each for each in alliance.people if each.user != "desk")
    home.wiring.directory.load(alliance.model_copy(update={"people": people}))

    started = await home.desk.start(small_contract(), "coord")

    advice = "give somebody of OFFICE the role before the award (`lianyue alliance load`)"
    assert (f"1 of the role desk_officer must approve, and 0 may; {advice}",) == started.warnings
