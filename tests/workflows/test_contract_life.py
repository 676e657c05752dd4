"""A contract's life on the time-skipping server: the whole way, and each way in which it may turn."""

from __future__ import annotations

from contracts.agreement import AgreementState
from contracts.service_contract import Stage
from contracts.task import Decline, TaskKind
from lianyue.testing import House, greening_contract, small_contract

MILESTONES = 5


async def to_signature(home: House, **changes: object) -> str:
    """Bring a contract to its signatures."""
    number = await home.start(small_contract(**changes))
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    return number


async def to_delivery(home: House, **changes: object) -> str:
    """Bring a contract to its first delivery."""
    number = await to_signature(home, **changes)
    await home.sign_all()
    return number


async def test_a_contract_runs_from_quotes_to_the_last_review(home: House) -> None:
    """Three quotes, one award, three signatures, five milestones and a review end in REVIEWED, paid in full."""
    await to_delivery(home)
    await home.deliver_all(MILESTONES)
    await home.review_all()

    outcome = await home.outcome()

    assert (Stage.REVIEWED, 63_000_000, 63_000_000, ("NORTH",)) == (
        outcome.stage,
        outcome.total_fen,
        outcome.paid_fen,
        outcome.members,
    )


async def test_too_few_quotes_are_asked_for_again(home: House) -> None:
    """A round with too few quotes ends at its deadline; the next round asks only those who have not quoted."""
    await home.start(small_contract(quoting={"mode": "invited", "min_quotes": 2, "rounds": 2}))
    await home.answer(TaskKind.QUOTE, "NORTH")
    await home.pass_days(9)
    second = await home.task(TaskKind.QUOTE, "LAKE")
    await home.answer(TaskKind.QUOTE, "LAKE")
    await home.answer(TaskKind.QUOTE, "HILL")
    await home.approve()

    assert "2" == second.subject["round"]
    rounds = {quote.member: quote.round for quote in home.desk.reading.quotes("LY-2025-0001")}
    assert {"NORTH": 1, "LAKE": 2, "HILL": 2} == rounds
    assert "too_few_quotes" in home.verbs()


async def test_nobody_quotes_and_the_contract_fails_with_a_reason(home: House) -> None:
    """When the last round brought too few quotes, the contract ends as FAILED and says so."""
    await home.start(small_contract(quoting={"mode": "invited", "min_quotes": 2, "rounds": 2}))

    outcome = await home.outcome()

    assert (Stage.FAILED, "2轮询价后只有0家报价") == (outcome.stage, outcome.reason)


async def test_refusing_to_sign_cascades_to_the_next(home: House) -> None:
    """A member that refuses to sign is passed over: its version is void and the next ranked member is awarded."""
    await to_signature(home)
    task = await home.task(TaskKind.SIGN, "NORTH")
    await home.desk.act("decline", Decline, task.id, "north", reason="人手不足")
    await home.approve()
    await home.sign_all()
    await home.deliver_all(MILESTONES)
    await home.review_all()

    outcome = await home.outcome()

    first, second = home.desk.reading.agreements("LY-2025-0001")
    assert (Stage.REVIEWED, ("LAKE",), 63_500_000) == (outcome.stage, outcome.members, outcome.total_fen)
    assert (AgreementState.VOIDED, AgreementState.IN_FORCE) == (first.state, second.state)


async def test_not_signing_in_time_counts_as_a_refusal(home: House) -> None:
    """A member that lets its signature expire is passed over like one that refuses."""
    await to_signature(home)
    await home.answer(TaskKind.SIGN, "HARBOUR")
    await home.answer(TaskKind.SIGN, "OFFICE")
    await home.pass_days(20)
    await home.approve()

    assert "LAKE" == (await home.task(TaskKind.SIGN, "LAKE")).company
    assert "passed_over" in home.verbs()


async def test_required_changes_lead_to_a_new_version(home: House) -> None:
    """A party that requires changes voids the version for everybody; the next one carries the changed terms."""
    await to_signature(home)
    task = await home.task(TaskKind.SIGN, "NORTH")
    changes = {"scope": "综合管理、秩序维护与保洁"}
    await home.answer(
        TaskKind.SIGN,
        "NORTH",
        decision="requires_changes",
        document=task.subject["document"],
        reason="服务范围须写明保洁",
        terms=changes,
    )
    second = await home.task(TaskKind.SIGN, "NORTH")
    await home.sign_all()
    await home.task(TaskKind.DELIVER)

    first_version, second_version = home.desk.reading.agreements("LY-2025-0001")
    assert "2" == second.subject["version"]
    assert AgreementState.VOIDED == first_version.state
    assert "综合管理、秩序维护与保洁" == second_version.version.agreement.terms["scope"]


