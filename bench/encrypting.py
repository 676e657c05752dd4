"""
What encryption costs: `python -m bench.encrypting`.

A contract is quoted for, decided, approved and called off on the time-skipping server, with the codec and without, in
turn. Events and bytes are exact; the time is the process's own, worker and desk together.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory

from contracts.ids import contract_workflow
from contracts.service_contract import Cancellation
from contracts.task import TaskKind
from lianyue.histories import ServerHistories
from lianyue.payloads.codec import EncryptingCodec
from lianyue.payloads.key_ring import KeyRing
from lianyue.records.upgrade import upgrade
from lianyue.testing import House, house, small_contract

PAIRS, CONTRACTS = 3, 2


class Cost(NamedTuple):
    """One run: the events of its trees, their bytes on the server and decrypted, and process CPU in seconds."""

    events: int
    stored_bytes: int
    plain_bytes: int
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


async def _stored(home: House) -> tuple[int, int, int]:
    """Events and bytes of the contracts' trees as the server keeps them, and the bytes decrypted."""
    trees = [
        await ServerHistories(home.client).tree(contract_workflow(f"LY-2025-{serial:04}"))
        for serial in range(1, CONTRACTS + 1)
    ]
    kept = [await home.client.get_workflow_handle(each).fetch_history() for tree in trees for each in tree]
    read = [await ServerHistories(home.client).history(each) for tree in trees for each in tree]
    return sum(len(history.events) for history in kept), _bytes_of(kept), _bytes_of(read)


def _bytes_of(histories: list[WorkflowHistory]) -> int:
    return sum(event.ByteSize() for history in histories for event in history.events)


def micro_us() -> float:
    """CPU of encrypting and decrypting one payload of two kilobytes, in microseconds."""
    with tempfile.TemporaryDirectory(prefix="lianyue-bench-") as place:
        codec = EncryptingCodec(KeyRing(Path(place) / "ring.keys")).for_workflow("contract/LY-2025-0001")
        payloads = [Payload(metadata={"encoding": b"json/plain"}, data=b"x" * 2_000)] * 2_000

        async def there_and_back() -> None:
            await codec.decode(await codec.encode(payloads))

        begun = time.process_time()
        asyncio.run(there_and_back())
        return (time.process_time() - begun) / len(payloads) * 1e6


def main() -> None:
    """Run pairs, as many as the command line says, and print what encryption adds."""
    logging.getLogger("temporalio").setLevel(logging.ERROR)
    print(f"a payload of 2 kB  {micro_us():.0f} µs CPU, there and back")
    encrypted, plain = [], []
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS):
        encrypted.append(asyncio.run(run(encrypted=True)))
        plain.append(asyncio.run(run(encrypted=False)))
    one = encrypted[0]
    more = one.stored_bytes - one.plain_bytes
    print(f"bytes              {one.plain_bytes:,} plain, {one.stored_bytes:,} encrypted, {one.events} events")
    print(f"                   {more / one.events:+.1f} an event ({more / one.plain_bytes:+.1%})")
    ratios = [each.cpu / other.cpu for each, other in zip(encrypted, plain, strict=True)]
    print(f"CPU                {median(ratios):.2f} x (pairs: {', '.join(f'{each:.2f}' for each in ratios)})")


if __name__ == "__main__":
    main()
