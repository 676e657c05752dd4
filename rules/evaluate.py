"""The evaluator: a checked tree and bindings become a value, with every step on record if wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from contracts.errors import Invalid
from rules.functions import FUNCTIONS, LARGEST_INT, SMALLEST_INT, Failure
from rules.typeset import described

DEEPEST_TREE = 150
MOST_TREES_KEPT = 4_096

_Node = Mapping[str, Any]
_Step = Callable[["_Run"], Any]
_Failing = Callable[[object], "EvaluationError"]

_SHOWN = frozenset({"bool", "int", "string", "list", "map", "dyn"})


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
    """How many list items a whole decision may still look at; one budget is shared by all its expressions."""

    iterations: int = 100_000


class Step(NamedTuple):
    """The value that one part of an expression had once; a part inside a macro has one step for each item."""

    id: int
    offset: int
    text: str
    value: Any


def evaluate(
    checked_ast: Mapping[str, Any], bindings: Mapping[str, Any], budget: Budget, trace: list[Step] | None = None
) -> Any:
    """
    Return the value of a checked expression.

    *bindings* holds the variables; records are mappings, an optional field is left out or null. A dotted variable is
    looked up as a whole, then step by step. With a *trace* every part that is no literal and no record leaves a
    `Step`. The tree must not be changed afterwards: its compiled form is kept.

    Raises:
        EvaluationError: With the offset in the expression: overflow, division by zero, a missing field, key or item,
            a value of another type than was checked, or a spent budget.
    """
    return _program(checked_ast, trace is not None)(_Run(bindings, budget, trace))


class _Run:
    __slots__ = ("bindings", "budget", "items", "trace")

    def __init__(self, bindings: Mapping[str, Any], budget: Budget, trace: list[Step] | None) -> None:
        self.bindings = bindings
        self.budget = budget
        self.items: dict[str, Any] = {}
        self.trace: list[Step] = [] if trace is None else trace


_programs: dict[tuple[int, bool], tuple[Mapping[str, Any], _Step]] = {}


def _program(ast: Mapping[str, Any], traced: bool) -> _Step:
    """Return the compiled form of *ast*, kept by identity: hashing a tree would cost more than running it."""
    kept = _programs.get((id(ast), traced))
    if kept is not None and kept[0] is ast:
        return kept[1]
    program = _Compiler(ast["text"], traced).step(ast["body"], 0)
    if len(_programs) >= MOST_TREES_KEPT:
        _programs.clear()
    _programs[id(ast), traced] = ast, program
    return program


class _Compiler:
    """Turns nodes into closures over a run."""

    def __init__(self, text: str, traced: bool) -> None:
        self.text = text
        self.traced = traced
        self.local: list[str] = []
        self._makers: dict[str, Callable[[_Node, int], _Step]] = {
            "literal": self._literal,
            "name": self._name,
            "select": self._select,
            "has": self._has,
            "list": self._list,
            "map": self._map,
            "call": self._call,
            "macro": self._macro,
        }

    def step(self, node: _Node, depth: int) -> _Step:
        """Return the closure of *node*."""
        if depth > DEEPEST_TREE:
            raise EvaluationError("the tree of the expression is too deep")
        make = self._makers.get(node["kind"])
        if make is None:
            raise EvaluationError(f"a tree with the unknown kind {node['kind']!r}", node["offset"])
        made = make(node, depth + 1)
        if self.traced and node["kind"] != "literal" and set(re.findall(r"\w+", node["type"])) <= _SHOWN:
            return self._recorded(node, made)
        return made

    def _excerpt(self, node: _Node) -> str:
        start, end = node["span"]
        return self.text[start:end]

    def _recorded(self, node: _Node, made: _Step) -> _Step:
        number, offset, text = node["id"], node["offset"], self._excerpt(node)

        def run(state: _Run) -> Any:
            value = made(state)
            state.trace.append(Step(number, offset, text, value))
            return value

        return run

    def _failing(self, node: _Node) -> _Failing:
        """Return what makes an error about *node* out of a reason."""
        offset, text = node["offset"], " ".join(self._excerpt(node).split())
        shown = text if len(text) <= 80 else text[:79] + "…"
        return lambda reason: EvaluationError(f"{reason}: {shown}", offset)

    def _literal(self, node: _Node, _depth: int) -> _Step:
        value = node["value"]
        return lambda _state: value

    def _name(self, node: _Node, _depth: int) -> _Step:
        name, failing, checked = node["name"], self._failing(node), self._typed(node)
        if name in self.local:
            return lambda state: checked(state.items[name])

        def run(state: _Run) -> Any:
            found = _bound(state.bindings, name)
            if found is None:
                raise failing(f"no value for {name!r}")
            return checked(found)

        return run

    def _typed(self, node: _Node) -> Callable[[Any], Any]:
        """Return a function that lets a value of the node's type through and refuses any other."""
        kind, failing = node["type"].partition("<")[0], self._failing(node)
        fits = _FITS.get(kind, _is_record)

        def check(value: Any) -> Any:
            if fits(value):
                return value
            raise failing(f"must be {node['type']}, is {described(value)}")

        return check

    def _select(self, node: _Node, depth: int) -> _Step:
        of, field = self.step(node["of"], depth), node["field"]
        failing, checked = self._failing(node), self._typed(node)

        def run(state: _Run) -> Any:
            value = of(state).get(field)
            if value is None:
                raise failing(f"no value for {field!r}")
            return checked(value)

        return run

    def _has(self, node: _Node, depth: int) -> _Step:
        of, field = self.step(node["of"], depth), node["field"]
        return lambda state: of(state).get(field) is not None

    def _list(self, node: _Node, depth: int) -> _Step:
        items = [self.step(item, depth) for item in node["items"]]
        return lambda state: [item(state) for item in items]

    def _map(self, node: _Node, depth: int) -> _Step:
        entries = [(self.step(key, depth), self.step(value, depth)) for key, value in node["entries"]]
        failing = self._failing(node)

        def run(state: _Run) -> Any:
            made: dict[Any, Any] = {}
            for key_step, value_step in entries:
                key = key_step(state)
                if key in made:
                    raise failing(f"the key {key!r} twice in a map")
                made[key] = value_step(state)
            return made

        return run

    def _call(self, node: _Node, depth: int) -> _Step:
        name, args = node["function"], [self.step(arg, depth) for arg in node["args"]]
        if name in ("_&&_", "_||_"):
            return _logic(args[0], args[1], decided_by=name == "_||_")
        if name == "_?_:_":
            condition, then, otherwise = args
            return lambda state: then(state) if condition(state) else otherwise(state)
        return self._strict(node, name, args)

    def _strict(self, node: _Node, name: str, args: list[_Step]) -> _Step:
        """Return the closure of a function that evaluates all its arguments, from left to right."""
        function, failing = FUNCTIONS.get(name), self._failing(node)
        if function is None:
            raise EvaluationError(f"a tree with the unknown function {name!r}", node["offset"])
        if _walks(node):
            return _paid(function, args, failing)
        if name == "_[_]":
            applied, checked = _applied(function, args, failing), self._typed(node)
            return lambda state: checked(applied(state))
        return _applied(function, args, failing)

    def _macro(self, node: _Node, depth: int) -> _Step:
        over, name = self.step(node["over"], depth), node["name"]
        self.local.append(name)
        test = self.step(node["test"], depth) if "test" in node else None
        each = self.step(node["each"], depth) if "each" in node else None
        self.local.pop()
        walk = _Walk(over, name, self._failing(node))
        match node["macro"]:
            case "all" | "exists" if test:
                return _any_or_all(walk, test, decided_by=node["macro"] == "exists")
            case "exists_one" if test:
                return lambda state: sum(bool(test(state)) for _ in walk.items(state)) == 1
            case "filter" if test:
                return lambda state: [item for item in walk.items(state) if test(state)]
        if each is None:
            raise EvaluationError(f"unknown macro {node['macro']!r}", node["offset"])
        if test:
            return lambda state: [each(state) for _ in walk.items(state) if test(state)]
        return lambda state: [each(state) for _ in walk.items(state)]


