"""The port behind which a solver stands: a program in whole numbers goes in, a verdict comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from rules.portfolio.answer import AllocationStatus
from rules.portfolio.model import Row

NODE_BUDGET = 10**9


@dataclass(frozen=True)
class Program:
    """
    Minimise ``costs`` over whole columns from nought to ``uppers`` that keep ``rows``.

    The first ``decided`` columns are what is asked for; the others follow from them.
    """

    costs: tuple[int, ...]
    uppers: tuple[int, ...]
    rows: tuple[Row, ...]
    decided: int


@dataclass(frozen=True)
class Effort:
    """
    How hard to try.

    ``nodes`` of the search tree count alike on every machine, so that the answer is the same; nothing is as many as
    `nodes_for` the size allows. ``seconds`` do not; nothing is no limit. They run for all searches together, from
    `started` on to ``until`` on the monotonic clock.
    """

    nodes: int | None = None
    seconds: int | None = None
    until: float | None = None

    def started(self) -> Effort:
        """Return it with its seconds running; what runs already runs on."""
        if self.seconds is None or self.until is not None:
            return self
        return replace(self, until=monotonic() + self.seconds)

    @property
    def left(self) -> float | None:
        """How many seconds are left, at least nought; nothing if there is no limit."""
        until = self.started().until
        return None if until is None else max(0.0, until - monotonic())


def nodes_for(columns: int) -> int:
    """Return how many nodes a program of so many columns may take: a node of a large one costs more."""
    return max(20, NODE_BUDGET // max(1, columns) ** 2)


@dataclass(frozen=True)
class Verdict:
    """
    What a solver found.

    ``values`` are those of the decided columns, rounded; whoever asked checks them in whole numbers. ``bound`` is
    what no solution undercuts. ``nodes`` is the work it took.
    """

    status: AllocationStatus
    values: tuple[int, ...] = ()
    bound: int | None = None
    nodes: int = 0


@dataclass(frozen=True)
class Relaxed:
    """The optimum of the program without wholeness: what each column is, and the price of each row."""

    values: tuple[float, ...]
    prices: tuple[float, ...]


class Solver(Protocol):
    """A solver of whole programs."""

    @property
    def engine(self) -> str:
        """Name and version, kept with each answer."""

    def solve(self, program: Program, effort: Effort) -> Verdict:
        """Solve *program* to proof, or until *effort* is spent."""

    def relax(self, program: Program) -> Relaxed | None:
        """Solve the program without wholeness; nothing if that has no solution."""
