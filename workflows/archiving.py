"""Archiving: after a contract has closed, its histories are stored for the auditors."""

from __future__ import annotations

from temporalio import workflow

from activities.archiving import Archiving
from contracts.calls import Archived, ArchiveRequest
from workflows.timing import ARCHIVING


@workflow.defn
class ArchivingWorkflow:
    """Outlives the contract by the moment it takes to store its histories."""

    @workflow.run
    async def run(self, request: ArchiveRequest) -> Archived:
        """Store every history of the contract's tree."""
        return await workflow.execute_activity_method(Archiving.archive, request, **ARCHIVING)
