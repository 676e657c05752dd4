"""What a person at a company must do until when, and the one table of moves a task may make."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.ids import ContractNumber, TaskId
from contracts.organisation import Actor, Role
from contracts.value import LONGEST_REASON, Code, Json, Line, Reason, Recorded, UserName
from contracts.voucher import Voucher


class TaskKind(StrEnum):
    """What a task asks for."""

    CONFIRM_TERMS = "confirm_terms"
    REVISE_TERMS = "revise_terms"
    QUOTE = "quote"
    ADJUST = "adjust"
    OPEN_QUOTES = "open_quotes"
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


class Quorum(StrEnum):
    """How many of those asked together must consent: 会签 all, 或签 any one, 依次 all in order, or so many of them."""

    ALL = "all"
    ANY = "any"
    IN_ORDER = "in_order"
    AT_LEAST = "at_least"


class Consent(StrEnum):
    """What a co-signer has said."""

    ASKED = "asked"
    CONSENTED = "consented"
    WITHHELD = "withheld"


class CoSigner(Recorded):
    """A colleague whose consent a task also needs."""

    user: UserName
    consent: Consent = Consent.ASKED


class CoSigning(Recorded):
    """Colleagues asked together for their consent; ``needed`` of them suffice."""

    mode: CoSignMode
    quorum: Quorum = Quorum.ALL
    needed: int
    signers: tuple[CoSigner, ...]

    @property
    def is_met(self) -> bool:
        """Whether enough have consented."""
        return self._count(Consent.CONSENTED) >= self.needed

    @property
    def is_failed(self) -> bool:
        """Whether so many have withheld their consent that it cannot be met any more."""
        return len(self.signers) - self._count(Consent.WITHHELD) < self.needed

    @property
    def is_waiting(self) -> bool:
        """Whether it still keeps the task from being completed."""
        return not self.is_met and not self.is_failed

    @property
    def asked(self) -> tuple[UserName, ...]:
        """Who has not spoken yet while it still matters, in the order in which they were named."""
        if not self.is_waiting:
            return ()
        return tuple(signer.user for signer in self.signers if signer.consent is Consent.ASKED)

    @property
    def in_turn(self) -> tuple[UserName, ...]:
        """Who of those asked may speak now: in order only the first."""
        return self.asked[:1] if self.quorum is Quorum.IN_ORDER else self.asked

    def said(self, user: str, consent: Consent) -> CoSigning:
        """Return it with the *consent* of *user*."""
        spoken = CoSigner(user=user, consent=consent)
        return self.model_copy(
            update={"signers": tuple(spoken if signer.user == user else signer for signer in self.signers)}
        )

    def anew(self) -> CoSigning:
        """Return it with everybody asked again: the answer that they had spoken about is gone."""
        return self.model_copy(update={"signers": tuple(CoSigner(user=signer.user) for signer in self.signers)})

    def _count(self, consent: Consent) -> int:
        return sum(signer.consent is consent for signer in self.signers)


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
    co_signings: tuple[CoSigning, ...] = ()
    copied: tuple[UserName, ...] = ()
    """抄送: who is informed of it and has nothing to do."""
    answer: Json | None = None
    answered_by: Actor | None = None
    reason: str = ""
    revision: int = 1

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state in OPEN_STATES

    @property
    def co_signers(self) -> tuple[CoSigner, ...]:
        """Everybody who was asked to co-sign, in the order of asking."""
        return tuple(signer for signing in self.co_signings for signer in signing.signers)

    @property
    def awaited(self) -> tuple[UserName, ...]:
        """Whose consent the task waits for now: of those asked for after the answer, only once there is one."""
        if not self.is_open:
            return ()
        ready = [each for each in self.co_signings if each.mode is not CoSignMode.AFTER or self.answer is not None]
        return tuple(dict.fromkeys(user for signing in ready for user in signing.in_turn))

    def asks(self, user: str) -> bool:
        """Whether *user* was asked to co-sign and has not spoken while it still matters."""
        return self.is_open and any(user in signing.asked for signing in self.co_signings)


class TaskAction(Recorded):
    """
    What every action on a task carries.

    ``expected_revision`` refuses it if somebody acted in between. A colleague it names is given as the desk knows
    them, so that the workflow can check company and role.
    """

    task: TaskId
    actor: Actor
    expected_revision: int | None = None
    voucher: Voucher | None = None
    """What the desk attests of the actor and this very act."""


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
    """加签: ask for the consent of colleagues too; ``needed`` says how many with the quorum ``at_least``."""

    to: tuple[Actor, ...]
    mode: CoSignMode = CoSignMode.BESIDE
    quorum: Quorum = Quorum.ALL
    needed: int | None = None
    reason: Reason


class CopyRequest(TaskAction):
    """抄送: inform people of the task; they read and have nothing to do."""

    to: tuple[Actor, ...]


class GiveBack(TaskAction):
    """退回: give the task back to the one it came from, or to the company."""

    reason: Reason


class Withdrawal(TaskAction):
    """撤回: take one's own answer back while nobody has acted on it."""

    reason: Reason


class Reminder(TaskAction):
    """催办: remind whoever holds the task."""

    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""


class TaskReceipt(Recorded):
    """What the person gets back at once."""

    task: TaskId
    state: TaskState
    revision: int
