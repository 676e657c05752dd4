"""One cell of a decision table: its text becomes the values for which it holds, or problems at their characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.errors import Invalid
from rules.problems import did_you_mean
from rules.typeset import LARGEST_INT

SMALLEST_INT = -LARGEST_INT - 1
ANYTHING = "-"

CellProblem = tuple[int, str, str]
"""Offset in the cell, code, message."""

Range = tuple[int, int]
"""From the first whole number to the last, both in."""


class CellProblems(Invalid):
    """Write the cell as one of -, < 10, [1..5), "a","b", not("a"), true."""

    code = "cell-problems"

    def __init__(self, problems: Iterable[CellProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("; ".join(message for _, _, message in self.problems))


@dataclass(frozen=True)
class Numbers:
    """Whole numbers of int64: ranges that ascend and neither meet nor touch."""

    ranges: tuple[Range, ...]


@dataclass(frozen=True)
class Choices:
    """The texts or truth values that are listed; negated, all that are not."""

    values: tuple[str | bool, ...]
    negated: bool = False


Held = Numbers | Choices
"""The values for which a cell holds."""


EVERY: Mapping[str, Held] = {
    "int": Numbers(((SMALLEST_INT, LARGEST_INT),)),
    "string": Choices((), negated=True),
    "bool": Choices((False, True)),
}
"""All values there are of each type that a column may have."""


def held_by(text: str, kind: str, domain: Held | None = None) -> Held:
    """
    Return the values of type *kind* (int, string or bool) for which the cell *text* holds, some of them in *domain*.

    A cell is ``-`` or alternatives with commas between them; ``not(…)`` turns them around. An alternative is a value,
    or for whole numbers also a comparison ``< 10`` or an interval ``[1..5)``, of which either end may be left out.

    Raises:
        CellProblems: With the offset of each problem; one at most for each alternative.
    """
    if text.strip() == ANYTHING:
        return EVERY[kind]
    reading = _Reading(text, kind, EVERY[kind] if domain is None else domain)
    found = reading.held()
    if reading.problems:
        raise CellProblems(reading.problems)
    return found


def normal(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Return *ranges* in ascending order, with those that meet or touch made one and empty ones left out."""
    joined: list[Range] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        elif low <= high:
            joined.append((low, high))
    return tuple(joined)


