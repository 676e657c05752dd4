"""The tasks of one workflow: opened, acted on by people, reminded, escalated, and written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from temporalio import workflow

from contracts.calendar import Deadline
from contracts.errors import Refused, UnknownName
from contracts.ids import task_id
from contracts.organisation import Role
from contracts.service_contract import ContractOrder
from contracts.task import (
    Claim,
    CopyRequest,
    CoSignRequest,
    Decline,
    Delegation,
    GiveBack,
    MemberTask,
    Reminder,
    Submission,
    TaskAction,
    TaskKind,
    TaskReceipt,
    TaskState,
    Transfer,
    Withdrawal,
)
from contracts.task_moves import (
    check_mandate,
    claimed,
    co_sign_asked,
    copied,
    declined,
    delegated,
    given_back,
    reminded,
    revised,
    submitted,
    transferred,
    withdrawn,
)
from workflows.record_keeping import Order, RecordKeeping

Answer = TypeVar("Answer")
Action = TypeVar("Action", bound=TaskAction)


class CalledOff(Exception):
    """The contract was cancelled while a workflow of it waited."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TaskBoard(RecordKeeping):
    """
    What every workflow with people in it shares.

    A person's act is an update: the move is checked, applied, and in the records before the update answers. A
    refused act changes nothing and is in the records too.
    """

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self._tasks: dict[str, MemberTask] = {}
        self._expiring: set[str] = set()
        self._held_back: set[str] = set()
        self._stopped_at: datetime | None = None
        self._called_off: str | None = None

    # --- what people do -------------------------------------------------------------------------------------

    @workflow.update
    async def claim(self, action: Claim) -> TaskReceipt:
        """认领"""
        return await self._act("claimed", action, claimed)

    @workflow.update
    async def submit(self, action: Submission) -> TaskReceipt:
        """提交"""
        return await self._act("submitted", action, submitted)

    @workflow.update
    async def decline(self, action: Decline) -> TaskReceipt:
        """拒绝"""
        return await self._act("declined", action, declined)

    @workflow.update
    async def transfer(self, action: Transfer) -> TaskReceipt:
        """转交"""
        return await self._act("transferred", action, transferred)

    @workflow.update
    async def delegate(self, action: Delegation) -> TaskReceipt:
        """委托"""
        return await self._act("delegated", action, delegated)

    @workflow.update
    async def add_sign(self, action: CoSignRequest) -> TaskReceipt:
        """加签"""
        return await self._act("co_sign_asked", action, co_sign_asked)

    @workflow.update
    async def copy(self, action: CopyRequest) -> TaskReceipt:
        """抄送"""
        return await self._act("copied", action, lambda task, it: copied(task, it, office=self._order.office))

    @workflow.update
    async def give_back(self, action: GiveBack) -> TaskReceipt:
        """退回"""
        return await self._act("given_back", action, given_back)

    @workflow.update
    async def withdraw(self, action: Withdrawal) -> TaskReceipt:
        """撤回"""
        return await self._act(
            "withdrawn", action, lambda task, it: withdrawn(task, it, is_held_back=self._name(task) in self._held_back)
        )

    @workflow.update
    async def remind(self, action: Reminder) -> TaskReceipt:
        """催办"""
        return await self._act("reminded", action, lambda task, it: reminded(task, it, client=self._order.client))

    @workflow.signal
    def stop_clock(self) -> None:
        """Deadlines stop: the contract is suspended."""
        self._stopped_at = self._stopped_at or self._now()

    @workflow.signal
    async def start_clock(self) -> None:
        """Deadlines run on, later by as long as they stood still."""
        if self._stopped_at is None:
            return
        stopped_at, self._stopped_at = self._stopped_at, None
        for name, task in self._tasks.items():
            if task.is_open:
                stood_still = self._now() - max(stopped_at, task.opened_at)
                self._put(name, revised(task, **_postponed(task, stood_still)))
        await self._write_down()

    @workflow.signal
    def call_off(self, reason: str) -> None:
        """The contract is cancelled: whoever waits here stops waiting."""
        self._called_off = reason

    def _heed(self) -> None:
        """Stop here if the contract was called off."""
        if self._called_off is not None:
            raise CalledOff(self._called_off)

    async def _act(self, verb: str, action: Action, move: Callable[[MemberTask, Action], MemberTask]) -> TaskReceipt:
        try:
            self._check_voucher(action, action.actor, action.voucher)
            task = self._asked(action)
            check_mandate(task, action.actor, self._today())
            self._check_duties(task, action)
            moved = move(task, action)
        except Refused as refusal:
            self._tell("refused", action.actor, action.task, act=verb, code=refusal.code, message=refusal.message)
            await self._write_down()
            raise
        self._put(self._name(task), moved)
        self._tell(verb, action.actor, action.task, **_facts_of(action, moved))
        for user in moved.copied[len(task.copied) :]:
            self._copy_to(user, task.id, action.actor.user)
        await self._write_down()
        return TaskReceipt(task=moved.id, state=moved.state, revision=moved.revision)

    def _check_duties(self, task: MemberTask, action: TaskAction) -> None:
        """Refuse an actor who may not do this besides something else; a workflow with such a rule overrides it."""

    def _asked(self, action: TaskAction) -> MemberTask:
        task = self._tasks.get(action.task.rpartition(":")[2])
        if task is None or task.id != action.task:
            raise UnknownName(f"there is no task {action.task!r} here")
        return task

    # --- what the workflow does with tasks ------------------------------------------------------------------

    def _open(
        self,
        name: str,
        kind: TaskKind,
        title: str,
        company: str,
        role: Role,
        *,
        deadline: Deadline | None = None,
        due_day: int | None = None,
        expires: bool = False,
        about: Mapping[str, str] | None = None,
        **told: str,
    ) -> str:
        """
        Open a task called *name*; with *expires* it lapses when due, otherwise it becomes overdue.

        What it is *about* stands in its subject with whatever else is *told* of it.
        """
        subject = {**(about or {}), **told}
        due, remind, escalate = self._moments(deadline or Deadline(), due_day)
        task = MemberTask(
            id=task_id(workflow.info().workflow_id, name),
            number=self._number,
            kind=kind,
            title=title,
            company=company,
            role=role,
            opened_at=self._now(),
            due_at=due,
            remind_at=remind,
            escalate_at=escalate,
            subject=subject,
            copied=tuple(person.user for person in self._order.copied if person.company == company),
        )
        for user in task.copied:
            self._copy_to(user, task.id)
        if expires:
            self._expiring.add(name)
        self._put(name, task)
        self._tell("opened", None, task.id, kind=kind, company=company, due=due.isoformat(), **subject)
        return name

    async def _closed(self, name: str) -> MemberTask:
        """Write down what is open, then wait until task *name* is answered, refused or expired."""
        return (await self._all_closed([name]))[0]

    async def _all_closed(self, names: list[str]) -> list[MemberTask]:
        await self._write_down()
        await self._wait_for(lambda: not self._open_among(names))
        return [self._tasks[name] for name in names]

    def _open_among(self, names: list[str]) -> list[str]:
        return [name for name in names if self._tasks[name].is_open]

    def _cancel_tasks(self, names: list[str] | None = None) -> None:
        """Cancel the open tasks among *names*, or all of them."""
        for name in self._open_among(list(self._tasks) if names is None else names):
            task = self._tasks[name]
            self._put(name, revised(task, state=TaskState.CANCELLED))
            self._tell("cancelled", task=task.id)

    def _put(self, name: str, task: MemberTask) -> None:
        self._tasks[name] = task
        others = tuple(other for other in self._journal.tasks if other.id != task.id)
        self._journal = self._journal.model_copy(update={"tasks": (*others, task)})

    @staticmethod
    def _name(task: MemberTask) -> str:
        return task.id.rpartition(":")[2]

    # --- deadlines ------------------------------------------------------------------------------------------

    async def _wait_for(self, done: Callable[[], bool]) -> None:
        """
        Wait until *done*, and meanwhile remind, expire and escalate what falls due.

        Raises:
            CalledOff: If the contract is cancelled before.
        """
        while not done():
            self._heed()
            armed = self._next_moment()
            if await self._timer(armed, partial(self._is_interrupted, done, armed)):
                self._let_fall_due()
                await self._write_down()

    def _is_interrupted(self, done: Callable[[], bool], armed: datetime | None) -> bool:
        return done() or self._is_earlier(armed)

    async def _timer(self, moment: datetime | None, interrupted: Callable[[], bool]) -> bool:
        """Wait for *moment*, or without one for ever; say whether it came before the interruption."""
        if moment is None:
            await workflow.wait_condition(interrupted)
            return False
        patience = self._order.clock.real(moment) - workflow.now()
        if patience <= timedelta(0):
            return True
        try:
            await workflow.wait_condition(interrupted, timeout=patience)
        except TimeoutError:
            return True
        return False

    def _next_moment(self) -> datetime | None:
        if self._stopped_at is not None:
            return None
        return min((moment for task in self._tasks.values() if task.is_open for moment in _awaited(task)), default=None)

    def _is_earlier(self, armed: datetime | None) -> bool:
        """Whether to look again before *armed*: something falls due earlier, the clock was stopped, or it is over."""
        if self._called_off is not None:
            return True
        if self._stopped_at is not None:
            return armed is not None
        next_moment = self._next_moment()
        return next_moment is not None and (armed is None or next_moment < armed)

    def _let_fall_due(self) -> None:
        for name, task in list(self._tasks.items()):
            if task.is_open:
                self._fall_due(name, task)

    def _has_come(self, moment: datetime | None) -> bool:
        """Compare in real time, as the timers do: a fast clock would round differently."""
        return moment is not None and self._order.clock.real(moment) <= workflow.now()

    def _fall_due(self, name: str, task: MemberTask) -> None:
        if self._has_come(task.remind_at):
            task = revised(task, remind_at=None, reminders=task.reminders + 1)
            self._put(name, task)
            self._tell("reminded", task=task.id, company=task.company)
        if self._has_come(task.due_at) and not task.is_overdue:
            expired = name in self._expiring
            task = revised(task, is_overdue=True, **({"state": TaskState.EXPIRED} if expired else {}))
            self._put(name, task)
            self._tell("expired" if expired else "overdue", task=task.id, company=task.company)
        if task.is_open and self._has_come(task.escalate_at) and not task.is_escalated:
            self._put(name, revised(task, is_escalated=True, priority=90))
            self._tell("escalated", task=task.id, company=task.company, to=self._order.office)

    def _moments(self, deadline: Deadline, due_day: int | None) -> tuple[datetime, datetime | None, datetime | None]:
        """Return when a task is due, reminded and escalated, at the close of business of working days."""
        calendar, clock, today = self._order.calendar, self._order.clock, self._today()
        due = max(due_day, today) if due_day is not None else calendar.after(today, deadline.working_days)
        remind = None if deadline.remind_after is None else calendar.after(today, deadline.remind_after)
        escalate = None if deadline.escalate_after is None else calendar.after(due, deadline.escalate_after)
        return (
            clock.close_of(due),
            clock.close_of(remind) if remind is not None and remind < due else None,
            clock.close_of(escalate) if escalate is not None else None,
        )


