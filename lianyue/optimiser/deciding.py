"""The decision of a portfolio: aim after aim, ties by drawn weights, and nothing given out that fails the check."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts.errors import AllianceError
from lianyue.optimiser.searching import search
from lianyue.optimiser.solver import Effort, Program, Solver, Verdict
from rules.portfolio.aims import costs_of
from rules.portfolio.answer import Allocation, AllocationStatus, Award, gap_of
from rules.portfolio.checking import breaches, carried_on, value_of
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import WHOLE_BP, Aim
from rules.portfolio.model import Model, Row, model_of

EFFORT = Effort()
"""As many nodes as the size allows: the same answer on every machine."""

REGRET = "regret"
AIM = "aim"
TIES = 1_024
LARGEST_COST = 2**50


class AnswerRefused(AllianceError):
    """Report it to the operator with the portfolio: the solver's answer does not keep the rules and was withheld."""

    code = "answer-refused"


@dataclass(frozen=True)
class Best:
    """What the search for one portfolio came to; ``chosen`` are places of options."""

    status: AllocationStatus
    chosen: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    bound: int | None = None
    nodes: int = 0


def allocate(portfolio: CompiledPortfolio, solver: Solver, effort: Effort = EFFORT) -> Allocation:
    """
    Return the best award of *portfolio* that *effort* finds, with its bound.

    Raises:
        AnswerRefused: If the award fails the check against the document; it is not given out.
    """
    return allocation_of(portfolio, best_of(portfolio, solver, effort), solver.engine)


def best_of(
    portfolio: CompiledPortfolio,
    solver: Solver,
    effort: Effort = EFFORT,
    start: Sequence[int] = (),
    rows: tuple[Row, ...] = (),
) -> Best:
    """
    Search for the best award: each aim among the best of those before it, the last one with ties broken.

    *start* are the places of a known award's options; *rows* must hold besides the portfolio's own.
    """
    objective = portfolio.spec.objective
    best = Best(AllocationStatus.OPTIMAL, tuple(start))
    if objective.max_regret_bp is not None:
        best = _next(portfolio, Aim.PRICE, best, solver, effort, rows, is_last=False)
        if not best.values:
            return best
        limit = best.values[0] + abs(best.values[0]) * objective.max_regret_bp // WHOLE_BP
        rows = (*rows, _at_most(REGRET, costs_of(portfolio, Aim.PRICE), limit))
        best = replace(best, values=(), bound=None)
    for aim in objective.aims:
        before = len(best.values)
        best = _next(portfolio, aim, best, solver, effort, rows, is_last=aim == objective.aims[-1])
        if len(best.values) == before:
            return best
        rows = (*rows, _fixed(portfolio, model_of(portfolio), aim, best.values[-1]))
    return best


def _next(
    portfolio: CompiledPortfolio,
    aim: Aim,
    best: Best,
    solver: Solver,
    effort: Effort,
    rows: tuple[Row, ...],
    *,
    is_last: bool,
) -> Best:
    """
    The best by one more *aim*.

    It has no further value if nothing was found, or if a tolerance gave an earlier aim away.
    """
    model = model_of(portfolio)
    verdict = _searched(portfolio, model, aim, solver, effort, best.chosen, rows, draw=is_last)
    spent = best.nodes + verdict.nodes
    if not verdict.values and not best.values:
        return _without_find(portfolio, aim, best, verdict, spent)
    aims = portfolio.spec.objective.aims
    values = [_value(portfolio, verdict.values, each) for each in aims] if verdict.values else []
    if not values or any(now > kept for now, kept in zip(values, best.values, strict=False)):
        return replace(best, status=AllocationStatus.FEASIBLE, nodes=spent)
    value = _value(portfolio, verdict.values, aim)
    is_best = best.status is verdict.status is AllocationStatus.OPTIMAL
    bound = best.bound if best.values else value if is_best else verdict.bound
    status = AllocationStatus.OPTIMAL if is_best else AllocationStatus.FEASIBLE
    return Best(status, _chosen(verdict.values), (*best.values, value), bound, spent)


def _without_find(portfolio: CompiledPortfolio, aim: Aim, best: Best, verdict: Verdict, spent: int) -> Best:
    """Where the search for the first aim found nothing: the award known before it, if there is one."""
    if not best.chosen or verdict.status is AllocationStatus.INFEASIBLE:
        return Best(verdict.status, (), (), verdict.bound, spent)
    value = value_of(portfolio.spec, portfolio.reaches, awards_of(portfolio, best.chosen), aim)
    return Best(AllocationStatus.FEASIBLE, best.chosen, (value,), verdict.bound, spent)


def relaxed_of(portfolio: CompiledPortfolio, solver: Solver) -> list[tuple[Row, float]]:
    """Return the rows of *portfolio* with their prices in the relaxation by the first aim; empty if it has none."""
    model = model_of(portfolio)
    relaxed = solver.relax(_program(portfolio, model, portfolio.spec.objective.aims[0], ()))
    return [] if relaxed is None else list(zip(model.rows, relaxed.prices, strict=True))


