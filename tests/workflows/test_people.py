"""What people may do with tasks in a running workflow: once, as themselves, on record."""

from __future__ import annotations

import pytest

from contracts.errors import (
    AlreadyStarted,
    DutiesNotSeparated,
    MalformedDocument,
    NotYourTask,
    RequestReused,
    StaleRevision,
    WrongState,
)
from contracts.task import Claim, CoSignMode, CoSignRequest, Decline, TaskKind, TaskState, Withdrawal
from lianyue.histories import ServerHistories
from lianyue.records.writing import SqlWriting
from lianyue.simulate.script import Script
from lianyue.testing import PRICES, House, small_contract
from rules.canonical import digest

NUMBER = "LY-2025-0001"


async def test_a_repeated_submission_returns_the_first_answer(home: House) -> None:
    """The same request id with the same body is answered as the first time and does nothing twice."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    first = await home.desk.submit(task.id, "north", home.usual(task), "request-1")

    again = await home.desk.submit(task.id, "north", home.usual(task), "request-1")

    assert first == again
    assert 1 == home.verbs().count("submitted")


async def test_a_request_id_with_another_body_is_refused(home: House) -> None:
    """The same request id with another body is refused, and the first answer stands."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.desk.submit(task.id, "north", home.usual(task), "request-1")
    cheaper = {**home.usual(task), "price_fen": 1}

    refusal = await home.refusal(home.desk.submit(task.id, "north", cheaper, "request-1"))

    assert RequestReused.code == refusal.code
    assert "request-reused" in [each.code for each in home.desk.reading.refused_attempts()]


async def test_another_company_cannot_answer(home: House) -> None:
    """A user of another company is refused; the attempt is in the history and in the records."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")

    refusal = await home.refusal(home.desk.submit(task.id, "lake", home.usual(task)))

    assert (NotYourTask.code, f"{task.id} is for NORTH, not for LAKE") == (refusal.code, refusal.message)
    assert ["not-your-task"] == [each.code for each in home.desk.reading.refused_attempts(task.id)]
    assert "refused" in home.verbs()
    assert TaskState.OFFERED == home.desk.reading.task(task.id).state


async def test_a_form_with_faults_changes_nothing(home: House) -> None:
    """Every fault of a form is named at its field, and the task stays as it was."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    faulty = {**home.usual(task), "price_fen": "很便宜", "staffing": -1}

    refusal = await home.refusal(home.desk.submit(task.id, "north", faulty))

    assert MalformedDocument.code == refusal.code
    assert "/price_fen: 报价总额必须是正整数" in refusal.message
    assert "/staffing:" in refusal.message
    assert TaskState.OFFERED == home.desk.reading.task(task.id).state


async def test_the_same_contract_starts_once(home: House) -> None:
    """Starting the same contract again returns the first start; another contract under the number is refused."""
    await home.start(small_contract())

    again = await home.desk.start(small_contract(), "coord")
    refusal = await home.refusal(home.desk.start(small_contract(value_fen=1), "coord"))

    assert (False, AlreadyStarted.code) == (again.first, refusal.code)


async def test_the_starter_does_not_approve(home: House) -> None:
    """Whoever started a contract cannot approve its award."""
    await home.start(small_contract())
    await home.answer_all(TaskKind.QUOTE, 3)
    task = await home.task(TaskKind.APPROVE)

    refusal = await home.refusal(home.desk.submit(task.id, "coord", {"decision": "approve"}))

    assert "coord started this contract and cannot approve its award" == refusal.message


async def test_nobody_approves_twice(home: House) -> None:
    """Whoever holds two of the needed roles still approves only once."""
    await home.start(small_contract())
    await home.answer_all(TaskKind.QUOTE, 3)
    first = await home.task(TaskKind.APPROVE)
    await home.desk.submit(first.id, "desk", {"decision": "approve"})
    await home.until(lambda: not home.desk.reading.task(first.id).is_open)
    second = await home.task(TaskKind.APPROVE)

    refusal = await home.refusal(home.desk.submit(second.id, "desk", {"decision": "approve"}))

    assert (DutiesNotSeparated.code, "desk has approved this award already; another person must") == (
        refusal.code,
        refusal.message,
    )


