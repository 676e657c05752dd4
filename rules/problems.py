"""Problems in a policy file: where, what, and how they are drawn for a reader."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.errors import Invalid

MOST_PROBLEMS = 100
WIDEST_EXCERPT = 120


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong at one place; line and column count characters from 1."""

    file: str
    line: int
    column: int
    code: str
    message: str
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RuleProblems(Invalid):
    """Correct the file at each place named and check it again; all that could be found is listed."""

    code = "rule-problems"

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = sorted(set(problems))
        self.problems: tuple[Problem, ...] = tuple(found[:MOST_PROBLEMS])
        self.rest = len(found) - len(self.problems)
        lines = [str(problem) for problem in self.problems]
        if self.rest:
            lines.append(f"and {self.rest} more")
        super().__init__("\n".join(lines), where=self.problems[0].file if self.problems else "")


def render(problem: Problem, text: str) -> str:
    """
    Draw *problem* with its line of *text* and a caret under the place.

    The caret counts terminal cells, so that it stands right below Chinese text too. Characters that could move the
    reader's cursor are shown as U+FFFD, and a long line is cut around the place.
    """
    excerpt, before, marked = _excerpt(_line(text, problem.line), problem.column - 1, problem.length)
    gutter = f"{problem.line:>5} | "
    caret = " " * _cells(before) + "^" * max(1, _cells(marked))
    return f"{problem}\n{gutter}{excerpt}\n{' ' * (len(gutter) - 2)}| {caret}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'when'?" for the known name nearest to *word*, or "" if none is near."""
    if len(word) > 64:
        return ""
    candidates = sorted(set(known))
    by_lower = {name.lower(): name for name in reversed(candidates)}
    near = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def _line(text: str, number: int) -> str:
    lines = text.split("\n", number)
    return lines[number - 1].rstrip("\r") if number <= len(lines) else ""


def _excerpt(line: str, start: int, length: int) -> tuple[str, str, str]:
    """Return the visible part of *line*, what of it stands before the place, and what is marked."""
    if len(line) <= WIDEST_EXCERPT:
        left, right, head, tail = 0, len(line), "", ""
    else:
        left = max(0, min(start - WIDEST_EXCERPT // 2, len(line) - WIDEST_EXCERPT))
        right = left + WIDEST_EXCERPT
        head, tail = "…" if left else "", "…" if right < len(line) else ""
    before = head + _visible(line[left:start])
    marked = _visible(line[start : min(start + length, right)])
    return head + _visible(line[left:right]) + tail, before, marked


def _visible(text: str) -> str:
    return "".join(character if _is_harmless(character) else "\ufffd" for character in text)


def _is_harmless(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _cells(text: str) -> int:
    return sum(_cell_width(character) for character in text)


def _cell_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
