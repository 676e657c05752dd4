"""Portfolio files: YAML as every rule file, and JSON of any practical size, its places looked up when asked for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from contracts.errors import Invalid
from rules.problems import Problem, RuleProblems
from rules.scalars import LARGEST_INT
from rules.source import Path as Steps
from rules.source import Place, Source, read

LARGEST_JSON = 100_000_000

_BLANK = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"[^,\]}\s]+")


class UnreadablePortfolio(Invalid):
    """Check the path, and that the file is there, yours to read, and saved as UTF-8; large ones are written in JSON."""

    code = "unreadable-portfolio"


@dataclass(frozen=True, eq=False)
class JsonSource(Source):
    """A JSON document; its text is searched for places only when there is a problem to tell."""

    def at(self, path: Steps) -> Place:
        """Return the place of the value at *path*, or of the nearest parent that exists."""
        return self._place(path, 1)

    def key_at(self, path: Steps) -> Place:
        """Return the place of the key that leads to *path*; an item of a list has the place of its value."""
        return self._place(path, 0)

    def inside(self, path: Steps, offset: int) -> Place:
        """Return the place of the text at *path*: an escape may stand anywhere in it."""
        del offset
        return self.at(path)

    @cached_property
    def _spans(self) -> dict[Steps, tuple[int, int, int]]:
        return dict(_spans_in(self.text))

    def _place(self, path: Steps, which: int) -> Place:
        while path not in self._spans:
            path = path[:-1]
        start, length = self._spans[path][which], self._spans[path][2]
        line = self.text.count("\n", 0, start)
        return Place(line + 1, start - (self.text.rfind("\n", 0, start) + 1) + 1, length)


def portfolio_source(path: Path) -> Source:
    """
    Return the file at *path*, to be compiled.

    Raises:
        UnreadablePortfolio: If it cannot be read.
        RuleProblems: If it is not strict YAML or JSON.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_JSON:
            raise UnreadablePortfolio(f"{path} is larger than {LARGEST_JSON:,} bytes; split it", str(path))
        text = raw.decode("utf-8")
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise UnreadablePortfolio(f"{path} cannot be read: {reason}", str(path)) from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadablePortfolio(f"{path} is not UTF-8 text: line {line} holds other bytes", str(path)) from None
    return json_source(text, str(path)) if path.suffix.lower() == ".json" else read(text, str(path))


def json_source(text: str, file: str) -> Source:
    """
    Return the JSON document *text*: no fractions, no name twice, no number beyond int64.

    Raises:
        RuleProblems: With the first thing that is wrong.
    """
    try:
        data = json.loads(
            text, object_pairs_hook=_distinct, parse_int=_integer, parse_float=_fraction, parse_constant=_fraction
        )
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        raise RuleProblems([Problem(file, error.lineno, error.colno, "syntax", message)]) from None
    except RecursionError:
        raise RuleProblems([Problem(file, 1, 1, "too-deep", "nested too deeply")]) from None
    except ValueError as error:
        raise RuleProblems([Problem(file, 1, 1, "ambiguous", str(error))]) from None
    return JsonSource(file, text, data)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"the name {next(name for name in names if names.count(name) > 1)!r} stands twice in one object"
        )
    return named


def _integer(word: str) -> int:
    if len(word) > 20 or not -LARGEST_INT - 1 <= int(word) <= LARGEST_INT:
        raise ValueError(f"a whole number beyond int64; the largest is {LARGEST_INT}")
    return int(word)


def _fraction(word: str) -> Any:
    raise ValueError(f"{word!r} is a fraction; count in whole fen (_fen) or basis points (_bp)")


def _spans_in(text: str) -> list[tuple[Steps, tuple[int, int, int]]]:
    """Start of the key, start of the value and length on its line, for every value of a valid JSON text."""
    found: list[tuple[Steps, tuple[int, int, int]]] = []

    def blank(at: int) -> int:
        match = _BLANK.match(text, at)
        return match.end() if match else at

    def value(at: int, key: int, path: Steps) -> int:
        at = blank(at)
        key = at if key < 0 else key
        place = len(found)
        found.append((path, (key, at, 1)))
        if text[at] == "{":
            return entries(at, path, "}")
        if text[at] == "[":
            return entries(at, path, "]")
        end = scanstring(text, at + 1)[1] if text[at] == '"' else _plain_end(text, at)
        found[place] = (path, (key, at, end - at))
        return end

    def entries(at: int, path: Steps, closing: str) -> int:
        at, index = blank(at + 1), 0
        while text[at] != closing:
            step: str | int = index
            key = -1
            if closing == "}":
                key = at
                step, at = scanstring(text, at + 1)
                at = blank(at) + 1
            at = blank(value(at, key, (*path, step)))
            at = blank(at + 1) if text[at] == "," else at
            index += 1
        return at + 1

    value(0, -1, ())
    return found


def _plain_end(text: str, at: int) -> int:
    match = _PLAIN.match(text, at)
    return match.end() if match else at + 1