async def test_signing_in_order_asks_one_after_another(home: House) -> None:
    """In sequence the member is asked only after the client has signed."""
    await to_signature(home, signing={"order": "sequential"})
    await home.task(TaskKind.SIGN, "HARBOUR")
    waiting = [task.company for task in home.desk.reading.tasks() if task.kind is TaskKind.SIGN]
    await home.answer(TaskKind.SIGN, "HARBOUR")

    assert ["HARBOUR"] == waiting
    assert "NORTH" == (await home.task(TaskKind.SIGN)).company


async def test_a_returned_milestone_is_delivered_again(home: House) -> None:
    """What the client returns comes back as a new delivery task, and is paid once."""
    await to_delivery(home)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT, decision="returned", reason="资料缺页")
    again = await home.task(TaskKind.DELIVER)
    await home.deliver_all(MILESTONES)
    await home.review_all()

    outcome = await home.outcome()

    assert ("takeover", "2") == (again.subject["milestone"], again.subject["attempt"])
    assert 63_000_000 == outcome.paid_fen


async def test_a_rejected_milestone_is_not_paid(home: House) -> None:
    """A final rejection settles the instalment at nought and the delivery goes on."""
    await to_delivery(home)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT, decision="rejected", reason="未按约定承接查验")
    await home.deliver_all(MILESTONES - 1)
    await home.review_all()

    outcome = await home.outcome()

    lines = home.desk.reading.settlements("LY-2025-0001")
    rejected = [line for line in lines if line.milestone == "takeover"]
    assert [0] == [line.payable.gross_fen for line in rejected]
    assert outcome.total_fen - rejected[0].agreed_fen == outcome.paid_fen


async def test_silence_of_the_client_is_acceptance(home: House) -> None:
    """When the agreed inspection period ends without a word, the delivery counts as accepted in full."""
    await to_delivery(home, delivery={"inspection_working_days": 3})
    await home.answer(TaskKind.DELIVER)
    await home.task(TaskKind.ACCEPT)
    await home.pass_days(6)
    await home.task(TaskKind.DELIVER)

    line = home.desk.reading.settlements("LY-2025-0001")[0]
    assert ("deemed_accepted", 10_000, line.agreed_fen) == (line.acceptance, line.score_bp, line.payable.gross_fen)


async def test_a_late_delivery_is_overdue_then_escalated(home: House) -> None:
    """A delivery not made by its due day is overdue, and escalated to the office after the agreed working days."""
    await to_delivery(home, delivery={"due_after_days": {"takeover": 10}, "escalate_after": 2})
    await home.task(TaskKind.DELIVER)
    await home.pass_days(60)
    task = await home.task(TaskKind.DELIVER)
    await home.answer(TaskKind.DELIVER)
    await home.task(TaskKind.ACCEPT)

    late = [each for each in home.desk.reading.happenings("LY-2025-0001") if each.verb == "delivered_by"]
    assert (True, True, 90) == (task.is_overdue, task.is_escalated, task.priority)
    assert late[0].facts["days_late"] > 10


async def test_terms_are_agreed_before_anybody_quotes(home: House) -> None:
    """Where terms are negotiated, the client confirms them first; what it changes is revised and confirmed again."""
    await home.start(small_contract(negotiated=True))
    await home.answer(TaskKind.CONFIRM_TERMS, decision="change", reason="须含保洁")
    await home.answer(TaskKind.REVISE_TERMS, terms={"scope": "综合管理与保洁"}, reason="按客户意见")
    await home.answer(TaskKind.CONFIRM_TERMS)
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.task(TaskKind.SIGN)

    agreement = home.desk.reading.agreements("LY-2025-0001")[0].version.agreement
    assert "综合管理与保洁" == agreement.terms["scope"]


async def test_a_divided_contract_is_delivered_side_by_side(home: House) -> None:
    """Members of a divided contract have their own tasks at once, and their shares add up to the total."""
    await home.start(
        greening_contract(policy="greening"), {"NORTH": 90_000_000, "LAKE": 90_000_000, "HILL": 90_000_000}
    )
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.task(TaskKind.SIGN)
    agreement = home.desk.reading.agreements("LY-2025-0001")[0].version.agreement
    await home.sign_all(len(agreement.parties))
    for member in agreement.members:
        await home.task(TaskKind.DELIVER, member)

    assert agreement.total_fen == sum(share.amount_fen for share in agreement.shares)
    assert len(agreement.members) > 1
