"""Archiving: the histories of a closed contract are kept beyond the server's retention."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ports import ClosedHistory, Histories, Records
from contracts.calls import Archived, ArchiveRequest
from contracts.ids import contract_workflow


class Archiving:
    """Keeps closed histories."""

    def __init__(self, records: Records, histories: Histories) -> None:
        self._records = records
        self._histories = histories

    @activity.defn
    async def archive(self, request: ArchiveRequest) -> Archived:
        """
        Keep every history of the tree.

        Raises:
            ApplicationError: ``StillRunning``, to be tried again, while a workflow of the tree has not closed.
        """
        tree = [await self._closed(workflow_id) for workflow_id in await self._tree(request)]
        for history in reversed(tree):  # the root last: it stands for the whole
            self._records.keep_history(
                history.workflow_id,
                history.run_id,
                request.number,
                history.events,
                history.zlibbed,
                history.digest,
                history.encoded_digest,
            )
        return Archived(
            histories={history.workflow_id: history.digest for history in tree},
            events=sum(history.events for history in tree),
        )

    async def _tree(self, request: ArchiveRequest) -> tuple[str, ...]:
        return await self._histories.tree(contract_workflow(request.number))

    async def _closed(self, workflow_id: str) -> ClosedHistory:
        history = await self._histories.closed(workflow_id)
        if history is None:
            raise ApplicationError(f"{workflow_id} has not closed yet", type="StillRunning")
        return history
