"""How contracts start: registered under their number first, then begun; what a crash kept from it is caught up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from contracts.ids import contract_workflow
from contracts.organisation import Actor, Role
from contracts.service_contract import ContractOrder, ServiceContract
from contracts.voucher import KnownBy
from lianyue.desk.orders import OrderDesk
from lianyue.desk.people import require
from lianyue.desk.requests import unanswered
from lianyue.desk.vouching import Vouching
from lianyue.records.door import Door
from lianyue.records.reading import Reading
from lianyue.seals import QuoteSeals, SealedContent
from rules.canonical import digest
from workflows.service_contract import ServiceContractWorkflow


class Started(BaseModel):
    """The answer to a start: the contract's number, and whether this request was the first."""

    number: str
    workflow_id: str
    first: bool
    warnings: tuple[str, ...] = ()
    """What will stand in the way later, unless somebody sees to it now."""


class ContractStarts:
    """Registers contracts and sees to it that they run."""

    def __init__(
        self,
        task_queue: str,
        client: Client,
        reading: Reading,
        door: Door,
        orders: OrderDesk,
        seals: QuoteSeals,
        vouching: Vouching,
    ) -> None:
        self._task_queue = task_queue
        self._client = client
        self._reading = reading
        self._door = door
        self._orders = orders
        self._seals = seals
        self._vouching = vouching

    async def start(self, contract: ServiceContract, starter: Actor, known_by: KnownBy) -> Started:
        """Register *contract* to be decided by itself, and start it."""
        started = await self.register(contract, starter, known_by, None)
        await self.run_registered(contract.number)
        return started

    async def register(
        self, contract: ServiceContract, starter: Actor, known_by: KnownBy, portfolio: str | None
    ) -> Started:
        """
        Register *contract*, to be decided with the others of *portfolio* if one is named.

        Raises:
            RoleMissing: If *starter* is no coordinator.
            AlreadyStarted: If the number belongs to a different contract, or was started with another portfolio.
        """
        require(starter, Role.COORDINATOR)
        now = datetime.now(UTC)
        order = await asyncio.to_thread(self._orders.order, contract, starter, now)
        seed = await asyncio.to_thread(self._seed, order)
        if seed:
            order = order.model_copy(update={"draw_commitment": seed.commitment})
        body = contract.model_dump(mode="json")
        if portfolio is not None:
            order = order.model_copy(update={"portfolio": portfolio})
            body = {"contract": body, "portfolio": portfolio}
        order = self._vouched(order, known_by)
        sealed = seed.ciphertext if seed else None
        first = await asyncio.to_thread(self._door.register, order, digest(body), now, sealed)
        warnings = await asyncio.to_thread(self._orders.shortfalls, order)
        workflow_id = contract_workflow(contract.number)
        return Started(number=contract.number, workflow_id=workflow_id, first=first, warnings=warnings)

    async def run_registered(self, number: str) -> None:
        """Start the workflow of a contract that is registered, unless it was started before."""
        await self._ensure_running(await asyncio.to_thread(self._reading.order, number))

    async def start_what_was_registered(self) -> tuple[str, ...]:
        """Start every contract that was registered but whose workflow never was; return their numbers."""
        orders = await asyncio.to_thread(self._door.orders_registered)
        for order in orders:
            await self._ensure_running(order)
        return tuple(order.contract.number for order in orders)

    def _vouched(self, order: ContractOrder, known_by: KnownBy) -> ContractOrder:
        """Put the desk's key into the order, by which every act on the contract is checked, the first being this."""
        keyed = order.model_copy(update={"desk_key": self._vouching.public})
        place = contract_workflow(order.number)
        return self._vouching.vouched(keyed, order.started_by, "start", place, order.number, known_by)

    def _seed(self, order: ContractOrder) -> SealedContent | None:
        """The seed that *order* commits to, where its policy draws lots; nobody knows yet who will be eligible."""
        return self._seals.seal_seed(order.contract.number) if self._orders.draws_lots(order.pins) else None

    async def _ensure_running(self, order: ContractOrder) -> None:
        """Start the workflow unless it was started before; a contract registered just before a crash is caught up."""
        workflow_id = contract_workflow(order.contract.number)
        try:
            with suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    ServiceContractWorkflow.run,
                    order,
                    id=workflow_id,
                    task_queue=self._task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                )
        except RPCError as failure:
            raise unanswered(failure, workflow_id) from None
