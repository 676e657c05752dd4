"""The pulse of the records: one look every tenth of a second, however many pages lie open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from contracts.errors import Unreachable

EVERY_SECONDS = 0.1


class Pulse:
    """Tells those who wait that something was written."""

    def __init__(self, beat: Callable[[], int]) -> None:
        self._beat = beat
        self._number = 0
        self._felt_at = -EVERY_SECONDS
        self._asking = asyncio.Lock()

    async def after(self, seen: int, patience_seconds: float) -> int:
        """Return the beat as soon as it is another than *seen*, and *seen* once patience is at its end."""
        patient_until = time.monotonic() + patience_seconds
        while time.monotonic() < patient_until:
            number = await self._feel()
            if number != seen:
                return number
            await asyncio.sleep(EVERY_SECONDS)
        return seen

    async def _feel(self) -> int:
        """Ask the records, unless somebody else has just asked them; records that are away are asked again."""
        async with self._asking:
            if time.monotonic() - self._felt_at >= EVERY_SECONDS:
                with suppress(Unreachable):
                    self._number = await asyncio.to_thread(self._beat)
                self._felt_at = time.monotonic()
        return self._number
