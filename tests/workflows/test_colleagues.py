"""What colleagues do for each other in a running workflow: inform, consent together, stand in, act on several."""

from __future__ import annotations

import pytest

from contracts.approval import MandateGrant
from contracts.calendar import epoch_day
from contracts.errors import MalformedDocument, NotYourTask, UnknownName, WrongState
from contracts.organisation import MandateScope
from contracts.task import (
    Claim,
    CopyRequest,
    CoSignMode,
    CoSignRequest,
    Decline,
    Quorum,
    Reminder,
    TaskKind,
    TaskState,
    Transfer,
)
from lianyue.histories import ServerHistories
from lianyue.records.inbox import Tab
from lianyue.testing import House, small_contract

NUMBER = "LY-2025-0001"
TODAY = epoch_day("2025-07-01")


def stands_in(home: House, principal: str, delegate: str, days: int = 7) -> str:
    """Have *delegate* stand in for *principal* from the first day on."""
    grant = MandateGrant(
        principal=principal,
        delegate=delegate,
        from_day=TODAY,
        to_day=TODAY + days,
        reason="休假",
        scope=MandateScope.TASKS,
    )
    return home.desk.mandates.grant(grant, principal).digest


async def test_a_copy_is_told_and_read(home: House) -> None:
    """抄送: it stands on the task, in the story and in the inbox of whom it is for, who marks it read."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")

    await home.desk.act("copy", CopyRequest, task.id, "north", to=["deputy", "north.deputy"])

    told = next(each for each in home.desk.reading.happenings(NUMBER) if each.verb == "copied")
    assert (["deputy", "north.deputy"], ("deputy", "north.deputy")) == (
        told.facts["to"],
        home.desk.reading.task(task.id).copied,
    )
    assert [(task.id, "north", None)] == [(c.task, c.given_by, c.read_at) for c in home.desk.inbox.copies("deputy")]
    assert [True, False] == [home.desk.inbox.read(task.id, "deputy") for _ in range(2)]
    assert 0 == home.desk.inbox.counts("deputy")[Tab.COPIED]


async def test_whoever_is_informed_cannot_act(home: House) -> None:
    """They read; an attempt to do more is refused, on record."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.desk.act("copy", CopyRequest, task.id, "north", to=["deputy"])

    refusal = await home.refusal(home.desk.act("claim", Claim, task.id, "deputy"))
    spying = await home.refusal(home.desk.act("copy", CopyRequest, task.id, "north", to=["lake"]))

    assert [NotYourTask.code, NotYourTask.code] == [refusal.code, spying.code]
    assert 2 == len(home.desk.reading.refused_attempts(task.id))


async def test_a_contract_names_who_is_informed(home: House) -> None:
    """The client's and the office's people hear of the whole, a member's of the tasks of their company."""
    await home.start(small_contract(copied=("deputy", "north.deputy")))
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.desk.inform(NUMBER, "coord", ["buyer"])
    refusal = await home.refusal(home.desk.inform(NUMBER, "coord", ["lake"]))
    unknown = await home.refusal(home.desk.inform(NUMBER, "coord", ["nobody"]))

    copies = {user: [c.task or c.number for c in home.desk.inbox.copies(user)] for user in ("deputy", "buyer")}
    assert {"deputy": [NUMBER], "buyer": [NUMBER]} == copies
    assert [task.id] == [copy.task for copy in home.desk.inbox.copies("north.deputy")]
    assert (WrongState.code, UnknownName.code) == (refusal.code, unknown.code)


async def test_an_approval_needs_the_consent_of_any_colleague(home: House) -> None:
    """或签: one of several suffices; who consented has approved, and approves nothing else of the award."""
    await home.start(small_contract())
    await home.answer_all(TaskKind.QUOTE, 3)
    task = await home.task(TaskKind.APPROVE)
    asked = {"to": ["judge", "council1"], "mode": CoSignMode.AFTER, "quorum": Quorum.ANY, "reason": "请复核"}
    await home.desk.act("add_sign", CoSignRequest, task.id, "desk", **asked)
    waiting = await home.desk.submit(task.id, "desk", {"decision": "approve"})
    withheld = await home.desk.act("decline", Decline, task.id, "judge", reason="不清楚")

    done = await home.desk.submit(task.id, "council1", {"consent": True})

    assert [TaskState.RESOLVED, TaskState.RESOLVED, TaskState.COMPLETED] == [
        each.state for each in (waiting, withheld, done)
    ]


