"""Joining: a contract that is awarded together with others says so to its portfolio, and waits for the answer."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import workflow

from activities.allocating import Allocating, Heard, TakeUpRequest, TellRequest, quotes_digest
from activities.deciding import DecisionRecord
from contracts.portfolio import Allotment, ContractWord, Word
from contracts.quote import Quotes
from contracts.service_contract import ContractOrder
from workflows.task_board import ContractBoard
from workflows.timing import WRITING


class Joining(ContractBoard):
    """The root's side of a portfolio; a contract without one says nothing."""

    def __init__(self, order: ContractOrder) -> None:
        super().__init__(order)
        self._asking = 0
        self._allotments: dict[int, Allotment] = {}
        self._owes_word = order.portfolio is not None

    @workflow.signal
    def allot(self, allotment: Allotment) -> None:
        """The portfolio's answer; that to an earlier asking is no longer of interest."""
        self._allotments[allotment.asking] = allotment

    async def _ask_portfolio(self, quotes: Quotes | None, declined: Mapping[str, str]) -> Allotment:
        """Ask to be decided with the others, as often as somebody would not sign, and wait for the answer."""
        self._asking += 1
        asking = self._asking
        self._tell("joined", portfolio=self._order.portfolio or "")
        await self._write_down()
        sealed = quotes_digest(quotes.quotes) if quotes else None
        is_open = await self._speak(Word.JOINED, quotes=sealed, declined=dict(declined))
        if not is_open:
            return Allotment(asking=asking, occurrence=0, reason=f"组合 {self._order.portfolio} 已经办结")
        await self._wait_for(lambda: asking in self._allotments)
        return self._allotments[asking]

    async def _take_up(self, allotment: Allotment) -> DecisionRecord:
        """Take what the portfolio decided for this contract into its own history."""
        return await self._do(
            Allocating.take_up,
            TakeUpRequest,
            portfolio=self._order.portfolio,
            allotted=allotment.occurrence,
            decision=allotment.decision,
            pins=self._order.pins,
            office=self._order.office,
        )

    async def _settle(self) -> None:
        """Say that all have signed: the award stands for good."""
        if self._owes_word:
            await self._speak(Word.SETTLED)
            self._owes_word = False

    async def _leave(self, reason: str) -> None:
        """Say that this contract has ended, unless the portfolio has nothing to do with it any more."""
        if self._owes_word:
            await self._speak(Word.LEFT, reason=reason)
            self._owes_word = False

    async def _speak(self, said: Word, **facts: object) -> bool:
        word = ContractWord.model_validate({"number": self._number, "word": said, "asking": self._asking, **facts})
        request = TellRequest(portfolio=self._order.portfolio or "", word=word)
        heard: Heard = await workflow.execute_activity_method(Allocating.tell, request, **WRITING)
        return heard.is_open
