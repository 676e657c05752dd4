"""
What encryption costs: `python -m bench.encrypting`.

A contract is quoted for, decided, approved and called off on the time-skipping server, with the codec and without, in
turn. Events and bytes are exact; the time is the process's own, worker and desk together.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from contracts.ids import contract_workflow
from contracts.service_contract import Cancellation
from contracts.task import TaskKind
from lianyue.histories import ServerHistories
from lianyue.records.upgrade import upgrade
from lianyue.testing import House, house, small_contract

PAIRS, CONTRACTS = 3, 2


class Cost(NamedTuple):
    """One run: the events of its trees, their bytes on the server, and process CPU in seconds."""

    events: int
    stored_bytes: int
    cpu: float


async def run(*, encrypted: bool) -> Cost:
    """Carry some contracts to their signatures and call them off."""
    with tempfile.TemporaryDirectory(prefix="lianyue-bench-") as place:
        url = f"sqlite:///{place}/records.sqlite"
        upgrade(url)
        async with house(Path(place), url, payload_encryption=encrypted) as home:
            await _carry(home, "LY-2025-9999")
            begun = time.process_time()
            for serial in range(1, CONTRACTS + 1):
                await _carry(home, f"LY-2025-{serial:04}")
            cpu = time.process_time() - begun
            return Cost(*await _stored(home), cpu)


async def _carry(home: House, number: str) -> None:
    await home.start(small_contract(number))
    for kind, count in ((TaskKind.QUOTE, 3), (TaskKind.APPROVE, 2)):
        for _ in range(count):
            task = await home.task(kind, number=number)
            await home.desk.submit(task.id, home.user_for(task), home.usual(task))
    await home.task(TaskKind.SIGN, number=number)
    await home.desk.cancel(number, "coord", Cancellation(reason="测量结束"))


async def _stored(home: House) -> tuple[int, int]:
    """Events and bytes of the contracts' trees as the server keeps them."""
    trees = [
        await ServerHistories(home.client).tree(contract_workflow(f"LY-2025-{serial:04}"))
        for serial in range(1, CONTRACTS + 1)
    ]
    kept = [await home.client.get_workflow_handle(each).fetch_history() for tree in trees for each in tree]
    events = [event for history in kept for event in history.events]
    return len(events), sum(event.ByteSize() for event in events)


async def main() -> None:
    """Run pairs, and print what encryption adds."""
    logging.getLogger("temporalio").setLevel(logging.ERROR)
    plain, encrypted = [], []
    for _ in range(PAIRS):
        encrypted.append(await run(encrypted=True))
        plain.append(await run(encrypted=False))
    with_codec, without = encrypted[0], plain[0]
    per_event = with_codec.stored_bytes / with_codec.events - without.stored_bytes / without.events
    print(f"events          {without.events} plain, {with_codec.events} encrypted")
    print(f"bytes           {without.stored_bytes:,} plain, {with_codec.stored_bytes:,} encrypted")
    print(f"bytes an event  {per_event:+.1f} ({with_codec.stored_bytes / without.stored_bytes - 1:+.1%})")
    ratios = [one.cpu / other.cpu for one, other in zip(encrypted, plain, strict=True)]
    print(f"CPU             {median(ratios):.2f} x (pairs: {', '.join(f'{each:.2f}' for each in ratios)})")


if __name__ == "__main__":
    asyncio.run(main())
