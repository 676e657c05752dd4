"""Keeping the records: what happens in a workflow is told, and written down in batches, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.recording import Recording
from contracts.calendar import AllianceClock, WorkingCalendar
from contracts.errors import NotVouchedFor
from contracts.journal import Copy, EffectRequest, Happening, Journal
from contracts.organisation import Actor
from contracts.service_contract import Stage
from contracts.voucher import Voucher
from rules.vouching import obstacle
from workflows.timing import OPTIONS, WRITING

Answer = TypeVar("Answer")

TURNS = 12
"""
Turns of the event loop until everybody has spoken whom one event woke.

Waiting with a time limit takes a few turns more than waiting without. Too few cost a batch, never correctness; but
another number gives other batches, and histories recorded before would not replay.
"""


class Order(Protocol):
    """What a workflow is ordered by, a contract's or a portfolio's: under which number, for whom, in whose time."""

    @property
    def number(self) -> str:
        """The number under which everything is kept."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def client(self) -> str:
        """The company that may urge besides the office."""

    @property
    def office(self) -> str:
        """The company that coordinates."""

    @property
    def clock(self) -> AllianceClock:
        """The clock it lives by."""

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days."""

    @property
    def copied(self) -> tuple[Actor, ...]:
        """Who is informed."""

    @property
    def desk_key(self) -> str:
        """The public key by which the desk vouches for whoever acts; empty, nobody does."""


class RecordKeeping:
    """What every workflow of a contract tells, does once, and has in the records before it answers."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._number = order.number
        self._occurrences: dict[str, int] = {}
        self._journal = Journal()
        self._batches = 0
        self._in_flight: set[int] = set()
        self._writing = asyncio.Lock()

    def _now(self) -> datetime:
        """What the alliance's clock shows."""
        return self._order.clock.at(workflow.now())

    def _today(self) -> int:
        return self._order.clock.day(workflow.now())

    def _tell(self, verb: str, actor: Actor | None = None, task: str = "", **facts: Any) -> None:
        """Remember that something happened, for the next batch."""
        company = actor.company if actor else facts.pop("company", "")
        happening = Happening(
            at=workflow.now(),
            on=self._now(),
            verb=verb,
            user=actor.user if actor else "",
            company=company,
            task=task,
            facts=facts,
        )
        self._journal = self._journal.model_copy(update={"happenings": (*self._journal.happenings, happening)})

    def _check_voucher(self, act: BaseModel, actor: Actor, voucher: Voucher | None) -> None:
        """Refuse an act for whose actor the desk does not vouch; an order without the desk's key asks nobody."""
        update = workflow.current_update_info()
        if not self._order.desk_key or update is None:
            return
        stated = act.model_dump(mode="json", exclude={"voucher"})
        place = workflow.info().workflow_id
        wrong = obstacle(voucher, self._order.desk_key, actor, stated, update.name, place, update.id)
        if wrong:
            raise NotVouchedFor(wrong)

    def _copy_to(self, user: str, task: str = "", by: str = "") -> None:
        """Have *user* informed of *task*, or of the contract as a whole, with the next batch."""
        copy = Copy(user=user, task=task, by=by, at=workflow.now())
        self._journal = self._journal.model_copy(update={"copies": (*self._journal.copies, copy)})

    def _reach(self, stage: Stage, **facts: Any) -> None:
        self._journal = self._journal.model_copy(update={"stage": stage})
        self._tell(stage.value, **facts)

    async def _write_down(self) -> None:
        """
        Return once all that was told before is in the records.

        What is told meanwhile, by whomever the same event woke or while a batch is under way, rides along.
        """
        await self._let_others_speak()
        under_way = frozenset(self._in_flight)
        while self._journal != Journal() or under_way & self._in_flight:
            async with self._writing:
                if self._journal != Journal():
                    await self._do(Recording.write_down, EffectRequest)
            await workflow.wait_condition(lambda: self._journal != Journal() or not under_way & self._in_flight)

    @staticmethod
    async def _let_others_speak() -> None:
        """Give everybody whom the same event woke a turn; who waited with a time limit wakes a few turns later."""
        await workflow.wait_condition(lambda: True)
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def _do(self, act: Callable[[Any, Any], Answer], request: type[EffectRequest], **fields: Any) -> Answer:
        """Have *act* done once under the next key of its name; the pending journal goes into its transaction."""
        name = act.__name__
        self._occurrences[name] = self._occurrences.get(name, 0) + 1
        self._batches += 1
        batch = self._batches
        journal, self._journal = self._journal, Journal()
        key = {"workflow_id": workflow.info().workflow_id, "number": self._number, "step": name}
        asked = request(**key, occurrence=self._occurrences[name], journal=journal, **fields)
        self._in_flight.add(batch)
        try:
            return await workflow.execute_activity_method(act, asked, **OPTIONS.get(name, WRITING))
        except ActivityError:
            self._journal = _joined(journal, self._journal)
            raise
        finally:
            self._in_flight.discard(batch)

    async def _finish(self) -> None:
        """Let every handler answer and everything told be written before the workflow closes."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        await self._write_down()


def _joined(first: Journal, then: Journal) -> Journal:
    newer = {task.id for task in then.tasks}
    return Journal(
        tasks=(*(task for task in first.tasks if task.id not in newer), *then.tasks),
        happenings=(*first.happenings, *then.happenings),
        copies=(*first.copies, *then.copies),
        stage=then.stage or first.stage,
        suspended=then.suspended if then.suspended is not None else first.suspended,
    )
