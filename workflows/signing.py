"""Signing: one document, all parties or none."""

from __future__ import annotations

from temporalio import workflow

from activities.signing import CertifyRequest, ConcludeRequest, Signing, SignRequest, VoidRequest
from contracts.calendar import iso_day
from contracts.calls import SigningCall, SigningEnd, SigningResult
from contracts.delivery import SettlementLine
from contracts.organisation import Role
from contracts.service_contract import SignerRole, SigningOrder
from contracts.signed_document import SigningEvidence
from contracts.task import MemberTask, TaskKind, TaskState
from contracts.value import Json
from rules.canonical import digest
from workflows.task_board import CalledOff, ContractBoard


@workflow.defn
class SigningWorkflow(ContractBoard):
    """One version of one document on its way round the parties."""

    @workflow.init
    def __init__(self, call: SigningCall) -> None:
        super().__init__(call.order)
        self._agreement = call.version.agreement
        self._document = call.version.digest
        self._shown = ""
        self._signed: list[str] = []

    @workflow.run
    async def run(self, call: SigningCall) -> SigningResult:
        """Ask every party; put the document into force when all have signed, make it void when one has not."""
        try:
            await self._certify()
            obstacle = await self._collect_signatures()
        except CalledOff as order:
            obstacle = SigningResult(end=SigningEnd.CALLED_OFF, version=self._agreement.version, reason=order.reason)
        result = await self._void(obstacle) if obstacle else await self._conclude()
        await self._finish()
        return result

    async def _certify(self) -> None:
        """Make the PDF, with a field for everybody, to which from now on only signatures are added."""
        certified = await self._do(
            Signing.certify, CertifyRequest, version=self._agreement.version, terms=self._order.contract.signing
        )
        self._shown = certified.digest

    async def _collect_signatures(self) -> SigningResult | None:
        """Return None when all have signed who must, else the first obstacle."""
        if self._order.contract.signing.order is SigningOrder.PARALLEL:
            asked = [self._ask(party, SignerRole.PARTY) for party in self._agreement.parties]
            return await self._collect(asked, self._ask_groups())
        for party in self._agreement.parties:
            obstacle = await self._collect([self._ask(party, SignerRole.PARTY)], [])
            if obstacle:
                return obstacle
        return await self._collect([], self._ask_groups())

    def _ask_groups(self) -> list[_Asked]:
        """Ask the companies of every group; who is a party signs as one."""
        groups = []
        for group in self._order.contract.signing.groups:
            others = [code for code in group.companies if code not in self._agreement.parties]
            needed = group.needed - (len(group.companies) - len(others))
            groups.append(_Asked([self._ask(code, group.role) for code in others], needed))
        return groups

    def _ask(self, company: str, role: SignerRole, again: int = 1) -> str:
        agreement = self._agreement
        what = "补充协议" if agreement.kind == "amendment" else "合同"
        how = {SignerRole.PARTY: "签署", SignerRole.CONSENTING: "同意并签署", SignerRole.WITNESS: "见证"}[role]
        return self._open(
            f"sign-{company}" if again == 1 else f"sign-{company}-{again}",
            TaskKind.SIGN,
            f"{how}{what}《{agreement.title}》第{agreement.version}版",
            company,
            Role.SIGNER,
            deadline=self._order.contract.signing.deadline,
            expires=True,
            version=str(agreement.version),
            document=self._document,
            pdf=self._shown,
            as_role=role.value,
            again=str(again),
        )

    async def _collect(self, names: list[str], groups: list[_Asked]) -> SigningResult | None:
        """Take the answers as they come; of a group, others are not waited for once enough have signed."""
        await self._write_down()
        pending = [*names, *(name for group in groups for name in group.names)]
        while pending:
            await self._wait_for(lambda: self._open_among(pending) != pending)
            for name in [name for name in pending if not self._tasks[name].is_open]:
                pending.remove(name)
                group = next((each for each in groups if name in each.names), None)
                obstacle = await self._take(self._tasks[name], pending, group)
                if obstacle and (group is None or not group.can_spare(name)):
                    return obstacle
            for group in groups:
                if group.is_met:
                    self._cancel_tasks([name for name in group.names if name in pending])
                    pending[:] = [name for name in pending if name not in group.names]
            await self._write_down()
        return None

    async def _take(self, task: MemberTask, pending: list[str], group: _Asked | None) -> SigningResult | None:
        """Sign for a company that agreed; otherwise say what stands in the way."""
        answer = task.answer or {}
        if task.state is TaskState.COMPLETED and answer.get("decision") == "sign":
            await self._sign(task, answer, pending, group)
            return None
        end, reason = SigningEnd.EXPIRED, "逾期未签"
        if task.state is TaskState.REFUSED:
            end, reason = SigningEnd.REFUSED, task.reason
        elif task.state is TaskState.COMPLETED:
            end, reason = SigningEnd.CHANGES_REQUIRED, answer.get("reason", "")
        return SigningResult(
            end=end, version=self._agreement.version, by=task.company, reason=reason, terms=answer.get("terms", {})
        )

    async def _sign(self, task: MemberTask, answer: Json, pending: list[str], group: _Asked | None) -> None:
        if task.answered_by is None:
            raise AssertionError("a completed task has an answerer")
        outcome = await self._do(
            Signing.sign,
            SignRequest,
            version=self._agreement.version,
            document=self._document,
            company=task.company,
            evidence=SigningEvidence(
                actor=task.answered_by,
                task=task.id,
                shown=self._shown,
                consent=digest(answer),
                consented_at=workflow.now(),
            ),
            prepared=answer.get("prepared"),
            value=answer.get("value", ""),
        )
        if outcome.revision is None:
            self._ask_again(task, outcome.obstacle, pending, group)
            return
        self._signed.append(task.company)
        if group:
            group.signed += 1
        self._tell("signed_by", task.answered_by, task.id, version=self._agreement.version)

    def _ask_again(self, task: MemberTask, obstacle: str, pending: list[str], group: _Asked | None) -> None:
        """The answer came too late for what it was about: the same is asked anew."""
        again = int(task.subject["again"]) + 1
        name = self._ask(task.company, SignerRole(task.subject["as_role"]), again)
        self._tell("sign_again", company=task.company, task=self._tasks[name].id, reason=obstacle)
        pending.append(name)
        if group:
            group.names.append(name)

    async def _conclude(self) -> SigningResult:
        """Put the document into force, unless a settlement has overtaken its plan meanwhile."""
        version = self._agreement.version
        concluded = await self._do(
            Signing.conclude,
            ConcludeRequest,
            version=version,
            document=self._document,
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
        for company in self._signed:
            self._tell("voided_for", company=company, version=obstacle.version, end=obstacle.end, by=obstacle.by or "")
        await self._do(Signing.void, VoidRequest, version=obstacle.version, reason=obstacle.reason)
        return obstacle


class _Asked:
    """A group's open tasks; ``needed`` of them have to be signed."""

    def __init__(self, names: list[str], needed: int) -> None:
        self.names = names
        self.needed = needed
        self.signed = 0
        self._lost: list[str] = []

    @property
    def is_met(self) -> bool:
        """Whether enough have signed."""
        return self.signed >= self.needed

    def can_spare(self, name: str) -> bool:
        """Do without *name*; say whether the others can still be enough."""
        self._lost.append(name)
        return len(self.names) - len(self._lost) >= self.needed
