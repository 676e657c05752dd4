"""The desk's side of portfolios: their rules checked, registered and started, and how far a search has come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel

from contracts.ids import portfolio_workflow
from contracts.organisation import Actor, Role
from contracts.portfolio import PortfolioOrder
from contracts.voucher import KnownBy
from lianyue.desk.orders import OrderDesk
from lianyue.desk.people import require
from lianyue.desk.vouching import Vouching
from lianyue.portfolios import ServerPortfolios
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.portfolios import PortfolioReading
from rules.canonical import digest
from rules.parse import parsed
from rules.portfolio.answer import Progress
from rules.portfolio.compiled import compiled
from rules.portfolio.documents import Portfolio
from rules.portfolio.gathering import rules_of
from rules.problems import RuleProblems
from rules.source import Source


class PortfolioStarted(BaseModel):
    """The answer to a start: the portfolio's name, and whether this request was the first."""

    id: str
    workflow_id: str
    first: bool


class PortfolioDesk:
    """Registers portfolios and sees to it that they run."""

    def __init__(
        self,
        directory: Directory,
        reading: PortfolioReading,
        door: Door,
        orders: OrderDesk,
        at_work: ServerPortfolios,
        vouching: Vouching,
    ) -> None:
        self._directory = directory
        self.reading = reading
        self._door = door
        self._orders = orders
        self._at_work = at_work
        self._vouching = vouching

    @staticmethod
    def checked(source: Source) -> Portfolio:
        """
        Return the Portfolio in *source*.

        Raises:
            RuleProblems: With every problem found, its own contracts and quotes included; also if a contract is to go
                to a lead with subs, which only `allocate` knows.
        """
        compiled(source)
        portfolio = parsed(source, Portfolio)
        led = [place for place, each in enumerate(portfolio.spec.contracts) if each.lead_sub is not None]
        if led:
            message = "a running portfolio awards no lead with subs; leave it out, or decide with `lianyue allocate`"
            raise RuleProblems(
                [source.problem(("spec", "contracts", place, "lead_sub"), "lot", message, key=True) for place in led]
            )
        return portfolio

    async def start(
        self, portfolio: Portfolio, numbers: Sequence[str], starter: Actor, known_by: KnownBy
    ) -> PortfolioStarted:
        """
        Register and start *portfolio* for the registered contracts *numbers*; the same rules again change nothing.

        Contracts that a later start adds are decided with what was awarded as it stands.

        Raises:
            RoleMissing: If *starter* is no coordinator.
            AlreadyStarted: If the name belongs to a portfolio with other rules.
        """
        order, first = await self.register(portfolio, numbers, starter, known_by)
        await self._at_work.start(order)
        return PortfolioStarted(id=order.id, workflow_id=portfolio_workflow(order.id), first=first)

    async def register(
        self, portfolio: Portfolio, numbers: Sequence[str], starter: Actor, known_by: KnownBy
    ) -> tuple[PortfolioOrder, bool]:
        """Register *portfolio*, to begin with the first contract that joins; return its order, and if it is new."""
        require(starter, Role.COORDINATOR)
        now = datetime.now(UTC)
        rules = rules_of(portfolio).model_dump(mode="json", exclude_defaults=True)
        order = PortfolioOrder(
            id=portfolio.metadata.name,
            title=portfolio.metadata.title or portfolio.metadata.name,
            numbers=tuple(sorted(numbers)),
            rules=rules,
            office=self._directory.office(),
            clock=self._orders.clock(now),
            calendar=self._orders.calendar,
            started_by=starter,
            desk_key=self._vouching.public,
        )
        place = portfolio_workflow(order.id)
        order = self._vouching.vouched(order, starter, "start", place, order.id, known_by)
        first = await asyncio.to_thread(self._door.register_portfolio, order, digest(rules), now)
        return (order if first else await asyncio.to_thread(self.reading.order, order.id)), first

    async def start_what_was_registered(self) -> tuple[str, ...]:
        """Start every portfolio that was registered but whose workflow never was; return their names."""
        orders = await asyncio.to_thread(self._door.portfolios_registered)
        for order in orders:
            await self._at_work.start(order)
        return tuple(order.id for order in orders)

    async def progress(self, portfolio: str) -> Progress | None:
        """Return how far a search that is under way has come, nothing if none is."""
        return await self._at_work.progress(portfolio)
