"""
From the checker's answer to a tree in JSON that needs neither the checker nor protobuf to be evaluated.

The answer is a ``cel.expr.CheckedExpr`` (cel-spec, checked.proto and syntax.proto) in protobuf's wire format. A node of
our tree has ``kind``, ``id``, ``type``, ``offset`` (where a caret belongs) and ``span`` (start and end of its text):

    literal value | name name | select of field | has of field | call function args | list items | map entries
    macro macro name over [test] [each] | record name
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules.functions import LAZY
from rules.tokens import Tokens

Node = dict[str, Any]
_Message = dict[int, list[Any]]

PACKAGE = "lianyue"

_PRIMITIVES = {1: "bool", 2: "int", 3: "uint", 4: "double", 5: "string", 6: "bytes"}
_WELL_KNOWN = {1: "any", 2: "timestamp", 3: "duration"}
_SIGNS = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=")
_BINARY = frozenset({*LAZY, "@in"} | {f"_{sign}_" for sign in _SIGNS})


def tree_of(serialized: bytes, text: str) -> Node:
    """Return the tree of *text* from the *serialized* answer of the checker."""
    checked = _message(_one(_message(serialized), 2, b""))
    return _Tree(checked, text).node(_message(_one(checked, 4, b"")))


def children(node: Mapping[str, Any]) -> Iterator[Node]:
    """Yield the parts of *node* in the order of the text."""
    for part in ("of", "over", "test", "each"):
        if part in node:
            yield node[part]
    yield from node.get("args", ())
    yield from node.get("items", ())
    for key, value in node.get("entries", ()):
        yield key
        yield value


class _Tree:
    def __init__(self, checked: _Message, text: str) -> None:
        positions = _message(_one(checked, 5, b"")).get(4, [])
        self.offsets = {_one(entry, 1, 0): _one(entry, 2, 0) for entry in map(_message, positions)}
        types = map(_message, checked.get(3, []))
        self.types = {_one(entry, 1, 0): _type_text(_message(_one(entry, 2, b""))) for entry in types}
        self.tokens = Tokens(text)
        self.ranges: dict[int, tuple[int, int]] = {}

    def node(self, expression: _Message) -> Node:
        """Return the node of one ``Expr``."""
        node = self._kind(expression)
        node["id"] = _one(expression, 2, 0)
        node["type"] = self.types.get(node["id"], "dyn")
        node["offset"] = self.offsets.get(node["id"], 0)
        first, last = self._range(node)
        self.ranges[node["id"]] = first, last
        node["span"] = self.tokens.span(first, last)
        node.pop("is_member", None)
        return node

    def _kind(self, expression: _Message) -> Node:
        if 3 in expression:
            return {"kind": "literal", "value": _constant(_message(_one(expression, 3, b"")))}
        if 4 in expression:
            return {"kind": "name", "name": _text(_message(_one(expression, 4, b"")), 1)}
        if 5 in expression:
            return self._select(_message(_one(expression, 5, b"")))
        if 6 in expression:
            return self._call(_message(_one(expression, 6, b"")))
        if 7 in expression:
            return {"kind": "list", "items": self._nodes(_message(_one(expression, 7, b"")), 1)}
        if 8 in expression:
            return self._struct(_message(_one(expression, 8, b"")))
        return self._comprehension(_message(_one(expression, 9, b"")))

    def _nodes(self, message: _Message, field: int) -> list[Node]:
        return [self.node(_message(part)) for part in message.get(field, [])]

    def _select(self, select: _Message) -> Node:
        kind = "has" if _one(select, 3, 0) else "select"
        return {"kind": kind, "of": self.node(_message(_one(select, 1, b""))), "field": _text(select, 2)}

    def _call(self, call: _Message) -> Node:
        target = self._nodes(call, 1)
        args = target + self._nodes(call, 3)
        return {"kind": "call", "function": _text(call, 2), "args": args, "is_member": bool(target)}

    def _struct(self, struct: _Message) -> Node:
        if 1 in struct:
            return {"kind": "record", "name": _text(struct, 1).removeprefix(PACKAGE + ".")}
        entries = map(_message, struct.get(2, []))
        return {"kind": "map", "entries": [[*self._nodes(entry, 3), *self._nodes(entry, 4)] for entry in entries]}

    def _comprehension(self, loop: _Message) -> Node:
        """Return the macro that was expanded to *loop*; the expansions are those of cel-spec's standard macros."""
        node: Node = {"kind": "macro", "name": _text(loop, 1), "over": self.node(_message(_one(loop, 2, b"")))}
        step = _message(_one(_message(_one(loop, 6, b"")), 6, b""))
        function, args = _text(step, 2), [_message(part) for part in step.get(3, [])]
        if function in ("_&&_", "_||_"):
            return {**node, "macro": "all" if function == "_&&_" else "exists", "test": self.node(args[1])}
        if function == "_+_":
            return {**node, "macro": "map", "each": self._appended(args[1])}
        test = self.node(args[0])
        if 6 in _message(_one(loop, 7, b"")):
            return {**node, "macro": "exists_one", "test": test}
        return self._kept({**node, "test": test}, args[1])

    def _kept(self, node: Node, grown: _Message) -> Node:
        each = self._appended(_message(_message(_one(grown, 6, b"")).get(3, [])[1]))
        if each["kind"] == "name" and each["name"] == node["name"]:
            return {**node, "macro": "filter"}
        return {**node, "macro": "map", "each": each}

    def _appended(self, single: _Message) -> Node:
        return self._nodes(_message(_one(single, 7, b"")), 1)[0]

    def _range(self, node: Node) -> tuple[int, int]:
        """Return the first and the last token of *node*."""
        here = self.tokens.at(node["offset"])
        parts = [self.ranges[child["id"]] for child in children(node) if child["id"] in self.ranges]
        first = min([here, *(part[0] for part in parts)])
        match node["kind"]:
            case "literal":
                return here, here + (self.tokens.all[here].text == "-")
            case "name":
                dots = node["name"].count(".")
                return here - max(0, 2 * dots - 1), here + (dots > 0)
            case "select":
                return first, here + 1
            case "has":
                return here - 1, self.tokens.closing(here)
            case "call" if node["function"] in _BINARY:
                return first, max(part[1] for part in parts)
            case "call" if node["function"] in ("!_", "-_"):
                return here, max(part[1] for part in parts)
            case "call" if node["function"] != "_[_]" and not node["is_member"]:
                return here - 1, self.tokens.closing(here)
        return first, self.tokens.closing(here)


