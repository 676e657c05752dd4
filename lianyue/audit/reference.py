"""
The second engine: a policy whose every expression is evaluated by Google's CEL engine in place of ours.

Expressions are what a policy says in its own words: who may, what counts, conditions, ties, weights, tables' columns.
The arithmetic of selecting and dividing is ours in both readings; it has no second implementation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from cel_expr_python import cel

from contracts.errors import Invalid
from rules.check import Checked
from rules.evaluate import Budget, evaluate
from rules.functions import FUNCTIONS
from rules.program.run import Part, Run

Compiled = TypeVar("Compiled")

NAME = "cel-cpp"


class EnginesDiffer(Invalid):
    """Do not rely on the decision; report the expression and its values: one of the two engines is wrong."""

    code = "engines-differ"


def by_reference(compiled: Compiled) -> Compiled:
    """
    Return a compiled policy or authority matrix that asks Google's engine wherever it has an expression.

    Where that engine has no value, ours must have none either, and says why: the words of an error are ours.
    """
    return _replaced(compiled)


def _replaced(part: Any) -> Any:
    if isinstance(part, Checked):
        return _other(part)
    if isinstance(part, tuple) and not hasattr(part, "_fields"):
        return tuple(_replaced(each) for each in part)
    if isinstance(part, Mapping) and type(part) is dict:
        return {name: _replaced(each) for name, each in part.items()}
    if is_dataclass(part) and not isinstance(part, type):
        changed = {each.name: _replaced(getattr(part, each.name)) for each in fields(part) if each.init}
        kept = {name: value for name, value in changed.items() if value is not getattr(part, name)}
        return replace(part, **kept) if kept else part
    return part


def _other(formula: Checked) -> Checked:
    """The same expression with another plan; what it reads is found as before."""
    other = Checked(formula.text, formula.type, formula.ast, formula.reads)
    other.__dict__["plan"] = formula.plan._replace(part=_part(formula))
    return other


def _part(formula: Checked) -> Part:
    roots = tuple(sorted({path.partition(".")[0] for path in formula.reads}))
    environment = _environment(roots)
    expression = environment.compile(formula.text)

    def part(run: Run) -> Any:
        bindings = {name: _plain(run.names[name]) for name in roots if name in run.names}
        value = _value(expression, environment.Activation(bindings))
        if value is not None:
            return value
        ours = evaluate(formula.ast, run.names, Budget())  # raises our words where there is no value
        raise EnginesDiffer(f"{NAME} has no value for {formula.text!r}, ours has {ours!r}")

    return part


def _value(expression: Any, activation: Any) -> Any:
    """The value in Python's types; none where the engine has none, since no expression of ours comes to null."""
    try:
        found = expression.eval(activation)
    except RuntimeError:
        return None
    return None if found.type() == cel.Type.ERROR else found.plain_value()


@lru_cache(maxsize=256)
def _environment(names: tuple[str, ...]) -> Any:
    """Names without types: they were checked when the policy was compiled, and here only values count."""
    integer = cel.Type.INT
    declared = [
        cel.FunctionDecl(
            name,
            [
                cel.Overload(
                    f"{name}_int64", return_type=integer, parameters=[integer] * arguments, impl=FUNCTIONS[name]
                )
            ],
        )
        for name, arguments in (("mulDiv", 3), ("divRound", 2))
    ]
    return cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN), functions=declared)


def _plain(value: Any) -> Any:
    """Return *value* in the engine's types: a field without a value is not there, and a sequence is a list."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
