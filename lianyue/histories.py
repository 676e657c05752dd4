"""The server's histories as they are archived: decrypted, zlib protobuf, each with the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import zlib

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from activities.ports import ClosedHistory
from contracts.errors import ArchiveDamaged
from contracts.ids import contract_workflow, portfolio_workflow
from lianyue.payloads.codec import EncryptingCodec
from lianyue.payloads.histories import decrypted

LARGEST = 256 * 2**20
"""Bytes of a history unpacked; a server ends a workflow long before."""


class ServerHistories:
    """Keeps the promise of ``ports.Histories`` with a client of the server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def _codec(self) -> EncryptingCodec | None:
        """What the client's payloads are encrypted with, if they are."""
        codec = self._client.data_converter.payload_codec
        return codec if isinstance(codec, EncryptingCodec) else None

    async def closed(self, workflow_id: str) -> ClosedHistory | None:
        """Return the history of a closed workflow; None while it still runs."""
        handle = self._client.get_workflow_handle(workflow_id)
        description = await handle.describe()
        if description.status is WorkflowExecutionStatus.RUNNING:
            return None
        return await self._packed(workflow_id, description.run_id)

    async def _packed(self, workflow_id: str, run_id: str = "") -> ClosedHistory:
        handle = self._client.get_workflow_handle(workflow_id)
        kept = await handle.fetch_history()
        encoded = digest_of(kept) if self._codec else None
        return packed(decrypted(kept, self._codec), run_id or (await handle.describe()).run_id, encoded)

    async def history(self, workflow_id: str) -> WorkflowHistory:
        """Return the history of a workflow, closed or not, decrypted."""
        return decrypted(await self._client.get_workflow_handle(workflow_id).fetch_history(), self._codec)

    async def so_far(self, number: str) -> tuple[ClosedHistory, ...]:
        """Return the histories of a contract's tree as they are now, whether its workflows run or have closed."""
        return tuple([await self._packed(each) for each in await self.tree(contract_workflow(number))])

    async def portfolio(self, portfolio: str) -> ClosedHistory:
        """Return the history of a portfolio's workflow as it is now."""
        return await self._packed(portfolio_workflow(portfolio))

    async def tree(self, workflow_id: str) -> tuple[str, ...]:
        """Return *workflow_id* and the workflows it started, in the order in which they were started."""
        try:
            history = await self._client.get_workflow_handle(workflow_id).fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return ()
            raise
        found = [workflow_id]
        for child in children_of(history):
            found.extend(await self.tree(child))
        return tuple(found)


def packed(history: WorkflowHistory, run_id: str, encoded_digest: str | None = None) -> ClosedHistory:
    """Return *history* as it is archived; *encoded_digest* is that of what the server kept."""
    raw = _serialised(history)
    return ClosedHistory(
        workflow_id=history.workflow_id,
        run_id=run_id,
        events=len(history.events),
        digest="sha256:" + hashlib.sha256(raw).hexdigest(),
        encoded_digest=encoded_digest,
        zlibbed=zlib.compress(raw, 9),
    )


def digest_of(history: WorkflowHistory) -> str:
    """Return the digest of *history* as it is, encrypted or not."""
    return "sha256:" + hashlib.sha256(_serialised(history)).hexdigest()


def _serialised(history: WorkflowHistory) -> bytes:
    return History(events=history.events).SerializeToString(deterministic=True)


def unpacked(workflow_id: str, zlibbed: bytes, digest: str, largest: int = LARGEST) -> WorkflowHistory:
    """
    Return an archived history.

    Raises:
        ArchiveDamaged: If the bytes do not unpack to at most *largest*, or do not have *digest*.
    """
    unpacking = zlib.decompressobj()
    try:
        raw = unpacking.decompress(zlibbed, largest)
    except zlib.error as error:
        raise ArchiveDamaged(f"the archived history of {workflow_id} cannot be unpacked: {error}") from None
    if not unpacking.eof or unpacking.unused_data:
        raise ArchiveDamaged(f"the archived history of {workflow_id} is not whole, or larger than {largest:,} bytes")
    if digest != "sha256:" + hashlib.sha256(raw).hexdigest():
        raise ArchiveDamaged(f"the archived history of {workflow_id} is not the one whose digest was recorded")
    return WorkflowHistory(workflow_id=workflow_id, events=History.FromString(raw).events)


def children_of(history: WorkflowHistory) -> list[str]:
    """The contract's own children; the archivist is not part of the tree it archives."""
    return [
        event.start_child_workflow_execution_initiated_event_attributes.workflow_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
        and event.start_child_workflow_execution_initiated_event_attributes.workflow_id.startswith("contract/")
    ]
