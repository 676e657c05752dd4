"""What people find in the records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from activities.recording import Written
from contracts.agreement import AgreementState
from contracts.errors import UnknownName
from contracts.organisation import Alliance, CompanyKind, Role
from contracts.service_contract import Stage
from contracts.task import CoSigner, CoSigning, CoSignMode, MemberTask, TaskState
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.kept import CategoryTotal, MemberTotal
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from lianyue.records.totals import Totals
from tests.lianyue.records.samples import (
    ALLIANCE,
    AT,
    DAY,
    DIGEST,
    NUMBER,
    agreement,
    decision,
    happening,
    order,
    request,
    task,
    write,
)

SECOND, THIRD = "LY-2025-0002", "LY-2025-0003"


@pytest.fixture
def three(records: SqlRecords, alliance: Database) -> Database:
    """Three contracts: one signed and amended, one signed in another category, one only registered."""
    Door(alliance).register(order(SECOND, category="catering", quantity=7), DIGEST, AT)
    Door(alliance).register(order(THIRD), DIGEST, AT)
    for version in (agreement(LGWY=1_000, LGNY=500), agreement(2, LGWY=1_100, LGNY=500), agreement(1, SECOND, LGWY=70)):
        document = version.agreement
        write(alliance, lambda writing, version=version: writing.keep_agreement(version))
        write(
            alliance,
            lambda writing, document=document: writing.set_agreement_state(
                document.number, document.version, AgreementState.IN_FORCE, ""
            ),
        )
    return alliance


def put(records: SqlRecords, *tasks: MemberTask) -> None:
    """Write *tasks* down."""
    records.once(request(tasks=tasks), lambda _: Written(key=""), Written)


def asked(user: str) -> CoSigning:
    """Somebody who is asked to co-sign before the answer."""
    return CoSigning(mode=CoSignMode.BEFORE, needed=1, signers=(CoSigner(user=user),))


def named(name: str, **changes: object) -> MemberTask:
    """A task called *name*."""
    return task(id=f"{NUMBER}/quote:{name}", **changes)


def found(reading: Reading, **question: object) -> list[str]:
    """The names of the tasks that answer *question*."""
    return [each.id.partition(":")[2] for each in reading.tasks(**question)]  # type: ignore[arg-type]


def test_totals_are_as_first_signed(three: Database) -> None:
    """Totals count every signed contract once, with what was first signed, and no contract that was not signed."""
    assert (
        CategoryTotal(category="catering", contracts=1, amount_fen=70, quantity=7),
        CategoryTotal(category="property", contracts=1, amount_fen=1_500, quantity=300),
    ) == Totals(three).signed_by_category()
    assert (
        MemberTotal(member="LGNY", contracts=1, amount_fen=500),
        MemberTotal(member="LGWY", contracts=2, amount_fen=1_070),
    ) == Totals(three).signed_by_member()


def test_version_drawn_up_only_is_not_in_totals(records: SqlRecords, alliance: Database) -> None:
    """A document that nobody signed adds nothing."""
    write(alliance, lambda writing: writing.keep_agreement(agreement(LGWY=1_000)))

    assert ((), ()) == (Totals(alliance).signed_by_category(), Totals(alliance).signed_by_member())


def test_contracts_are_found_by_what_they_are(three: Database, records: SqlRecords, reading: Reading) -> None:
    """Filters by category, member, client and stage; pages in the order of numbers."""
    write(three, lambda writing: writing.reserve(order(THIRD).contract, decision(LGNY=5), DAY))
    put(records, named("a", company="LGFW"))

    questions = (
        {"category": "catering"},
        {"member": "LGNY"},
        {"company": "LGCY"},
        {"company": "LGFW"},
        {"stage": Stage.QUOTED},
        {"limit": 1, "offset": 1},
    )
    answers = [[each.number for each in reading.contracts(**question)] for question in questions]  # type: ignore[arg-type]
    assert [[SECOND], [NUMBER, THIRD], [NUMBER, SECOND, THIRD], [NUMBER], [], [SECOND]] == answers


def test_stages_are_counted(three: Database, records: SqlRecords) -> None:
    """Every stage is named, in the order of a contract's life."""
    records.once(request(stage=Stage.QUOTED, happenings=(happening("quoted"),)), lambda _: Written(key=""), Written)

    counts = Totals(three).contracts_by_stage()
    assert list(Stage) == list(counts)
    assert {Stage.REGISTERED: 2, Stage.QUOTED: 1} == {stage: count for stage, count in counts.items() if count}