def _applied(function: Callable[..., Any], args: list[_Step], failing: _Failing) -> _Step:
    """Return the closure that applies *function* to the values of *args*; two of them are the ordinary case."""
    if len(args) != 2:
        return _applied_to_any(function, args, failing)
    left, right = args

    def run(state: _Run) -> Any:
        one, other = left(state), right(state)
        try:
            return function(one, other)
        except Failure as failure:
            raise failing(failure) from None

    return run


def _applied_to_any(function: Callable[..., Any], args: list[_Step], failing: _Failing) -> _Step:
    def run(state: _Run) -> Any:
        values = [arg(state) for arg in args]
        try:
            return function(*values)
        except Failure as failure:
            raise failing(failure) from None

    return run


def _paid(function: Callable[..., Any], args: list[_Step], failing: _Failing) -> _Step:
    """Return the closure of a function that walks over its lists, which is paid for by their length."""

    def run(state: _Run) -> Any:
        values = [arg(state) for arg in args]
        _spend(state.budget, sum(len(value) for value in values if isinstance(value, list | tuple)), failing)
        return function(*values)

    return run


class _Walk:
    """One pass over a list, item by item, each bound to a name and paid for."""

    def __init__(self, over: _Step, name: str, failing: _Failing) -> None:
        self.over = over
        self.name = name
        self.failing = failing

    def items(self, state: _Run) -> Iterable[Any]:
        """Yield the items in order, the keys of a map sorted."""
        found = self.over(state)
        for item in sorted(found) if isinstance(found, Mapping) else found:
            _spend(state.budget, 1, self.failing)
            state.items[self.name] = item
            yield item


