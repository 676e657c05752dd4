"""Many things worked on at once: a process for each core, and the results in the order of what was asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LOT = 4
"""So many things a process takes at a time: few enough that none waits long for the last lot."""


def side_by_side(work: Callable[[list[Item]], list[Result]], items: Sequence[Item], lot: int = LOT) -> Iterator[Result]:
    """
    Yield what *work* makes of each of *items*, in their order; *work* is given a lot of them at a time.

    Where there is one core, or no more than a lot, it is done here; otherwise *work* must be one that can be sent to
    other processes.
    """
    lots = [list(items[start : start + lot]) for start in range(0, len(items), lot)]
    processes = min(len(os.sched_getaffinity(0)), len(lots))
    if processes < 2:
        for each in lots:
            yield from work(each)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for results in pool.map(work, lots):
            yield from results
