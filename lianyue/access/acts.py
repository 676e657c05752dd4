"""What a viewer does: every act goes through the scope first, then to the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, BinaryIO, TypeVar

from temporalio.service import RPCError

from contracts.errors import Unreachable
from contracts.service_contract import (
    Amendment,
    Cancellation,
    OrderReceipt,
    Resumption,
    ServiceContract,
    Suspension,
)
from contracts.task import (
    Claim,
    CoSignRequest,
    Decline,
    Delegation,
    GiveBack,
    Reminder,
    TaskAction,
    TaskReceipt,
    Transfer,
    Withdrawal,
)
from contracts.value import Json
from lianyue.access.scope import Scope
from lianyue.desk.desk import Desk, Started
from lianyue.records.evidence import KeptEvidence

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 30
"""How long somebody waits for a workflow's answer; without a worker it never comes."""

TASK_VERBS: dict[str, type[TaskAction]] = {
    "claim": Claim,
    "decline": Decline,
    "transfer": Transfer,
    "delegate": Delegation,
    "add_sign": CoSignRequest,
    "give_back": GiveBack,
    "withdraw": Withdrawal,
    "remind": Reminder,
}
"""What is done with a task besides answering it, as the desk calls it."""

Order = Cancellation | Suspension | Resumption | Amendment


class Acts:
    """What the viewer of *scope* does; whatever is not there for them is refused as NotThere, and on record."""

    def __init__(self, scope: Scope, desk: Desk) -> None:
        self._scope = scope
        self._desk = desk.for_actor(scope.viewer.as_actor())
        self._user = scope.viewer.user

    async def start(self, contract: ServiceContract) -> Started:
        """Start *contract*; the same again is answered as the first time."""
        return await _answered(self._desk.start(contract, self._user))

    async def submit(self, task_id: str, content: Json, request_id: str = "", acting_for: str = "") -> TaskReceipt:
        """Answer a task with its form."""
        await self._need_task("submit", task_id)
        return await _answered(self._desk.submit(task_id, self._user, content, request_id, acting_for))

    async def hand_over(self, task_id: str, name: str, stream: BinaryIO) -> KeptEvidence:
        """Keep a file as evidence for a delivery."""
        await self._need_task("hand_over", task_id)
        return await _answered(self._desk.hand_over(task_id, self._user, name, stream))

    async def act(
        self, verb: str, task_id: str, request_id: str = "", acting_for: str = "", **fields: Any
    ) -> TaskReceipt:
        """Do *verb* of `TASK_VERBS` on a task."""
        await self._need_task(verb, task_id)
        done = self._desk.act(verb, TASK_VERBS[verb], task_id, self._user, request_id, acting_for, **fields)
        return await _answered(done)

    async def order(self, verb: str, number: str, body: Order, request_id: str = "") -> OrderReceipt:
        """Give the order *verb* (cancel, suspend, resume, amend) on a contract."""
        await asyncio.to_thread(self._scope.on_record, verb, number, lambda: self._scope.part(number))
        give = getattr(self._desk, verb)
        return await _answered(give(number, self._user, body, request_id))

    async def _need_task(self, verb: str, task_id: str) -> None:
        await asyncio.to_thread(self._scope.on_record, verb, task_id, lambda: self._scope.task(task_id))


async def _answered(request: Awaitable[Answer]) -> Answer:
    """
    Await the answer to one request.

    Raises:
        Unreachable: If the server breaks off, or nobody works on the request.
    """
    try:
        return await asyncio.wait_for(request, PATIENCE_SECONDS)
    except TimeoutError:
        raise Unreachable(f"no worker took the request up within {PATIENCE_SECONDS} s; repeat it as it was") from None
    except RPCError as error:
        raise Unreachable(f"the Temporal server broke off: {error.message}") from None
    except RuntimeError as error:  # a lazy client that has never reached its server
        raise Unreachable(f"no Temporal server answers: {str(error).splitlines()[0][:200]}") from None
