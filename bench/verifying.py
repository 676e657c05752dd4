"""Verifying: what it costs to prove many exported contracts, against the bare replay of as many events."""

from __future__ import annotations

from collections.abc import AsyncIterator

from temporalio.client import WorkflowHistory

from bench.measuring import Ratio, Stopwatch, ratio_of
from bench.playing import Place
from bench.replaying import bare_replayer
from lianyue.audit.exporting import exported
from lianyue.audit.verifying import verify_bundles

VERIFY_AIM = 1.30
BUNDLES = 5


async def measure(at: Place, number: str, bare_histories: list[WorkflowHistory], pairs: int) -> Ratio:
    """Prove the same bundle again and again, and replay its bare counterpart as often; the first round warms up."""
    raw, events = exported(at.instance.wiring, number), sum(len(history.events) for history in bare_histories)
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(pairs + 1):
        ours.append(await _proved(raw) * 1_000 / (BUNDLES * events))
        bare.append(await _replayed(bare_histories) * 1_000 / (BUNDLES * events))
    proved = "both engines, signatures, documents, money, vouchers, log, pages"
    note = f"{BUNDLES} bundles through one replayer, without the sandbox, which the bare ones have; {proved}"
    return ratio_of("verify / bare replay", "µs CPU/event", ours[1:], bare[1:], VERIFY_AIM, note)


async def _proved(raw: bytes) -> float:
    """CPU milliseconds for all bundles."""
    watch = Stopwatch()
    async for checks in verify_bundles([raw] * BUNDLES):
        if not all(check.ok for check in checks):
            raise RuntimeError("the bundle that is measured does not verify")
    return watch.ms


async def _replayed(histories: list[WorkflowHistory]) -> float:
    async def each() -> AsyncIterator[WorkflowHistory]:
        for _ in range(BUNDLES):
            for history in histories:
                yield history

    watch = Stopwatch()
    async with bare_replayer().workflow_replay_iterator(each()) as results:
        async for result in results:
            if result.replay_failure is not None:
                raise result.replay_failure
    return watch.ms
