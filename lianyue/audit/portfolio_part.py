"""The part of a portfolio in the proof of a contract that it decided: its history, and its decisions in full."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHistory

from activities.allocating import AllocateRequest, TakeUpRequest
from contracts.errors import UnknownName
from contracts.ids import portfolio_workflow
from contracts.portfolio import PortfolioDecided, PortfolioOrder
from lianyue.audit.acts import Act, acts_of
from lianyue.audit.bundle import Bundle, document_in
from lianyue.audit.checks import Check
from lianyue.audit.evidence import Done, activities_done, started_with
from lianyue.audit.views import Told
from lianyue.records.kept import KeptPortfolioDecision


@dataclass(frozen=True)
class PortfolioPart:
    """A portfolio as its history tells it, with what its decisions followed from; history has the digests of these."""

    name: str
    closed: bool
    history: WorkflowHistory
    kept: tuple[KeptPortfolioDecision, ...]
    done: tuple[Done, ...]
    acts: tuple[Act, ...]

    @property
    def started(self) -> PortfolioOrder:
        """What the portfolio was started with."""
        return started_with(self.history, PortfolioOrder)

    @property
    def stated(self) -> dict[str, Any]:
        """The same, field by field."""
        begun = self.history.events[0].workflow_execution_started_event_attributes
        found: dict[str, Any] = json.loads(begun.input.payloads[0].data)
        return found

    def order(self, portfolio: str) -> PortfolioOrder:
        """Return the order, or raise UnknownName if another *portfolio* is asked for."""
        self._need(portfolio)
        return self.started

    def decisions(self, portfolio: str) -> tuple[KeptPortfolioDecision, ...]:
        """Return the decisions, or raise UnknownName if another *portfolio* is asked for."""
        self._need(portfolio)
        return self.kept

    def _need(self, portfolio: str) -> None:
        if portfolio != self.name:
            raise UnknownName(f"the bundle holds portfolio {self.name}, not {portfolio}")


class NoPortfolio:
    """What a bundle knows of portfolios that holds none."""

    def order(self, portfolio: str) -> PortfolioOrder:
        """Raise UnknownName."""
        raise UnknownName(f"the bundle does not hold portfolio {portfolio}")

    def decisions(self, portfolio: str) -> tuple[KeptPortfolioDecision, ...]:
        """Raise UnknownName."""
        raise UnknownName(f"the bundle does not hold portfolio {portfolio}")


def part_of(bundle: Bundle, history: WorkflowHistory) -> PortfolioPart:
    """
    Read the portfolio's part of *bundle*, whose *history* was found to be what the manifest says.

    Raises:
        NotABundle: If a decision cannot be read.
    """
    together = bundle.manifest.together
    if together is None:
        raise UnknownName("the bundle does not hold a portfolio")
    return PortfolioPart(
        name=together.portfolio,
        closed=together.closed,
        history=history,
        kept=tuple(document_in(bundle.members, name, KeptPortfolioDecision) for name in together.decisions),
        done=tuple(activities_done(history)),
        acts=tuple(acts_of(history)),
    )


def decided_together(told: Told, part: PortfolioPart | None) -> Sequence[Check]:
    """The portfolio that the order names is there, and what the contract took up is what its history announced."""
    wanted = told.order.portfolio
    if wanted is None and part is None:
        return []
    wrong = _misfit(told, wanted, part)
    detail = wrong or f"{wanted} has decided {len(part.kept) if part else 0} times"
    return [Check(name="portfolio", ok=not wrong, detail=detail)]


def _misfit(told: Told, wanted: str | None, part: PortfolioPart | None) -> str:
    if wanted is None:
        return "the contract was decided by itself, and a portfolio is in the bundle"
    if part is None:
        return f"portfolio {wanted}, which decided the contract, is not in the bundle"
    if (part.name, part.started.id, part.history.workflow_id) != (wanted, wanted, portfolio_workflow(wanted)):
        return f"the contract was decided by {wanted}; the bundle holds {part.started.id}"
    if part.started.desk_key != told.order.desk_key:
        return "the portfolio was started by another desk than the contract"
    announced = {
        each.asked(AllocateRequest).occurrence: each.answered(PortfolioDecided)
        for each in part.done
        if each.name == "allocate"
    }
    if sorted(announced) != [each.occurrence for each in part.kept]:
        return "the decisions in the bundle are not those that the portfolio's history names"
    taken = [each.asked(TakeUpRequest) for each in told.done if each.name == "take_up"]
    for each in taken:
        answer = announced.get(each.allotted)
        awards = {award.number: award.decision for award in answer.awards} if answer else {}
        if each.portfolio != wanted or awards.get(told.number) != each.decision:
            return f"the contract took up {each.decision}, which decision {each.allotted} of {wanted} did not award"
    return ""
