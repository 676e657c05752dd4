"""What the checker complains about, said in our words, once, at the place where it can be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rules.functions import MACROS, SIGNATURES
from rules.look_alikes import code_points
from rules.problems import did_you_mean
from rules.tokens import Tokens
from rules.tree import PACKAGE
from rules.typeset import Type, TypeSet

ExpressionProblem = tuple[int, str, str]
"""Offset in the expression, code, message."""

_LINE = re.compile(r"^(?:[A-Z_]+: )?ERROR: <input>:(\d+):(\d+): (.*)$")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_UNDEFINED = re.compile(r"undefined field '([^']*)' not found in struct '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '(.*)'")
_RANGE = re.compile(r"expression of type '(.*)' cannot be the range of a comprehension")
_CONTAINER = re.compile(r"\b(list|map)\(([^()]*)\)")
_INSTEAD = {
    "=": "; to compare, write ==",
    "and": "; write &&",
    "or": "; write ||",
    "not": "; write !",
    "if": "; write condition ? one : other",
}


def complaints(said: str, text: str, types: TypeSet, variables: Mapping[str, Type]) -> tuple[ExpressionProblem, ...]:
    """
    Return the problems in what the checker *said* about *text*.

    Of several complaints about one name only the first is kept, of syntax errors only the first, and none that
    follows from a macro or function called in the wrong shape.
    """
    if "recursion limit exceeded" in said or "Exceeded max recursion depth" in said:
        return ((0, "too-deep", "the expression is nested too deeply; use variables for parts of it"),)
    tokens = Tokens(text)
    found = [_Complaint(text, tokens, offset, message) for offset, message in _parsed(said, text)]
    if not found:
        return ((0, "expression", " ".join(said.split())),)
    syntax = [complaint.syntax() for complaint in found if complaint.is_syntax]
    if syntax:
        return (syntax[0],)
    known = {name: str(kind) for name, kind in variables.items()}
    inside = [complaint.call_range() for complaint in found if complaint.hides_names]
    kept = [one for one in found if not one.is_name or not any(a < one.offset < b for a, b in inside)]
    return _first_of_each_name(complaint.problem(types, known) for complaint in kept)


def _first_of_each_name(problems: Iterable[ExpressionProblem]) -> tuple[ExpressionProblem, ...]:
    kept: dict[object, ExpressionProblem] = {}
    for problem in sorted(problems):
        kept.setdefault(problem[1:] if problem[1].startswith("unknown-") else problem, problem)
    return tuple(kept.values())


def _parsed(said: str, text: str) -> Iterator[tuple[int, str]]:
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    for line in said.split("\n"):
        found = _LINE.match(line)
        if found:
            start = starts[min(int(found.group(1)), len(starts)) - 1]
            message = found.group(3).removesuffix(" [INVALID_ARGUMENT]")
            yield min(start + int(found.group(2)) - 1, len(text)), message


class _Complaint:
    def __init__(self, text: str, tokens: Tokens, offset: int, message: str) -> None:
        self.text = text
        self.tokens = tokens
        self.offset = offset
        self.message = message
        undeclared = _UNDECLARED.match(message)
        self.name = undeclared.group(1) if undeclared else ""
        self.is_call = bool(self.name) and text[offset : offset + 1] == "("

    @property
    def is_syntax(self) -> bool:
        return self.message.startswith("Syntax error")

    @property
    def is_name(self) -> bool:
        return bool(self.name) and not self.is_call

    @property
    def hides_names(self) -> bool:
        """Whether the names in the arguments may be meant for a macro that was not recognised."""
        at = self._name_start(self.name)
        return self.is_call and (self.name in MACROS or self.text[:at].rstrip().endswith("."))

    def call_range(self) -> tuple[int, int]:
        closing = self.tokens.closing(self.tokens.at(self.offset))
        return self.offset, self.tokens.all[closing].start

    def syntax(self) -> ExpressionProblem:
        message = self.message.removeprefix("Syntax error: ").split(" expecting {")[0]
        strange = code_points(message) if message.startswith("token recognition error") else ""
        message = message + f" ({strange})" if strange else message
        message = message.replace("'<EOF>'", "the end").replace("<EOF>", "the end")
        word = next((token.text for token in self.tokens.all if token.start == self.offset), "")
        return self.offset, "syntax", "not an expression: " + message + _INSTEAD.get(word, "")

    def problem(self, types: TypeSet, known: Mapping[str, str]) -> ExpressionProblem:
        undefined = _UNDEFINED.match(self.message)
        overload = _OVERLOAD.match(self.message)
        span = _RANGE.match(self.message)
        if self.is_call:
            return self._call()
        if self.name:
            return self._unknown_name(known)
        if undefined:
            return self._unknown_field(types, *undefined.groups())
        if overload:
            function = overload.group(1)
            at = self._name_start(function) if function in SIGNATURES else self.offset
            return at, "type", _misapplied(function, overload.group(2))
        if span:
            return self.offset, "type", f"{_ours(span.group(1))} is not a list"
        if self.message == "invalid int literal":
            return self.offset, "integer-range", "a whole number beyond int64; the largest is 9223372036854775807"
        return self.offset, "expression", self.message.replace(f"{PACKAGE}.", "")

    def _name_start(self, function: str) -> int:
        return max(0, self.text.rfind(function, 0, self.offset))

    def _call(self) -> ExpressionProblem:
        at = self._name_start(self.name)
        forms = {**SIGNATURES, **MACROS}
        if self.name in forms:
            return at, "arguments", f"{self.name!r} is written {forms[self.name]}"
        return at, "unknown-function", f"unknown function {self.name!r}" + did_you_mean(self.name, forms)

    def _unknown_name(self, known: Mapping[str, str]) -> ExpressionProblem:
        root = self.name.partition(".")[0]
        if any(name.startswith(root + ".") for name in known):
            root = self.name
        at = max(0, self.text.rfind(root.partition(".")[0], 0, self.offset + len(root)))
        return at, "unknown-name", f"unknown name {root!r}" + did_you_mean(root, known)

    def _unknown_field(self, types: TypeSet, field: str, struct: str) -> ExpressionProblem:
        at = max(self.offset, self.text.find(field, self.offset))
        record = struct.removeprefix(PACKAGE + ".")
        fields: Iterable[str] = types.fields(record) if record in types.names else ()
        return at, "unknown-field", f"unknown field {field!r} of {record}" + did_you_mean(field, fields)


def _misapplied(function: str, arguments: str) -> str:
    shown = _ours(arguments.strip("()") if arguments.count("(") == 1 else arguments[1:-1])
    if function == "_?_:_":
        return f"both sides of ? : must have one type, after a bool; here are {shown}"
    if function in SIGNATURES:
        return f"{function!r} is written {SIGNATURES[function]}; here it gets {shown}"
    sign = "[ ]" if function == "_[_]" else function.strip("_@")
    advice = "; ask has(record.field) instead" if "null" in shown.split(", ") else ""
    return f"{sign!r} does not fit {shown}{advice}"


def _ours(kinds: str) -> str:
    """Return *kinds* as a policy writes them: list(string) is list<string>."""
    kinds = kinds.replace(f"{PACKAGE}.", "").replace("null_type", "null")
    while _CONTAINER.search(kinds):
        kinds = _CONTAINER.sub(r"\1<\2>", kinds)
    return kinds
