"""What evaluating may cost: a limited number of items looked at, and the errors that end it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.errors import Invalid

FREE_TEXT = 200
SIGNS_AN_ITEM = 100
DEEPEST_VALUE = 100


class EvaluationError(Invalid):
    """Correct the facts or the expression; with these facts the expression has no value."""

    code = "evaluation-error"

    def __init__(self, message: str, offset: int = 0, where: str = "") -> None:
        super().__init__(message, where)
        self.offset = offset


class BudgetSpent(EvaluationError):
    """Shorten the lists or nest them less; one decision may look at a limited number of items."""


@dataclass
class Budget:
    """
    How many items the expressions that share it may still look at.

    An item of a list counts as one wherever it is walked over, or as more under a macro with a long body; a hundred
    characters of a long text count as one. So neither time nor memory can grow beyond it.
    """

    iterations: int = 100_000


Failing = Callable[[object], EvaluationError]
"""What makes an error about one part of an expression out of a reason."""


def spend(budget: Budget, items: int, failing: Failing) -> None:
    """Take *items* from the budget; BudgetSpent if it does not hold so many."""
    budget.iterations -= items
    if budget.iterations < 0:
        budget.iterations = 0
        error = failing("too many list items looked at in one decision")
        raise BudgetSpent(error.message, error.offset)


def spend_on_text(budget: Budget, signs: int, failing: Failing) -> None:
    """Pay for walking over *signs* characters."""
    if signs > FREE_TEXT:
        spend(budget, signs // SIGNS_AN_ITEM, failing)


def spend_on_length(budget: Budget, value: Any, failing: Failing) -> None:
    """Pay for walking over the items of a list or the characters of a text; anything else is free."""
    if isinstance(value, str):
        spend_on_text(budget, len(value), failing)
    elif isinstance(value, list | tuple):
        spend(budget, len(value), failing)


def spend_on_all(budget: Budget, value: Any, failing: Failing, depth: int = 0) -> None:
    """Pay for everything in *value*, to the last item of the last list, before somebody compares it."""
    if isinstance(value, str):
        spend_on_text(budget, len(value), failing)
    elif isinstance(value, list | tuple | Mapping):
        if depth > DEEPEST_VALUE:
            raise failing(f"values nested deeper than {DEEPEST_VALUE}")
        spend(budget, len(value), failing)
        for part in value.values() if isinstance(value, Mapping) else value:
            spend_on_all(budget, part, failing, depth + 1)
