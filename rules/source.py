"""A policy file as strict YAML: its values and the place of each one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rules.canonical import canonical, digest
from rules.problems import Problem, RuleProblems
from rules.reading import Origin, Path, Reading, length_of

__all__ = ["Path", "Place", "Source", "canonical", "digest", "read"]

LARGEST_TEXT = 1_000_000

_WORD = re.compile(r"[A-Za-z0-9_]+|[<>=!&|]+")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


@dataclass(frozen=True)
class Place:
    """Where something stands in a file: line and column from 1, length in characters on that line."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, eq=False)
class Source:
    """
    The values of a file and the place of each one.

    A path is the keys and indexes that lead to a value: ``("spec", "eligibility", 0, "expression")``.
    """

    file: str
    text: str
    data: Any
    _origins: dict[Path, Origin] = field(repr=False, default_factory=dict)

    def at(self, path: Path) -> Place:
        """Return the place of the value at *path*, or of the nearest parent that exists."""
        return _place(self._nearest(path).value)

    def key_at(self, path: Path) -> Place:
        """Return the place of the key that leads to *path*; an item of a list has the place of its value."""
        return _place(self._nearest(path).key)

    def inside(self, path: Path, offset: int) -> Place:
        """
        Return the place of character *offset* of the text at *path*.

        Quotes, escapes and the indentation of a ``|`` block are allowed for. The length is that of the word there.
        """
        event = self._nearest(path).value
        if path not in self._origins or not hasattr(event, "value"):
            return _place(event)
        line, column = self._position(event, max(0, min(offset, len(event.value))))
        word = _WORD.match(_line(self.text, line), column - 1)
        return Place(line, column, len(word.group()) if word else 1)

    def problem(self, path: Path, code: str, message: str, *, key: bool = False, offset: int | None = None) -> Problem:
        """Return a problem at the value of *path*, at its key, or at a character of its text."""
        place = self.key_at(path) if key else self.at(path)
        if offset is not None:
            place = self.inside(path, offset)
        return Problem(self.file, place.line, place.column, code, message, place.length)

    def _nearest(self, path: Path) -> Origin:
        while path not in self._origins:
            path = path[:-1]
        return self._origins[path]

    def _position(self, event: Any, offset: int) -> tuple[int, int]:
        text, first = event.value, event.start_mark
        if event.style == "|":
            row = text.count("\n", 0, offset)
            within = offset - (text.rfind("\n", 0, offset) + 1)
            line = first.line + 2 + row
            indent = len(_line(self.text, line)) - len(text.split("\n")[row])
            return line, max(0, indent) + within + 1
        raw = _line(self.text, first.line + 1)[first.column :]
        return first.line + 1, first.column + 1 + _raw_offset(raw, event.style, offset)


def read(text: str, file: str) -> Source:
    """
    Read one YAML document strictly.

    Allowed are mappings with ASCII keys, lists, text (plain or quoted on one line, or a ``|`` block), true, false,
    null and decimal whole numbers of int64. Whatever two readers could understand differently is refused.

    Raises:
        RuleProblems: With everything that is wrong, not only the first.
    """
    if len(text) > LARGEST_TEXT or len(text.encode("utf-8", "surrogatepass")) > LARGEST_TEXT:
        message = f"the file is larger than {LARGEST_TEXT:,} bytes; split it"
        raise RuleProblems([Problem(file, 1, 1, "too-large", message)])
    reading = Reading(file, text.replace("\r\n", "\n"))
    if reading.problems:
        raise RuleProblems(reading.problems)
    return Source(file, reading.text, reading.data, reading.origins)


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1, length_of(event))


def _line(text: str, number: int) -> str:
    """Return line *number* of *text*, found without splitting the rest."""
    start = 0
    for _ in range(number - 1):
        start = text.find("\n", start) + 1
        if not start:
            return ""
    end = text.find("\n", start)
    return text[start:] if end < 0 else text[start:end]


def _raw_offset(raw: str, style: str, offset: int) -> int:
    """Return where character *offset* of a scalar's value stands in its *raw* text."""
    if style not in ("'", '"'):
        return offset
    at = 1
    for _ in range(offset):
        if style == '"' and raw[at : at + 1] == "\\":
            at += _ESCAPE_LENGTHS.get(raw[at + 1 : at + 2], 2)
        else:
            at += 2 if style == "'" and raw[at : at + 2] == "''" else 1
    return at
