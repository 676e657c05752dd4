"""Whether something new was written down: one look at the records for all streams of a process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

EVERY_SECONDS = 0.1


class Watch:
    """Asks for the last thing written at most ten times a second, however many streams want to know."""

    def __init__(self, last_written: Callable[[], int]) -> None:
        self._last_written = last_written
        self._looking = asyncio.Lock()
        self._looked_at = 0.0
        self._found = 0

    async def last(self) -> int:
        """Return a number that rises whenever something happens."""
        async with self._looking:
            now = time.monotonic()
            if now - self._looked_at >= EVERY_SECONDS:
                self._found = await asyncio.to_thread(self._last_written)
                self._looked_at = now
        return self._found