def allocation_of(portfolio: CompiledPortfolio, best: Best, engine: str) -> Allocation:
    """Return *best* as an answer, checked against the document; raises AnswerRefused."""
    plain = Allocation(
        status=best.status,
        portfolio=portfolio.name,
        policy=portfolio.policy,
        digest=portfolio.digest,
        aims=tuple(aim.value for aim in portfolio.spec.objective.aims),
        bound=best.bound,
        engine=engine,
    )
    if not best.chosen:
        return plain
    awards = awards_of(portfolio, best.chosen)
    refuse_breaches(portfolio, awards)
    spec, reaches = portfolio.spec, portfolio.reaches
    values = tuple(value_of(spec, reaches, awards, aim) for aim in spec.objective.aims)
    return plain.model_copy(
        update={
            "objective": values[0],
            "objectives": values,
            "gap_bp": None if best.bound is None else gap_of(values[0], best.bound),
            "price_fen": sum(award.price_fen for award in awards),
            "awards": awards,
            "carried_fen": carried_on(spec, reaches, awards),
        }
    )


def awards_of(portfolio: CompiledPortfolio, chosen: Sequence[int]) -> tuple[Award, ...]:
    """Return the chosen options as awards, in the order of contract and member."""
    options = [portfolio.options[place] for place in chosen]
    return tuple(
        Award(contract=each.contract, member=each.member, price_fen=each.price_fen, share_bp=each.share_bp)
        for each in options
    )


def refuse_breaches(portfolio: CompiledPortfolio, awards: Sequence[Award]) -> None:
    """Raise AnswerRefused if *awards* break a rule."""
    found = breaches(portfolio.spec, portfolio.reaches, awards)
    if found:
        raise AnswerRefused("; ".join(f"{breach.rule}: {breach.message}" for breach in found[:5]))


def _searched(
    portfolio: CompiledPortfolio,
    model: Model,
    aim: Aim,
    solver: Solver,
    effort: Effort,
    start: Sequence[int],
    rows: tuple[Row, ...],
    *,
    draw: bool = False,
) -> Verdict:
    shifted, offset = _shifted(portfolio, costs_of(portfolio, aim))
    factor = _factor(portfolio, shifted) if draw and aim is not Aim.LEAST else 1
    program = _program(portfolio, model, aim, rows, factor)
    begin = _values(model, start) if start else ()
    verdict = search(solver, program, effort, begin)
    if verdict.bound is None:
        return verdict
    return replace(verdict, bound=-(-(verdict.bound - factor + 1) // factor) + offset)


def _program(portfolio: CompiledPortfolio, model: Model, aim: Aim, rows: tuple[Row, ...], factor: int = 1) -> Program:
    """The program of one aim; every cost so many times as large, to leave room for the weights that break ties."""
    shifted, _ = _shifted(portfolio, costs_of(portfolio, aim))
    weights = _weights(portfolio) if factor > 1 else (0,) * len(shifted)
    helpers = [0] * (model.width - model.options)
    if aim is Aim.LEAST and model.least is not None:
        helpers[model.least - model.options] = -1
    spread = [cost * factor + weight for cost, weight in zip(shifted, weights, strict=True)]
    return Program((*spread, *helpers), model.uppers, (*model.rows, *rows), model.options)


def _shifted(portfolio: CompiledPortfolio, costs: Sequence[int]) -> tuple[list[int], int]:
    """
    Costs above the least of each undivided contract, and what the least ones sum to.

    Exactly one option of such a contract is taken, so that this changes no comparison; smaller figures are exact.
    """
    shifted, offset = list(costs), 0
    for places in portfolio.by_contract.values():
        if all(portfolio.options[place].share_bp == WHOLE_BP for place in places):
            least = min(costs[place] for place in places)
            offset += least
            for place in places:
                shifted[place] = costs[place] - least
    return shifted, offset


def _factor(portfolio: CompiledPortfolio, costs: Sequence[int]) -> int:
    """A factor above the sum of all weights, so that they cannot outweigh a single fen; 1 if there is no room."""
    most = len({(option.contract, option.member) for option in portfolio.options}) * TIES
    dearest = sum(max(abs(costs[place]) for place in places) for places in portfolio.by_contract.values())
    return most if dearest * most < LARGEST_COST else 1


def _weights(portfolio: CompiledPortfolio) -> tuple[int, ...]:
    """
    A weight below `TIES` for each option, by which ties fall.

    It is drawn from the SHA-256 of contract, member and share: no code is always preferred, and nobody can choose.
    """
    return tuple(_weight(*option.key) for option in portfolio.options)


def _weight(contract: str, member: str, share_bp: int) -> int:
    drawn = hashlib.sha256(f"{contract}/{member}/{share_bp}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") % TIES


def _at_most(rule: str, costs: Sequence[int], limit: int) -> Row:
    kept = [(place, cost) for place, cost in enumerate(costs) if cost]
    return Row(rule, tuple(place for place, _ in kept), tuple(cost for _, cost in kept), None, limit)


def _fixed(portfolio: CompiledPortfolio, model: Model, aim: Aim, value: int) -> Row:
    """The row that keeps *aim* at *value* for the aims that follow."""
    if aim is Aim.LEAST and model.least is not None:
        return Row(AIM, (model.least,), (1,), -value, None)
    shifted, offset = _shifted(portfolio, costs_of(portfolio, aim))
    return _at_most(AIM, shifted, value - offset)


def _chosen(values: Sequence[int]) -> tuple[int, ...]:
    return tuple(place for place, value in enumerate(values) if value)


def _values(model: Model, chosen: Sequence[int]) -> list[int]:
    values = [0] * model.options
    for place in chosen:
        values[place] = 1
    return values


def _value(portfolio: CompiledPortfolio, values: Sequence[int], aim: Aim) -> int:
    return value_of(portfolio.spec, portfolio.reaches, awards_of(portfolio, _chosen(values)), aim)
