"""Portfolios, for the viewer who asks: overseers see all of them, for everybody else there are none."""

from __future__ import annotations

import asyncio

from contracts.errors import UnknownName
from lianyue.access.errors import NotThere
from lianyue.access.scope import Scope
from lianyue.casebook.together import PortfolioAccount, PortfolioLine, account_of, lines_of
from lianyue.desk.portfolios import PortfolioDesk
from lianyue.records.opened import Opened


class SeenPortfolios:
    """What the viewer of *scope* may see of contracts that are awarded together: prices and reasons of all members."""

    def __init__(self, scope: Scope, records: Opened, desk: PortfolioDesk) -> None:
        self._scope = scope
        self._records = records
        self._desk = desk

    def lines(self) -> tuple[PortfolioLine, ...]:
        """Return all portfolios by name, or raise NotThere to anybody but overseers."""
        self._scope.need_oversight("portfolios")
        return lines_of(self._records)

    async def account(self, portfolio: str) -> PortfolioAccount:
        """Return *portfolio* on a page, with how far a search is while one goes on; NotThere as `lines`."""
        self._scope.need_oversight("portfolios")
        account = await asyncio.to_thread(self._account, portfolio)
        if account.over:
            return account
        return account.searched(await self._desk.progress(portfolio))

    def _account(self, portfolio: str) -> PortfolioAccount:
        try:
            return account_of(self._records, portfolio)
        except UnknownName:
            raise NotThere(f"there is no portfolio {portfolio!r}") from None
