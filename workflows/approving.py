"""The approvals of an award: asked for by the plan that was decided with it, passed on in time, refused on record."""

from __future__ import annotations

from contracts.approval import ApprovalPlan, ApprovalTimeout, OnTimeout
from contracts.calendar import Deadline
from contracts.decision import ApprovalNeed
from contracts.errors import DutiesNotSeparated
from contracts.organisation import Actor, Role
from contracts.task import (
    Consent,
    CopyRequest,
    CoSignRequest,
    Delegation,
    GiveBack,
    MemberTask,
    Reminder,
    TaskAction,
    TaskKind,
    TaskState,
    Transfer,
    Withdrawal,
)
from rules.approving import may_approve, outstanding
from workflows.record_keeping import Order
from workflows.task_board import TaskBoard


class Approving(TaskBoard):
    """The side of approving that a contract and a portfolio share: whoever may not is refused, silence passes it on."""

    DECIDED_BY = "decide"
    """The step whose occurrence tells the approvals of one award from those of the next."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self._plan = ApprovalPlan()

    async def _approved(self, plan: ApprovalPlan, **subject: str) -> MemberTask | None:
        """
        Have everybody approve whom *plan* names; return the approval that was refused, if one was.

        What the award comes to stands in the *subject* of every task. If it is overtaken, nobody is asked any more.
        """
        self._plan = plan
        asked = self._ask_for_approvals(plan.needs, subject)
        while asked:
            await self._await_approvals(asked)
            if self._is_overtaken():
                self._cancel_tasks(asked)
                return None
            for task in self._in(TaskState.REFUSED, asked):
                self._cancel_tasks(asked)
                return task
            asked = [*self._open_among(asked), *self._ask_instead(self._in(TaskState.EXPIRED, asked), subject)]
        return None

    async def _await_approvals(self, names: list[str]) -> None:
        """Wait until all have answered, or one has refused or let its time run out."""
        await self._write_down()
        await self._wait_for(
            lambda: (
                bool(self._in(TaskState.REFUSED, names) or self._in(TaskState.EXPIRED, names))
                or not self._open_among(names)
                or self._is_overtaken()
            )
        )

    def _is_overtaken(self) -> bool:
        """Whether the award that is being approved is no longer to be had."""
        return False

    def _in(self, state: TaskState, names: list[str]) -> list[MemberTask]:
        return [self._tasks[name] for name in names if self._tasks[name].state is state]

    def _ask_instead(self, lapsed: list[MemberTask], subject: dict[str, str]) -> list[str]:
        """Where time has run out, ask whom the authority matrix names then; what has been approved stands."""
        names: list[str] = []
        for rule in dict.fromkeys(task.subject["because"] for task in lapsed):
            timeout = self._plan.timeout_of(rule)
            if timeout is None:
                raise AssertionError("only an approval with a time limit lapses")
            given = [each.role.value for each in self._approvals() if _is_given_under(each, timeout.counted)]
            needs = outstanding(timeout, given)
            self._tell("approval_passed_on", rule=rule, working_days=timeout.working_days, roles=_roles(needs))
            names += self._ask_for_approvals(needs, subject)
        return names

    def _ask_for_approvals(self, needs: tuple[ApprovalNeed, ...], subject: dict[str, str]) -> list[str]:
        wanted = [need for need in needs for _ in range(need.count)]
        first = len(self._approvals()) + 1
        return [self._ask_for_approval(need, place, subject) for place, need in enumerate(wanted, start=first)]

    def _ask_for_approval(self, need: ApprovalNeed, place: int, subject: dict[str, str]) -> str:
        deadline, expires = _patience(self._plan.timeout_of(need.rule))
        return self._open(
            f"approve-{need.role}-{place}-{self._occurrences.get(self.DECIDED_BY, 0)}",
            TaskKind.APPROVE,
            f"批准《{self._order.title}》的分配方案",
            self._order.office,
            Role(need.role),
            deadline=deadline,
            expires=expires,
            about=subject,
            because=need.rule,
        )

    def _approvals(self) -> list[MemberTask]:
        """Every approval asked for of the award as last decided."""
        award = f"-{self._occurrences.get(self.DECIDED_BY, 0)}"
        return [task for task in self._tasks.values() if task.kind is TaskKind.APPROVE and task.id.endswith(award)]

    def _check_duties(self, task: MemberTask, action: TaskAction) -> None:
        """Let only those act on an approval who may approve, and pass it on only to such; anybody may urge it."""
        if task.kind is not TaskKind.APPROVE or isinstance(action, _HARMLESS):
            return
        is_consent = task.asks(action.actor.user)
        self._check_approver(task, action.actor, None if is_consent else task.role)
        for person in _passed_on_to(action):
            self._check_approver(task, person, None)

    def _check_approver(self, task: MemberTask, actor: Actor, role: Role | None) -> None:
        others = [other for other in self._approvals() if other.id != task.id]
        approved_by = [approver for other in others for approver in _approvers(other)]
        obstacle = may_approve(self._plan, role, actor, approved_by, self._today())
        if obstacle:
            raise DutiesNotSeparated(obstacle)


_HARMLESS = (Reminder, GiveBack, Withdrawal, CopyRequest)
"""What approves nothing."""


def _passed_on_to(action: TaskAction) -> tuple[Actor, ...]:
    """Whom an act lets approve, or consent to an approval."""
    if isinstance(action, CoSignRequest):
        return action.to
    return (action.to,) if isinstance(action, Transfer | Delegation) else ()


def _approvers(task: MemberTask) -> list[Actor]:
    """Who has approved by *task*: whoever answered it, and whoever consented."""
    said = [each.user for each in task.co_signers if each.consent is Consent.CONSENTED]
    consented = [Actor(user=user, company=task.company, roles=()) for user in said]
    return [*([task.answered_by] if task.answered_by else []), *consented]


def _is_given_under(task: MemberTask, rules: tuple[str, ...]) -> bool:
    return task.state is TaskState.COMPLETED and task.subject["because"] in rules


def _patience(timeout: ApprovalTimeout | None) -> tuple[Deadline, bool]:
    """How long an approval may take, and whether it lapses then or only becomes overdue."""
    if timeout is None:
        return Deadline(working_days=3, escalate_after=2), False
    days = timeout.working_days
    if timeout.on_timeout is OnTimeout.REMIND:
        return Deadline(working_days=days + 1, remind_after=days, escalate_after=2), False
    return Deadline(working_days=days), True


def _roles(needs: tuple[ApprovalNeed, ...]) -> list[str]:
    return [need.role for need in needs for _ in range(need.count)]
