"""Everything a worker, a test or an auditor needs to run our workflows alike."""

from __future__ import annotations

from typing import Any

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from contracts.errors import AllianceError
from workflows.archiving import ArchivingWorkflow
from workflows.delivering import DeliveringWorkflow
from workflows.portfolio import PortfolioWorkflow
from workflows.quoting import QuotingWorkflow
from workflows.reviewing import ReviewingWorkflow
from workflows.service_contract import ServiceContractWorkflow
from workflows.signing import SigningWorkflow

WORKFLOWS = (
    ServiceContractWorkflow,
    QuotingWorkflow,
    SigningWorkflow,
    DeliveringWorkflow,
    ReviewingWorkflow,
    PortfolioWorkflow,
    ArchivingWorkflow,
)

DATA_CONVERTER = pydantic_data_converter


def _sandbox(*shared: str) -> SandboxedWorkflowRunner:
    """A sandbox in which every run of a workflow has modules of its own, but for the *shared* ones."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*shared))


STRICT = _sandbox("activities", "contracts", "rules")
"""Refuses in a workflow's code whatever would not be the same in a replay. The tests run everything in it."""

WORKFLOW_OPTIONS: dict[str, Any] = {
    # A refusal fails the request it answers, not the workflow it was sent to.
    "workflow_failure_exception_types": [AllianceError],
    # To load the workflows anew for each run costs a fifth of a replay, and finds nothing that the tests did not.
    "workflow_runner": _sandbox("activities", "contracts", "rules", "workflows"),
}
"""A history replays only under the options it was made under: they belong beside the workflows."""