def _type_text(message: _Message) -> str:
    field: int
    value: Any
    field, value = next(((number, values[-1]) for number, values in message.items()), (1, b""))
    match field:
        case 3:
            return _PRIMITIVES.get(value, "dyn")
        case 5:
            return _WELL_KNOWN.get(value, "any")
        case 6:
            return f"list<{_type_text(_message(_one(_message(value), 1, b'')))}>"
        case 7:
            parts = _message(value)
            key, item = _message(_one(parts, 1, b"")), _message(_one(parts, 2, b""))
            return f"map<{_type_text(key)}, {_type_text(item)}>"
        case 9:
            return str(value.decode()).removeprefix(PACKAGE + ".")
    return {1: "dyn", 2: "null", 4: "wrapper", 8: "function", 10: "dyn", 11: "type"}.get(field, "other")


def _constant(constant: _Message) -> Any:
    """Return the value of a literal; one of a type that is refused anyway is null."""
    if 2 in constant:
        return bool(_one(constant, 2, 0))
    if 3 in constant:
        return _signed(_one(constant, 3, 0))
    return _text(constant, 6) if 6 in constant else None


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def _text(message: _Message, field: int) -> str:
    return str(_one(message, field, b"").decode())


def _one(message: _Message, field: int, default: Any) -> Any:
    values = message.get(field)
    return values[-1] if values else default


def _message(wire: bytes) -> _Message:
    """Return the fields of a message in protobuf's wire format: numbers, and bytes for everything with a length."""
    fields: _Message = {}
    at = 0
    while at < len(wire):
        tag, at = _varint(wire, at)
        kind = tag & 7
        value: Any
        if kind == 2:
            length, at = _varint(wire, at)
            value, at = wire[at : at + length], at + length
        elif kind == 0:
            value, at = _varint(wire, at)
        else:
            width = 8 if kind == 1 else 4
            value, at = wire[at : at + width], at + width
        if tag >> 3 in fields:
            fields[tag >> 3].append(value)
        else:
            fields[tag >> 3] = [value]
    return fields


def _varint(wire: bytes, at: int) -> tuple[int, int]:
    value = wire[at]
    if value < 128:
        return value, at + 1
    value = shift = 0
    while True:
        byte = wire[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
