"""Applying a journal: the present tasks, the stage, and what happened, so that a late attempt changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from contracts.calendar import day_of
from contracts.journal import Copy, EffectRequest, Happening, Journal
from contracts.service_contract import Stage
from contracts.task import MemberTask
from lianyue.records.drafts import drop_drafts
from lianyue.records.insert import inserted, put
from lianyue.records.outbox import write_notices
from lianyue.records.tables import ContractRow, CopyRow, HappeningRow, TaskActRow, TaskRow

ORDER = tuple(Stage)
ACTS = ("submitted", "declined", "transferred", "delegated", "co_sign_asked", "given_back", "withdrawn")
"""What puts a task among those that somebody has dealt with (已办)."""


def apply_journal(session: Session, request: EffectRequest) -> None:
    """
    Write the request's journal into *session*.

    A task is written unless what is written is as new: an attempt that outlived its time limit comes too late.
    """
    journal = request.journal
    for task in journal.tasks:
        put(session, TaskRow, _task_values(task), ("id",), newer_by="revision")
        if not task.is_open:
            drop_drafts(session, task.id)
    for happening in journal.happenings:
        if happening.verb in ACTS and happening.task and happening.user:
            put(session, TaskActRow, _act_values(happening), ("task", "user"))
    for copy in journal.copies:
        inserted(session, CopyRow, copy_values(request.number, copy))
    if journal.happenings:
        told = [_told(request, position, happening) for position, happening in enumerate(journal.happenings)]
        session.connection().execute(insert(HappeningRow), told)
    write_notices(session, request)
    if journal.stage is not None or journal.suspended is not None:
        _reach(session.get_one(ContractRow, request.number), journal)
        session.flush()


def _task_values(task: MemberTask) -> dict[str, Any]:
    return {
        "id": task.id,
        "number": task.number,
        "kind": task.kind,
        "company": task.company,
        "role": task.role,
        "user": task.user,
        "owner": task.owner,
        "co_signers": marked(*task.awaited),
        "state": task.state,
        "is_open": task.is_open,
        "opened_day": day_of(task.opened_at),
        "due_at": task.due_at,
        "is_overdue": task.is_overdue,
        "priority": task.priority,
        "revision": task.revision,
        "task_json": task.model_dump_json(),
    }


def _act_values(happening: Happening) -> dict[str, Any]:
    return {"task": happening.task, "user": happening.user, "at": happening.at}


def copy_values(number: str, copy: Copy) -> dict[str, Any]:
    """Return the row of *copy*."""
    return {"number": number, "task": copy.task, "user": copy.user, "given_by": copy.by, "at": copy.at}


def marked(*users: str) -> str:
    """Write *users* so that one can be found among them: ``,li.lei,han.mei,``."""
    return "".join(f",{user}" for user in users) + ","


def _told(request: EffectRequest, position: int, happening: Happening) -> dict[str, Any]:
    return {
        "effect_key": request.key,
        "position": position,
        "number": request.number,
        "at": happening.at,
        "verb": happening.verb,
        "happening_json": happening.model_dump_json(),
    }


def _reach(contract: ContractRow, journal: Journal) -> None:
    """Move the contract on; the batch's last moment decides which of two batches is the later one."""
    at = max((happening.at for happening in journal.happenings), default=None)
    if journal.stage is not None and _is_later(contract, journal.stage, at):
        contract.stage, contract.stage_at = journal.stage.value, at or contract.stage_at
    if journal.suspended is not None and not _is_before(at, contract.suspended_at):
        contract.is_suspended, contract.suspended_at = journal.suspended, at or contract.suspended_at


def _is_later(contract: ContractRow, stage: Stage, at: datetime | None) -> bool:
    """Whether *stage* was reached after the one on record; without a moment, or at the same, the life's order says."""
    if at is None or contract.stage_at is None or at == contract.stage_at:
        return ORDER.index(stage) >= ORDER.index(Stage(contract.stage))
    return at > contract.stage_at


def _is_before(at: datetime | None, other: datetime | None) -> bool:
    return at is not None and other is not None and at < other
