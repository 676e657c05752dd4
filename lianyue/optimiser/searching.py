"""The search for the best: part by part, whole where that is possible, else near the relaxation with a proven bound."""

from __future__ import annotations

from collections.abc import Sequence

from lianyue.optimiser.exact import keeps, solved
from lianyue.optimiser.solver import Effort, Program, Relaxed, Solver, Verdict
from lianyue.optimiser.splitting import narrowed, parts_alone
from rules.portfolio.answer import AllocationStatus
from rules.portfolio.bounds import dual_bound

WHOLE_UP_TO = 4_000
"""So many columns are given to the solver whole."""

NEAR = 1_500
"""So many columns that the relaxation does not use are tried beside those it does; four times as many if need be."""

_ORDER = (
    AllocationStatus.INFEASIBLE,
    AllocationStatus.UNKNOWN,
    AllocationStatus.FEASIBLE,
    AllocationStatus.OPTIMAL,
)


def search(solver: Solver, program: Program, effort: Effort, start: Sequence[int] = ()) -> Verdict:
    """
    Return the best solution of *program* that *effort* finds, with a bound.

    Parts that share no row are solved one after the other, each with the whole effort. The columns of a known *start*
    are among those that are tried in a part too large to be solved whole.
    """
    values = [0] * program.decided
    verdicts: list[Verdict] = []
    if any(not row.columns for row in program.rows):
        return Verdict(AllocationStatus.INFEASIBLE)  # a row without columns is only kept if it cannot hold
    for part, alone in parts_alone(program):
        begin = [start[column] for column in part if column < program.decided] if start else []
        verdict = _part(solver, alone, effort, begin)
        verdicts.append(verdict)
        for column, value in zip(part, verdict.values, strict=False):
            values[column] = value
    return _together(verdicts, values)


def cost_of(program: Program, values: Sequence[int]) -> int:
    """Return the exact cost of the decided columns."""
    return sum(cost for cost, value in zip(program.costs, values, strict=False) if value)


def _together(verdicts: Sequence[Verdict], values: Sequence[int]) -> Verdict:
    """The verdict on the whole: as bad as the worst part, with the bounds added up."""
    status = min((each.status for each in verdicts), key=_ORDER.index, default=AllocationStatus.OPTIMAL)
    bounds = [each.bound for each in verdicts if each.bound is not None]
    bound = sum(bounds) if len(bounds) == len(verdicts) else None
    found = status in (AllocationStatus.FEASIBLE, AllocationStatus.OPTIMAL)
    return Verdict(status, tuple(values) if found else (), bound, sum(each.nodes for each in verdicts))


def _part(solver: Solver, program: Program, effort: Effort, start: Sequence[int]) -> Verdict:
    if len(program.uppers) > WHOLE_UP_TO:
        return _near_relaxation(solver, program, effort, start)
    verdict = solved(solver, program, effort)
    if verdict.status is AllocationStatus.OPTIMAL and all(cost == 0 for cost in program.costs[program.decided :]):
        return Verdict(verdict.status, verdict.values, cost_of(program, verdict.values), verdict.nodes)
    return verdict


def _near_relaxation(solver: Solver, program: Program, effort: Effort, start: Sequence[int]) -> Verdict:
    """Solve with the columns near the relaxation's; its prices bound the whole, exactly."""
    relaxed = solver.relax(program)
    if relaxed is None:
        return Verdict(AllocationStatus.INFEASIBLE)
    bound = dual_bound(program.costs, program.uppers, program.rows, relaxed.prices)
    spent, near = 0, NEAR
    while True:
        columns = _near(program, relaxed, near, start)
        verdict = solved(solver, narrowed(program, columns), effort)
        spent += verdict.nodes
        if verdict.values or near >= len(program.uppers):
            break
        near *= 4
    if not verdict.values:
        whole = near >= len(program.uppers) and verdict.status is AllocationStatus.INFEASIBLE
        return Verdict(verdict.status if whole else AllocationStatus.UNKNOWN, (), bound, spent)
    return _spread(program, columns, verdict, bound, spent)


def _spread(program: Program, columns: Sequence[int], verdict: Verdict, bound: int, spent: int) -> Verdict:
    """The verdict of a narrowed program as one of the whole."""
    values = [0] * program.decided
    for column, value in zip(columns, verdict.values, strict=False):
        values[column] = value
    if not keeps(program, values):
        return Verdict(AllocationStatus.UNKNOWN, (), bound, spent)
    proven = bound >= cost_of(program, values)
    return Verdict(AllocationStatus.OPTIMAL if proven else AllocationStatus.FEASIBLE, tuple(values), bound, spent)


def _near(program: Program, relaxed: Relaxed, count: int, start: Sequence[int]) -> list[int]:
    """The columns that the relaxation uses, those of the start, all helpers, and the *count* next best."""
    rest = [float(cost) for cost in program.costs]
    for row, price in zip(program.rows, relaxed.prices, strict=True):
        if price:
            for column, number in zip(row.columns, row.coefficients, strict=True):
                rest[column] -= price * number
    used = {column for column in range(program.decided) if relaxed.values[column] > 1e-6 or (start and start[column])}
    idle = [column for column in range(program.decided) if column not in used]
    idle.sort(key=lambda column: (rest[column], column))
    return sorted([*used, *idle[:count], *range(program.decided, len(program.uppers))])