def test_inbox_holds_what_a_person_may_act_on(records: SqlRecords, reading: Reading) -> None:
    """By role unless held by a colleague; held, owned or to be co-signed in any role; never closed or of others."""
    put(
        records,
        named("offered"),
        named("of-a-colleague", user="wang.wu"),
        named("of-another-role", role=Role.SIGNER),
        named("held", role=Role.SIGNER, user="li.lei"),
        named("delegated", role=Role.SIGNER, user="wang.wu", owner="li.lei"),
        named("co-sign", role=Role.SIGNER, co_signings=(asked("li.lei"),)),
        named("namesake", role=Role.SIGNER, co_signings=(asked("li_lei"),)),
        named("closed", state=TaskState.COMPLETED),
        named("of-another-company", company="LGNY"),
    )

    inbox = found(reading, company="LGWY", user="li.lei", roles=[Role.HANDLER])

    assert ["co-sign", "delegated", "held", "offered"] == inbox
    assert ["namesake"] == [name for name in found(reading, company="LGWY", user="li_lei") if name != "offered"]


def test_most_pressing_task_comes_first(records: SqlRecords, reading: Reading) -> None:
    """By priority, then by due time, tasks without one last; pages go on from there."""
    put(
        records,
        named("open-ended"),
        named("later", due_at=AT + timedelta(days=2)),
        named("sooner", due_at=AT + timedelta(days=1)),
        named("escalated", due_at=AT + timedelta(days=3), priority=90),
    )

    assert ["escalated", "sooner", "later", "open-ended"] == found(reading)
    assert ["later"] == found(reading, number=NUMBER, limit=1, offset=2)


def test_closed_task_is_found_when_asked_for(records: SqlRecords, reading: Reading) -> None:
    """Closed tasks are out of the inbox, not out of the records."""
    closed = task(2, state=TaskState.COMPLETED)
    put(records, closed)

    assert ((), (closed,), closed) == (reading.tasks(), reading.tasks(open_only=False), reading.task(closed.id))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (lambda reading: reading.contract("LY-2025-0404"), "contract LY-2025-0404 is not registered"),
        (lambda reading: reading.task("x"), "there is no task 'x'"),
    ],
)
def test_unknown_name_is_told(alliance: Database, reading: Reading, question: object, message: str) -> None:
    """What is not there is told by name."""
    with pytest.raises(UnknownName) as refusal:
        question(reading)  # type: ignore[operator]

    assert message == str(refusal.value)


def test_directory_comes_back_as_loaded(alliance: Database) -> None:
    """Companies by code, people by name, the office."""
    directory = Directory(alliance)

    assert tuple(sorted(ALLIANCE.companies, key=lambda company: company.code)) == directory.companies()
    assert ["LGNY", "LGWY"] == [company.code for company in directory.companies(CompanyKind.MEMBER)]
    assert ["han.mei", "li.lei"] == [person.user for person in directory.persons()]
    assert ("LGFW", "李雷") == (directory.office(), directory.person("li.lei").name)


def test_person_who_left_is_no_user(alliance: Database) -> None:
    """Whoever is no longer in the directory cannot sign in; the company's name can still be read."""
    left = Alliance.model_validate(
        {
            **ALLIANCE.model_dump(),
            "people": (),
            "companies": [c for c in ALLIANCE.companies if c.code != "LGWY"],
            "standings": (),
        }
    )
    Directory(alliance).load(left)

    assert "临港物业" == Directory(alliance).company("LGWY").name
    with pytest.raises(UnknownName) as refusal:
        Directory(alliance).person("li.lei")
    assert "li.lei is not a user" == str(refusal.value)
