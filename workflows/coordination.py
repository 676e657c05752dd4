"""What coordinators may order at any time: suspend, resume, amend, cancel; and the children such orders reach."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.workflow import ChildWorkflowHandle

from contracts.errors import AllianceError, Refused, RoleMissing, WrongState
from contracts.organisation import Actor, Role
from contracts.service_contract import (
    AmendOrder,
    CancelOrder,
    ContractOrder,
    InformOrder,
    OrderReceipt,
    ResumeOrder,
    Stage,
    SuspendOrder,
)
from workflows.task_board import ContractBoard

Result = TypeVar("Result")

Order = SuspendOrder | ResumeOrder | AmendOrder | CancelOrder | InformOrder

CANCELLABLE = (Stage.REGISTERED, Stage.SPECIFIED, Stage.QUOTED, Stage.ALLOCATED, Stage.SIGNED)
"""Once everything is delivered there is nothing left to cancel."""


class Coordination(ContractBoard):
    """The root's side of a coordinator's orders; a refused order changes nothing and is in the records."""

    def __init__(self, order: ContractOrder) -> None:
        super().__init__(order)
        self._stage = Stage.REGISTERED
        self._amendments: list[AmendOrder] = []
        self._children: dict[str, ChildWorkflowHandle[Any, Any]] = {}

    @workflow.update
    async def suspend(self, order: SuspendOrder) -> OrderReceipt:
        """暂停: a dispute stops every deadline of the contract."""
        await self._check_order("suspended", order, self._obstacle_to_suspend())
        self.stop_clock()
        await self._tell_children("stop_clock")
        return await self._obey("suspended", order.actor, order.body.reason)

    @workflow.update
    async def resume(self, order: ResumeOrder) -> OrderReceipt:
        """恢复: the deadlines run on."""
        obstacle = "" if self._stopped_at else f"{self._number} is not suspended"
        await self._check_order("resumed", order, obstacle)
        await self.start_clock()
        await self._tell_children("start_clock")
        return await self._obey("resumed", order.actor, order.body.reason)

    @workflow.update
    async def amend(self, order: AmendOrder) -> OrderReceipt:
        """变更: propose a change of the signed contract; it is in force once every party has signed it."""
        await self._check_order("amendment_proposed", order, self._obstacle_to_amend())
        self._amendments.append(order)
        return await self._obey("amendment_proposed", order.actor, order.body.reason)

    @workflow.update
    async def cancel(self, order: CancelOrder) -> OrderReceipt:
        """取消: end the contract and undo in reverse order what was done; what was settled stays owed."""
        obstacle = "" if self._stage in CANCELLABLE and not self._called_off else f"{self._number} is {self._stage}"
        await self._check_order("cancellation_ordered", order, obstacle)
        self.call_off(order.body.reason)
        await self._tell_children("call_off", order.body.reason)
        return await self._obey("cancellation_ordered", order.actor, order.body.reason)

    @workflow.update
    async def inform(self, order: InformOrder) -> OrderReceipt:
        """抄送: have people of the office or the client informed of the contract as a whole."""
        await self._check_order("informed", order, self._obstacle_to_inform(order))
        for person in order.to:
            self._copy_to(person.user, by=order.actor.user)
        self._tell("informed", order.actor, to=[person.user for person in order.to])
        await self._write_down()
        return OrderReceipt(number=self._number, stage=self._stage, is_suspended=self._stopped_at is not None)

    def _obstacle_to_inform(self, order: InformOrder) -> str:
        for person in order.to:
            if not self._order.hears_of_all(person):
                return f"{person.user} of {person.company} is neither of the office nor of the client"
        return ""

    def _obstacle_to_suspend(self) -> str:
        if self._stopped_at:
            return f"{self._number} is suspended already"
        return "" if self._stage in (*CANCELLABLE, Stage.DELIVERED) else f"{self._number} is {self._stage}"

    def _obstacle_to_amend(self) -> str:
        if self._amendments:
            return f"an amendment of {self._number} is under way already"
        if self._stage is not Stage.SIGNED:
            return f"{self._number} is {self._stage}; only a signed contract in delivery can be amended"
        return ""

    def _reach(self, stage: Stage, **facts: Any) -> None:
        self._stage = stage
        super()._reach(stage, **facts)

    async def _check_order(self, verb: str, order: Order, obstacle: str) -> None:
        """Refuse, on record, an actor who is no coordinator of the office, or an order at the wrong time."""
        actor, refusal = order.actor, self._refusal(order, obstacle)
        if refusal:
            self._tell("refused", actor, act=verb, code=refusal.code, message=refusal.message)
            await self._write_down()
            raise refusal

    def _refusal(self, order: Order, obstacle: str) -> Refused | None:
        try:
            self._check_voucher(order, order.actor, order.voucher)
        except Refused as refusal:
            return refusal
        if not order.actor.holds(Role.COORDINATOR) or order.actor.company != self._order.office:
            return RoleMissing(f"{order.actor.user} is not a coordinator of {self._order.office}")
        return WrongState(obstacle) if obstacle else None

    async def _obey(self, verb: str, actor: Actor, reason: str) -> OrderReceipt:
        self._tell(verb, actor, reason=reason)
        if verb in ("suspended", "resumed"):
            self._journal = self._journal.model_copy(update={"suspended": verb == "suspended"})
        await self._write_down()
        return OrderReceipt(number=self._number, stage=self._stage, is_suspended=self._stopped_at is not None)

    async def _tell_children(self, signal: str, *facts: str | bool) -> None:
        for handle in list(self._children.values()):
            if not handle.done():
                await handle.signal(signal, *facts)

    async def _start(
        self, kind: str, call: Any, workflow_id: str, result: type[Result]
    ) -> ChildWorkflowHandle[Any, Result]:
        """
        Start a child that hears of orders from its first moment on.

        Children are named, not imported: every run imports what its module imports into a sandbox of its own.
        """
        handle = await workflow.start_child_workflow(kind, call, id=workflow_id, result_type=result)
        self._children[workflow_id] = handle
        if self._stopped_at is not None:
            await handle.signal("stop_clock")
        if self._called_off is not None:
            await handle.signal("call_off", self._called_off)
        return handle

    async def _child(self, kind: str, call: Any, workflow_id: str, result: type[Result]) -> Result:
        """Write down what is pending, then let a child do its part, and heed an order that came meanwhile."""
        await self._write_down()
        outcome: Result = await (await self._start(kind, call, workflow_id, result))
        del self._children[workflow_id]
        self._heed()
        return outcome

    async def _recall_children(self, reason: str) -> None:
        """Call off the children that still run and let them put their tasks away."""
        await self._tell_children("call_off", reason)
        await asyncio.gather(*self._children.values(), return_exceptions=True)


def root_cause(failure: BaseException) -> str:
    """Return the message of the innermost failure, which is the one that was meant for people."""
    while isinstance(failure, FailureError) and failure.cause is not None:
        failure = failure.cause
    return failure.message if isinstance(failure, FailureError | AllianceError) else str(failure)
