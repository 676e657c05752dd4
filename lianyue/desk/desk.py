"""The desk: every request is authenticated, remembered by its id, and handed to the workflow it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple

from pydantic import BaseModel, ValidationError
from temporalio.client import Client

from contracts.errors import AllianceError, MalformedDocument
from contracts.ids import contract_workflow, task_place
from contracts.organisation import Actor, MandateScope
from contracts.service_contract import (
    Amendment,
    AmendOrder,
    Cancellation,
    CancelOrder,
    InformOrder,
    OrderReceipt,
    ResumeOrder,
    Resumption,
    ServiceContract,
    SuspendOrder,
    Suspension,
)
from contracts.task import MemberTask, Reminder, Submission, TaskAction, TaskKind, TaskReceipt
from contracts.task_forms import form_of
from contracts.value import Json
from lianyue.desk.answers import check_answer
from lianyue.desk.evidence import EvidenceDesk
from lianyue.desk.inbox import InboxDesk
from lianyue.desk.mandates import MandateDesk
from lianyue.desk.openings import OpeningDesk, WrappedShares
from lianyue.desk.orders import OrderDesk
from lianyue.desk.portfolios import PortfolioDesk, PortfolioStarted
from lianyue.desk.requests import Requests
from lianyue.desk.starting import ContractStarts, Started
from lianyue.desk.vouching import Vouching
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.evidence import KeptEvidence
from lianyue.records.reading import Reading
from lianyue.seals import QuoteSeals
from lianyue.settings import Settings
from rules.portfolio.documents import Portfolio

ORDERS: dict[str, type[Any]] = {
    "cancel": CancelOrder,
    "suspend": SuspendOrder,
    "resume": ResumeOrder,
    "amend": AmendOrder,
}


class ActResult(NamedTuple):
    """What became of one task of several: a receipt, or what was wrong."""

    task: str
    receipt: TaskReceipt | None
    error: AllianceError | None


class Desk:
    """Everything that people can do; reading is done through ``reading``."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        directory: Directory,
        reading: Reading,
        door: Door,
        orders: OrderDesk,
        seals: QuoteSeals,
        mandates: MandateDesk,
        inbox: InboxDesk,
        openings: OpeningDesk,
        evidence: EvidenceDesk,
        portfolios: PortfolioDesk,
        vouching: Vouching,
    ) -> None:
        self._client = client
        self.directory = directory
        self.reading = reading
        self._door = door
        self.orders = orders
        self._seals = seals
        self.mandates = mandates
        self.inbox = inbox
        self.openings = openings
        self.evidence = evidence
        self.portfolios = portfolios
        self._starts = ContractStarts(settings.task_queue, client, reading, door, orders, seals, vouching)
        self._requests = Requests(client, directory, door, vouching)

    def for_actor(self, actor: Actor) -> Desk:
        """Return this desk as *actor* meets it, with the roles of the sign-in and not all that the directory lists."""
        own = copy(self)
        own._requests = self._requests.of(actor)
        return own

    # --- contracts ------------------------------------------------------------------------------------------

    async def start(self, contract: ServiceContract, user: str) -> Started:
        """
        Start the workflow of *contract*; the same contract again is answered as the first time.

        Raises:
            RoleMissing: If *user* is no coordinator.
            AlreadyStarted: If the number belongs to a different contract.
        """
        actor = await self._requests.actor(user)
        started = self._starts.start(contract, actor, self._requests.known_by(actor))
        return await self._requests.on_record(actor, "start", contract.number, started)

    async def register(self, contract: ServiceContract, user: str, portfolio: str) -> Started:
        """
        Register *contract* to be decided with the others of *portfolio*; it is started together with them.

        Raises:
            RoleMissing: If *user* is no coordinator.
            AlreadyStarted: If the number belongs to a different contract, or was started without this portfolio.
        """
        actor = await self._requests.actor(user)
        registered = self._starts.register(contract, actor, self._requests.known_by(actor), portfolio)
        return await self._requests.on_record(actor, "start", contract.number, registered)

    async def run_registered(self, number: str) -> None:
        """Start the workflow of a contract that is registered, unless it was started before."""
        await self._starts.run_registered(number)

    async def start_portfolio(self, portfolio: Portfolio, numbers: Sequence[str], user: str) -> PortfolioStarted:
        """Start *portfolio* for the registered contracts *numbers*; raises as the desk of portfolios does."""
        actor = await self._requests.actor(user)
        started = self.portfolios.start(portfolio, numbers, actor, self._requests.known_by(actor))
        return await self._requests.on_record(actor, "start", portfolio.metadata.name, started)

    def begun_together(self, portfolio: Portfolio, numbers: Sequence[str], user: str) -> Iterator[Awaitable[object]]:
        """Yield what begins *portfolio* and its registered contracts *numbers*, to be awaited in this order."""
        if numbers:
            yield self.start_portfolio(portfolio, numbers, user)
        yield from map(self.run_registered, numbers)

    async def start_what_was_registered(self) -> tuple[str, ...]:
        """Start every contract and portfolio that was registered but whose workflow never was; return the numbers."""
        await self.portfolios.start_what_was_registered()
        return await self._starts.start_what_was_registered()

    async def cancel(self, number: str, user: str, body: Cancellation, request_id: str = "") -> OrderReceipt:
        """取消: end a contract and undo what was done."""
        return await self._order("cancel", number, user, body, request_id)

    async def suspend(self, number: str, user: str, body: Suspension, request_id: str = "") -> OrderReceipt:
        """暂停: stop a contract's deadlines."""
        return await self._order("suspend", number, user, body, request_id)

    async def resume(self, number: str, user: str, body: Resumption, request_id: str = "") -> OrderReceipt:
        """恢复: let a contract's deadlines run on."""
        return await self._order("resume", number, user, body, request_id)

    async def amend(self, number: str, user: str, body: Amendment, request_id: str = "") -> OrderReceipt:
        """变更: propose a change of a signed contract."""
        return await self._order("amend", number, user, body, request_id)

    async def inform(self, number: str, user: str, to: Sequence[str], request_id: str = "") -> OrderReceipt:
        """抄送: have people of the office or the client informed of a contract as a whole."""
        actor = await self._requests.actor(user)

        async def hand_in() -> OrderReceipt:
            self.reading.contract(number)
            order = InformOrder(actor=actor, to=await self._requests.actors(to))
            identity = await self._requests.remembered(request_id, actor, "inform", {"number": number, "to": list(to)})
            return await self._requests.update(contract_workflow(number), "inform", order, identity, OrderReceipt)

        return await self._requests.on_record(actor, "inform", number, hand_in())

    async def _order(self, verb: str, number: str, user: str, body: BaseModel, request_id: str) -> OrderReceipt:
        actor = await self._requests.actor(user)
        workflow_id = contract_workflow(number)

        async def hand_in() -> OrderReceipt:
            self.reading.contract(number)
            order = ORDERS[verb](actor=actor, body=body)
            asked = {"number": number, **body.model_dump(mode="json")}
            identity = await self._requests.remembered(request_id, actor, verb, asked)
            return await self._requests.update(workflow_id, verb, order, identity, OrderReceipt)

        return await self._requests.on_record(actor, verb, number, hand_in())

    # --- tasks ----------------------------------------------------------------------------------------------

    async def submit(
        self, task_id: str, user: str, content: Json, request_id: str = "", acting_for: str = ""
    ) -> TaskReceipt:
        """
        提交: answer a task with its form; also *acting_for* (代) a colleague who handed it over.

        Raises:
            MalformedDocument: If the content does not fit the form; every fault is named.
        """
        actor = await self._requests.actor(user)

        async def hand_in() -> TaskReceipt:
            task = self._task(task_id)
            is_consent = task.asks(acting_for or actor.user)
            if not is_consent:
                category = self.reading.contract(task.number).category
                check_answer(task, self.orders.category_named(category), content)
                await asyncio.to_thread(self.evidence.require_handed_over, task, content)
            body = {"task": task_id, "content": content, **_for(acting_for)}
            is_quote = task.kind is TaskKind.QUOTE and not is_consent
            identity = await self._requests.remembered(request_id, actor, "submit", body, is_blind=is_quote)
            sealed = await asyncio.to_thread(self._sealed, task, actor, content) if is_quote else content
            action = Submission(task=task_id, actor=await self._acting_for(actor, acting_for, task), content=sealed)
            receipt = await self._requests.update(task_place(task_id)[0], "submit", action, identity, TaskReceipt)
            await asyncio.to_thread(self.inbox.drop_draft, task_id, actor.user)
            return receipt

        return await self._requests.on_record(actor, "submit", task_id, hand_in())

    async def hand_over(self, task_id: str, user: str, name: str, stream: BinaryIO) -> KeptEvidence:
        """交付资料: keep a file as evidence for a delivery, before the answer that names it."""
        actor = await self._requests.actor(user)
        taken = asyncio.to_thread(self.evidence.take, task_id, actor, name, stream)
        return await self._requests.on_record(actor, "hand_over", task_id, taken)

    async def act(
        self,
        verb: str,
        action: type[TaskAction],
        task_id: str,
        user: str,
        request_id: str = "",
        acting_for: str = "",
        **fields: Any,
    ) -> TaskReceipt:
        """
        Do *verb* (claim, decline, transfer, delegate, add_sign, copy, give_back, withdraw, remind) on a task.

        Also *acting_for* (代) a colleague who handed the authority, or their tasks, over. ``to`` is a user name, or for
        what concerns several people a list of them.

        Raises:
            MalformedDocument: If a field does not fit, such as a reason that says nothing.
        """
        actor = await self._requests.actor(user)

        async def hand_in() -> TaskReceipt:
            task = self._task(task_id)
            body = {"task": task_id, **fields, **_for(acting_for)}
            given = dict(fields)
            if "to" in given:
                given["to"] = await self._requests.named(given["to"])
            asked = _filled(action, task_id, await self._acting_for(actor, acting_for, task), given)
            identity = await self._requests.remembered(request_id, actor, verb, body)
            return await self._requests.update(task_place(task_id)[0], verb, asked, identity, TaskReceipt)

        return await self._requests.on_record(actor, verb, task_id, hand_in())

    async def act_on_each(
        self,
        verb: str,
        action: type[TaskAction],
        task_ids: Sequence[str],
        user: str,
        request_id: str = "",
        **fields: Any,
    ) -> tuple[ActResult, ...]:
        """Do *verb* on several tasks, one after another; what is wrong with one is its result and stops no other."""
        results = []
        for task_id in dict.fromkeys(task_ids):
            own_id = f"{request_id}:{task_id}" if request_id else ""
            try:
                receipt = await self.act(verb, action, task_id, user, own_id, **fields)
                results.append(ActResult(task_id, receipt, None))
            except AllianceError as error:
                results.append(ActResult(task_id, None, error))
        return tuple(results)

    async def remind_overdue(self, user: str, request_id: str = "", **fields: Any) -> tuple[ActResult, ...]:
        """催办: remind whoever holds what is overdue, as far as *user* may urge them; one result for each."""
        overdue = await asyncio.to_thread(self.inbox.to_remind, user)
        return await self.act_on_each("remind", Reminder, overdue, user, request_id, **fields)

    async def wrapped_shares(self, task_id: str, user: str, acting_for: str = "") -> WrappedShares:
        """Give *user* the shares that an opening task asks them, or whom they stand in for, to unwrap."""
        actor = await self._requests.actor(user)

        async def give() -> WrappedShares:
            holder = await self._acting_for(actor, acting_for, self._task(task_id))
            return await asyncio.to_thread(self.openings.wrapped_shares, task_id, holder)

        return await self._requests.on_record(actor, "unwrap", task_id, give())

    def form(self, task: MemberTask) -> Json:
        """Return the JSON Schema that an answer to *task* must fit."""
        return form_of(task, self.orders.category_named(self.reading.contract(task.number).category))

    def refuse(self, actor: Actor, verb: str, target: str, refusal: AllianceError) -> None:
        """Put on record what was refused before it reached the desk."""
        self._door.refuse(datetime.now(UTC), actor, verb, target, refusal)

    def _task(self, task_id: str) -> MemberTask:
        task_place(task_id)
        return self.reading.task(task_id)

    def _sealed(self, task: MemberTask, actor: Actor, content: Json) -> Json:
        """Keep the quote's ciphertext and let only its commitment go on, so that history cannot give it away."""
        sealing, now = self.openings.sealing(task.number), datetime.now(UTC)
        if sealing is not None:
            quote, envelope = self.openings.seal(task, content, sealing, now)
            self._door.keep_envelope(task.number, actor.company, quote.commitment, envelope, now)
            return quote.model_dump(mode="json", include={"commitment", "arrived_at", "share_digests"})
        sealed = self._seals.seal(task.number, actor.company, content)
        self._door.keep_envelope(task.number, actor.company, sealed.commitment, sealed.ciphertext, now)
        return {"commitment": sealed.commitment, "arrived_at": now.isoformat()}

    async def _acting_for(self, actor: Actor, principal: str, task: MemberTask) -> Actor:
        """Return *actor* with the mandate of *principal* on the contract's day, or as they are without a principal."""
        if not principal:
            return actor
        order = await asyncio.to_thread(self.reading.order, task.number)
        day = order.clock.day(datetime.now(UTC))
        scope = MandateScope.APPROVALS if task.kind is TaskKind.APPROVE else MandateScope.TASKS
        return await asyncio.to_thread(self.mandates.acting_for, actor, principal, day, scope)


def _filled(action: type[TaskAction], task_id: str, actor: Actor, fields: dict[str, Any]) -> TaskAction:
    try:
        return action.model_validate({"task": task_id, "actor": actor, **fields})
    except ValidationError as error:
        first = error.errors()[0]
        raise MalformedDocument(f"{first['loc'][0]}: {first['msg'].lower()}", where=task_id) from None


def _for(principal: str) -> Json:
    """What acting for somebody adds to a request's body; without it an older request keeps its digest."""
    return {"acting_for": principal} if principal else {}
