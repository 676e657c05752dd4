"""From a checked tree to one closure: names and fields with their types, lists, maps, and the steps on record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.functions import LARGEST_INT, SMALLEST_INT, shown
from rules.program.budget import EvaluationError, Failing
from rules.program.calls import call_of
from rules.program.macros import Walk, macro_of
from rules.program.names import quick_field, quick_name, value_of
from rules.program.run import Part, Run
from rules.typeset import described

DEEPEST_TREE = 150

_Node = Mapping[str, Any]

_SHOWN = frozenset({"bool", "int", "string", "list", "map", "dyn"})


@dataclass(frozen=True)
class Program:
    """A compiled expression; where it ``has_items`` of macros, its run needs names of its own."""

    part: Part
    has_items: bool


def program_of(ast: Mapping[str, Any], *, traced: bool) -> Program:
    """
    Compile a checked expression; *traced*, its parts leave steps.

    Raises:
        EvaluationError: If the tree is not one that the checker writes.
    """
    compiler = _Compiler(ast["text"], traced)
    part = compiler.part(ast["body"], 0)
    return Program(part, compiler.has_items)


class _Compiler:
    def __init__(self, text: str, traced: bool) -> None:
        self.text = text
        self.traced = traced
        self.has_items = False
        self.items: dict[str, str] = {}
        self._makers: dict[str, Callable[[_Node, int], Part]] = {
            "literal": self._literal,
            "name": self._name,
            "select": self._select,
            "has": self._has,
            "list": self._list,
            "map": self._map,
            "call": self._call,
            "macro": self._macro,
        }

    def part(self, node: _Node, depth: int) -> Part:
        """Return the closure of *node*."""
        if depth > DEEPEST_TREE:
            raise EvaluationError("the tree of the expression is too deep")
        make = self._makers.get(node["kind"])
        if make is None:
            raise EvaluationError(f"a tree with the unknown kind {node['kind']!r}", node["offset"])
        made = make(node, depth + 1)
        return self._recorded(node, made) if self._is_recorded(node) else made

    def _parts(self, nodes: Sequence[_Node], depth: int) -> list[Part]:
        return [self.part(node, depth) for node in nodes]

    def _is_recorded(self, node: _Node) -> bool:
        """Whether a step tells of *node*: no literal, and no record, which is shown by its fields."""
        return self.traced and node["kind"] != "literal" and set(re.findall(r"\w+", node["type"])) <= _SHOWN

    def _recorded(self, node: _Node, made: Part) -> Part:
        number, offset, text = node["id"], node["offset"], self._excerpt(node)

        def part(run: Run) -> Any:
            value = made(run)
            run.note((number, offset, text, value))
            return value

        return part

    def _excerpt(self, node: _Node) -> str:
        start, end = node["span"]
        return self.text[start:end]

    def _failing(self, node: _Node) -> Failing:
        """Return what makes an error about *node* out of a reason."""
        offset, text = node["offset"], " ".join(self._excerpt(node).split())
        shown = text if len(text) <= 80 else text[:79] + "…"
        return lambda reason: EvaluationError(f"{reason}: {shown}", offset)

    def _literal(self, node: _Node, _depth: int) -> Part:
        value = node["value"]
        return lambda _run: value

    def _name(self, node: _Node, _depth: int) -> Part:
        name, failing, checked = str(node["name"]), self._failing(node), self._checked(node)
        key = self._key(name)

        def carefully(run: Run) -> Any:
            value = value_of(run.names, key)
            if value is None:
                raise failing(f"no value for {name!r}")
            return checked(value)

        return quick_name(node["type"], key, carefully)

    def _key(self, name: str) -> str:
        """Under what a run finds *name*: an item of a macro has a key that no variable can have."""
        return self.items.get(name, name)

    def _checked(self, node: _Node) -> Callable[[Any], Any]:
        """Return a function that lets a value of the node's type through and refuses any other."""
        kind, failing = node["type"].partition("<")[0], self._failing(node)
        fits = _FITS.get(kind, _is_record)

        def check(value: Any) -> Any:
            if fits(value):
                return value
            raise failing(f"must be {node['type']}, is {described(value)}")

        return check

    def _select(self, node: _Node, depth: int) -> Part:
        of, field = self.part(node["of"], depth), node["field"]
        failing, checked = self._failing(node), self._checked(node)

        def carefully(run: Run) -> Any:
            value = of(run).get(field)
            if value is None:
                raise failing(f"no value for {field!r}")
            return checked(value)

        if node["of"]["kind"] == "name" and not self._is_recorded(node["of"]):
            name = str(node["of"]["name"])
            return quick_field(node["type"], self._key(name), field, carefully)
        return carefully

    def _has(self, node: _Node, depth: int) -> Part:
        of, field = self.part(node["of"], depth), node["field"]
        return lambda run: of(run).get(field) is not None

    def _list(self, node: _Node, depth: int) -> Part:
        items = self._parts(node["items"], depth)
        return lambda run: [item(run) for item in items]

    def _map(self, node: _Node, depth: int) -> Part:
        entries = [(self.part(key, depth), self.part(value, depth)) for key, value in node["entries"]]
        failing = self._failing(node)

        def part(run: Run) -> Any:
            made: dict[Any, Any] = {}
            for key_part, value_part in entries:
                key = key_part(run)
                if key in made:
                    raise failing(f"the key {shown(key)} twice in a map")
                made[key] = value_part(run)
            return made

        return part

    def _call(self, node: _Node, depth: int) -> Part:
        called = call_of(node, self._parts(node["args"], depth), self._failing(node))
        if node["function"] != "_[_]":
            return called
        checked = self._checked(node)
        return lambda run: checked(called(run))

    def _macro(self, node: _Node, depth: int) -> Part:
        over, name = self.part(node["over"], depth), node["name"]
        self.has_items = True
        outer, self.items = self.items, {**self.items, name: f"{name}#{len(self.items)}"}
        test = self.part(node["test"], depth) if "test" in node else None
        each = self.part(node["each"], depth) if "each" in node else None
        walk = Walk(over, self.items[name], node, self._failing(node))
        self.items = outer
        return macro_of(node["macro"], walk, test, each)


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
