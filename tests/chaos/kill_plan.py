"""A plan of deaths: at which step of which contract a worker is to die, and where; each death comes once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, product
from pathlib import Path


class Point(StrEnum):
    """Where in a step the worker dies."""

    BEFORE = "before"
    """Before the transaction begins."""
    INSIDE = "inside"
    """After the writes, before the commit."""
    AFTER = "after"
    """After the commit, before the activity answers."""


@dataclass(frozen=True)
class Death:
    """The worker dies when *point* of *step* is reached for the *nth* time in contract *number*."""

    number: str
    step: str
    point: Point
    nth: int = 1

    @property
    def name(self) -> str:
        """The name of the death's file."""
        return f"{self.number}-{self.step}-{self.point}-{self.nth}"


class KillPlan:
    """
    The deaths of one folder: a file each, a byte longer with each time the place is reached.

    The files outlive the worker, so that the count goes on in the next one, and a death comes once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._one_at_a_time = threading.Lock()

    def announce(self, deaths: list[Death]) -> None:
        """Plan *deaths*; none has come yet."""
        self._folder.mkdir(parents=True)
        for death in deaths:
            (self._folder / death.name).touch()

    def planned(self) -> list[str]:
        """Return the names of all planned deaths, ordered."""
        return sorted(file.name for file in self._folder.iterdir())

    def died(self) -> list[str]:
        """Return the names of the deaths that have come, ordered."""
        return [name for name in self.planned() if (self._folder / name).stat().st_size >= _nth(name)]

    def reach(self, number: str, step: str, point: Point) -> None:
        """Say that a place was reached; whoever reaches one where it is to die does not return."""
        with self._one_at_a_time:
            for file in self._folder.glob(f"{number}-{step}-{point}-*"):
                if _longer(file) == _nth(file.name):
                    os.kill(os.getpid(), signal.SIGKILL)


def spread(
    places: Sequence[tuple[str, int]], numbers: Sequence[str], points: Sequence[Point] = tuple(Point)
) -> list[Death]:
    """Return a death at each of the *points* of each step (at its nth time), dealt out over the contracts *numbers*."""
    turn = cycle(numbers)
    return [Death(next(turn), step, point, nth) for (step, nth), point in product(places, points)]


def _nth(name: str) -> int:
    return int(name.rpartition("-")[2])


def _longer(file: Path) -> int:
    """Make *file* a byte longer and return its length."""
    with file.open("ab") as count:
        count.write(b".")
    return file.stat().st_size
