"""The questions people ask the records about portfolios."""

from __future__ import annotations

from sqlmodel import col, select

from contracts.decision import Decision
from contracts.errors import UnknownName
from contracts.ids import portfolio_workflow
from contracts.portfolio import PortfolioOrder
from lianyue.records.eyes import Readable
from lianyue.records.kept import ContractSummary, KeptHistory, KeptPortfolioDecision
from lianyue.records.tables import (
    ContractRow,
    DecisionRow,
    HistoryRow,
    PortfolioContractRow,
    PortfolioDecisionRow,
    PortfolioRow,
)
from rules.problems import did_you_mean


class PortfolioReading:
    """What was registered and decided together; nothing here can write."""

    def __init__(self, database: Readable) -> None:
        self._database = database

    def orders(self) -> tuple[PortfolioOrder, ...]:
        """Return the orders of all portfolios, by name."""
        with self._database.reading() as session:
            found = session.exec(select(PortfolioRow.order_json).order_by(PortfolioRow.id))
            return tuple(PortfolioOrder.model_validate_json(order) for order in found)

    def order(self, portfolio: str) -> PortfolioOrder:
        """
        Return the order that *portfolio* was registered with.

        Raises:
            UnknownName: If there is no such portfolio.
        """
        with self._database.reading() as session:
            row = session.get(PortfolioRow, portfolio)
            known = () if row else session.exec(select(PortfolioRow.id).order_by(PortfolioRow.id)).all()
        if row is None:
            raise UnknownName(f"there is no portfolio {portfolio!r}{did_you_mean(portfolio, known)}")
        return PortfolioOrder.model_validate_json(row.order_json)

    def contracts(self, portfolio: str) -> tuple[ContractSummary, ...]:
        """Return the contracts that name *portfolio*, by number."""
        named = select(ContractRow).join(PortfolioContractRow, col(PortfolioContractRow.number) == ContractRow.number)
        named = named.where(PortfolioContractRow.portfolio == portfolio).order_by(ContractRow.number)
        with self._database.reading() as session:
            return tuple(ContractSummary.model_validate(row.model_dump()) for row in session.exec(named))

    def decided(self, portfolio: str) -> dict[str, tuple[int, Decision]]:
        """Return the last decision of each contract of *portfolio* with its occurrence, by number."""
        named = select(DecisionRow.number, DecisionRow.occurrence, DecisionRow.decision_json)
        named = named.join(PortfolioContractRow, col(PortfolioContractRow.number) == DecisionRow.number)
        named = named.where(PortfolioContractRow.portfolio == portfolio).order_by(col(DecisionRow.occurrence))
        with self._database.reading() as session:
            last = {number: (occurrence, decision) for number, occurrence, decision in session.exec(named)}
        return {number: (place, Decision.model_validate_json(decision)) for number, (place, decision) in last.items()}

    def decisions(self, portfolio: str) -> tuple[KeptPortfolioDecision, ...]:
        """Return what was decided for *portfolio*, first to last."""
        of_portfolio = select(PortfolioDecisionRow).where(PortfolioDecisionRow.portfolio == portfolio)
        with self._database.reading() as session:
            rows = session.exec(of_portfolio.order_by(col(PortfolioDecisionRow.occurrence))).all()
        return tuple(KeptPortfolioDecision.model_validate(row.model_dump()) for row in rows)

    def is_over(self, portfolio: str) -> bool:
        """Say whether *portfolio* has ended: whether its history is archived."""
        kept = select(HistoryRow.run_id).where(HistoryRow.workflow_id == portfolio_workflow(portfolio)).limit(1)
        with self._database.reading() as session:
            return session.exec(kept).first() is not None

    def histories(self, portfolio: str) -> tuple[KeptHistory, ...]:
        """Return the archived history of the portfolio's workflow; none while it runs."""
        of_workflow = select(HistoryRow).where(HistoryRow.workflow_id == portfolio_workflow(portfolio))
        with self._database.reading() as session:
            rows = session.exec(of_workflow.order_by(HistoryRow.run_id)).all()
        return tuple(KeptHistory.model_validate(row.model_dump()) for row in rows)
