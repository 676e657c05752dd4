"""Portfolios: contracts that are awarded together, for those who oversee the alliance."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.value import Recorded
from lianyue.casebook.together import PortfolioAccount, PortfolioLine
from lianyue.portal.api.shapes import ROOT, Page
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Together

router = APIRouter(prefix=f"{ROOT}/portfolios", tags=["portfolios"], route_class=StrictRoute)


class PortfolioPage(Recorded):
    """Some portfolios by name; ``next`` is the offset of those that follow."""

    portfolios: tuple[PortfolioLine, ...]
    next: int | None


@router.get("")
def list_portfolios(seen: Together, wanted: Annotated[Page, Query()]) -> PortfolioPage:
    """列出组合：All portfolios, with how far their contracts have come; overseers only."""
    found = seen.lines()[wanted.offset : wanted.offset + wanted.limit + 1]
    return PortfolioPage(portfolios=found[: wanted.limit], next=wanted.next_after(found))


@router.get("/{portfolio}")
async def show(portfolio: str, seen: Together) -> PortfolioAccount:
    """查看组合：Contracts with awards and reasons, the answer with bound and gap, costs of rules, approvals."""
    return await seen.account(portfolio)
