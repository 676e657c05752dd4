"""Many things worked on at once: a process for each core, and the results in the order of what was asked."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

GARBAGE_EVERY = 50_000
"""New objects between two searches for garbage; Python's own 700 take a third of the time of a proof."""

LOT = 4
"""So many things a process takes at a time: few enough that none waits long for the last lot."""


def side_by_side(work: Callable[[list[Item]], list[Result]], items: Sequence[Item], lot: int = LOT) -> Iterator[Result]:
    """
    Yield what *work* makes of each of *items*, in their order; *work* is given a lot of them at a time.

    Where there is one core, or no more than a lot, it is done here; otherwise *work* must be one that can be sent to
    other processes.
    """
    lots = [list(items[start : start + lot]) for start in range(0, len(items), lot)]
    processes = min(_cores(), len(lots))
    if processes < 2:
        for each in lots:
            yield from work(each)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for results in pool.map(partial(_done, work), lots):
            yield from results


def _cores() -> int:
    """How many cores this process may use, where the system says so; else how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _done(work: Callable[[list[Item]], list[Result]], lot: list[Item]) -> list[Result]:
    """
    Do one lot in a process that does nothing else.

    What was imported is no garbage, and is not looked through for it again and again; new garbage is looked for less
    often: histories and documents are large trees that live as long as one thing is worked on.
    """
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.set_threshold(GARBAGE_EVERY)
    return work(lot)
