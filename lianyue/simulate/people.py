"""The simulated people: each looks at the open tasks of a company, and acts through the desk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from contracts.errors import Refused, Unreachable
from contracts.organisation import Person, Role
from contracts.service_contract import Amendment, Cancellation, Resumption, ServiceContract, Suspension
from contracts.task import Decline, MemberTask, Reminder, TaskKind
from contracts.value import Json
from lianyue.desk.desk import Desk
from lianyue.simulate.answers import answer, hand_over
from lianyue.simulate.openings import shares_of
from lianyue.simulate.script import Departure, Deviation, Intervention, Order, Script

LOOK_SECONDS = 0.25
AT_ONCE = 12


class People:
    """Everybody of an alliance; they live until the contracts given to them have ended."""

    def __init__(self, desk: Desk, script: Script, *, day_seconds: float) -> None:
        self._desk = desk
        self._script = script
        self._day_seconds = day_seconds
        self._persons = desk.directory.persons()
        self._contracts: dict[str, ServiceContract] = {}
        self._used: Counter[int] = Counter()
        self._ordered: set[int] = set()
        self._busy: set[str] = set()
        self._acting = asyncio.Semaphore(AT_ONCE)
        self.acts = 0

    async def live(self, have_all_ended: Callable[[], bool]) -> None:
        """Look at the open tasks again and again until *have_all_ended*; whatever fails is not swallowed."""
        async with asyncio.TaskGroup() as group:
            while not await asyncio.to_thread(have_all_ended):
                for task in await asyncio.to_thread(self._open_tasks):
                    self._intervene(task, group)
                    if task.id not in self._busy:
                        self._take_up(task, group)
                await asyncio.sleep(LOOK_SECONDS)

    def _open_tasks(self) -> list[MemberTask]:
        return list(self._desk.reading.tasks(limit=5_000))

    def _take_up(self, task: MemberTask, group: asyncio.TaskGroup) -> None:
        """Begin to act on *task* once; silence and waiting leave it alone."""
        departure = self._departure(task)
        if departure is not None and departure.act is Departure.SILENT:
            return
        if departure is not None and departure.act is Departure.LATE and not _is_late(task):
            return
        if task.kind is TaskKind.QUOTE and task.company not in self._script.quotes.get(task.number, {}):
            return
        person = self._person_for(task)
        if person is not None:
            self._busy.add(task.id)
            group.create_task(self._act(task, person, departure))

    async def _act(self, task: MemberTask, person: Person, departure: Deviation | None) -> None:
        async with self._acting:
            try:
                await self._do(task, person, departure)
                self.acts += 1
                if departure is not None:
                    self._used[self._script.deviations.index(departure)] += 1
            except (Refused, Unreachable):
                await asyncio.sleep(LOOK_SECONDS)  # somebody was faster, or the server is away: look again
                self._busy.discard(task.id)

    async def _do(self, task: MemberTask, person: Person, departure: Deviation | None) -> None:
        if departure is not None and departure.act is Departure.DECLINE:
            await self._desk.act("decline", Decline, task.id, person.user, reason=departure.reason)
            return
        content = await asyncio.to_thread(self._content, task, person, departure)
        await hand_over(self._desk, task, person.user)
        await self._desk.submit(task.id, person.user, content)

    def _content(self, task: MemberTask, person: Person, departure: Deviation | None) -> Json:
        """What *person* fills in."""
        if task.kind is TaskKind.OPEN_QUOTES:
            return shares_of(self._desk, task, person.user)
        contract = self._contract(task.number)
        return answer(task, contract, self._desk.orders.category(contract), self._script, departure)

    def _departure(self, task: MemberTask) -> Deviation | None:
        for place, deviation in enumerate(self._script.deviations):
            lasts = deviation.act is Departure.SILENT or self._used[place] < deviation.times
            if lasts and deviation.fits(task):
                return deviation
        return None

    def _person_for(self, task: MemberTask) -> Person | None:
        """Choose who acts: somebody with the role; several tasks of one award go to different people."""
        fit = [p for p in self._persons if p.company == task.company and task.role in p.roles]
        if task.kind is TaskKind.APPROVE:
            starter = self._desk.reading.order(task.number).started_by.user
            fit = [person for person in fit if person.user != starter]
            place = int(task.id.rpartition(":")[2].split("-")[-2])
            return fit[(place - 1) % len(fit)] if fit else None
        if task.kind is TaskKind.HEAR_APPEAL:
            fit = [person for person in fit if Role.COORDINATOR not in person.roles] or fit
        return fit[0] if fit else None

    def _contract(self, number: str) -> ServiceContract:
        if number not in self._contracts:
            self._contracts[number] = self._desk.reading.order(number).contract
        return self._contracts[number]

    # --- what a coordinator orders in a story ---------------------------------------------------------------

    def _intervene(self, task: MemberTask, group: asyncio.TaskGroup) -> None:
        for place, intervention in enumerate(self._script.interventions):
            if place not in self._ordered and intervention.fits(task):
                self._ordered.add(place)
                group.create_task(self._order(intervention, task))

    async def _order(self, intervention: Intervention, task: MemberTask) -> None:
        with suppress(Refused):  # the contract may have gone on meanwhile; the refusal is on record
            await self._give_order(intervention, task)

    async def _give_order(self, intervention: Intervention, task: MemberTask) -> None:
        number, reason = intervention.number, intervention.reason
        user = self._coordinator()
        if intervention.act is Order.SUSPEND:
            await self._desk.suspend(number, user, Suspension(reason=reason))
            await asyncio.sleep(intervention.resume_after_days * self._day_seconds)
            await self._desk.resume(number, user, Resumption(reason="争议已解决"))
        elif intervention.act is Order.AMEND:
            await self._desk.amend(number, user, intervention.amendment or Amendment(reason=reason, extend_days=30))
        elif intervention.act is Order.CANCEL:
            await self._desk.cancel(number, user, Cancellation(reason=reason))
        else:
            await self._desk.act("remind", Reminder, task.id, user, reason=reason)

    def _coordinator(self) -> str:
        return next(person.user for person in self._persons if Role.COORDINATOR in person.roles)


def _is_late(task: MemberTask) -> bool:
    return task.is_escalated or (task.is_overdue and task.escalate_at is None)
