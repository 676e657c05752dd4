"""Expressions checked before anybody relies on them: names, types, and what a policy may not use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pb2, descriptor_pool

from contracts.errors import Invalid
from rules.complaints import ExpressionProblem, complaints
from rules.functions import FUNCTIONS, LAZY, MACROS, SIGNATURES
from rules.look_alikes import look_alike
from rules.program.plan import Plan, plan_of
from rules.tree import PACKAGE, Node, children, tree_of
from rules.typeset import Type, TypeProblems, TypeSet, parse_type

LONGEST = 10_000
DEEPEST_MACROS = 2

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bool": (_FIELD.TYPE_BOOL, cel.Type.BOOL),
    "int": (_FIELD.TYPE_INT64, cel.Type.INT),
    "string": (_FIELD.TYPE_STRING, cel.Type.STRING),
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_WORD = re.compile(r"[\w.]+")
_UNTYPED = {
    "double": "a fraction; count in whole fen (_fen) or basis points (_bp)",
    "null": "null; ask has(record.field) whether a value is there",
    "dyn": "the types differ, so that nothing can be said about the result; use one type",
    "type": "the name of a type is not a value here",
}

_NOT_ALLOWED = {"matches": ": patterns are not part of the language, because nobody can say what one costs"}


class ExpressionProblems(Invalid):
    """Correct the expression at each place; nothing that has problems is evaluated."""

    code = "expression-problems"

    def __init__(self, problems: Iterable[ExpressionProblem]) -> None:
        self.problems: tuple[ExpressionProblem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(message for _, _, message in self.problems))


@dataclass(frozen=True)
class Checked:
    """
    An expression that may be evaluated.

    ``ast`` is canonical JSON for `rules.evaluate`, with the text in it; ``reads`` are the inputs it selects, sorted,
    to the last field that is named outright: ``member.standing``. What a macro reads of an item counts as its list.
    """

    text: str
    type: str
    ast: dict[str, Any]
    reads: tuple[str, ...]

    @cached_property
    def plan(self) -> Plan:
        """How to apply it to many scenes, made when it is first needed."""
        return plan_of(self.ast, self.reads)


class Environment:
    """The names that an expression at one place may use. Making one again for the same types and names is cheap."""

    def __init__(self, types: TypeSet, variables: Mapping[str, str]) -> None:
        """
        Declare *variables*, each with the text of its type.

        Raises:
            TypeProblems: If a name or a type is none.
        """
        wrong = [name for name in variables if not _VARIABLE.fullmatch(name)]
        if wrong:
            raise TypeProblems([((name,), f"{name!r} cannot be the name of a variable") for name in wrong])
        declared = tuple((name, types.type_of(text)) for name, text in variables.items())
        self.types = types
        self.variables = dict(declared)
        self._engine = _engine(types, declared)

    def check(self, expression: str, expects: str | None) -> Checked:
        """
        Return *expression* checked; its type is *expects*, or whatever it is if that is nothing.

        Raises:
            ExpressionProblems: With offset, code and message of each problem.
        """
        if len(expression) > LONGEST:
            message = f"the expression is longer than {LONGEST:,} characters; use variables"
            raise ExpressionProblems([(0, "too-long", message)])
        return _checked(self, expression, expects)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Environment) and self._engine is other._engine

    def __hash__(self) -> int:
        return id(self._engine)

    def _checked(self, expression: str, expects: str | None) -> Checked:
        tree = self._compile(expression)
        body = tree_of(tree, expression)
        problems = list(_Lint(body, expression, self).problems)
        result = ""
        if not problems:
            result, problems = self._result(body, expects)
        if problems:
            raise ExpressionProblems(problems)
        ast = {"kind": "expression", "text": expression, "type": result, "body": body}
        return Checked(expression, result, ast, tuple(sorted(set(_reads(body, ())))))

    def _result(self, body: Node, expects: str | None) -> tuple[str, list[ExpressionProblem]]:
        """Return the type of the whole, and the problem if it is not the one expected or cannot be told."""
        found, place = body["type"], body["span"][0]
        if expects is None:
            message = "the type of this cannot be told; an empty list needs something beside it"
            return found, [(place, "type", message)] if _undetermined(found) else []
        expected = str(self.types.type_of(expects))
        if _fits(self.types, found, expected):
            return expected, []
        return expected, [(place, "type", f"this must be {expected}, is {_plain(found)}")]

    def _compile(self, expression: str) -> bytes:
        if not expression.strip():
            raise ExpressionProblems([(0, "syntax", "the expression is empty")])
        half = next((at for at, sign in enumerate(expression) if "\ud800" <= sign <= "\udfff"), None)
        if half is not None:
            raise ExpressionProblems([(half, "syntax", f"half a character (U+{ord(expression[half]):04X})")])
        strange = look_alike(expression)
        if strange:
            raise ExpressionProblems([(strange[0], "look-alike", strange[1])])
        try:
            return bytes(self._engine.compile(expression).serialize())
        except RuntimeError as error:
            raise ExpressionProblems(complaints(str(error), expression, self.types, self.variables)) from None


class _Lint:
    """What the checker allows and a policy may not use; a part that is refused is not reported again as a whole."""

    def __init__(self, body: Node, text: str, environment: Environment) -> None:
        self.text = text
        self.problems: list[ExpressionProblem] = []
        self.known = {"bool", "int", "string", "list", "map", *environment.types.names}
        self.taken = [name.partition(".")[0] for name in environment.variables]
        self._walk(body, 0)

    def _walk(self, node: Node, macros: int) -> bool:
        """Report on *node*, within so many *macros*; return whether anything in it is refused."""
        before = len(self.problems)
        if node["kind"] == "macro":
            self._walk_macro(node, macros)
        else:
            for child in children(node):
                self._walk(child, macros)
        if len(self.problems) == before:
            self._check(node)
        return len(self.problems) > before

    def _walk_macro(self, node: Node, macros: int) -> None:
        refused = self._walk(node["over"], macros)
        if node["over"]["type"].startswith("map<"):
            self._refuse(node["over"], "map-iteration", "a map has no order; go through a list instead")
        if macros == DEEPEST_MACROS:
            message = f"macros nested deeper than {DEEPEST_MACROS}; use a variable for the inner one"
            self._refuse(node, "macro-depth", message)
        if node["name"] in self.taken:
            message = f"the name {node['name']!r} is taken; use another one for the items"
            self._refuse(node, "shadowing", message)
        self.taken.append(node["name"])
        for part in ("test", "each"):
            if part in node and not refused:
                self._walk(node[part], macros + 1)
        self.taken.pop()

    def _check(self, node: Node) -> None:
        if node["kind"] == "call" and node["function"] not in FUNCTIONS and node["function"] not in LAZY:
            allowed = ", ".join([*SIGNATURES, *MACROS])
            why = _NOT_ALLOWED.get(node["function"], "")
            message = f"the function {node['function']!r} is not allowed{why}; there are {allowed}"
            at = max(0, self.text.rfind(node["function"], 0, node["offset"]))
            self.problems.append((at, "function", message))
        elif node["kind"] == "record":
            self._refuse(node, "record", "an expression cannot make a record; it reads those given")
        else:
            self._check_type(node)

    def _check_type(self, node: Node) -> None:
        kind = node["type"]
        if kind in _UNTYPED:
            self._refuse(node, kind, _UNTYPED[kind])
        elif node["kind"] in ("list", "map") and any(children(node)) and _undetermined(kind):
            self._refuse(node, "dyn", _UNTYPED["dyn"])
        elif not set(re.findall(r"\w[\w.]*", kind)) <= {*self.known, "dyn"}:
            self._refuse(node, "type", f"values of type {_plain(kind)} are not allowed; use int, bool and string")

    def _refuse(self, node: Node, code: str, message: str) -> None:
        self.problems.append((node["offset"], code, message))


def _undetermined(kind: str) -> bool:
    return "dyn" in _WORD.findall(kind)


def _plain(kind: str) -> str:
    return kind.replace("<dyn>", "")


def _fits(types: TypeSet, found: str, expected: str) -> bool:
    if found == expected:
        return True
    try:
        return _matches(parse_type(found, [*types.names, "dyn"]), parse_type(expected, types.names))
    except ValueError:
        return False


def _matches(found: Type, expected: Type) -> bool:
    """Return whether *found* is *expected*, with the items of an empty list counting as any."""
    if expected.name == "optional":
        expected = expected.of[0]
    return found.name == "dyn" or (
        found.name == expected.name
        and len(found.of) == len(expected.of)
        and all(_matches(*pair) for pair in zip(found.of, expected.of, strict=True))
    )


def _reads(node: Node, local: tuple[str, ...]) -> Iterable[str]:
    """Yield the inputs that *node* selects, with *local* the names that stand for items."""
    chain = _chain(node)
    if chain:
        if chain.partition(".")[0] not in local:
            yield chain
        return
    for child in children(node):
        inner = child is not node.get("over") and node["kind"] == "macro"
        yield from _reads(child, (*local, node["name"]) if inner else local)


def _chain(node: Node) -> str:
    """Return the dotted path that *node* selects from a name, or nothing if it is no such path."""
    if node["kind"] == "name":
        return str(node["name"])
    if node["kind"] in ("select", "has"):
        before = _chain(node["of"])
        return f"{before}.{node['field']}" if before else ""
    return ""


@lru_cache(maxsize=4_096)
def _checked(environment: Environment, expression: str, expects: str | None) -> Checked:
    """Return *expression* checked, once for all policies that share it: guards stand in every policy's way."""
    return environment._checked(expression, expects)


