"""Macros as closures: each item of a list bound to a name in turn, and paid for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules.program.budget import BudgetSpent, EvaluationError, Failing, spend
from rules.program.run import MOST_STEPS, Part, Run, drop
from rules.tree import children

NODES_AN_ITEM = 20


class Walk:
    """One pass over a list, item by item."""

    def __init__(self, over: Part, key: str, node: Mapping[str, Any], failing: Failing) -> None:
        """Bind each item of *over* to *key*; a long body in *node* makes an item count more than once."""
        self._over = over
        self._key = key
        self._cost = 1 + sum(_weight(node[part]) for part in ("test", "each") if part in node) // NODES_AN_ITEM
        self._failing = failing

    def items(self, run: Run) -> Iterator[Any]:
        """Yield the items in order, the keys of a map sorted."""
        found, names, budget, key, cost = self._over(run), run.names, run.budget, self._key, self._cost
        if type(found) is not list and isinstance(found, Mapping):
            spend(budget, len(found), self._failing)
            found = sorted(found)
        for item in found:
            budget.iterations -= cost
            if budget.iterations < 0:
                spend(budget, 0, self._failing)
            if run.notes and len(run.notes) >= MOST_STEPS:
                run.note = drop
            names[key] = item
            yield item


def macro_of(macro: str, walk: Walk, test: Part | None, each: Part | None) -> Part:
    """
    Return the closure of *macro*.

    Raises:
        EvaluationError: If there is no such macro.
    """
    match macro:
        case "all" | "exists" if test:
            return _any_or_all(walk, test, decided_by=macro == "exists")
        case "exists_one" if test:
            return lambda run: sum(bool(test(run)) for _ in walk.items(run)) == 1
        case "filter" if test:
            return lambda run: [item for item in walk.items(run) if test(run)]
    if each is None:
        raise EvaluationError(f"unknown macro {macro!r}")
    if test:
        return lambda run: [each(run) for _ in walk.items(run) if test(run)]
    return lambda run: [each(run) for _ in walk.items(run)]


def _any_or_all(walk: Walk, test: Part, *, decided_by: bool) -> Part:
    """Return ``exists`` (decided by true) or ``all`` (decided by false); an error counts only if no item decides."""

    def part(run: Run) -> Any:
        failed: EvaluationError | None = None
        for _ in walk.items(run):
            try:
                if test(run) is decided_by:
                    return decided_by
            except BudgetSpent:
                raise
            except EvaluationError as error:
                failed = failed or error
        if failed:
            raise failed
        return not decided_by

    return part


def _weight(node: Mapping[str, Any]) -> int:
    """How many parts *node* has; what a macro within does for each item is paid there."""
    inner = [node["over"]] if node["kind"] == "macro" else children(node)
    return 1 + sum(map(_weight, inner))