def _awaited(task: MemberTask) -> list[datetime]:
    moments = [task.remind_at]
    if not task.is_overdue:
        moments.append(task.due_at)
    if not task.is_escalated:
        moments.append(task.escalate_at)
    return [moment for moment in moments if moment is not None]


def _postponed(task: MemberTask, pause: timedelta) -> dict[str, Any]:
    moments = {name: getattr(task, name) for name in ("due_at", "remind_at", "escalate_at")}
    return {name: moment + pause for name, moment in moments.items() if moment is not None}


def _facts_of(action: TaskAction, moved: MemberTask) -> dict[str, Any]:
    facts: dict[str, Any] = {"state": moved.state, "kind": moved.kind}
    if isinstance(action, CoSignRequest):
        facts["mode"] = action.mode
        if len(action.to) > 1:
            facts |= {"quorum": action.quorum, "needed": moved.co_signings[-1].needed}
    reason = getattr(action, "reason", "")
    if reason:
        facts["reason"] = reason
    to = getattr(action, "to", None)
    if to is not None:
        facts["to"] = [person.user for person in to] if isinstance(to, tuple) else to.user
    if action.actor.mandate:
        facts |= {"acting_for": action.actor.mandate.principal, "mandate": action.actor.mandate.digest}
    return facts


class ContractBoard(TaskBoard):
    """The tasks of a workflow of a contract's tree, which knows the contract's whole order."""

    _order: ContractOrder

    def __init__(self, order: ContractOrder) -> None:
        super().__init__(order)
