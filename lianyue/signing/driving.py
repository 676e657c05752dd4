"""How pyHanko's coroutines are run: to their end at once, inside or outside an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def at_once(work: Coroutine[Any, Any, Answer]) -> Answer:
    """
    Run *work* to its end and return its answer; where a loop is running already, in a thread beside it.

    Nothing in it waits for long: it asks neither keys nor networks, though pyHanko declares it as if it might.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, work).result()
