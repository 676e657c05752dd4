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
from rules.explain.together import STATUSES, TogetherTold
from rules.explain.tongue import Tongue
from rules.portfolio.answer import Binding

router = APIRouter(route_class=PageRoute, include_in_schema=False)
A_BAND, TALLEST = 64, 320
"""How tall the chart is for each member, and at most."""


class Cost(NamedTuple):
    """What a rule costs, as it is written, and which contracts would go elsewhere without it."""

    title: str
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
    statuses = {status: words.in_(visit.language) for status, words in STATUSES.items()}
    return visit.show("portfolios.html", live="portfolios", rows=visit.portfolios.lines(), statuses=statuses)


@router.get("/portfolios/{portfolio}")
async def page(visit: Here, portfolio: str) -> Response:
    """Show a portfolio, and how far its search is while one goes on; overseers only."""
    return await run_in_threadpool(_show, visit, await visit.portfolios.account(portfolio))


def _show(visit: Visit, account: PortfolioAccount) -> Response:
    told, answer = account.told(Tongue(visit.language, visit.company_names)), account.last
    dearest = sorted(answer.binding if answer else (), key=lambda each: (-each.cost, each.id))
    return visit.show(
        "portfolio.html",
        live="" if account.over else f"portfolio/{account.id}",
        account=account,
        searching=told.searching(account.progress) if account.progress else "",
        said=list(told.summary(answer)) if answer else [],
        obstacles=list(told.obstacles(answer)) if answer else [],
        rows=[_row(told, each) for each in account.rows],
        flow=_flow(visit, account.rows),
        costs=[_cost(told, each) for each in dearest],
        bars=charts.bars({each.id: {each.id: each.cost} for each in dearest}, _room_for(dearest)),
        waiting=[task for task in account.approvals if task.is_open],
        answered=[task for task in account.approvals if task.answer],
    )


def _row(told: TogetherTold, contract: ContractAwarded) -> RowShown:
    return RowShown(contract, told.reason(contract.why) or contract.outside)


def _cost(told: TogetherTold, binding: Binding) -> Cost:
    return Cost(told.title(binding.id), told.called(binding.id), told.cost(binding), told.changes(binding))


def _room_for(bindings: Sequence[Binding]) -> int:
    """What fills the width, so that the amount behind the longest bar has its place too."""
    return max([4, *(each.cost for each in bindings)]) * 5 // 4


def _flow(visit: Visit, rows: Sequence[ContractAwarded]) -> charts.Flow | None:
    """How much of each category goes to whom."""
    amounts: dict[tuple[str, str], int] = {}
    for each in rows:
        for share in each.shares:
            key = (visit.category(each.category), visit.name(share.member))
            amounts[key] = amounts.get(key, 0) + share.amount_fen
    members = {member for _, member in amounts}
    height = min(TALLEST, A_BAND * len(members))
    return charts.flow([(category, member, amount) for (category, member), amount in sorted(amounts.items())], height)
