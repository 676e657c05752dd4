"""The inbox: four lists, counted and narrowed by SQL, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from activities.recording import Written
from contracts.errors import UnknownName
from contracts.journal import Copy, Happening
from contracts.organisation import Role
from contracts.task import CoSigner, CoSigning, CoSignMode, MemberTask, Quorum, TaskKind, TaskState
from lianyue.records.door import Door
from lianyue.records.drafts import Drafts
from lianyue.records.engine import Database
from lianyue.records.inbox import Inbox, Seat, Tab, Wanted, to_do
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import AT, COORDINATOR, DIGEST, NUMBER, order, request, task

SECOND = "LY-2025-0002"
LI_LEI = Seat(user="li.lei", company="LGWY", roles=(Role.HANDLER,))
OPEN_TASKS = 10_000


@pytest.fixture
def inbox(alliance: Database, records: SqlRecords) -> Inbox:
    """The inbox of records with two contracts."""
    Door(alliance).register(order(SECOND, title="食堂服务", category="catering"), DIGEST, AT)
    return Inbox(alliance)


def named(name: str, number: str = NUMBER, **changes: Any) -> MemberTask:
    """A task called *name*."""
    return task(id=f"{number}/quote:{name}", number=number, **changes)


def put(records: SqlRecords, *tasks: MemberTask, **journal: Any) -> None:
    """Write tasks, and what else goes into a journal, down."""
    asked = request(len(tasks) + 100 * len(journal), tasks=tasks, **journal)
    records.once(asked, lambda _: Written(key=""), Written)


def names(tasks: tuple[MemberTask, ...]) -> list[str]:
    """The names of tasks."""
    return [each.id.partition(":")[2] for each in tasks]


def acted(verb: str, name: str, user: str = "li.lei", days: int = 0) -> Happening:
    """Somebody has done something."""
    at = AT + timedelta(days=days)
    return Happening(at=at, on=at, verb=verb, user=user, company="LGWY", task=f"{NUMBER}/quote:{name}")


def test_todo_is_what_can_be_done_something_about(records: SqlRecords, inbox: Inbox) -> None:
    """Offered to a role, held, or waiting for a consent; not what waits for others, is delegated, or is of others."""
    ordered = CoSigning(
        mode=CoSignMode.AFTER,
        quorum=Quorum.IN_ORDER,
        needed=2,
        signers=(CoSigner(user="wang.wu"), CoSigner(user="li.lei")),
    )
    own_turn = ordered.model_copy(update={"signers": ordered.signers[::-1]})
    answered = {"state": TaskState.RESOLVED, "user": "wang.wu", "answer": {}}
    put(
        records,
        named("offered", due_at=AT + timedelta(days=3)),
        named("held", user="li.lei", state=TaskState.CLAIMED, due_at=AT + timedelta(days=1)),
        named("without-a-day", user="li.lei", state=TaskState.CLAIMED),
        named("own-turn", co_signings=(own_turn,), due_at=AT + timedelta(days=2), **answered),
        named("turn-of-another", co_signings=(ordered,), **answered),
        named("answered", user="li.lei", state=TaskState.RESOLVED, answer={}),
        named("delegated", user="wang.wu", owner="li.lei", state=TaskState.DELEGATED),
        named("of-a-colleague", user="wang.wu", state=TaskState.CLAIMED),
        named("of-another-role", role=Role.SIGNER),
        named("of-another-company", company="LGNY"),
        named("closed", state=TaskState.COMPLETED),
    )

    assert ["held", "own-turn", "offered", "without-a-day"] == names(inbox.todo((LI_LEI,)))


def test_a_stand_in_finds_the_tasks_of_whom_they_stand_in_for(records: SqlRecords, inbox: Inbox) -> None:
    """Beside their own; neither approvals nor, without the role, signatures."""
    put(
        records,
        named("own", role=Role.SIGNER, user="wang.wu", state=TaskState.CLAIMED),
        named("held", user="li.lei", state=TaskState.CLAIMED),
        named("offered"),
        named("signature", user="li.lei", kind=TaskKind.SIGN),
        named("approval", user="li.lei", kind=TaskKind.APPROVE),
    )
    own = Seat(user="wang.wu", company="LGWY", roles=(Role.SIGNER,))
    other = LI_LEI.model_copy(update={"may_sign": False, "may_approve": False})

    assert ["own"] == names(inbox.todo((own,)))
    assert ["held", "offered", "own"] == names(inbox.todo((own, other)))


def test_done_is_what_somebody_has_dealt_with(records: SqlRecords, inbox: Inbox) -> None:
    """The latest first; what came back is to do again, and a reminder deals with nothing."""
    put(
        records,
        named("answered", state=TaskState.COMPLETED, user="li.lei"),
        named("passed-on", state=TaskState.CLAIMED, user="wang.wu"),
        named("given-back", state=TaskState.OFFERED),
        named("taken-back", state=TaskState.CLAIMED, user="li.lei"),
        named("urged"),
        happenings=(
            acted("submitted", "answered"),
            acted("transferred", "passed-on", days=1),
            acted("given_back", "given-back", days=2),
            acted("submitted", "taken-back", days=3),
            acted("reminded", "urged", days=4),
        ),
    )

    assert ["given-back", "passed-on", "answered"] == names(inbox.done("li.lei"))


def test_copies_are_read_once(records: SqlRecords, inbox: Inbox, alliance: Database) -> None:
    """A task and a contract, the latest first; the first reading stands, and nobody reads what is not theirs."""
    put(
        records,
        named("a"),
        copies=(
            Copy(user="li.lei", task=f"{NUMBER}/quote:a", by="han.mei", at=AT),
            Copy(user="li.lei", by="han.mei", at=AT + timedelta(days=1)),
        ),
    )

    assert ["园区物业服务", "报价"] == [copy.title for copy in inbox.copied("li.lei")]
    assert 2 == inbox.counts("li.lei", (LI_LEI,))[Tab.COPIED]
    assert [True, False] == [inbox.mark_read(NUMBER, "", "li.lei", AT) for _ in range(2)]
    assert [AT, None] == [copy.read_at for copy in inbox.copied("li.lei")]
    assert 1 == inbox.counts("li.lei", (LI_LEI,))[Tab.COPIED]
    with pytest.raises(UnknownName):
        inbox.mark_read(NUMBER, "", "han.mei", AT)


def test_whom_the_order_names_is_informed(records: SqlRecords, alliance: Database) -> None:
    """At the start, people of the office and the client; people of members hear of their own tasks only."""
    member = COORDINATOR.model_copy(update={"user": "li.lei", "company": "LGWY"})
    copied = order("LY-2025-0003").model_copy(update={"copied": (COORDINATOR, member)})
    Door(alliance).register(copied, DIGEST, AT)

    inbox = Inbox(alliance)
    assert (["LY-2025-0003"], ()) == ([each.number for each in inbox.copied("han.mei")], inbox.copied("li.lei"))


def test_lists_are_counted(records: SqlRecords, inbox: Inbox) -> None:
    """Each list is counted as it is listed; closed tasks of own contracts are not among those started."""
    put(records, named("a"), named("b", state=TaskState.COMPLETED), happenings=(acted("submitted", "b"),))
    coordinator = Seat(user="han.mei", company="LGFW", roles=(Role.COORDINATOR,))

    assert [1, 1, 0, 0] == list(inbox.counts("li.lei", (LI_LEI,)).values())
    assert [0, 0, 1, 0] == list(inbox.counts("han.mei", (coordinator,)).values())
    assert ["a"] == names(inbox.started("han.mei"))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"number": SECOND}, ["c"]),
        ({"category": "property"}, ["a", "b"]),
        ({"overdue": True}, ["b"]),
        ({"due_before": AT + timedelta(days=2)}, ["a"]),
        ({"search": "0002"}, ["c"]),
        ({"search": "食堂"}, ["c"]),
        ({"search": "lgcy"}, ["a", "b", "c"]),
        ({"search": "产业"}, ["a", "b", "c"]),
        ({"search": "%"}, []),
    ],
)
def test_a_list_is_narrowed(records: SqlRecords, inbox: Inbox, wanted: dict[str, Any], expected: list[str]) -> None:
    """By contract, category, what is overdue or due, and by a word in number, title or client."""
    put(
        records,
        named("a", due_at=AT + timedelta(days=1)),
        named("b", due_at=AT + timedelta(days=2), is_overdue=True),
        named("c", SECOND, due_at=AT + timedelta(days=3)),
    )

    assert expected == names(inbox.todo((LI_LEI,), Wanted.model_validate(wanted)))


def test_overdue_tasks_are_found_for_whoever_urges(records: SqlRecords, inbox: Inbox) -> None:
    """All of them for the office, those of its contracts for a client."""
    put(records, named("a", is_overdue=True), named("b"), named("c", is_overdue=True, state=TaskState.EXPIRED))

    assert [["a"], ["a"], []] == [names(inbox.overdue(client)) for client in (None, "LGCY", "LGNY")]


def test_ten_thousand_open_tasks_are_found_by_the_index(records: SqlRecords, inbox: Inbox, alliance: Database) -> None:
    """An inbox reads the open tasks of its company in the order of their due time, not the whole table."""
    for first in range(0, OPEN_TASKS, 2_000):
        batch = [
            named(f"t{place}", company=f"C{place % 100:03}", due_at=AT + timedelta(minutes=place))
            for place in range(first, first + 2_000)
        ]
        asked = request(first + 1, tasks=batch)
        records.once(asked, lambda _: Written(key=""), Written)
    with alliance.changing() as connection:
        connection.execute(text("ANALYZE"))
    seat = Seat(user="li.lei", company="C007", roles=(Role.HANDLER,))

    assert 20 == len(inbox.todo((seat,), limit=20))
    with alliance.reading() as session:
        stated = to_do((seat,)).compile(session.connection(), compile_kwargs={"literal_binds": True})
        ask = "EXPLAIN QUERY PLAN" if session.connection().dialect.name == "sqlite" else "EXPLAIN"
        plan = session.connection().exec_driver_sql(f"{ask} {stated}".replace("%", "%%")).all()
    assert "ix_member_task_company_is_open_due_at" in str(plan)


def test_a_draft_is_kept_until_the_task_is_closed(records: SqlRecords, alliance: Database) -> None:
    """One of each user and task; the later replaces the earlier, and the end of the task takes all of them along."""
    drafts = Drafts(alliance)
    put(records, named("a"))
    drafts.keep(named("a").id, "li.lei", b"first", AT)
    drafts.keep(named("a").id, "li.lei", b"second", AT)
    drafts.keep(named("a").id, "han.mei", b"other", AT)
    kept = [drafts.draft(named("a").id, user) for user in ("li.lei", "han.mei", "nobody")]
    put(records, named("a", revision=2, state=TaskState.EXPIRED), named("b"))

    assert [b"second", b"other", None] == kept
    assert [None, None] == [drafts.draft(named("a").id, user) for user in ("li.lei", "han.mei")]
