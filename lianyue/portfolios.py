"""Portfolios at work on the server: told by contracts, and begun by the first word if need be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from contracts.errors import Unreachable
from contracts.ids import portfolio_workflow
from contracts.portfolio import ContractWord, PortfolioOrder
from rules.portfolio.answer import Progress
from workflows.portfolio import PortfolioWorkflow

PATIENCE = timedelta(seconds=3)
"""How far a search is holds up nobody who looks: a server that does not answer tells of none."""


class ServerPortfolios:
    """Keeps the promise of ``activities.ports.Portfolios`` with a client of the server."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def start(self, order: PortfolioOrder) -> bool:
        """Start the workflow of *order* unless it was started before; say whether this was the first time."""
        return await self._begin(order)

    async def tell(self, order: PortfolioOrder, word: ContractWord) -> bool:
        """Tell the portfolio of *order*, which begins with it if it has not begun; False if it is over."""
        there = WorkflowIDConflictPolicy.USE_EXISTING
        return await self._begin(order, id_conflict_policy=there, start_signal="hear", start_signal_args=[word])

    async def _begin(self, order: PortfolioOrder, **how: Any) -> bool:
        try:
            await self._client.start_workflow(
                PortfolioWorkflow.run,
                order,
                id=portfolio_workflow(order.id),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                **how,
            )
        except WorkflowAlreadyStartedError:
            return False
        except RPCError as failure:
            raise Unreachable(f"the Temporal server did not answer for {order.id}: {failure.message}") from None
        return True

    async def progress(self, portfolio: str) -> Progress | None:
        """Return what the search under way last said of itself, nothing if none is under way."""
        handle = self._client.get_workflow_handle(portfolio_workflow(portfolio))
        try:
            described = await handle.describe(rpc_timeout=PATIENCE)
        except (RPCError, RuntimeError):  # a lazy client that has never reached its server
            return None
        for pending in described.raw_description.pending_activities:
            if pending.activity_type.name == "allocate" and pending.heartbeat_details.payloads:
                (told,) = await self._client.data_converter.decode(
                    [*pending.heartbeat_details.payloads][:1], [Progress]
                )
                return Progress.model_validate(told)
        return None
