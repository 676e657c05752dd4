"""The decision of a portfolio: aim after aim, ties by a stated order, and nothing given out that fails the check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contracts.errors import AllianceError
from lianyue.optimiser.aiming import REGRET, Asking, at_most, awards_of, chosen_of
from lianyue.optimiser.settling import Equals, settled
from lianyue.optimiser.solver import Effort, Solver, Verdict
from rules.portfolio.aims import costs_of
from rules.portfolio.answer import Allocation, AllocationStatus, Award, Ties, gap_of
from rules.portfolio.checking import breaches, carried_on, value_of
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import WHOLE_BP, Aim
from rules.portfolio.model import Row

EFFORT = Effort()
"""As many nodes as the size allows: the same answer on every machine."""


class AnswerRefused(AllianceError):
    """Report it to the operator with the portfolio: the solver's answer does not keep the rules and was withheld."""

    code = "answer-refused"


@dataclass(frozen=True)
class Best:
    """
    What the search for one portfolio came to.

    ``chosen`` are places of options; ``rows`` are what the awards that are as good keep besides the portfolio's own.
    """

    status: AllocationStatus
    chosen: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    bound: int | None = None
    nodes: int = 0
    rows: tuple[Row, ...] = ()
    ties: Ties = Ties.OPEN


def allocate(portfolio: CompiledPortfolio, solver: Solver, effort: Effort = EFFORT) -> Allocation:
    """
    Return the best award of *portfolio* that *effort* finds, with its bound.

    Raises:
        AnswerRefused: If the award fails the check against the document; it is not given out.
    """
    return allocation_of(portfolio, first_best_of(portfolio, solver, effort), solver.engine)


def first_best_of(portfolio: CompiledPortfolio, solver: Solver, effort: Effort = EFFORT) -> Best:
    """Return the best award, and of several that are proven equal the first in the order of `Ties`."""
    effort = effort.started()
    best = best_of(portfolio, solver, effort)
    if best.status is not AllocationStatus.OPTIMAL or not best.chosen:
        return best
    equals = Equals(best.chosen, best.values, best.rows)
    chosen, ties = settled(Asking(portfolio, solver, effort), equals, best.nodes)
    return replace(best, chosen=chosen, ties=ties)


def best_of(
    portfolio: CompiledPortfolio,
    solver: Solver,
    effort: Effort = EFFORT,
    start: Sequence[int] = (),
    rows: tuple[Row, ...] = (),
) -> Best:
    """
    Search for a best award: each aim among the best of those before it.

    *start* are the places of a known award's options; *rows* must hold besides the portfolio's own.
    """
    objective = portfolio.spec.objective
    asking = Asking(portfolio, solver, effort.started())
    best = Best(AllocationStatus.OPTIMAL, tuple(start), rows=rows)
    if objective.max_regret_bp is not None:
        best = _next(asking, Aim.PRICE, best)
        if not best.values:
            return best
        limit = best.values[0] + abs(best.values[0]) * objective.max_regret_bp // WHOLE_BP
        regret = at_most(REGRET, costs_of(portfolio, Aim.PRICE), limit)
        best = replace(best, values=(), bound=None, rows=(*rows, regret))
    for aim in objective.aims:
        before = len(best.values)
        best = _next(asking, aim, best)
        if len(best.values) == before:
            return best
        if aim is not objective.aims[-1]:
            best = replace(best, rows=(*best.rows, asking.kept(aim, best.values[-1])))
    return best


def _next(asking: Asking, aim: Aim, best: Best) -> Best:
    """
    The best by one more *aim*.

    It has no further value if nothing was found, or if a tolerance gave an earlier aim away.
    """
    verdict = asking.best_by(aim, best.rows, best.chosen)
    spent = best.nodes + verdict.nodes
    if not verdict.values and not best.values:
        return _without_find(asking, aim, best, verdict, spent)
    chosen = chosen_of(verdict.values)
    earlier = asking.portfolio.spec.objective.aims[: len(best.values)]
    given_away = any(asking.value_of(chosen, each) > kept for each, kept in zip(earlier, best.values, strict=True))
    if not chosen or given_away:
        return replace(best, status=AllocationStatus.FEASIBLE, nodes=spent)
    value = asking.value_of(chosen, aim)
    is_best = best.status is verdict.status is AllocationStatus.OPTIMAL
    return Best(
        AllocationStatus.OPTIMAL if is_best else AllocationStatus.FEASIBLE,
        chosen,
        (*best.values, value),
        best.bound if best.values else value if is_best else verdict.bound,
        spent,
        best.rows,
    )


def _without_find(asking: Asking, aim: Aim, best: Best, verdict: Verdict, spent: int) -> Best:
    """Where the search for the first aim found nothing: the award known before it, if there is one."""
    if not best.chosen or verdict.status is AllocationStatus.INFEASIBLE:
        return Best(verdict.status, (), (), verdict.bound, spent)
    value = asking.value_of(best.chosen, aim)
    return Best(AllocationStatus.FEASIBLE, best.chosen, (value,), verdict.bound, spent, best.rows)


def relaxed_of(portfolio: CompiledPortfolio, solver: Solver) -> list[tuple[Row, float]]:
    """Return the rows of *portfolio* with their prices in the relaxation by the first aim; empty if it has none."""
    program = Asking(portfolio, solver, EFFORT).program(portfolio.spec.objective.aims[0])
    relaxed = solver.relax(program)
    return [] if relaxed is None else list(zip(program.rows, relaxed.prices, strict=True))


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
            "ties": best.ties,
            "awards": awards,
            "carried_fen": carried_on(spec, reaches, awards),
        }
    )


def refuse_breaches(portfolio: CompiledPortfolio, awards: Sequence[Award]) -> None:
    """Raise AnswerRefused if *awards* break a rule."""
    found = breaches(portfolio.spec, portfolio.reaches, awards)
    if found:
        raise AnswerRefused("; ".join(f"{breach.rule}: {breach.message}" for breach in found[:5]))