def _spend(budget: Budget, items: int, failing: _Failing) -> None:
    budget.iterations -= items
    if budget.iterations < 0:
        budget.iterations = 0
        error = failing("too many list items looked at in one decision")
        raise BudgetSpent(error.message, error.offset)


def _logic(left: _Step, right: _Step, *, decided_by: bool) -> _Step:
    """
    Return ``&&`` (decided by false) or ``||`` (decided by true).

    As cel-spec has it, both sides count alike: an error on one side is forgotten if the other side decides.
    """

    def run(state: _Run) -> Any:
        try:
            if left(state) is decided_by:
                return decided_by
        except BudgetSpent:
            raise
        except EvaluationError:
            if right(state) is decided_by:
                return decided_by
            raise
        return right(state)

    return run


def _any_or_all(walk: _Walk, test: _Step, *, decided_by: bool) -> _Step:
    """Return ``exists`` (decided by true) or ``all`` (decided by false); an error counts only if no item decides."""

    def run(state: _Run) -> Any:
        failed: EvaluationError | None = None
        for _ in walk.items(state):
            try:
                if test(state) is decided_by:
                    return decided_by
            except BudgetSpent:
                raise
            except EvaluationError as error:
                failed = failed or error
        if failed:
            raise failed
        return not decided_by

    return run


def _walks(node: _Node) -> bool:
    """Return whether a call takes time in proportion to its lists."""
    return node["function"] in ("@in", "_==_", "_!=_", "_+_") and any(
        arg["type"].startswith("list<") for arg in node["args"]
    )


def _bound(bindings: Mapping[str, Any], name: str) -> Any:
    if name in bindings or "." not in name:
        return bindings.get(name)
    first, *rest = name.split(".")
    found: Any = bindings.get(first)
    for part in rest:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _is_record(value: Any) -> bool:
    return type(value) is dict or isinstance(value, Mapping)


def _is_int(value: Any) -> bool:
    return type(value) is int and SMALLEST_INT <= value <= LARGEST_INT


_FITS: dict[str, Callable[[Any], bool]] = {
    "bool": lambda value: value is True or value is False,
    "int": _is_int,
    "string": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, list | tuple),
    "dyn": lambda _value: True,
}
