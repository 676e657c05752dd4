"""One run of a compiled expression: the values of its names, what it may spend, and the steps it leaves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from rules.program.budget import Budget

MOST_STEPS = 10_000


class Step(NamedTuple):
    """The value that one part of an expression had once; a part inside a macro has one step for each item."""

    id: int
    offset: int
    text: str
    value: Any


Note = tuple[int, int, str, Any]
"""A step as it is taken down: plain, because there are many."""

drop: Callable[[Note], None] = deque[Note](maxlen=0).append
"""Where notes go that nobody wants."""


class Run:
    """What the closures of one expression share; the items of macros are among the ``names``."""

    __slots__ = ("budget", "names", "note", "notes")

    def __init__(self, names: dict[str, Any], budget: Budget, notes: list[Note] | None) -> None:
        self.names = names
        self.budget = budget
        self.notes = notes
        self.note = drop if notes is None else notes.append


Part = Callable[[Run], Any]
"""The closure of one node."""
