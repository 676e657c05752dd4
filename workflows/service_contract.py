"""The service contract: agreed on, quoted, decided, signed, delivered, reviewed; or ended on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from activities.deciding import DecideRequest, Deciding, DecisionRecord, ReleaseRequest
from activities.signing import AmendRequest, DrawUpRequest, Signing, VoidRequest
from contracts.agreement import AgreementVersion
from contracts.calendar import Deadline
from contracts.calls import (
    ArchiveRequest,
    DeliveringCall,
    QuotingCall,
    ReviewingCall,
    ReviewingResult,
    SigningCall,
    SigningEnd,
    SigningResult,
)
from contracts.decision import DecisionOutcome
from contracts.delivery import SettlementLine, ShareOutcome
from contracts.ids import (
    archiving_workflow,
    delivering_workflow,
    quoting_workflow,
    reviewing_workflow,
    signing_workflow,
)
from contracts.organisation import Role
from contracts.quote import Quotes
from contracts.service_contract import AmendOrder, ContractOrder, Outcome, QuotingMode, Stage
from contracts.task import TaskKind
from contracts.value import Json
from workflows.adjusting import Adjusting, not_approved
from workflows.coordination import Coordination, root_cause
from workflows.joining import Joining
from workflows.task_board import CalledOff


class _Ended(Exception):
    """The contract cannot go on; what was done is to be undone."""

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason


@workflow.defn
class ServiceContractWorkflow(Joining, Coordination, Adjusting):
    """The root of one contract; its children quote, sign, deliver and review."""

    @workflow.init
    def __init__(self, order: ContractOrder) -> None:
        super().__init__(order)
        self._contract = order.contract
        self._terms = order.contract.terms
        self._declined: dict[str, str] = {}
        self._versions = 0
        self._in_force: AgreementVersion | None = None
        self._deliveries: list[ChildWorkflowHandle[Any, ShareOutcome]] = []
        self._shares: list[ShareOutcome] = []
        self._claw_backs: list[SettlementLine] = []
        self._undoing: list[tuple[str, Callable[[str], Awaitable[None]]]] = []

    @workflow.run
    async def run(self, order: ContractOrder) -> Outcome:
        """Carry a service contract from its terms to the last review; what ends it earlier is undone in order."""
        try:
            await self._agree_on_terms()
            quotes = await self._gather_quotes()
            agreement = await self._conclude_agreement(quotes)
            await self._have_delivered(agreement)
            await self._have_reviewed(agreement)
            ending = _Ended(Stage.REVIEWED, "")
        except CalledOff as order_to_end:
            ending = _Ended(Stage.CANCELLED, order_to_end.reason)
        except _Ended as obstacle:
            ending = obstacle
        except FailureError as failure:
            ending = _Ended(Stage.FAILED, root_cause(failure))
        return await self._close(ending)

    # --- the terms and the quotes ---------------------------------------------------------------------------

    async def _agree_on_terms(self) -> None:
        """前置招商: where it was agreed to, the client confirms the terms before anybody quotes."""
        version = 1
        while self._contract.negotiated:
            confirmed = await self._ask_for_terms(TaskKind.CONFIRM_TERMS, version)
            if confirmed.get("decision") != "change":
                break
            revised = await self._ask_for_terms(TaskKind.REVISE_TERMS, version)
            self._terms = {**self._terms, **revised.get("terms", {})}
            version += 1
        self._reach(Stage.SPECIFIED, version=version)

    async def _ask_for_terms(self, kind: TaskKind, version: int) -> Json:
        asks_client = kind is TaskKind.CONFIRM_TERMS
        name = self._open(
            f"{'confirm' if asks_client else 'revise'}-terms-{version}",
            kind,
            f"{'确认' if asks_client else '修订'}《{self._contract.title}》的服务要求第{version}稿",
            self._contract.client if asks_client else self._order.office,
            Role.BUYER if asks_client else Role.COORDINATOR,
            deadline=Deadline(working_days=5, escalate_after=3),
            version=str(version),
        )
        return (await self._closed(name)).answer or {}

    async def _gather_quotes(self) -> Quotes | None:
        """A framework call-off takes the framework's price and asks nobody."""
        if self._contract.quoting.mode is QuotingMode.FRAMEWORK:
            return None
        call = QuotingCall(order=self._order)
        quotes = await self._child("QuotingWorkflow", call, quoting_workflow(self._number), Quotes)
        if not quotes.enough:
            raise _Ended(Stage.FAILED, f"{quotes.rounds}轮询价后只有{len(quotes.quotes)}家报价")
        self._reach(Stage.QUOTED, quotes=len(quotes.quotes), rounds=quotes.rounds)
        return quotes

    # --- the award and the signatures -----------------------------------------------------------------------

    async def _conclude_agreement(self, quotes: Quotes | None) -> AgreementVersion:
        """Decide, approve and have signed; whoever refuses is passed over or overridden, and it is decided again."""
        while True:
            decided = await self._decide(quotes)
            if not await self._have_approved(decided):
                continue
            agreement = await self._have_signed(decided)
            if agreement is not None:
                await self._settle()
                return agreement

    async def _decide(self, quotes: Quotes | None) -> DecisionRecord:
        """Let the rules decide, or the portfolio together with other contracts."""
        decided = await (self._decide_together(quotes) if self._order.portfolio else self._decide_alone(quotes))
        decision = decided.decision
        self._tell("decided", outcome=decision.outcome, selected=list(decision.selected), method=decision.method)
        if decision.outcome is not DecisionOutcome.AWARDED:
            raise _Ended(Stage.FAILED, f"没有可以承接的成员单位（{decision.outcome}）")
        self._undo_later("release", self._release)
        return decided

    async def _decide_together(self, quotes: Quotes | None) -> DecisionRecord:
        allotment = await self._ask_portfolio(quotes, self._declined)
        if allotment.decision is None:
            raise _Ended(Stage.FAILED, allotment.reason)
        return await self._take_up(allotment)

    async def _decide_alone(self, quotes: Quotes | None) -> DecisionRecord:
        return await self._do(
            Deciding.decide,
            DecideRequest,
            contract=self._contract,
            pins=self._order.pins,
            quotes=quotes.quotes if quotes else (),
            declined=self._declined,
            day=self._today(),
            starter=self._order.started_by.user,
            office=self._order.office,
            draw_commitment=self._order.draw_commitment,
            overrides=self._overrides,
        )

    async def _have_approved(self, decided: DecisionRecord) -> bool:
        """Have the award approved by whom the authority matrix names; say if it was. A portfolio has seen to it."""
        decision = decided.decision
        members, amount_fen = ",".join(decision.selected), str(decision.amount_fen)
        refused = await self._approved(decided.approvals, members=members, amount_fen=amount_fen)
        if refused is not None:
            await self._have_overridden(decided, not_approved(refused))
            return False
        self._reach(Stage.ALLOCATED, amount_fen=decision.amount_fen, members=list(decision.selected))
        return True

    async def _have_overridden(self, decided: DecisionRecord, says: str) -> None:
        """另行指定: a coordinator says who must or must not have it, to be approved by others, or ends it."""
        title, eligible = f"调整《{self._contract.title}》的分配", ",".join(decided.decision.eligible)
        answer = await self._asked_to_adjust(title, says, ("override", "cancel"), (self._number,), eligible=eligible)
        body: Json = (answer.answer if answer else None) or {}
        if answer is None or body.get("decision") != "override":
            raise _Ended(Stage.FAILED, f"{says}；{body.get('reason', '')}".rstrip("；"))
        self._override(answer)
        named = {
            rule: [each["member"] for each in body["overrides"] if each["rule"] == rule]
            for rule in ("require", "exclude")
        }
        self._tell(
            "award_overridden",
            answer.answered_by,
            selected=named["require"],
            kept_out=named["exclude"],
            reason=body["reason"],
        )

    async def _have_signed(self, decided: DecisionRecord) -> AgreementVersion | None:
        """Have the document signed by all; return None if a member refused and it must be decided again."""
        reason = ""
        while self._versions < self._contract.signing.versions:
            version = await self._draw_up(decided, reason)
            result = await self._round_of_signatures(version)
            if result.end is SigningEnd.SIGNED:
                return self._come_into_force(version)
            if result.end is not SigningEnd.CHANGES_REQUIRED:
                self._pass_over(decided, result)
                return None
            self._terms = {**self._terms, **result.terms}
            reason = result.reason
        raise _Ended(Stage.FAILED, f"第{self._versions}版后仍未签署")

    async def _draw_up(self, decided: DecisionRecord, reason: str) -> AgreementVersion:
        self._versions += 1
        return await self._do(
            Signing.draw_up,
            DrawUpRequest,
            contract=self._contract,
            office=self._order.office,
            pins=self._order.pins,
            decision=decided.decision,
            version=self._versions,
            terms=self._terms,
            reason=reason,
        )

    async def _round_of_signatures(self, version: AgreementVersion) -> SigningResult:
        call = SigningCall(order=self._order, version=version)
        workflow_id = signing_workflow(self._number, version.agreement.version)
        return await self._child("SigningWorkflow", call, workflow_id, SigningResult)

    def _come_into_force(self, version: AgreementVersion) -> AgreementVersion:
        self._in_force = version
        agreement = version.agreement
        self._undo_later("void", self._void)
        self._reach(Stage.SIGNED, version=agreement.version, amount_fen=agreement.total_fen)
        return version

    async def _void(self, reason: str) -> None:
        """Make the version in force void; the reason is that of the end."""
        version = self._in_force.agreement.version if self._in_force else self._versions
        await self._do(Signing.void, VoidRequest, version=version, reason=reason)

    async def _release(self, _reason: str) -> None:
        await self._do(Deciding.release, ReleaseRequest)

    def _pass_over(self, decided: DecisionRecord, result: SigningResult) -> None:
        """Remember who would not sign; only a member that was chosen can be passed over."""
        if result.by is None or result.by not in decided.decision.selected:
            raise _Ended(Stage.FAILED, f"{result.by}未签署：{result.reason}")
        self._declined[result.by] = result.reason
        self._tell("passed_over", company=result.by, reason=result.reason)

    # --- delivery, amendments, review -----------------------------------------------------------------------

    async def _have_delivered(self, version: AgreementVersion) -> None:
        """Let every member deliver its share side by side; amendments come into force in between."""
        await self._write_down()
        for member in version.agreement.members:
            self._deliveries.append(await self._start_delivery(version, member))
        while not self._is_all_delivered():
            await workflow.wait_condition(lambda: bool(self._amendments) or self._is_all_delivered())
            if self._amendments:
                await self._have_amended(self._amendments[0])
                self._amendments.pop(0)
                await self._write_down()
        for late in self._amendments:
            self._tell("amendment_refused", late.actor, reason="交付已全部完成")
        self._amendments.clear()
        self._shares = [await handle for handle in self._deliveries]
        self._children.clear()
        self._heed()
        self._reach(Stage.DELIVERED, paid_fen=self._paid_fen())

    def _is_all_delivered(self) -> bool:
        return all(handle.done() for handle in self._deliveries)

    async def _start_delivery(self, version: AgreementVersion, member: str) -> ChildWorkflowHandle[Any, ShareOutcome]:
        call = DeliveringCall(order=self._order, member=member, version=version)
        return await self._start("DeliveringWorkflow", call, delivering_workflow(self._number, member), ShareOutcome)

    async def _have_amended(self, order: AmendOrder) -> None:
        """Have the change signed by all; only then do the members' plans follow it."""
        await self._tell_children("hold_settlement", True)
        try:
            await self._have_change_signed(order)
        finally:
            await self._tell_children("hold_settlement", False)

    async def _have_change_signed(self, order: AmendOrder) -> None:
        self._versions += 1
        try:
            version = await self._do(
                Signing.amend,
                AmendRequest,
                amendment=order.body,
                pins=self._order.pins,
                version=self._versions,
            )
        except ActivityError as failure:
            self._tell("amendment_refused", order.actor, reason=root_cause(failure))
            return
        result = await self._round_of_signatures(version)
        if result.end is not SigningEnd.SIGNED:
            self._tell("amendment_refused", company=result.by or "", reason=result.reason)
            return
        self._in_force = version
        self._claw_backs += result.claw_backs
        for handle in list(self._children.values()):
            if not handle.done():
                await handle.signal("change_plan", version)
        self._tell("amended", order.actor, version=self._versions, amount_fen=version.agreement.total_fen)

    async def _have_reviewed(self, version: AgreementVersion) -> None:
        call = ReviewingCall(order=self._order, members=version.agreement.members)
        await self._child("ReviewingWorkflow", call, reviewing_workflow(self._number), ReviewingResult)

    # --- the end --------------------------------------------------------------------------------------------

    def _undo_later(self, what: str, undo: Callable[[str], Awaitable[None]]) -> None:
        if what not in [done for done, _ in self._undoing]:
            self._undoing.append((what, undo))

    async def _close(self, ending: _Ended) -> Outcome:
        """Undo in reverse order what must not stay, write the end down, and have the histories archived."""
        undone = await self._undo(ending) if ending.stage is not Stage.REVIEWED else ()
        self._reach(ending.stage, reason=ending.reason, undone=list(undone))
        await self._finish()
        await self._leave(ending.reason)
        await workflow.start_child_workflow(
            "ArchivingWorkflow",
            ArchiveRequest(number=self._number),
            id=archiving_workflow(self._number),
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
        agreement = self._in_force.agreement if self._in_force else None
        return Outcome(
            number=self._number,
            stage=ending.stage,
            total_fen=agreement.total_fen if agreement else 0,
            paid_fen=self._paid_fen(),
            members=agreement.members if agreement else (),
            reason=ending.reason,
            undone=undone,
        )

    async def _undo(self, ending: _Ended) -> tuple[str, ...]:
        self._cancel_tasks()
        await self._recall_children(ending.reason)
        self._shares = [handle.result() for handle in self._deliveries if _has_result(handle)]
        for _, undo in reversed(self._undoing):
            await undo(ending.reason)
        return tuple(what for what, _ in reversed(self._undoing))

    def _paid_fen(self) -> int:
        """What the client owes for what was settled, less what members pay back."""
        lines = [line for share in self._shares for line in share.lines]
        return sum(line.payable.gross_fen for line in (*lines, *self._claw_backs))


def _has_result(handle: ChildWorkflowHandle[Any, Any]) -> bool:
    return handle.done() and not handle.cancelled() and handle.exception() is None
