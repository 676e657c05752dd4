"""A program solved so that every row holds in whole numbers, whatever a solver's tolerances let pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lianyue.optimiser.solver import Effort, Program, Solver, Verdict
from rules.portfolio.answer import AllocationStatus
from rules.portfolio.model import Row

MOST_REPAIRS = 30


def solved(solver: Solver, program: Program, effort: Effort) -> Verdict:
    """
    Return the solver's verdict with values that keep every row of decided columns exactly.

    A solution that breaks a row by less than the solver sees is cut off by itself (at least one of the row's columns
    must be otherwise, which loses no solution that keeps the row), and the program is solved again.
    """
    spent, cuts = 0, 0
    while cuts < MOST_REPAIRS:
        verdict = solver.solve(program, effort)
        spent += verdict.nodes
        broken = [row for row in program.rows if verdict.values and _is_broken(row, program.decided, verdict.values)]
        if not broken:
            return replace(verdict, nodes=spent)
        program = replace(program, rows=(*program.rows, *(_otherwise(row, verdict.values) for row in broken)))
        cuts += 1
    return Verdict(AllocationStatus.UNKNOWN, nodes=spent)


def keeps(program: Program, values: Sequence[int]) -> bool:
    """Whether *values* keep every row of decided columns exactly."""
    return not any(_is_broken(row, program.decided, values) for row in program.rows)


def _is_broken(row: Row, decided: int, values: Sequence[int]) -> bool:
    if any(column >= decided for column in row.columns):
        return False  # a helper's row: it follows from the decided columns, and the document's check covers it
    total = sum(number * values[column] for column, number in zip(row.columns, row.coefficients, strict=True))
    return (row.lower is not None and total < row.lower) or (row.upper is not None and total > row.upper)


def _otherwise(row: Row, values: Sequence[int]) -> Row:
    taken = sum(values[column] for column in row.columns)
    return Row(row.rule, row.columns, tuple(-1 if values[column] else 1 for column in row.columns), 1 - taken, None)