def written(low: int, high: int) -> str:
    """Write a range as a cell: a number, or an interval that is left open at the ends of int64."""
    if low == high:
        return str(low)
    first = "" if low == SMALLEST_INT else str(low)
    last = "" if high == LARGEST_INT else str(high)
    return f"[{first}..{last}]"


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<string>"[^"]*")
    |(?P<fraction>-?[0-9]+\.[0-9]+)
    |(?P<int>-?[0-9]+)
    |(?P<bool>(?:true|false)\b)
    |(?P<sign><=|>=|<|>|\.\.|[\[\]()!,=-])
    |(?P<word>\w+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS = ("<", "<=", ">", ">=")
_NAMES = {"int": "a whole number", "string": "text", "bool": "true or false"}
_FORMS = {
    "int": "write 5, < 5, [1..5), not(5) or -",
    "string": 'write "a", "a","b", not("a") or -',
    "bool": "write true, false or -",
}


class _Reading:
    """One pass over a cell."""

    def __init__(self, text: str, kind: str, domain: Held) -> None:
        self.kind = kind
        self.domain = domain
        self.end = len(text)
        self.problems: list[CellProblem] = []
        found = _TOKEN.finditer(text)
        self.tokens = [_Token(str(each.lastgroup), each.group(), each.start()) for each in found]
        self.tokens = [token for token in self.tokens if token.kind != "blank"]

    def held(self) -> Held:
        tokens, negated = self.tokens, [token.text for token in self.tokens[:2]] == ["not", "("]
        if negated:
            if tokens[-1].text != ")":
                self._refuse(self.end, "cell", "not( is never closed")
                return Choices(())
            tokens = tokens[2:-1]
        parts = list(self._parts(tokens))
        return self._numbers(parts, negated) if self.kind == "int" else self._choices(parts, negated)

    def _parts(self, tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
        """Split *tokens* at the commas."""
        part: list[_Token] = []
        for token in tokens:
            if token.text == ",":
                yield self._filled(part, token.at)
                part = []
            else:
                part.append(token)
        yield self._filled(part, tokens[-1].at + len(tokens[-1].text) if tokens else 0)

    def _filled(self, part: list[_Token], at: int) -> list[_Token]:
        if not part:
            self._refuse(at, "cell", f"an alternative is missing here; {_FORMS[self.kind]}")
        return part

    def _numbers(self, parts: list[list[_Token]], negated: bool) -> Numbers:
        ranges = normal(found for part in parts if part and (found := self._range(part)))
        if negated and not self.problems:
            ranges = _complement(ranges)
            if not any(self._is_inside(*each) for each in ranges):
                self._refuse(0, "unreachable", "this cell holds for no value; the row can never match")
        return Numbers(ranges)

    def _choices(self, parts: list[list[_Token]], negated: bool) -> Choices:
        values = tuple(dict.fromkeys(value for part in parts if part for value in self._choice(part)))
        if negated and not self.problems and self._is_domain(values):
            self._refuse(0, "unreachable", "this cell holds for no value; the row can never match")
        return Choices(values, negated)

    def _is_domain(self, values: Sequence[str | bool]) -> bool:
        """Whether *values* are all that there are."""
        domain = self.domain
        return isinstance(domain, Choices) and not domain.negated and all(each in values for each in domain.values)

    def _range(self, part: list[_Token]) -> Range | None:
        """The whole numbers of one alternative."""
        if self._misfit(part):
            return None
        match [token.kind if token.kind == "int" else token.text for token in part]:
            case ["int"]:
                return self._filled_range(part, int(part[0].text), int(part[0].text))
            case [("<" | "<=" | ">" | ">=") as sign, "int"]:
                return self._filled_range(part, *_compared(sign, int(part[1].text)))
            case ["[" | "(", *_, "]" | ")"] if self._is_interval(part):
                return self._filled_range(part, *_bounds(part))
        self._surprise(part)
        return None

    def _is_interval(self, part: list[_Token]) -> bool:
        """Whether *part* is an interval with at least one end."""
        inner = ["int" if token.kind == "int" else token.text for token in part[1:-1]]
        return inner in (["int", "..", "int"], ["int", ".."], ["..", "int"])

    def _filled_range(self, part: list[_Token], low: int, high: int) -> Range | None:
        """A range in which there are whole numbers of the domain."""
        if low > high:
            message = f"no whole number is in {_joined(part)}; the row can never match"
            self._refuse(part[0].at, "unreachable", message)
            return None
        if not self._is_inside(low, high):
            self._refuse(part[0].at, "outside", f"{_joined(part)} is outside the domain of this column")
            return None
        return low, high

    def _is_inside(self, low: int, high: int) -> bool:
        """Whether some of the range is in the domain."""
        domain = self.domain.ranges if isinstance(self.domain, Numbers) else ()
        return any(first <= high and low <= last for first, last in domain)

    def _choice(self, part: list[_Token]) -> Iterator[str | bool]:
        """The text or truth value of one alternative."""
        if self._misfit(part):
            return
        if len(part) > 1:
            self._surprise(part)
        elif self.kind == "bool":
            yield part[0].text == "true"
        else:
            yield from self._text(part[0])

    def _text(self, token: _Token) -> Iterator[str]:
        """A text of the domain."""
        text, domain = token.text[1:-1], self.domain
        if isinstance(domain, Choices) and not domain.negated and text not in domain.values:
            known = [str(value) for value in domain.values]
            message = f"{token.text} is outside the domain of this column{did_you_mean(text, known)}"
            self._refuse(token.at, "outside", message)
        else:
            yield text

    def _misfit(self, part: list[_Token]) -> bool:
        """Report the first value in *part* that is not of the column's type, or sign that its cells cannot have."""
        for token in part:
            problem = self._refusal_of(token)
            if problem:
                self._refuse(token.at, *problem)
                return True
        return False

    def _refusal_of(self, token: _Token) -> tuple[str, str] | None:
        if token.kind == "fraction":
            return "float", f"{token.text} is a fraction; count in whole fen (_fen) or basis points (_bp)"
        if token.kind == "int" and not SMALLEST_INT <= int(token.text) <= LARGEST_INT:
            return "integer-range", "a whole number beyond int64; the largest is 9223372036854775807"
        if token.kind == self.kind or (token.kind == "sign" and self.kind == "int" and token.text in _INT_SIGNS):
            return None
        if token.kind in _NAMES:
            return "wrong-type", f"{token.text} is {_NAMES[token.kind]}, but this column is {self.kind}"
        if token.kind == "sign" and token.text in _INT_SIGNS:
            return "wrong-type", f"{token.text!r} is for whole numbers, but this column is {self.kind}"
        if token.kind == "word" and self.kind == "string":
            return "cell", f'{token.text!r} is not quoted; write "{token.text}"'
        return "cell", f"{token.text!r} has no meaning here; {_FORMS[self.kind]}"

    def _surprise(self, part: list[_Token]) -> None:
        text = _joined(part)
        self._refuse(part[0].at, "cell", f"{text!r} is no test of {_NAMES[self.kind]}; {_FORMS[self.kind]}")

    def _refuse(self, at: int, code: str, message: str) -> None:
        self.problems.append((at, code, message))


_INT_SIGNS = (*_COMPARISONS, "[", "]", "(", ")", "..")


def _joined(part: Sequence[_Token]) -> str:
    return "".join(token.text for token in part)


def _compared(sign: str, number: int) -> Range:
    """The whole numbers below or above *number*."""
    if sign.startswith("<"):
        return SMALLEST_INT, number - (sign == "<")
    return number + (sign == ">"), LARGEST_INT


def _bounds(part: Sequence[_Token]) -> Range:
    """The first and the last whole number of an interval; a round bracket leaves its end out."""
    low, high = SMALLEST_INT, LARGEST_INT
    if part[1].kind == "int":
        low = int(part[1].text) + (part[0].text == "(")
    if part[-2].kind == "int":
        high = int(part[-2].text) - (part[-1].text == ")")
    return low, high


def _complement(ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """The whole numbers of int64 between and around *ranges*."""
    starts = [SMALLEST_INT, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), LARGEST_INT]
    return normal(zip(starts, ends, strict=True))
