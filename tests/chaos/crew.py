"""People who hand in under a request id, repeat it until it is acknowledged, and remember what was acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.agreement import AgreementState
from contracts.errors import Refused, Unreachable
from contracts.organisation import Person
from contracts.service_contract import Amendment, Cancellation, ServiceContract
from contracts.task import MemberTask, TaskKind, TaskReceipt
from contracts.value import Json
from lianyue.desk.desk import Desk
from lianyue.simulate.answers import hand_over
from lianyue.simulate.people import People
from lianyue.simulate.script import Deviation, Script

AGAIN_SECONDS = 0.3


class Turn(StrEnum):
    """
    What becomes of a contract once every member's first milestone is settled; nobody delivers on before.

    The second is open before the first is settled, so that the milestone's name has to say which it is.
    """

    NONE = "none"
    AMENDED = "amended"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Handed:
    """A request that was acknowledged."""

    request_id: str
    task: str
    user: str
    content: Json
    receipt: TaskReceipt


class Crew(People):
    """The simulated people, who lose no request; a contract takes the *turns* it is given."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, Script(), day_seconds=1)
        self._turns: dict[str, Turn] = {}
        self._turned: set[str] = set()
        self.handed: list[Handed] = []
        self.refused: list[str] = []

    def meet_everybody(self) -> None:
        """Look at the directory again: others have joined."""
        self._persons = self._desk.directory.persons()

    async def begin(self, contract: ServiceContract, turn: Turn, prices: dict[str, int]) -> None:
        """Start *contract*, for which members will quote *prices*."""
        self._script = self._script.model_copy(update={"quotes": {**self._script.quotes, contract.number: prices}})
        self._turns[contract.number] = turn
        await self._insist(lambda: self._desk.start(contract, self._coordinator()))

    def _take_up(self, task: MemberTask, group: asyncio.TaskGroup) -> None:
        if task.kind is not TaskKind.DELIVER or self._may_deliver(task, group):
            super()._take_up(task, group)

    def _may_deliver(self, task: MemberTask, group: asyncio.TaskGroup) -> bool:
        """Hold back all but the first milestones until the contract has taken its turn."""
        turn = self._turns.get(task.number, Turn.NONE)
        kept = self._desk.reading.agreements(task.number)
        agreement = kept[0].version.agreement
        first = {member: agreement.instalments_of(member)[0].milestone for member in agreement.members}
        if turn is Turn.NONE or task.subject["milestone"] == first[task.company]:
            return True
        settled = {line.member for line in self._desk.reading.settlements(task.number)}
        if settled == set(first) and task.number not in self._turned:
            self._turned.add(task.number)
            group.create_task(self._turn(task.number, turn))
        return turn is Turn.AMENDED and len(kept) > 1 and kept[-1].state is AgreementState.IN_FORCE

    async def _turn(self, number: str, turn: Turn) -> None:
        user, identity = self._coordinator(), f"crew/{number}/{turn}"
        if turn is Turn.AMENDED:
            change = Amendment(reason="增加保洁面积", value_fen=70_000_000)
            await self._insist(lambda: self._desk.amend(number, user, change, identity))
        else:
            await self._insist(lambda: self._desk.cancel(number, user, Cancellation(reason="需求取消"), identity))

    async def _do(self, task: MemberTask, person: Person, departure: Deviation | None) -> None:
        content = await asyncio.to_thread(self._content, task, person, departure)
        identity = f"crew/{task.id}"
        try:
            await self._insist(lambda: hand_over(self._desk, task, person.user))
            receipt = await self._insist(lambda: self._desk.submit(task.id, person.user, content, identity))
        except Refused as refusal:
            self.refused.append(f"{task.id}: {refusal.message}")
            raise
        self.handed.append(Handed(identity, task.id, person.user, content, receipt))

    async def hand_in_again(self, handed: Handed) -> TaskReceipt | str:
        """Hand in once more what was acknowledged; return the receipt, or the words of a refusal."""
        try:
            return await self._desk.submit(handed.task, handed.user, handed.content, handed.request_id)
        except Refused as refusal:
            return refusal.message

    async def _insist(self, hand_in: Callable[[], Any]) -> Any:
        """Repeat the same request until there is an answer to it."""
        while True:
            try:
                return await hand_in()
            except Unreachable:
                await asyncio.sleep(AGAIN_SECONDS)
