"""Named record types for expressions: what a policy may read, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from contracts.errors import Invalid
from rules.problems import did_you_mean

SCALARS = ("bool", "int", "string")
KEYS = ("int", "string")
RESERVED = frozenset(
    {
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "package",
        "namespace",
        "null",
        "return",
        "true",
        "var",
        "void",
        "while",
    }
)
"""Words with a meaning of their own in expressions: no field, output or variable may be called so."""
TYPE_NAMES = frozenset(
    {
        "bool",
        "bytes",
        "double",
        "duration",
        "dyn",
        "int",
        "list",
        "map",
        "null_type",
        "string",
        "timestamp",
        "type",
        "uint",
    }
)
"""The types of CEL: fields may be called so, because they stand behind a record; variables may not."""
LARGEST_INT = 2**63 - 1

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|[<>,])")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class TypeProblems(Invalid):
    """Write the type as bool, int, string, list<…>, map<string,…>, optional<…> or the name of a record."""

    code = "type-problems"

    def __init__(self, problems: Iterable[tuple[tuple[str, ...], str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(".".join(path) + ": " + message for path, message in self.problems))


@dataclass(frozen=True)
class Type:
    """A type: its ``name`` is a scalar, a record, or list, map or optional with ``of`` its parts."""

    name: str
    of: tuple[Type, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}<{', '.join(map(str, self.of))}>" if self.of else self.name


@dataclass(frozen=True)
class TypeSet:
    """Records by name, each with its fields and their types; a value object, so environments can be kept per set."""

    records: tuple[tuple[str, tuple[tuple[str, Type], ...]], ...]

    @staticmethod
    def of(records: Mapping[str, Mapping[str, str]]) -> TypeSet:
        """
        Return the set of *records*, each a mapping of field name to type text.

        Raises:
            TypeProblems: With every name and type that is not allowed, by record and field.
        """
        problems = list(_name_problems(records))
        read: dict[str, dict[str, Type]] = {}
        for record, fields in records.items():
            read[record] = {}
            for field, text in fields.items():
                try:
                    read[record][field] = _field_type(text, records)
                except ValueError as error:
                    problems.append(((record, field), str(error)))
        if problems:
            raise TypeProblems(problems)
        return TypeSet(tuple((record, tuple(fields.items())) for record, fields in read.items()))

    def type_of(self, text: str) -> Type:
        """
        Return the type that *text* names, records of this set included.

        Raises:
            TypeProblems: If it names none.
        """
        try:
            return parse_type(text, self.names)
        except ValueError as error:
            raise TypeProblems([((text,), str(error))]) from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the records, in the order given."""
        return tuple(name for name, _ in self.records)

    def fields(self, record: str) -> dict[str, Type]:
        """Return the fields of *record*."""
        return dict(dict(self.records)[record])

    def mismatches(self, text: str, value: Any) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """Return path and message for each part of *value* that is not what the type *text* says, none if all is."""
        return tuple(_mismatches(dict(self.records), self.type_of(text), value, ()))


def parse_type(text: str, records: Iterable[str]) -> Type:
    """
    Return the type that *text* writes, with *records* as the names of records.

    Raises:
        ValueError: With the reason, if it writes none.
    """
    return _parse_type(text, tuple(records))


@lru_cache(maxsize=4096)
def _parse_type(text: str, records: tuple[str, ...]) -> Type:
    tokens = _tokens(text)
    found = _type(tokens, records, 0)
    if tokens:
        raise ValueError(f"{text!r} goes on after the type: {tokens[-1]!r}")
    return found


def _tokens(text: str) -> list[str]:
    """Return the tokens of *text*, the first one last."""
    tokens: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        token = _TOKEN.match(text, at)
        if not token or len(tokens) > 64:
            raise ValueError(f"{text[:40]!r} is not a type")
        tokens.append(token.group(1))
        at = token.end()
    return tokens[::-1]


def _type(tokens: list[str], records: tuple[str, ...], depth: int) -> Type:
    name = tokens.pop() if tokens else ""
    if name in SCALARS or name in records:
        return Type(name)
    if name in ("list", "map", "optional") and depth < 8:
        return _compound(name, tokens, records, depth)
    raise ValueError(f"unknown type {name!r}" + did_you_mean(name, [*SCALARS, "list", "map", "optional", *records]))


