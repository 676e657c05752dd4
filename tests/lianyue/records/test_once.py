"""Every effect happens once: on a retry, after a kill at any point, and against an attempt that comes too late."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.recording import Written
from contracts.errors import EffectConflict, UnknownName, WrongState
from contracts.service_contract import Stage
from contracts.task import TaskState
from lianyue.records.engine import Database
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import AT, NUMBER, decision, happening, order, request, task

CRASHING = Path(__file__).parent / "crashing.py"


def written(_: object) -> Written:
    """The answer of an act that writes nothing of its own."""
    return Written(key="first")


def test_retry_gives_first_answer(records: SqlRecords, reading: Reading) -> None:
    """A retry returns the first answer, does not act, and writes the journal no second time."""
    asked = request(happenings=(happening("opened"),))
    first = records.once(asked, written, Written)

    again = records.once(asked, lambda _: pytest.fail("acted twice"), Written)

    assert first == again
    assert (happening("opened"),) == reading.happenings(NUMBER)


def test_other_request_under_same_key_conflicts(records: SqlRecords, reading: Reading) -> None:
    """One key with two different requests is a defect; of the second nothing is written."""
    records.once(request(happenings=(happening("opened"),)), written, Written)

    with pytest.raises(EffectConflict) as conflict:
        records.once(request(happenings=(happening("expired"),)), written, Written)

    assert f"contract/{NUMBER}#write_down/1 was used for a different request" == str(conflict.value)
    assert (happening("opened"),) == reading.happenings(NUMBER)


def test_refusal_writes_nothing(records: SqlRecords, reading: Reading) -> None:
    """An act that refuses leaves neither its journal nor its key behind."""

    def refuse(_: object) -> Written:
        raise WrongState("too late")

    asked = request(happenings=(happening("opened"),), tasks=(task(),))
    with pytest.raises(WrongState):
        records.once(asked, refuse, Written)

    assert ((), ()) == (reading.happenings(NUMBER), reading.tasks())
    assert Written(key="first") == records.once(asked, written, Written)


def test_unregistered_contract_is_unknown(records: SqlRecords) -> None:
    """Nothing is written about a contract that nobody registered."""
    with pytest.raises(UnknownName) as refusal:
        records.once(request(number="LY-2025-0009"), written, Written)

    assert "contract LY-2025-0009 is not registered" == str(refusal.value)


@pytest.mark.chaos
@pytest.mark.parametrize("point", ["before", "inside", "after"])
def test_kill_at_any_point_leaves_one_effect(
    records: SqlRecords, reading: Reading, records_url: str, point: str
) -> None:
    """A process killed before, inside or after the transaction leaves, with its retry, exactly one effect."""
    killed = subprocess.run([sys.executable, str(CRASHING), records_url, point], timeout=60)
    assert -signal.SIGKILL == killed.returncode

    records.once(
        request(step="decide", happenings=(happening("decided"),)),
        lambda writing: writing.reserve(order().contract, decision(LGWY=100), 20_270) or Written(key="retry"),
        Written,
    )

    assert (happening("decided"),) == reading.happenings(NUMBER)
    assert (NUMBER,) == tuple(row.number for row in reading.contracts(member="LGWY"))
    assert [(100,)] == rows(reading, "SELECT amount_fen FROM reservation")


def test_answer_of_killed_attempt_is_kept(records: SqlRecords, records_url: str) -> None:
    """What the killed attempt had committed is what its retry returns."""
    subprocess.run([sys.executable, str(CRASHING), records_url, "after"], timeout=60)

    retried = records.once(
        request(step="decide", happenings=(happening("decided"),)), lambda _: Written(key="retry"), Written
    )

    assert Written(key="killed") == retried


def test_zombie_does_not_take_task_back(records: SqlRecords, reading: Reading) -> None:
    """An attempt that outlived its time limit does not overwrite a later revision of a task."""
    records.once(request(2, tasks=(task(3, state=TaskState.COMPLETED),)), written, Written)

    records.once(request(1, tasks=(task(2, state=TaskState.CLAIMED),)), written, Written)

    assert task(3, state=TaskState.COMPLETED) == reading.task(task().id)


def test_zombie_does_not_take_stage_back(records: SqlRecords, reading: Reading) -> None:
    """A batch that was told earlier and written later does not move the contract back."""
    later = happening("quoted", AT + timedelta(hours=1))
    records.once(request(2, stage=Stage.QUOTED, suspended=True, happenings=(later,)), written, Written)

    records.once(
        request(1, stage=Stage.SPECIFIED, suspended=False, happenings=(happening("specified"),)), written, Written
    )

    summary = reading.contract(NUMBER)
    assert (Stage.QUOTED, True) == (summary.stage, summary.is_suspended)
    assert ["specified", "quoted"] == [told.verb for told in reading.happenings(NUMBER)]


def test_reset_moves_stage_back(records: SqlRecords, reading: Reading) -> None:
    """A workflow that was reset tells an earlier stage at a later moment; then that is the stage."""
    records.once(request(1, stage=Stage.FAILED, happenings=(happening("failed"),)), written, Written)

    later = happening("quoted", AT + timedelta(hours=1))
    records.once(request(2, stage=Stage.QUOTED, happenings=(later,)), written, Written)

    assert Stage.QUOTED == reading.contract(NUMBER).stage


def test_newer_release_knows_older_request(records: SqlRecords) -> None:
    """A field that a release adds with a default does not make another request of a retry."""

    class NewerRequest(type(request())):  # type: ignore[misc]
        note: str = ""

    records.once(request(), written, Written)

    newer = NewerRequest.model_validate(request().model_dump())
    assert Written(key="first") == records.once(newer, written, Written)


def rows(reading: Reading, question: str) -> list[tuple[object, ...]]:
    """Ask the database itself."""
    database: Database = reading._database
    with database.reading() as session:
        return [tuple(row) for row in session.connection().execute(text(question))]
