"""Calls of functions as closures: what cannot fail on the checked types is applied outright, the rest with care."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rules.functions import FUNCTIONS, LARGEST_INT, SMALLEST_INT, Failure
from rules.program.budget import (
    Budget,
    BudgetSpent,
    EvaluationError,
    Failing,
    spend,
    spend_on_all,
    spend_on_length,
    spend_on_text,
)
from rules.program.run import Part, Run

_Node = Mapping[str, Any]
_Function = Callable[..., Any]

_COMPARISONS: dict[str, _Function] = {
    "_==_": operator.eq,
    "_!=_": operator.ne,
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
}
"""On two ints, two bools or two texts Python compares as CEL does; ints and bools never meet here."""

_SUMS: dict[str, _Function] = {"_+_": operator.add, "_-_": operator.sub, "_*_": operator.mul}

_OF_TEXTS: dict[str, _Function] = {
    **_COMPARISONS,
    "_+_": operator.add,
    "contains": operator.contains,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}

_NEVER_FAILING: dict[str, _Function] = {"!_": operator.not_, "size": len}

_SCALARS = ("bool", "int", "string")


def call_of(node: _Node, args: Sequence[Part], failing: Failing) -> Part:
    """
    Return the closure of a call, which evaluates *args* from left to right.

    Raises:
        EvaluationError: If there is no such function.
    """
    name, kinds = node["function"], [arg["type"] for arg in node["args"]]
    if name in ("_&&_", "_||_"):
        return _logic(args[0], args[1], decided_by=name == "_||_")
    if name == "_?_:_":
        return _choice(*args)
    if name not in FUNCTIONS:
        raise EvaluationError(f"a tree with the unknown function {name!r}", node["offset"])
    if name in _NEVER_FAILING:
        return _taken(_NEVER_FAILING[name], args[0])
    if kinds == ["int", "int"] or kinds == ["bool", "bool"]:
        return _of_numbers(node, args, failing)
    if kinds == ["string", "string"] and name in _OF_TEXTS:
        return _of_texts(_OF_TEXTS[name], args[0], args[1], failing)
    return _of_any(name, kinds, args, failing)


def _of_numbers(node: _Node, args: Sequence[Part], failing: Failing) -> Part:
    """Return the closure of a function of two ints or two bools."""
    name, (left, right) = node["function"], args
    if name in _SUMS:
        return _sum(_SUMS[name], left, right, failing)
    if name not in _COMPARISONS:
        return _applied(FUNCTIONS[name], args, failing)
    if node["args"][1]["kind"] == "literal":
        return _compared_with(_COMPARISONS[name], left, node["args"][1]["value"])
    return _compared(_COMPARISONS[name], left, right)


def _of_any(name: str, kinds: Sequence[str], args: Sequence[Part], failing: Failing) -> Part:
    """Return the closure of a function of other values; one that walks over them is paid for first."""
    function = FUNCTIONS[name]
    if name in ("_==_", "_!=_"):
        return _paid(function, args, failing, spend_on_all)
    if name in ("_+_", "int"):
        return _paid(function, args, failing, spend_on_length)
    if name == "@in" and kinds == ["string", "list<string>"]:
        return _text_in(args[0], args[1], failing)
    if name == "@in" and kinds[1].startswith("list<"):
        return _paid(function, args, failing, spend_on_length if kinds[0] in _SCALARS else spend_on_all)
    if len(args) == 2:
        return _applied_to_two(function, args[0], args[1], failing)
    return _applied(function, args, failing)


def _taken(function: _Function, arg: Part) -> Part:
    return lambda run: function(arg(run))


def _compared(operation: _Function, left: Part, right: Part) -> Part:
    return lambda run: operation(left(run), right(run))


def _compared_with(operation: _Function, left: Part, constant: Any) -> Part:
    return lambda run: operation(left(run), constant)


def _sum(operation: _Function, left: Part, right: Part, failing: Failing) -> Part:
    def part(run: Run) -> Any:
        value = operation(left(run), right(run))
        if SMALLEST_INT <= value <= LARGEST_INT:
            return value
        raise failing("the result is beyond int64")

    return part


def _of_texts(operation: _Function, left: Part, right: Part, failing: Failing) -> Part:
    def part(run: Run) -> Any:
        one, other = left(run), right(run)
        spend_on_text(run.budget, len(one) + len(other), failing)
        return operation(one, other)

    return part


def _applied_to_two(function: _Function, left: Part, right: Part, failing: Failing) -> Part:
    def part(run: Run) -> Any:
        one, other = left(run), right(run)
        try:
            return function(one, other)
        except Failure as failure:
            raise failing(failure) from None

    return part


def _applied(function: _Function, args: Sequence[Part], failing: Failing) -> Part:
    def part(run: Run) -> Any:
        values = [arg(run) for arg in args]
        try:
            return function(*values)
        except Failure as failure:
            raise failing(failure) from None

    return part


_Payment = Callable[[Budget, Any, Failing], None]


def _paid(function: _Function, args: Sequence[Part], failing: Failing, pay: _Payment) -> Part:
    def part(run: Run) -> Any:
        values = [arg(run) for arg in args]
        for value in values:
            pay(run.budget, value, failing)
        try:
            return function(*values)
        except Failure as failure:
            raise failing(failure) from None

    return part


def _text_in(text: Part, texts: Part, failing: Failing) -> Part:
    def part(run: Run) -> Any:
        wanted, found = text(run), texts(run)
        spend(run.budget, len(found), failing)
        return wanted in found

    return part


def _choice(condition: Part, then: Part, otherwise: Part) -> Part:
    return lambda run: then(run) if condition(run) else otherwise(run)


def _logic(left: Part, right: Part, *, decided_by: bool) -> Part:
    """
    Return ``&&`` (decided by false) or ``||`` (decided by true).

    As cel-spec has it, both sides count alike: an error on one side is forgotten if the other side decides.
    """

    def part(run: Run) -> Any:
        try:
            if left(run) is decided_by:
                return decided_by
        except BudgetSpent:
            raise
        except EvaluationError:
            if right(run) is decided_by:
                return decided_by
            raise
        return right(run)

    return part
