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
from lianyue.payloads.codec import EncryptingCodec
from lianyue.payloads.histories import decrypted


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
        kept = await handle.fetch_history()
        encoded = digest_of(kept) if self._codec else None
        return packed(decrypted(kept, self._codec), description.run_id, encoded)

    async def history(self, workflow_id: str) -> WorkflowHistory:
        """Return the history of a workflow, closed or not, decrypted."""
        return decrypted(await self._client.get_workflow_handle(workflow_id).fetch_history(), self._codec)

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


def unpacked(workflow_id: str, zlibbed: bytes, digest: str) -> WorkflowHistory:
    """
    Return an archived history.

    Raises:
        ArchiveDamaged: If the bytes do not unpack, or do not have *digest*.
    """
    try:
        raw = zlib.decompress(zlibbed)
    except zlib.error as error:
        raise ArchiveDamaged(f"the archived history of {workflow_id} cannot be unpacked: {error}") from None
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
