"""What a viewer does: every act goes through the scope first, then to the desk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, BinaryIO, NamedTuple, TypeVar

from pydantic import ValidationError
from temporalio.service import RPCError

from contracts.errors import AllianceError, MalformedDocument, Unreachable
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
    CopyRequest,
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
from lianyue.desk.desk import ActResult, Desk
from lianyue.desk.openings import WrappedShares
from lianyue.desk.starting import Started
from lianyue.records.evidence import KeptEvidence
from rules.source import read

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 30
"""How long somebody waits for a workflow's answer; without a worker it never comes."""

TASK_VERBS: dict[str, type[TaskAction]] = {
    "claim": Claim,
    "decline": Decline,
    "transfer": Transfer,
    "delegate": Delegation,
    "add_sign": CoSignRequest,
    "copy": CopyRequest,
    "give_back": GiveBack,
    "withdraw": Withdrawal,
    "remind": Reminder,
}
"""What is done with a task besides answering it, as the desk calls it."""

MOST_FAULTS = 20
"""So many faults of one contract are told at once."""

Order = Cancellation | Suspension | Resumption | Amendment


class BatchRow(NamedTuple):
    """What became of one contract of a batch: how it was started, or what was wrong."""

    row: int
    number: str
    started: Started | None
    error: AllianceError | None


class Acts:
    """What the viewer of *scope* does; whatever is not there for them is refused as NotThere, and on record."""

    def __init__(self, scope: Scope, desk: Desk) -> None:
        self._scope = scope
        self._desk = desk.for_actor(scope.viewer.as_actor())
        self._user = scope.viewer.user

    async def start(self, contract: ServiceContract) -> Started:
        """Start *contract*; the same again is answered as the first time."""
        return await _answered(self._desk.start(contract, self._user))

    async def start_each(self, contracts: Sequence[Any]) -> tuple[BatchRow, ...]:
        """Start every one of *contracts*, each as JSON; what is wrong with one is its result and stops no other."""
        return tuple([await self._row(place, stated, self.start) for place, stated in enumerate(contracts, start=1)])

    async def start_together(self, contracts: Sequence[Any], rules: str) -> tuple[BatchRow, ...]:
        """
        Start those of *contracts* that can be, to be awarded by the Portfolio whose text is *rules*.

        Raises:
            RuleProblems: If the Portfolio has problems; then nothing is started.
        """
        portfolio = self._desk.portfolios.checked(read(rules, "portfolio"))

        async def register(contract: ServiceContract) -> Started:
            return await _answered(self._desk.register(contract, self._user, portfolio.metadata.name))

        rows = tuple([await self._row(place, stated, register) for place, stated in enumerate(contracts, start=1)])
        numbers = [row.number for row in rows if row.started is not None]
        for begun in self._desk.begun_together(portfolio, numbers, self._user):
            await _answered(begun)
        return rows

    async def _row(self, place: int, stated: Any, start: Callable[[ServiceContract], Awaitable[Started]]) -> BatchRow:
        written = stated.get("number") if isinstance(stated, dict) else None
        number = written if isinstance(written, str) else ""
        try:
            started = await start(contract_of(stated))
        except AllianceError as error:
            error.where = error.where or f"contracts.{place - 1}"
            return BatchRow(place, number, None, error)
        return BatchRow(place, started.number, started, None)

    async def submit(self, task_id: str, content: Json, request_id: str = "", acting_for: str = "") -> TaskReceipt:
        """Answer a task with its form."""
        await self._need_task("submit", task_id)
        return await _answered(self._desk.submit(task_id, self._user, content, request_id, acting_for))

    async def wrapped_shares(self, task_id: str, acting_for: str = "") -> WrappedShares:
        """Give the viewer the shares that an opening task asks them, or whom they stand in for, to unwrap."""
        await self._need_task("unwrap", task_id)
        return await _answered(self._desk.wrapped_shares(task_id, self._user, acting_for))

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

    async def act_on_each(
        self, verb: str, task_ids: Sequence[str], request_id: str = "", **fields: Any
    ) -> tuple[ActResult, ...]:
        """Do *verb* on several tasks, one after another; what is wrong with one is its result and stops no other."""
        results = []
        for task_id in dict.fromkeys(task_ids):
            try:
                receipt = await self.act(verb, task_id, f"{request_id}:{task_id}" if request_id else "", **fields)
                results.append(ActResult(task_id, receipt, None))
            except AllianceError as error:
                results.append(ActResult(task_id, None, error))
        return tuple(results)

    async def keep_draft(self, task_id: str, content: Json, acting_for: str = "") -> None:
        """暂存: keep an unfinished answer to a task."""
        await self._need_task("draft", task_id)
        await asyncio.to_thread(self._scope.inbox.keep_draft, task_id, content, acting_for)

    async def inform(self, number: str, to: Sequence[str], request_id: str = "") -> OrderReceipt:
        """抄送: have people of the office or the client informed of a contract as a whole."""
        await asyncio.to_thread(self._scope.on_record, "inform", number, lambda: self._scope.part(number))
        return await _answered(self._desk.inform(number, self._user, to, request_id))

    async def order(self, verb: str, number: str, body: Order, request_id: str = "") -> OrderReceipt:
        """Give the order *verb* (cancel, suspend, resume, amend) on a contract."""
        await asyncio.to_thread(self._scope.on_record, verb, number, lambda: self._scope.part(number))
        give = getattr(self._desk, verb)
        return await _answered(give(number, self._user, body, request_id))

    async def _need_task(self, verb: str, task_id: str) -> None:
        await asyncio.to_thread(self._scope.on_record, verb, task_id, lambda: self._scope.task(task_id))


def contract_of(stated: Any) -> ServiceContract:
    """
    Return the contract that *stated*, as JSON, is.

    Raises:
        MalformedDocument: With every fault and its place.
    """
    try:
        return ServiceContract.model_validate_json(json.dumps(stated))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:MOST_FAULTS]]
        raise MalformedDocument("; ".join(faults)) from None


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