async def test_a_stand_in_acts_for_whom_they_stand_in_for(home: House) -> None:
    """代办: the task is in both inboxes; the answer names both; nobody else's task is theirs."""
    digest = stands_in(home, "north", "north.deputy")
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.desk.act("claim", Claim, task.id, "north")
    found = [each.id for each in home.desk.inbox.tasks(Tab.TODO, "north.deputy")]
    stand_ins = home.desk.inbox.stand_ins(home.desk.reading.task(task.id))
    alone = await home.refusal(home.desk.submit(task.id, "north.deputy", home.usual(task)))

    await home.desk.submit(task.id, "north.deputy", home.usual(task), acting_for="north")

    told = next(each for each in home.desk.reading.happenings(NUMBER) if each.verb == "submitted")
    assert ([task.id], {"north.deputy": "north"}, NotYourTask.code) == (found, stand_ins, alone.code)
    assert ("north.deputy", "north", digest) == (told.user, told.facts["acting_for"], told.facts["mandate"])
    assert [task.id] == [each.id for each in home.desk.inbox.tasks(Tab.DONE, "north.deputy")]


async def test_a_stand_in_has_days(home: House) -> None:
    """Half-open: on the last day named the mandate is over, and the attempt is on record."""
    stands_in(home, "north", "north.deputy", days=1)
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    await home.pass_days(1)

    refusal = await home.refusal(home.desk.act("claim", Claim, task.id, "north.deputy", acting_for="north"))

    assert "north.deputy does not stand in for north today" == refusal.message
    assert "refused" in home.verbs()


async def test_a_stand_in_is_a_colleague(home: House) -> None:
    """Nobody hands their tasks to another company."""
    with pytest.raises(NotYourTask, match="lake is of LAKE, not a colleague at NORTH"):
        stands_in(home, "north", "lake")


async def test_one_bad_row_does_not_stop_the_rest(home: House) -> None:
    """Several are urged or passed on, each with its own result."""
    await home.start(small_contract())
    tasks = [(await home.task(TaskKind.QUOTE, code)).id for code in ("NORTH", "LAKE")]

    urged = await home.desk.act_on_each("remind", Reminder, [tasks[0], "nonsense", tasks[1]], "coord", "once")
    again = await home.desk.act_on_each("remind", Reminder, tasks, "coord", "once")
    moved = await home.desk.act_on_each("transfer", Transfer, tasks, "north", to="north.deputy", reason="休假")

    assert [None, "unknown-name", None] == [each.error and each.error.code for each in urged]
    assert [urged[0].receipt, urged[2].receipt] == [each.receipt for each in again]
    assert [None, "not-your-task"] == [each.error and each.error.code for each in moved]
    assert 2 == home.verbs().count("reminded")


async def test_what_is_overdue_is_found_to_be_urged(home: House) -> None:
    """A coordinator urges everything, a client what is overdue in its contracts, a member nothing."""
    await home.start(small_contract(negotiated=True))
    task = await home.task(TaskKind.CONFIRM_TERMS)
    await home.pass_days(30)
    await home.until(lambda: home.desk.reading.task(task.id).is_overdue)

    assert [(task.id,), (task.id,), ()] == [home.desk.inbox.to_remind(user) for user in ("coord", "buyer", "north")]


async def test_a_draft_is_resumed_and_gone_with_the_answer(home: House) -> None:
    """暂存: unfinished is no fault; it is the user's own, unreadable in the records, and never in the history."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")
    inbox = home.desk.inbox
    inbox.keep_draft(task.id, "north", {"price_fen": 61_234_567})
    kept = (inbox.draft(task.id, "north"), inbox.draft(task.id, "north.deputy"))
    with pytest.raises(NotYourTask):
        inbox.keep_draft(task.id, "lake", {"price_fen": 1})
    with home.wiring.database.reading() as session:
        stored = session.connection().exec_driver_sql("SELECT content FROM draft").scalar_one()
    await home.desk.submit(task.id, "north", home.usual(task))

    assert ({"price_fen": 61_234_567}, None) == kept
    assert b"61234567" not in stored
    assert inbox.draft(task.id, "north") is None
    assert ["draft"] == [each.verb for each in home.desk.reading.refused_attempts(task.id)]
    history = await ServerHistories(home.client).history(f"contract/{NUMBER}/quote")
    assert not any(b"61234567" in event.SerializeToString() for event in history.events)


async def test_a_reason_that_says_nothing_changes_nothing(home: House) -> None:
    """A blank reason is refused where the act is asked for."""
    await home.start(small_contract())
    task = await home.task(TaskKind.QUOTE, "NORTH")

    refusal = await home.refusal(home.desk.act("decline", Decline, task.id, "north", reason="   "))

    assert (MalformedDocument.code, TaskState.OFFERED) == (refusal.code, home.desk.reading.task(task.id).state)
