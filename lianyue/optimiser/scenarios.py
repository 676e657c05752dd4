"""Several rule sets for one portfolio side by side, and what fairness costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from contracts.value import Recorded
from lianyue.optimiser.deciding import EFFORT, allocate, allocation_of, best_of
from lianyue.optimiser.explaining import changes
from lianyue.optimiser.solver import Effort, Solver
from rules.portfolio.answer import Allocation
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import WHOLE_BP, Aim
from rules.portfolio.model import Row
from rules.portfolio.scopes import quoting_members

POINTS = 5
"""Steps of the curve between no fairness and all that is possible."""

FAIRNESS = "fairness"


class Scenario(Recorded):
    """One rule set: what it comes to, how many contracts it moves against the first, and who receives what."""

    policy: str
    status: str
    objective: int | None
    bound: int | None
    price_fen: int | None
    moved: int
    suppliers: int
    largest_bp: int
    by_member_fen: dict[str, int]


class CurvePoint(Recorded):
    """The cheapest price at which every member that has quoted receives at least ``least_fen`` of value."""

    least_fen: int
    price_fen: int
    above_bp: int


def compared(portfolios: Sequence[CompiledPortfolio], solver: Solver, effort: Effort = EFFORT) -> tuple[Scenario, ...]:
    """Decide the same portfolio under each rule set; what moves is counted against the first."""
    answers = [allocate(each, solver, effort) for each in portfolios]
    pairs = zip(portfolios, answers, strict=True)
    return tuple(_scenario(portfolio, answer, answers[0]) for portfolio, answer in pairs)


def fairness_curve(portfolio: CompiledPortfolio, solver: Solver, effort: Effort = EFFORT) -> tuple[CurvePoint, ...]:
    """
    Return the price at several levels of fairness, from none to all that is possible, the rules being kept.

    Empty if no award keeps the rules.
    """
    fairest = best_of(_aiming(portfolio, Aim.LEAST), solver, effort)
    if not fairest.values:
        return ()
    levels = sorted({-fairest.values[0] * step // POINTS for step in range(POINTS + 1)})
    priced = _aiming(portfolio, Aim.PRICE)
    prices: list[tuple[int, int]] = []
    for level in levels:
        best = best_of(priced, solver, effort, rows=_at_least(portfolio, level))
        if best.chosen:
            answer = allocation_of(priced, best, solver.engine)
            prices.append((level, answer.price_fen or 0))
    cheapest = prices[0][1] if prices else 1
    return tuple(
        CurvePoint(least_fen=level, price_fen=price, above_bp=(price - cheapest) * WHOLE_BP // cheapest)
        for level, price in prices
    )


def _scenario(portfolio: CompiledPortfolio, answer: Allocation, first: Allocation) -> Scenario:
    received: Counter[str] = Counter()
    values = {option.key: option.value_fen for option in portfolio.options}
    for award in answer.awards:
        received[award.member] += values[award.contract, award.member, award.share_bp, award.role]
    whole = sum(received.values())
    return Scenario(
        policy=portfolio.policy,
        status=answer.status.value,
        objective=answer.objective,
        bound=answer.bound,
        price_fen=answer.price_fen,
        moved=len(changes(first.awards, answer.awards)) if answer.awards else 0,
        suppliers=len(received),
        largest_bp=max(received.values()) * WHOLE_BP // whole if whole else 0,
        by_member_fen=dict(sorted(received.items())),
    )


def _aiming(portfolio: CompiledPortfolio, aim: Aim) -> CompiledPortfolio:
    objective = portfolio.spec.objective.model_copy(update={"minimise": aim, "max_regret_bp": None})
    return replace(portfolio, spec=portfolio.spec.model_copy(update={"objective": objective}))


def _at_least(portfolio: CompiledPortfolio, level: int) -> tuple[Row, ...]:
    rows: list[Row] = []
    for member in quoting_members(portfolio.spec) if level else ():
        places = [place for place, option in enumerate(portfolio.options) if option.member == member]
        values = tuple(portfolio.options[place].value_fen for place in places)
        rows.append(Row(FAIRNESS, tuple(places), values, level, None))
    return tuple(rows)
