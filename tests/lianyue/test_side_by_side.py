"""Things worked on side by side: none is lost, none is done twice, and the order is that of what was asked."""

from __future__ import annotations

import os

import pytest

from lianyue.side_by_side import side_by_side


def _named(numbers: list[int]) -> list[tuple[int, int]]:
    """What a process makes of a lot: each number, and who did it."""
    if -1 in numbers:
        raise ValueError("not this one")
    return [(number, os.getpid()) for number in numbers]


def test_results_come_in_the_order_of_what_was_asked() -> None:
    """Several lots are done by other processes, a single one by this process."""
    several, one = list(side_by_side(_named, range(7), lot=2)), list(side_by_side(_named, range(3)))

    assert list(range(7)) == [number for number, _ in several]
    assert os.getpid() not in {process for _, process in several} or os.cpu_count() == 1
    assert [(number, os.getpid()) for number in range(3)] == one
    assert [] == list(side_by_side(_named, []))


def test_what_fails_there_is_told_here() -> None:
    """An error in another process is the error of the whole."""
    with pytest.raises(ValueError, match="not this one"):
        list(side_by_side(_named, [1, -1], lot=1))
