"""Signing: one document, all parties or none."""

from __future__ import annotations

from temporalio import workflow

from activities.signing import ConcludeRequest, Signing, SignRequest, VoidRequest
from contracts.calendar import iso_day
from contracts.calls import SigningCall, SigningEnd, SigningResult
from contracts.delivery import SettlementLine
from contracts.organisation import Role
from contracts.service_contract import SigningOrder
from contracts.task import MemberTask, TaskKind, TaskState
from workflows.task_board import CalledOff, ContractBoard


@workflow.defn
class SigningWorkflow(ContractBoard):
    """One version of one document on its way round the parties."""

    @workflow.init
    def __init__(self, call: SigningCall) -> None:
        super().__init__(call.order)
        self._agreement = call.version.agreement
        self._document = call.version.digest

    @workflow.run
    async def run(self, call: SigningCall) -> SigningResult:
        """Ask every party; put the document into force when all have signed, make it void when one has not."""
        try:
            obstacle = await self._collect_signatures()
        except CalledOff as order:
            obstacle = SigningResult(end=SigningEnd.CALLED_OFF, version=self._agreement.version, reason=order.reason)
        result = await self._void(obstacle) if obstacle else await self._conclude()
        await self._finish()
        return result

    async def _collect_signatures(self) -> SigningResult | None:
        """Return None when all have signed, else the first obstacle."""
        if self._order.contract.signing.order is SigningOrder.PARALLEL:
            return await self._collect([self._ask(party) for party in self._agreement.parties])
        for party in self._agreement.parties:
            obstacle = await self._collect([self._ask(party)])
            if obstacle:
                return obstacle
        return None

    def _ask(self, party: str) -> str:
        agreement = self._agreement
        what = "补充协议" if agreement.kind == "amendment" else "合同"
        return self._open(
            f"sign-{party}",
            TaskKind.SIGN,
            f"签署{what}《{agreement.title}》第{agreement.version}版",
            party,
            Role.SIGNER,
            deadline=self._order.contract.signing.deadline,
            expires=True,
            version=str(agreement.version),
            document=self._document,
        )

    async def _collect(self, names: list[str]) -> SigningResult | None:
        await self._write_down()
        pending = list(names)
        while pending:
            await self._wait_for(lambda: any(not self._tasks[name].is_open for name in pending))
            for name in [name for name in pending if not self._tasks[name].is_open]:
                pending.remove(name)
                obstacle = await self._take(self._tasks[name])
                if obstacle:
                    return obstacle
        return None

    async def _take(self, task: MemberTask) -> SigningResult | None:
        """Sign for a party that agreed; otherwise say what stands in the way."""
        answer = task.answer or {}
        if task.state is TaskState.COMPLETED and answer.get("decision") == "sign":
            await self._sign(task)
            return None
        end, reason = SigningEnd.EXPIRED, "逾期未签"
        if task.state is TaskState.REFUSED:
            end, reason = SigningEnd.REFUSED, task.reason
        elif task.state is TaskState.COMPLETED:
            end, reason = SigningEnd.CHANGES_REQUIRED, answer.get("reason", "")
        return SigningResult(
            end=end, version=self._agreement.version, by=task.company, reason=reason, terms=answer.get("terms", {})
        )

    async def _sign(self, task: MemberTask) -> None:
        if task.answered_by is None:
            raise AssertionError("a completed task has an answerer")
        self._tell("signed_by", task.answered_by, task.id, version=self._agreement.version)
        await self._do(
            Signing.sign,
            SignRequest,
            version=self._agreement.version,
            document=self._document,
            company=task.company,
            actor=task.answered_by,
            signed_at=workflow.now(),
        )

    async def _conclude(self) -> SigningResult:
        """Put the document into force, unless a settlement has overtaken its plan meanwhile."""
        version = self._agreement.version
        concluded = await self._do(
            Signing.conclude,
            ConcludeRequest,
            version=version,
            document=self._document,
            parties=self._agreement.parties,
            day=self._today(),
        )
        if concluded.overtaken_by:
            reason = f"{'、'.join(concluded.overtaken_by)}已先行结算，变更须重新提出"
            return await self._void(SigningResult(end=SigningEnd.OVERTAKEN, version=version, reason=reason))
        for line in concluded.claw_backs:
            self._tell_claw_back(line)
        return SigningResult(end=SigningEnd.SIGNED, version=version, claw_backs=concluded.claw_backs)

    def _tell_claw_back(self, line: SettlementLine) -> None:
        due = iso_day(line.due_day) if line.due_day is not None else ""
        self._tell("clawed_back", company=line.member, amount_fen=-line.payable.gross_fen, due=due)

    async def _void(self, obstacle: SigningResult) -> SigningResult:
        self._cancel_tasks()
        self._tell(
            "voided", company=obstacle.by or "", version=obstacle.version, end=obstacle.end, reason=obstacle.reason
        )
        await self._do(Signing.void, VoidRequest, version=obstacle.version, reason=obstacle.reason)
        return obstacle
