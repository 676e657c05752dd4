"""What a person at a company must do until when, and the one table of moves a task may make."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.ids import ContractNumber, TaskId
from contracts.organisation import Actor, Role
from contracts.value import Code, Json, Line, Reason, Recorded, UserName


class TaskKind(StrEnum):
    """What a task asks for."""

    CONFIRM_TERMS = "confirm_terms"
    REVISE_TERMS = "revise_terms"
    QUOTE = "quote"
    APPROVE = "approve"
    SIGN = "sign"
    DELIVER = "deliver"
    ACCEPT = "accept"
    RATE = "rate"
    REPLY = "reply"
    HEAR_APPEAL = "hear_appeal"


class TaskState(StrEnum):
    """Where a task stands; ``resolved`` waits for co-signers, ``delegated`` for the delegate."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    DELEGATED = "delegated"
    RESOLVED = "resolved"
    COMPLETED = "completed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN_STATES = (TaskState.OFFERED, TaskState.CLAIMED, TaskState.DELEGATED, TaskState.RESOLVED)
"""In these a task still waits for somebody."""

MOVES: dict[TaskState, tuple[TaskState, ...]] = {
    TaskState.OFFERED: (*OPEN_STATES, TaskState.COMPLETED, TaskState.REFUSED, TaskState.EXPIRED, TaskState.CANCELLED),
    TaskState.CLAIMED: (*OPEN_STATES, TaskState.COMPLETED, TaskState.REFUSED, TaskState.EXPIRED, TaskState.CANCELLED),
    TaskState.DELEGATED: (*OPEN_STATES, TaskState.COMPLETED, TaskState.REFUSED, TaskState.EXPIRED, TaskState.CANCELLED),
    TaskState.RESOLVED: (*OPEN_STATES, TaskState.COMPLETED, TaskState.EXPIRED, TaskState.CANCELLED),
    TaskState.COMPLETED: (TaskState.CLAIMED,),  # 撤回, while the board still holds the answer back
    TaskState.REFUSED: (),
    TaskState.EXPIRED: (),
    TaskState.CANCELLED: (),
}


class CoSignMode(StrEnum):
    """加签: before the holder may answer, after, or beside."""

    BEFORE = "before"
    AFTER = "after"
    BESIDE = "beside"


class CoSigner(Recorded):
    """A colleague whose consent a task also needs."""

    user: UserName
    mode: CoSignMode
    consented: bool = False


class MemberTask(Recorded):
    """
    A task as everybody sees it.

    ``company`` and ``role`` say who may take it, ``user`` narrows it to one person. ``subject`` says what it is
    about (member, milestone, version …). ``revision`` rises with every change.
    """

    id: TaskId
    number: ContractNumber
    kind: TaskKind
    title: Line
    company: Code
    role: Role
    user: UserName | None = None
    owner: UserName | None = None
    state: TaskState = TaskState.OFFERED
    opened_at: datetime
    due_at: datetime | None = None
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    is_escalated: bool = False
    is_overdue: bool = False
    reminders: int = 0
    priority: int = 50
    subject: dict[str, str] = {}
    co_signers: tuple[CoSigner, ...] = ()
    answer: Json | None = None
    answered_by: Actor | None = None
    reason: str = ""
    revision: int = 1

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state in OPEN_STATES


class TaskAction(Recorded):
    """
    What every action on a task carries.

    ``expected_revision`` refuses it if somebody acted in between. A colleague it names is given as the desk knows
    them, so that the workflow can check company and role.
    """

    task: TaskId
    actor: Actor
    expected_revision: int | None = None


class Claim(TaskAction):
    """认领: take an offered task."""


class Submission(TaskAction):
    """提交: answer the task with its form."""

    content: Json


class Decline(TaskAction):
    """拒绝: refuse what the task asks, with a reason."""

    reason: Reason


class Transfer(TaskAction):
    """转交: hand the task over to a colleague for good."""

    to: Actor
    reason: Reason


class Delegation(TaskAction):
    """委托: let a colleague prepare the answer; it comes back to the owner."""

    to: Actor
    reason: Reason


class CoSignRequest(TaskAction):
    """加签: ask for a colleague's consent too."""

    to: Actor
    mode: CoSignMode = CoSignMode.BESIDE
    reason: Reason


class GiveBack(TaskAction):
    """退回: give the task back to the one it came from, or to the company."""

    reason: Reason


class Withdrawal(TaskAction):
    """撤回: take one's own answer back while nobody has acted on it."""

    reason: Reason


class Reminder(TaskAction):
    """催办: remind whoever holds the task."""

    reason: Annotated[str, Field(max_length=2_000)] = ""


class TaskReceipt(Recorded):
    """What the person gets back at once."""

    task: TaskId
    state: TaskState
    revision: int