@lru_cache(maxsize=256)
def _engine(types: TypeSet, variables: tuple[tuple[str, Type], ...]) -> cel.Env:
    """Return Google's checker for the names; it is costly to make, so that it is kept."""
    return cel.NewEnv(
        descriptor_pool=_pool(types),
        container=PACKAGE,
        variables={name: _cel_type(kind) for name, kind in variables},
        functions=[_declaration("mulDiv", 3), _declaration("divRound", 2)],
    )


def _declaration(name: str, arguments: int) -> cel.FunctionDecl:
    integer = cel.Type.INT
    overload = cel.Overload(
        f"{name}_int64", return_type=integer, parameters=[integer] * arguments, impl=FUNCTIONS[name]
    )
    return cel.FunctionDecl(name, [overload])


def _cel_type(kind: Type) -> cel.Type:
    match kind.name:
        case "bool" | "int" | "string":
            return _SCALARS[kind.name][1]
        case "list":
            return cel.Type.List(_cel_type(kind.of[0]))
        case "map":
            return cel.Type.Map(_cel_type(kind.of[0]), _cel_type(kind.of[1]))
        case "optional":
            return _cel_type(kind.of[0])
    return cel.Type(f"{PACKAGE}.{kind.name}")


@lru_cache(maxsize=64)
def _pool(types: TypeSet) -> descriptor_pool.DescriptorPool:
    """Return protobuf descriptors of the records, which is how the checker knows their fields."""
    file = descriptor_pb2.FileDescriptorProto(name="records.proto", package=PACKAGE, syntax="proto3")
    for name, fields in types.records:
        message = file.message_type.add(name=name)
        for number, (field, kind) in enumerate(fields, start=1):
            _add_field(message, field, number if number < 19_000 else number + 1_000, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def _add_field(message: descriptor_pb2.DescriptorProto, name: str, number: int, kind: Type) -> None:
    field = message.field.add(name=name, number=number, label=_FIELD.LABEL_OPTIONAL)
    if kind.name == "optional":
        kind = kind.of[0]
    if kind.name in ("list", "map"):
        field.label = _FIELD.LABEL_REPEATED
    if kind.name == "map":
        _set_type(field, Type(f"{message.name}.{_entry(message, name, kind)}"))
    else:
        _set_type(field, kind.of[0] if kind.name == "list" else kind)


def _entry(message: descriptor_pb2.DescriptorProto, field: str, kind: Type) -> str:
    """Add the entry type of a map field, named as protobuf demands, and return its name."""
    entry = message.nested_type.add(name="".join(part.capitalize() for part in field.split("_")) + "Entry")
    entry.options.map_entry = True
    for number, (name, part) in enumerate(zip(("key", "value"), kind.of, strict=True), start=1):
        _set_type(entry.field.add(name=name, number=number, label=_FIELD.LABEL_OPTIONAL), part)
    return entry.name


def _set_type(field: descriptor_pb2.FieldDescriptorProto, kind: Type) -> None:
    if kind.name in _SCALARS:
        field.type = _SCALARS[kind.name][0]
    else:
        field.type = _FIELD.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{kind.name}"
