"""The portfolio: contracts wait for one another, are decided together, approved as a whole, and then run on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError
from temporalio.workflow import ParentClosePolicy

from activities.allocating import AllocateRequest, Allocating, LetGoRequest, Waiting
from contracts.calls import ArchiveRequest
from contracts.ids import archiving_workflow, contract_workflow
from contracts.money import yuan
from contracts.portfolio import (
    Allotment,
    ContractWord,
    PortfolioDecided,
    PortfolioOrder,
    PortfolioOutcome,
    Step,
    Word,
)
from contracts.task import MemberTask
from contracts.value import Json
from workflows.adjusting import Adjusting, not_approved
from workflows.coordination import root_cause


@dataclass(frozen=True)
class _Place:
    """Where one contract stands: what it said last, the last asking that was answered, and whether it was awarded."""

    said: ContractWord | None = None
    answered: int = 0
    is_awarded: bool = False

    @property
    def waits(self) -> bool:
        return self.said is not None and self.said.word is Word.JOINED and self.said.asking > self.answered

    @property
    def is_over(self) -> bool:
        return self.said is not None and self.said.word in (Word.SETTLED, Word.LEFT)

    @property
    def stands(self) -> bool:
        """Whether it has an award that the others must leave alone."""
        return self.is_awarded and not self.waits and (self.said is None or self.said.word is not Word.LEFT)


@dataclass(frozen=True)
class _Obstacle:
    """Why there is no award, and what giving way would bring."""

    says: str
    steps: tuple[Step, ...] = ()


@workflow.defn
class PortfolioWorkflow(Adjusting):
    """One portfolio; its tasks and its story are kept under the number of its first contract."""

    DECIDED_BY = "allocate"

    _order: PortfolioOrder

    @workflow.init
    def __init__(self, order: PortfolioOrder) -> None:
        super().__init__(order)
        self._places: dict[str, _Place] = {number: _Place() for number in order.numbers}
        self._deciding: tuple[str, ...] = ()
        self._reserved: tuple[str, ...] = ()
        self._is_one_by_one = False
        self._set_aside: tuple[str, ...] = ()

    @workflow.signal
    def hear(self, word: ContractWord) -> None:
        """A contract joins, has been signed, or has ended; what is older than what it said last is passed over."""
        place = self._places.get(word.number, _Place())
        said = place.said
        if place.is_over or (said is not None and word.word is Word.JOINED and word.asking <= said.asking):
            return
        self._places[word.number] = replace(place, said=word)

    @workflow.run
    async def run(self, order: PortfolioOrder) -> PortfolioOutcome:
        """Wait for the contracts, decide them together, and again whichever falls out, until all are signed or over."""
        self._tell("portfolio_began", portfolio=order.id, contracts=len(order.numbers))
        await self._write_down()
        await workflow.wait_condition(lambda: all(place.said for place in self._places.values()))
        while not self._is_over():
            await self._let_others_speak()
            await self._decide_together()
            await workflow.wait_condition(lambda: bool(self._waiting() or self._to_be_released()) or self._is_over())
        return await self._close()

    def _is_over(self) -> bool:
        return all(place.is_over for place in self._places.values())

    def _waiting(self) -> tuple[str, ...]:
        return tuple(sorted(number for number, place in self._places.items() if place.waits))

    def _standing(self) -> tuple[str, ...]:
        return tuple(sorted(number for number, place in self._places.items() if place.stands))

    def _is_overtaken(self) -> bool:
        """Whether a contract that is being decided no longer waits for it."""
        return any(not self._places[number].waits for number in self._deciding)

    # --- the decision ---------------------------------------------------------------------------------------

    async def _decide_together(self) -> None:
        """Decide whoever waits until all of them have an answer; what others were awarded stands."""
        self._is_one_by_one = False
        while waiting := self._waiting():
            self._deciding = waiting[:1] if self._is_one_by_one else waiting
            answer = await self._allocate()
            if self._is_overtaken():
                continue
            if isinstance(answer, _Obstacle):
                await self._give_way_or_up(answer)
            elif await self._have_approved(answer):
                await self._allot(answer)
        await self._let_go()

    async def _allocate(self) -> PortfolioDecided | _Obstacle:
        """Take back what was reserved for them before, and decide; an obstacle is told in words."""
        await self._let_go()
        words = [self._word_of(number) for number in self._deciding]
        try:
            decided = await self._do(
                Allocating.allocate,
                AllocateRequest,
                portfolio=self._order.id,
                day=self._today(),
                waiting=tuple(Waiting(number=w.number, quotes=w.quotes, declined=w.declined) for w in words),
                fixed=self._standing(),
                set_aside=self._set_aside,
                overrides=self._overrides,
            )
        except ActivityError as failure:
            return _Obstacle(root_cause(failure))
        self._reserved = tuple(sorted({*self._reserved, *(award.number for award in decided.awards)}))
        self._tell_decided(decided)
        if decided.awards or not (decided.conflict or decided.conflict_says or decided.status == "unknown"):
            return decided
        return _Obstacle(decided.conflict_says or "限时内未找到方案", decided.steps)

    def _to_be_released(self) -> tuple[str, ...]:
        """What was reserved for contracts that are decided again, or have left."""
        return tuple(number for number in self._reserved if not self._places[number].stands)

    async def _let_go(self) -> None:
        released = self._to_be_released()
        if released:
            self._reserved = tuple(number for number in self._reserved if number not in released)
            await self._do(Allocating.let_go, LetGoRequest, contracts=released)

    def _tell_decided(self, decided: PortfolioDecided) -> None:
        facts: Json = {"portfolio": self._order.id, "status": decided.status, "conflict": decided.conflict_says}
        if decided.awards:
            facts |= {"contracts": len(decided.awards), "amount_fen": decided.amount_fen, "gap_bp": decided.gap_bp}
        self._tell("portfolio_decided", **facts)

    async def _have_approved(self, decided: PortfolioDecided) -> bool:
        """Have the whole approved by whom the authority matrix names; a refusal leads to other rules, or to the end."""
        if not decided.awards:
            return True
        members = dict.fromkeys(member for award in decided.awards for member in award.members)
        refused = await self._approved(
            decided.approvals,
            portfolio=self._order.id,
            members=",".join(sorted(members)),
            amount_fen=str(decided.amount_fen),
            contracts=str(len(decided.awards)),
            status=decided.status,
            bound=str(decided.bound if decided.bound is not None else ""),
            gap_bp=str(decided.gap_bp if decided.gap_bp is not None else ""),
            digest=decided.digest,
        )
        if self._is_overtaken():
            return False
        if refused is None:
            self._tell("portfolio_approved", portfolio=self._order.id, amount_fen=decided.amount_fen)
            return True
        await self._adjust(_Obstacle(not_approved(refused)), may=("override", "cancel"))
        return False

    async def _allot(self, decided: PortfolioDecided) -> None:
        """Tell every contract what it was awarded, or that there is nobody for it; each runs on from there."""
        self._overrides, self._overriders = (), ()
        await self._write_down()
        occurrence = self._occurrences[self.DECIDED_BY]
        answers = {
            award.number: Allotment(
                asking=self._word_of(award.number).asking, occurrence=occurrence, decision=award.decision
            )
            for award in decided.awards
        }
        for number, reason in decided.outside.items():
            answers[number] = Allotment(asking=self._word_of(number).asking, occurrence=occurrence, reason=reason)
        for number in self._deciding:  # who has no answer has ended, and its word is on the way
            self._places[number] = replace(self._places[number], answered=self._word_of(number).asking)
        await self._answer(answers)

    async def _answer(self, answers: dict[str, Allotment]) -> None:
        """Send the answers; who has ended meanwhile hears nothing, and says so itself."""
        for number, allotment in answers.items():
            awarded = allotment.decision is not None
            self._places[number] = replace(self._places[number], answered=allotment.asking, is_awarded=awarded)
        await asyncio.gather(*(self._send(number, allotment) for number, allotment in answers.items()))

    async def _send(self, number: str, allotment: Allotment) -> None:
        try:
            await workflow.get_external_workflow_handle(contract_workflow(number)).signal("allot", allotment)
        except FailureError:
            return  # it has ended

    def _word_of(self, number: str) -> ContractWord:
        said = self._places[number].said
        if said is None:
            raise AssertionError("only what has spoken is decided")
        return said

    # --- when there is no award -----------------------------------------------------------------------------

    async def _give_way_or_up(self, obstacle: _Obstacle) -> None:
        """
        Ask the coordinator which rules give way; once awards stand, whoever has fallen out comes to its own end.

        Several that have fallen out and cannot be had together are tried one by one.
        """
        if not self._standing():
            await self._adjust(obstacle, may=("relax", "cancel") if obstacle.steps else ("cancel",))
        elif len(self._deciding) > 1:
            self._is_one_by_one = True
        else:
            await self._end(self._deciding, obstacle.says)

    async def _adjust(self, obstacle: _Obstacle, may: tuple[str, ...]) -> None:
        """Have a coordinator say which rules give way, or who must have what; or end it."""
        answer = await self._asked_to_adjust(
            f"调整《{self._order.title}》的规则",
            obstacle.says,
            may,
            self._deciding,
            portfolio=self._order.id,
            **{f"step_{place}": _in_words(step) for place, step in enumerate(obstacle.steps, start=1)},
        )
        if answer is None:
            return
        body: Json = answer.answer or {}
        if body.get("decision") == "cancel" or answer.answered_by is None:
            await self._end(self._deciding, f"{obstacle.says}；{body.get('reason', '')}".rstrip("；"))
        elif body.get("decision") == "relax":
            step = obstacle.steps[min(len(obstacle.steps), int(body["step"])) - 1]
            self._set_aside = tuple(sorted({*self._set_aside, *step.left_out}))
            self._tell_adjusted(answer, list(step.left_out))
        else:
            self._override(answer)
            overrides = [f"{each['contract']} {each['rule']} {each['member']}" for each in body["overrides"]]
            self._tell_adjusted(answer, overrides)

    def _tell_adjusted(self, answer: MemberTask, what: list[str]) -> None:
        reason = (answer.answer or {}).get("reason", "")
        self._tell("portfolio_adjusted", answer.answered_by, portfolio=self._order.id, rules=what, reason=reason)

    async def _end(self, numbers: tuple[str, ...], reason: str) -> None:
        """Tell contracts that there is nothing for them, and why."""
        occurrence = self._occurrences[self.DECIDED_BY]
        await self._write_down()
        await self._answer(
            {
                number: Allotment(asking=self._word_of(number).asking, occurrence=occurrence, reason=reason)
                for number in numbers
            }
        )

    # --- the end --------------------------------------------------------------------------------------------

    async def _close(self) -> PortfolioOutcome:
        """Take back what is left over, write the end down, and have the history archived."""
        await self._let_go()
        self._cancel_tasks()
        over = {number: place.said for number, place in self._places.items() if place.said}
        settled = tuple(sorted(number for number, said in over.items() if said.word is Word.SETTLED))
        self._tell("portfolio_ended", portfolio=self._order.id, settled=len(settled), left=len(over) - len(settled))
        await self._finish()
        await workflow.start_child_workflow(
            "ArchivingWorkflow",
            ArchiveRequest(number=self._number, root=workflow.info().workflow_id),
            id=archiving_workflow(workflow.info().workflow_id),
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
        return PortfolioOutcome(
            id=self._order.id,
            settled=settled,
            left={number: said.reason for number, said in sorted(over.items()) if said.word is Word.LEFT},
            decisions=self._occurrences.get(self.DECIDED_BY, 0),
        )


def _in_words(step: Step) -> str:
    """What gives way, and the price that becomes possible."""
    price = "仍无方案" if step.price_fen is None else f"总价 {yuan(step.price_fen)}"
    return f"放弃 {'、'.join(step.left_out)}：{price}"