def _compound(name: str, tokens: list[str], records: tuple[str, ...], depth: int) -> Type:
    _expect(tokens, "<", name)
    parts = [_type(tokens, records, depth + 1)]
    if name == "map":
        _expect(tokens, ",", name)
        parts.append(_type(tokens, records, depth + 1))
        if parts[0].name not in KEYS:
            raise ValueError("the key of a map is int or string")
    _expect(tokens, ">", name)
    if any(part.name == "optional" for part in parts) or (name == "optional" and depth):
        raise ValueError("only a field as a whole can be optional")
    return Type(name, tuple(parts))


def _expect(tokens: list[str], sign: str, name: str) -> None:
    if not tokens or tokens.pop() != sign:
        raise ValueError(f"{name} is written {'map<string, int>' if name == 'map' else name + '<int>'}")


def _field_type(text: str, records: Iterable[str]) -> Type:
    found = parse_type(text, records)
    inner = found.of[0] if found.name == "optional" else found
    if any(part.name in ("list", "map") for part in inner.of):
        raise ValueError("a list or map within a list or map; give it a record of its own")
    return found


def _name_problems(records: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[tuple[str, ...], str]]:
    for record, fields in records.items():
        if not _NAME.fullmatch(record) or record in RESERVED or record in (*SCALARS, "list", "map", "optional"):
            yield (record,), f"{record!r} cannot be the name of a record"
        for field in fields:
            if not _NAME.fullmatch(field) or field in RESERVED:
                yield (record, field), f"{field!r} cannot be the name of a field"


_Records = Mapping[str, tuple[tuple[str, Type], ...]]
_Found = Iterator[tuple[tuple[str | int, ...], str]]


def _mismatches(records: _Records, kind: Type, value: Any, path: tuple[str | int, ...]) -> _Found:
    if kind.name in records:
        yield from _record_mismatches(records, kind.name, value, path)
    elif kind.name == "list":
        yield from _list_mismatches(records, kind.of[0], value, path)
    elif kind.name == "map":
        yield from _map_mismatches(records, kind, value, path)
    elif kind.name == "optional":
        if value is not None:
            yield from _mismatches(records, kind.of[0], value, path)
    elif not is_scalar(kind.name, value):
        yield path, f"must be {kind}, is {described(value)}"


def _record_mismatches(records: _Records, record: str, value: Any, path: tuple[str | int, ...]) -> _Found:
    if not isinstance(value, Mapping):
        yield path, f"must be {record}, is {described(value)}"
        return
    fields = dict(records[record])
    for field, kind in fields.items():
        if field in value:
            yield from _mismatches(records, kind, value[field], (*path, field))
        elif kind.name != "optional":
            yield (*path, field), f"is missing in {record}"
    for field in value:
        if field not in fields:
            yield (*path, str(field)), f"is no field of {record}" + did_you_mean(str(field), fields)


def _list_mismatches(records: _Records, item: Type, value: Any, path: tuple[str | int, ...]) -> _Found:
    if not isinstance(value, list | tuple):
        yield path, f"must be a list, is {described(value)}"
        return
    for index, part in enumerate(value):
        yield from _mismatches(records, item, part, (*path, index))


def _map_mismatches(records: _Records, kind: Type, value: Any, path: tuple[str | int, ...]) -> _Found:
    if not isinstance(value, Mapping):
        yield path, f"must be a map, is {described(value)}"
        return
    for key, part in value.items():
        if not is_scalar(kind.of[0].name, key):
            yield path, f"a key must be {kind.of[0]}, is {described(key)}"
        yield from _mismatches(records, kind.of[1], part, (*path, str(key)))


def is_scalar(name: str, value: Any) -> bool:
    """Return whether *value* is a bool, an int of int64 or a string, whichever *name* says."""
    if name == "int":
        return isinstance(value, int) and not isinstance(value, bool) and -LARGEST_INT - 1 <= value <= LARGEST_INT
    return isinstance(value, bool) if name == "bool" else isinstance(value, str)


def described(value: Any) -> str:
    """Return in a word what *value* is, for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if is_scalar("int", value) else "an integer beyond int64"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list | tuple):
        return "a list"
    return "a record" if isinstance(value, Mapping) else f"a {type(value).__name__}"
