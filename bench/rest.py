"""When a tree of workflows rests: nothing is under way in it, and only people or time can move it on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

LOOK_SECONDS = 0.02


class TreeWatch:
    """Follows one tree from its root; ``lengths`` is how many events each workflow of it had when it last rested."""

    def __init__(self, client: Client, root: str) -> None:
        self._client = client
        self.root = root
        self.lengths: dict[str, int] = {}
        self._closed: set[str] = set()

    @property
    def is_closed(self) -> bool:
        """Whether the root has closed."""
        return self.root in self._closed

    @property
    def events(self) -> int:
        """The events of the whole tree."""
        return sum(self.lengths.values())

    async def rest(self) -> Mapping[str, int]:
        """Wait until the tree rests; return the lengths."""
        while not await self._rests(self.root):  # noqa: ASYNC110 - the server tells nobody when a tree rests
            await asyncio.sleep(LOOK_SECONDS)
        for workflow_id in [known for known in self.lengths if known not in self._closed]:
            await self._rests(workflow_id)
        return dict(self.lengths)

    async def _rests(self, workflow_id: str) -> bool:
        """
        Look at *workflow_id* before its children: while a parent waits for them, they cannot have told it anything.

        A child that has closed although its parent still counts on it is news on its way to the parent.
        """
        described = (await self._client.get_workflow_handle(workflow_id).describe()).raw_description
        self.lengths[workflow_id] = described.workflow_execution_info.history_length
        if int(described.workflow_execution_info.status) != WorkflowExecutionStatus.RUNNING.value:
            self._closed.add(workflow_id)
            return True
        if described.HasField("pending_workflow_task") or described.pending_activities:
            return False
        for child in described.pending_children:
            if not child.run_id or not await self._rests(child.workflow_id) or child.workflow_id in self._closed:
                return False
        return True


async def closed(client: Client, workflow_id: str) -> None:
    """Wait until *workflow_id*, which may not have started yet, has closed."""
    while True:
        try:
            described = await client.get_workflow_handle(workflow_id).describe()
            if described.status is not WorkflowExecutionStatus.RUNNING:
                return
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        await asyncio.sleep(LOOK_SECONDS)
