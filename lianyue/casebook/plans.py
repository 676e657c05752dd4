"""Who had to approve an award, as it was recorded when it was decided: of a contract alone, or of its portfolio."""

from __future__ import annotations

from activities.deciding import DecisionRecord
from contracts.approval import ApprovalPlan
from contracts.ids import contract_workflow, portfolio_workflow
from contracts.portfolio import PortfolioDecided
from lianyue.records.reading import Reading


def approved_by(number: str, portfolio: str | None) -> str:
    """Return the id of the workflow that has the award of a contract approved."""
    return contract_workflow(number) if portfolio is None else portfolio_workflow(portfolio)


def plan_recorded(reading: Reading, number: str, portfolio: str | None, occurrence: int) -> ApprovalPlan | None:
    """Return the plan that was made with decision *occurrence*, nothing if none was."""
    workflow_id = approved_by(number, portfolio)
    if portfolio is None:
        answer = reading.answer(workflow_id, "decide", occurrence)
        return DecisionRecord.model_validate_json(answer).approvals if answer else None
    answer = reading.answer(workflow_id, "allocate", occurrence)
    return PortfolioDecided.model_validate_json(answer).approvals if answer else None
