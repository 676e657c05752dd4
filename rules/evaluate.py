"""The evaluator: a checked tree and bindings become a value, with every step on record if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.program.budget import Budget, BudgetSpent, EvaluationError
from rules.program.compiling import Program, program_of
from rules.program.run import Note, Run, Step

__all__ = ["Budget", "BudgetSpent", "EvaluationError", "Note", "Step", "evaluate", "evaluate_noting"]

MOST_TREES_KEPT = 4_096


def evaluate(
    checked_ast: Mapping[str, Any], bindings: Mapping[str, Any], budget: Budget, trace: list[Step] | None = None
) -> Any:
    """
    Return the value of a checked expression.

    *bindings* holds the variables; records are mappings, an optional field is left out or null. A dotted variable is
    looked up as a whole, then step by step. With a *trace* every part that is no literal and no record leaves a
    `Step`, up to some ten thousand; what later items of a macro come to is then left out. The tree must not be
    changed afterwards: its compiled form is kept.

    Raises:
        EvaluationError: With the offset in the expression: overflow, division by zero, a missing field, key or item,
            a value of another type than was checked, or a spent budget.
    """
    if trace is None:
        return evaluate_noting(checked_ast, bindings, budget, None)
    notes: list[Note] = []
    try:
        return evaluate_noting(checked_ast, bindings, budget, notes)
    finally:
        trace.extend(map(Step._make, notes))


def evaluate_noting(
    checked_ast: Mapping[str, Any], bindings: Mapping[str, Any], budget: Budget, notes: list[Note] | None
) -> Any:
    """Evaluate as `evaluate` does; the steps are only taken down, which is quicker where there are many."""
    program = _program(checked_ast, notes is not None)
    names = bindings if type(bindings) is dict and not program.has_items else dict(bindings)
    return program.part(Run(names, budget, notes))


_Programs = dict[int, tuple[Mapping[str, Any], Program]]

_programs: tuple[_Programs, _Programs] = {}, {}


def _program(ast: Mapping[str, Any], traced: bool) -> Program:
    """Return the compiled form of *ast*, kept by identity: hashing a tree would cost more than running it."""
    programs = _programs[traced]
    kept = programs.get(id(ast))
    if kept is not None and kept[0] is ast:
        return kept[1]
    program = program_of(ast, traced=traced)
    if len(programs) >= MOST_TREES_KEPT:
        programs.clear()
    programs[id(ast)] = ast, program
    return program
