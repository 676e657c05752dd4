"""Contracts that are awarded together: the list of portfolios, and each with its awards, its rules and their cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from lianyue.casebook.together import ContractAwarded, PortfolioAccount
from lianyue.portal import charts
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from rules.explain.together import TogetherTold
from rules.explain.tongue import Tongue

router = APIRouter(route_class=PageRoute, include_in_schema=False)
TALLEST = 320
"""Of the bands of the chart."""


class Cost(NamedTuple):
    """What a rule costs, as it is written, and which contracts would go elsewhere without it."""

    rule: str
    cost: str
    changes: str


class RowShown(NamedTuple):
    """A contract of the portfolio with its reason in words."""

    contract: ContractAwarded
    why: str


@router.get("/portfolios")
def listed(visit: Here) -> Response:
    """Show all portfolios; overseers only."""
    return visit.show("portfolios.html", live="portfolios", rows=visit.portfolios.lines())


@router.get("/portfolios/{portfolio}")
async def page(visit: Here, portfolio: str) -> Response:
    """Show a portfolio, and how far its search is while one goes on; overseers only."""
    return await run_in_threadpool(_show, visit, await visit.portfolios.account(portfolio))


def _show(visit: Visit, account: PortfolioAccount) -> Response:
    told, answer = account.told(Tongue(visit.language, visit.company_names)), account.last
    bindings = answer.binding if answer else ()
    return visit.show(
        "portfolio.html",
        live="" if account.over else f"portfolio/{account.id}",
        account=account,
        searching=list(told.searching(account.progress)) if account.progress else [],
        said=list(told.summary(answer)) if answer else [],
        obstacles=list(told.obstacles(answer)) if answer else [],
        rows=[_row(told, each) for each in account.rows],
        flow=charts.flow(_flows(visit, account.rows), TALLEST),
        costs=[Cost(told.called(each.id), told.cost(each), told.changes(each)) for each in bindings],
        bars=charts.bars({told.called(each.id): {each.id: each.cost} for each in bindings}, _largest(account)),
        waiting=[task for task in account.approvals if task.is_open],
        answered=[task for task in account.approvals if task.answer],
    )


def _row(told: TogetherTold, contract: ContractAwarded) -> RowShown:
    return RowShown(contract, told.reason(contract.why) or contract.outside)


def _largest(account: PortfolioAccount) -> int:
    costs = [each.cost for each in account.last.binding] if account.last else []
    return max([1, *costs])


def _flows(visit: Visit, rows: Sequence[ContractAwarded]) -> list[tuple[str, str, int]]:
    """How much of each category goes to whom."""
    amounts: dict[tuple[str, str], int] = {}
    for each in rows:
        for share in each.shares:
            key = (visit.category(each.category), visit.name(share.member))
            amounts[key] = amounts.get(key, 0) + share.amount_fen
    return [(category, member, amount) for (category, member), amount in sorted(amounts.items())]
