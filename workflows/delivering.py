"""Delivering: one member's share, milestone by milestone, until the client has accepted it."""

from __future__ import annotations

import asyncio

from temporalio import workflow

from activities.delivering import Delivering, SettleRequest
from contracts.agreement import AgreementVersion
from contracts.calendar import Deadline
from contracts.calls import DeliveringCall
from contracts.delivery import Acceptance, SettlementLine, ShareOutcome
from contracts.organisation import Role
from contracts.task import MemberTask, TaskKind, TaskState
from contracts.task_moves import revised
from workflows.task_board import CalledOff, ContractBoard


@workflow.defn
class DeliveringWorkflow(ContractBoard):
    """One member's share of one contract."""

    @workflow.init
    def __init__(self, call: DeliveringCall) -> None:
        super().__init__(call.order)
        self._member = call.member
        self._plan = {cell.milestone: cell for cell in call.version.agreement.instalments_of(call.member)}
        self._settling: list[asyncio.Task[SettlementLine]] = []
        self._is_held = False
        self._returned = 0
        self._days_late = 0

    @workflow.run
    async def run(self, call: DeliveringCall) -> ShareOutcome:
        """Have each milestone delivered, inspected and settled, in the order of the plan."""
        try:
            for milestone in list(self._plan):
                acceptance, score_bp = await self._have_delivered(milestone)
                self._settling.append(asyncio.create_task(self._settle(milestone, acceptance, score_bp)))
        except CalledOff:
            self._cancel_tasks()
        lines = tuple([await settled for settled in self._settling])
        await self._finish()
        return self._outcome(lines)

    @workflow.signal
    async def change_plan(self, version: AgreementVersion) -> None:
        """An amendment is in force: what is still open follows the new plan."""
        self._plan = {cell.milestone: cell for cell in version.agreement.instalments_of(self._member)}
        for name, task in self._tasks.items():
            if task.is_open and task.kind is TaskKind.DELIVER:
                due = self._order.clock.close_of(self._plan[task.subject["milestone"]].due_day)
                self._put(name, revised(task, due_at=due))
        await self._write_down()

    @workflow.signal
    def hold_settlement(self, is_held: bool) -> None:
        """While an amendment goes round the parties nothing is settled: its plan would be overtaken."""
        self._is_held = is_held

    async def _have_delivered(self, milestone: str) -> tuple[Acceptance, int]:
        """Repeat delivery and inspection until the client accepts, finally rejects, or has returned it too often."""
        attempt, due_day = 1, self._plan[milestone].due_day
        while True:
            delivered = await self._await_delivery(milestone, attempt, due_day)
            acceptance, score_bp, reason = await self._await_inspection(milestone, attempt, delivered)
            if acceptance is Acceptance.RETURNED and attempt > self._order.contract.delivery.returns:
                acceptance = Acceptance.REJECTED
            if acceptance is not Acceptance.RETURNED:
                return acceptance, score_bp
            self._returned += 1
            self._tell("returned", company=self._member, milestone=milestone, attempt=attempt, reason=reason)
            attempt += 1
            due_day = self._order.calendar.after(self._today(), self._order.contract.delivery.redeliver_working_days)

    async def _await_delivery(self, milestone: str, attempt: int, due_day: int) -> MemberTask:
        cell = self._plan[milestone]
        name = self._open(
            f"deliver-{milestone}-{attempt}",
            TaskKind.DELIVER,
            f"交付《{self._order.contract.title}》：{cell.title}",
            self._member,
            Role.HANDLER,
            deadline=Deadline(escalate_after=self._order.contract.delivery.escalate_after),
            due_day=due_day,
            milestone=milestone,
            member=self._member,
            attempt=str(attempt),
            category=self._order.contract.category,
        )
        task = await self._closed(name)
        late = self._order.calendar.between(due_day, self._today())
        self._days_late += late
        self._tell("delivered_by", company=self._member, milestone=milestone, attempt=attempt, days_late=late)
        return task

    async def _await_inspection(
        self, milestone: str, attempt: int, delivered: MemberTask
    ) -> tuple[Acceptance, int, str]:
        """Return the client's judgement; silence to the end of the inspection period is acceptance."""
        cell = self._plan[milestone]
        name = self._open(
            f"accept-{milestone}-{attempt}",
            TaskKind.ACCEPT,
            f"验收{self._member}交付的{cell.title}",
            self._order.contract.client,
            Role.BUYER,
            deadline=Deadline(working_days=cell.inspection_working_days),
            expires=True,
            milestone=milestone,
            member=self._member,
            delivery=delivered.id,
        )
        task = await self._closed(name)
        if task.state is TaskState.EXPIRED:
            return Acceptance.DEEMED_ACCEPTED, 10_000, ""
        answer = task.answer or {}
        return Acceptance(answer["decision"]), answer.get("score_bp", 10_000), answer.get("reason", "")

    async def _settle(self, milestone: str, acceptance: Acceptance, score_bp: int) -> SettlementLine:
        """Settle one instalment, while the next milestone is already open; what was accepted is settled in any case."""
        if self._is_held:
            await workflow.wait_condition(lambda: not self._is_held or self._called_off is not None)
        self._tell("settled", company=self._member, milestone=milestone, acceptance=acceptance, score_bp=score_bp)
        return await self._do(
            Delivering.settle,
            SettleRequest,
            pins=self._order.pins,
            member=self._member,
            milestone=milestone,
            acceptance=acceptance,
            score_bp=score_bp,
        )

    def _outcome(self, lines: tuple[SettlementLine, ...]) -> ShareOutcome:
        return ShareOutcome(
            member=self._member,
            lines=lines,
            returned=self._returned,
            rejected=tuple(line.milestone for line in lines if line.acceptance is Acceptance.REJECTED),
            days_late=self._days_late,
            deemed=sum(line.acceptance is Acceptance.DEEMED_ACCEPTED for line in lines),
        )