async def test_a_rater_does_not_hear_the_appeal(home: House) -> None:
    """An appeal is heard by somebody who has not rated, and a revised score is the final one."""
    await home.start(small_contract())
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.sign_all()
    await home.deliver_all(5)
    await home.answer_all(TaskKind.RATE, 2)
    await home.answer(TaskKind.REPLY, reply="评分与事实不符", appeal=True)
    await home.answer(TaskKind.HEAR_APPEAL, "OFFICE", "judge", decision="revise", score_bp=9_700, reason="补充了证据")
    await home.outcome()

    final = [review for review in home.desk.reading.reviews(NUMBER) if review.is_final]
    assert [(9_700, True)] == [(review.score_bp, review.appealed) for review in final]
    assert [("NORTH", 9_700)] == [(each.member, each.score_bp) for each in home.desk.reading.standings("property")]


async def test_a_quote_may_be_taken_back_before_the_opening(home: House) -> None:
    """Until the quotes are opened a member takes its own back and quotes again; only the last one counts."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.desk.submit(task.id, "north", home.usual(task))
    await home.desk.act("withdraw", Withdrawal, task.id, "north", reason="算错了人工")
    await home.desk.submit(task.id, "north", {**home.usual(task), "price_fen": 62_000_000})
    await home.answer_all(TaskKind.QUOTE, 2)
    await home.task(TaskKind.APPROVE)

    prices = {quote.member: quote.price_fen for quote in home.desk.reading.quotes(NUMBER)}
    assert {**PRICES, "NORTH": 62_000_000} == prices


async def test_a_price_is_nowhere_in_history_before_the_opening(home: House) -> None:
    """Before the opening neither the server's history nor the records hold a readable price."""
    await home.start(small_contract())
    await home.answer(TaskKind.QUOTE, "NORTH")

    history = await ServerHistories(home.client).history(f"contract/{NUMBER}/quote")
    tasks = home.desk.reading.tasks(number=NUMBER, open_only=False)

    assert not any(b"63000000" in event.SerializeToString() for event in history.events)
    assert "63000000" not in "".join(task.model_dump_json() for task in tasks)


async def test_a_colleague_co_signs_before_the_answer(home: House) -> None:
    """前加签: the holder cannot answer until the colleague has consented."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    asked = {"to": ["north.deputy"], "mode": CoSignMode.BEFORE, "reason": "请先复核"}
    await home.desk.act("add_sign", CoSignRequest, task.id, "north", **asked)
    early = await home.refusal(home.desk.submit(task.id, "north", home.usual(task)))
    await home.desk.submit(task.id, "north.deputy", {"consent": True})

    receipt = await home.desk.submit(task.id, "north", home.usual(task))

    assert f"{task.id} needs the consent of north.deputy first" == early.message
    assert TaskState.COMPLETED == receipt.state


async def test_an_act_on_an_older_revision_is_refused(home: House) -> None:
    """Two people act on the same task: the second is told that it has changed."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.desk.act("claim", Claim, task.id, "north")

    refusal = await home.refusal(
        home.desk.act("claim", Claim, task.id, "north.deputy", expected_revision=task.revision)
    )

    assert StaleRevision.code == refusal.code


async def test_a_task_of_an_ended_stage_is_refused(home: House) -> None:
    """When the quotes have been opened, a declined quote comes too late and the attempt is on record."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.task(TaskKind.APPROVE)

    refusal = await home.refusal(home.desk.act("decline", Decline, task.id, "north", reason="反悔"))

    assert WrongState.code == refusal.code
    assert ["wrong-state"] == [each.code for each in home.desk.reading.refused_attempts(task.id)]


async def test_a_signature_is_given_for_the_document_shown(home: House) -> None:
    """Signing needs the digest of the very document; another digest is refused at the desk."""
    await home.start(small_contract())
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    task = await home.task(TaskKind.SIGN, "NORTH")

    refusal = await home.refusal(
        home.desk.submit(task.id, "north", {"decision": "sign", "document": digest({"another": "document"})})
    )

    assert "/document: 此结论需要填写「文本摘要」" == refusal.message


@pytest.mark.parametrize(("score", "band"), [(9_300, "A"), (5_000, "E")])
async def test_a_review_is_used_by_the_next_decision(home: House, score: int, band: str) -> None:
    """The final score of one contract decides in the next whether the member may take part."""
    home.script = Script(scores={NUMBER: {"NORTH": score}})
    await home.start(small_contract())
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.sign_all()
    for _ in range(5):
        await home.answer(TaskKind.DELIVER)
        await home.answer(TaskKind.ACCEPT, decision="accepted", score_bp=9_000)
    await home.review_all()
    await home.outcome()
    wiring = home.wiring
    standing = wiring.reading.standings("property")[0]
    with wiring.database.reading() as session:
        candidates = SqlWriting(session).candidates(small_contract("LY-2025-0002"), standing.from_day)

    north = next(candidate.member for candidate in candidates if candidate.member.code == "NORTH")
    assert (band, score) == (north.band, north.score_bp)
